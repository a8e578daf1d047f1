"""Scans, their preparation, tiling, datasets, made-up mirrors."""
