"""The errors of the annotation page that a user can mend, and what a user reads of any error."""

from __future__ import annotations

import logging

from data.errors import DataError, explain
from runs.errors import MENDABLE


class AnnotateError(DataError):
    """A mirror or a stroke that cannot be worked with. The message says what was found, where, and what to do."""


class NotWrittenError(AnnotateError):
    """What a person did cannot be written down now, and may be sent again."""


def reason(error: Exception) -> str:
    """Return an error's message for the user; one that no user can mend is logged in full, too."""
    if isinstance(error, MENDABLE):
        return explain(error)
    logging.getLogger(__name__).error("not foreseen", exc_info=error)
    return f"{type(error).__name__}: {error}; this is a fault of the program, see what the server printed"
