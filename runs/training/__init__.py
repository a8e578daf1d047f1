"""A training: its parts, how it is resumed, logged, and started from other weights."""
