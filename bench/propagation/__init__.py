"""``python -m bench.propagation``: what a stroke says about the line under it, put to use elsewhere in the mirror."""
