"""``python -m bench.protocol``: what the evaluation costs, beside the straightforward way and the hardware's limit."""
