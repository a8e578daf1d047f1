"""``python -m bench.protocol``: the cost of the evaluation, by OpenVINO and by PyTorch, beside the hardware's limit."""
