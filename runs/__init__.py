"""Whole runs: training, evaluation, prediction, reports; and the record that each run keeps of itself."""
