"""The log of a mirror as a session opens it: to draw on, or to look at where it cannot be written."""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import Any

from annotate.library.shown_lines import make_room
from data.errors import DataError
from data.storage import PreparedView
from interaction.log.database import UnwritableLog
from interaction.log.log import Log

COPY_EVERY = 200  # events
WRITTEN_AGAIN = "the log was lost while it was open, and was written again: nothing that was drawn is missing"


def opened_log(path: Path, view: PreparedView) -> tuple[Log, str | None]:
    """Open a log; where it cannot be written, to be read only, with the reason.

    Raises
    ------
    DataError
        If it cannot be read either.
    """
    try:
        make_room(path, lambda about: _is_shown_otherwise(about, view))
        return Log.open(path, view), None
    except UnwritableLog as error:
        return (Log.open(path, view, read_only=True) if path.exists() else Log.empty(path, view)), str(error)


def _is_shown_otherwise(about: dict[str, Any], view: PreparedView) -> bool:
    """Whether a log is of a photograph as it was shown at another scale; such a log would be refused."""
    return about.get("shape") == list(view.shape) and about.get("scale") != view.scale


def writable_again(log: Log, view: PreparedView) -> tuple[Log, str | None]:
    """Return a log that can be written again, this one or another that was opened in its place, and what was mended.

    Raises
    ------
    DataError
        If it still cannot be written.
    """
    if not log.read_only:
        return log, WRITTEN_AGAIN if log.mend() else None
    opened = Log.open(log.path, view)
    log.close()
    return opened, None


def read_again(log: Log, view: PreparedView) -> Log:
    """Return a log that is read as it is now: this one, or another that was opened in its place.

    Raises
    ------
    DataError
        If it cannot be read.
    """
    if not log.outdated:
        return log
    opened = Log.open(log.path, view, read_only=True)
    log.close()
    return opened


class Copies:
    """Copies of a log, made on a thread of their own: when it is opened, and every so many events.

    Parameters
    ----------
    log : open for writing
    """

    def __init__(self, log: Log) -> None:
        self._log = log
        self._copied = 0  # the last event at the last copy
        self._thread: threading.Thread | None = None

    def make_if_due(self, last: int) -> None:
        """Begin to make a copy, unless one is being made or the newest is young; ``last`` is the log's last event."""
        running = self._thread is not None and self._thread.is_alive()
        if running or not last or (self._copied and last - self._copied < COPY_EVERY):
            return
        self._copied = last
        self._thread = threading.Thread(target=self._make, name=f"copy of {self._log.path}")
        self._thread.start()

    def wait(self) -> None:
        """Wait until no copy is being made."""
        if self._thread is not None:
            self._thread.join()

    def _make(self) -> None:
        try:
            self._log.copy()
        except DataError as error:  # the log itself is whole; nobody has to stop for that
            logging.getLogger(__name__).warning("no copy could be made: %s", error)
