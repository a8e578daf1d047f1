"""What the annotation page raises for what a user can mend."""

from data.errors import DataError


class AnnotateError(DataError):
    """A mirror or a stroke that cannot be worked with. The message says what was found, where, and what to do."""


class NotWrittenError(AnnotateError):
    """What a person did cannot be written down now, and may be sent again."""
