"""The errors of the annotation page that a user can repair, and the message that a user reads for any error."""

from __future__ import annotations

import logging

from data.errors import DataError, explain
from runs.errors import MENDABLE


class AnnotateError(DataError):
    """A mirror or a stroke that cannot be used. The message says what was found, where, and what to do."""


class NotWrittenError(AnnotateError):
    """A request could not be logged now; the page may send it again."""


def reason(error: Exception) -> str:
    """Return an error's message for the user; an error that no user can repair is also logged in full."""
    if isinstance(error, MENDABLE):
        return explain(error)
    logging.getLogger(__name__).error("not foreseen", exc_info=error)
    return f"{type(error).__name__}: {error}; this is a fault of the program, see what the server printed"
