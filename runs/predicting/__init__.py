"""Models put to use: initial drawings, predictors, pairs of base and interactive model."""
