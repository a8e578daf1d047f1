"""The error of runs that a user can repair, and all errors that a command turns into one message."""

from data.errors import DataError
from models.errors import ModelError


class RunError(Exception):
    """A run that cannot be made with these options. The message says why, and what to do."""


MENDABLE = (DataError, ModelError, RunError, OSError)
