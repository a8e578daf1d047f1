"""The error that models raise for a fault that a user can repair."""


class ModelError(Exception):
    """A checkpoint or a network that cannot be used. The message names it, says what is wrong, and what to do."""
