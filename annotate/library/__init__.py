"""The images that can be corrected: their list, how far each one is, the models and jobs that serve them."""
