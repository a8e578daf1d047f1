"""``python -m bench.protocol``: what the evaluation costs, by OpenVINO and by PyTorch, beside the hardware's limit."""
