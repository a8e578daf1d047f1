"""What a run raises for what a user can mend, and all that a command turns into one message."""

from data.errors import DataError
from models.errors import ModelError


class RunError(Exception):
    """A run that cannot be made as it was asked for. The message says why, and what to do."""


MENDABLE = (DataError, ModelError, RunError, OSError)
