"""A log as the process holds it that writes to it: it sees whether the file is still in its place, and mends that."""

from __future__ import annotations

import os
import sqlite3
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from interaction.log.database import UnwritableLog, connected, connected_to_write
from interaction.log.events import Row, rows_behind
from interaction.log.locking import Lock
from interaction.log.mending import AnotherLog, Holding, write_again
from interaction.log.stamps import Stamps

MOST_ROWS = 1000  # events that are kept in memory, with their pixels, while no copy can be made
PROBE = bytes(1 << 18)  # written to see whether there is room


class HeldLog:
    """The database of a log, open for writing.

    Parameters
    ----------
    path : of the database
    lock : held by this process

    Attributes
    ----------
    connection : to the database; another one after ``mend``
    last : number of the last event
    """

    def __init__(self, path: Path, lock: Lock) -> None:
        self.path = path
        self._lock = lock
        self._copy: tuple[Path, int] | None = None
        self._apart: Path | None = None  # where the log is, while it cannot be put in its place
        self._rows: deque[Row] = deque(maxlen=MOST_ROWS)  # since that copy
        self._open()

    def _open(self) -> None:
        self.connection = connected_to_write(self.path)
        try:
            self.last = self._number_of_last()
            self._lock.note(self.last)
            self._stamps = Stamps.of(self.path)
        except BaseException:
            self.connection.close()
            raise

    def require_in_place(self) -> None:
        """Raise UnwritableLog if the file was deleted, replaced, cut short or overwritten since it was written last."""
        now = Stamps.of(self.path)
        if fault := self._stamps.fault(now):
            raise self._lost(fault)
        self._lock = self._lock.renewed()
        if now == self._stamps:
            return
        self._require_permitted()
        if not self._ends_as_written():
            raise self._lost("it was overwritten by another program")
        self._stamps = now  # only touched

    @contextmanager
    def writing(self, rows: Sequence[Row]) -> Iterator[sqlite3.Connection]:
        """Write all that is done within, or nothing; ``rows`` are its events. Raises as ``require_in_place``."""
        self.require_in_place()
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield self.connection
            self.connection.execute("COMMIT")
        except BaseException:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            raise
        self._rows.extend(rows)
        self.last += len(rows)
        now = Stamps.of(self.path)
        if fault := self._stamps.fault(now):
            raise self._lost(fault)  # they went to a file of no name
        self._stamps = now
        if rows:
            with suppress(OSError):  # a note that is behind does no harm
                self._lock.note(self.last)

    def copied(self, copy: tuple[Path, int]) -> None:
        """Take note of a copy that was made, and of the last event in it; raises as ``require_in_place``."""
        self.require_in_place()  # or it may be a copy of something else
        self._copy = copy
        while self._rows and self._rows[0][0] <= copy[1]:
            self._rows.popleft()

    def mend(self) -> bool:
        """Make the log fit to be written again; return whether it was written anew.

        Raises
        ------
        DataError, OSError, sqlite3.Error
            If it still cannot be written.
        """
        self._lock = self._lock.renewed() if self.path.parent.exists() else self._lock
        lost = self._stamps.fault(Stamps.of(self.path)) is not None or not self._ends_as_written()
        if lost:
            holding = Holding(self.connection, self._stamps, self._copy, list(self._rows), self.last)
            self._write_again(holding)
            self._lock = self._lock.renewed()
            self._open()
        self._require_permitted()
        self.last = self._number_of_last()  # another program may have written, lock or not
        probe = self.path.with_name(f"{self.path.name}.new")
        try:
            probe.write_bytes(PROBE)
        finally:
            probe.unlink(missing_ok=True)
        return lost

    def rescue(self) -> bool:
        """Write the log anew if its file is lost, without a look into it; return and raise as ``mend``."""
        return self._stamps.fault(Stamps.of(self.path)) is not None and self.mend()

    def close(self) -> None:
        """Close the database and let others write."""
        self.connection.close()
        self._lock.release()

    def _write_again(self, holding: Holding) -> None:
        if self._apart is None:  # one name, however often it is tried
            self._apart = self.path.with_name(f"log-held-{datetime.now(UTC):%Y%m%dT%H%M%S_%fZ}.sqlite")
        try:
            write_again(self.path, holding, self._apart)
        except AnotherLog:
            self.connection = connected(self._apart, "mode=ro")
            raise
        self._apart = None

    def _require_permitted(self) -> None:
        if not os.access(self.path, os.W_OK):
            raise UnwritableLog(f"{self.path}: may not be written any more; allow this user to write it")

    def _number_of_last(self) -> int:
        return int(self.connection.execute("SELECT coalesce(max(number), 0) FROM events").fetchone()[0])

    def _lost(self, fault: str) -> UnwritableLog:
        return UnwritableLog(f"{self.path}: {fault} while it was open; this program writes it again from what it holds")

    def _ends_as_written(self) -> bool:
        """Whether the file, opened anew, is sound and ends with the event that was written last."""
        try:
            with closing(connected(self.path, "mode=ro")) as connection:
                (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
                theirs = rows_behind(connection, self.last - 1, 2, blobs=False)
            return found == "ok" and theirs == rows_behind(self.connection, self.last - 1, 2, blobs=False)
        except (sqlite3.Error, OSError):
            return False
