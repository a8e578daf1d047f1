"""Simulated users: their strokes, the correction of whole mirrors, and iterative prompting in training."""
