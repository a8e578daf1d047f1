"""The use of models: initial drawings, predictors, pairs of base and interactive model."""
