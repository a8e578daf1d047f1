"""Training: options, module and data, resuming, logging, and starting from other weights."""
