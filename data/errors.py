"""The one error that data raises for what a user can mend."""


class DataError(Exception):
    """Data that cannot be used. The message names the file, says what is wrong, and what to do."""
