"""Networks, losses, training modules, checkpoints, prediction."""
