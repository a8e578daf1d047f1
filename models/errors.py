"""The one error that models raise for what a user can mend."""


class ModelError(Exception):
    """A checkpoint or a network that cannot be used. The message names it, says what is wrong, and what to do."""
