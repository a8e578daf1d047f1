"""``python -m bench.quality``: ways of refining side by side, on mirrors that no training sees."""
