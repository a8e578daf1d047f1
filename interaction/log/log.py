"""The log of a mirror: every prompt and every change in their order, on disk before any of them is acknowledged.

A SQLite database in WAL mode; on network drives without a WAL. Events are only ever added: the database itself refuses
to change or remove one. Snapshots of the drawing are kept too; they repeat what the events say and make opening fast.
The process that writes holds a lock beside the file, and sees before and after each write that the file is still there.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from data.errors import DataError
from data.regions import shape_of
from interaction.log.copies import copy_log, set_copies_apart
from interaction.log.database import (
    UnwritableLog,
    begin,
    connected,
    explained,
    inspected,
    lock_of,
    mode_to_read,
)
from interaction.log.events import (
    CHUNK,
    INSERT,
    KINDS,
    Entry,
    Event,
    Row,
    event_of,
    new_event,
    now,
    row_of,
    rows_behind,
)
from interaction.log.held import HeldLog
from interaction.log.locking import Lock
from interaction.log.packing import pack_drawing, unpack_drawing
from interaction.log.reading import ReadLog
from interaction.log.scan import described, require_view

if TYPE_CHECKING:
    import numpy as np

    from data.storage import PreparedView

__all__ = ["KINDS", "Entry", "Event", "Log"]

SNAPSHOTS = 2  # so many are kept


class Log:
    """The log of one mirror; made by ``open`` or ``read``. Threads may share one.

    Attributes
    ----------
    path : of the database
    about : the view's name, its scan's checksums and measures, and when it was begun
    """

    def __init__(self, path: Path, about: dict[str, Any], database: HeldLog | ReadLog) -> None:
        self.path, self.about = path, about
        self._database = database
        self._held = database if isinstance(database, HeldLog) else None  # None: nothing can be added
        self._turn = RLock()
        self._closed = False

    @classmethod
    def open(cls, path: Path, view: PreparedView, *, read_only: bool = False) -> Log:
        """Open a view's log, and begin one where there is none.

        Parameters
        ----------
        path : of the database; beside it lie ``-wal`` and ``-shm`` while it is open, and a lock
        view : what is drawn on
        read_only : let others write; nothing is begun or changed

        Raises
        ------
        DataError
            If another program writes to it; if it is of a newer version, damaged, no log at all, or of another scan;
            if the folder cannot be written. What lies there stays as it is.
        """
        if read_only:
            log = cls.read(path)
            try:
                require_view(log.about, view, path)
            except DataError:
                log.close()
                raise
            return log
        with explained(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            lock = Lock(lock_of(path), path)
            try:
                if not path.exists():
                    set_copies_apart(path)
                    begin(path, {**described(view), "begun": now()})
                    lock.note(0)
                with closing(connected(path, mode_to_read(path, unwritten=True))) as connection:
                    about = inspected(connection, path)
                require_view(about, view, path)
                held = HeldLog(path, lock)
            except BaseException:
                lock.release()
                raise
        return cls(path, about, held)

    @classmethod
    def read(cls, path: Path) -> Log:
        """Open a log to be read, whoever writes to it meanwhile.

        Raises
        ------
        DataError
            If there is none; if it is of a newer version, damaged, or no log at all.
        """
        with explained(path):
            if not path.exists():
                raise DataError(f"{path}: there is no log; nobody has drawn here yet")
            opened = ReadLog.open(path)
            try:
                return cls(path, inspected(opened.connection, opened.place), opened)
            except BaseException:
                opened.close()
                raise

    @classmethod
    def empty(cls, path: Path, view: PreparedView) -> Log:
        """Return the log of a view on which nobody has drawn, and nobody can: it is not on disk, and read only."""
        return cls(path, described(view), ReadLog.empty(path))

    @property
    def read_only(self) -> bool:
        """Whether this process can add nothing."""
        return self._held is None

    @property
    def outdated(self) -> bool:
        """Whether it is read only, and has to be opened anew to see what there is now."""
        return isinstance(self._database, ReadLog) and self._database.outdated

    @property
    def last(self) -> int:
        """The number of the last event; 0 if nothing has happened yet."""
        with self._reading_rows() as connection:
            return int(connection.execute("SELECT coalesce(max(number), 0) FROM events").fetchone()[0])

    def append(self, kind: str, body: dict[str, Any], blob: bytes | None = None) -> Event:
        """Add an event; it is on disk when this returns.

        Parameters
        ----------
        kind : one of ``KINDS``; a ``start`` comes first, and once
        body : JSON values; numbers are finite
        blob : pixels

        Raises
        ------
        DataError
            If it cannot be written: the log is as it was then, and can be used on.
        ValueError
            If it is no event.
        """
        (event,) = self.append_all([(kind, body, blob)])
        return event

    def append_all(self, entries: Sequence[Entry]) -> list[Event]:
        """Add events that belong together: all of them or none. Otherwise as ``append``."""
        with self._turn:
            last = self._held.last if self._held else self.last
            events = [new_event(last + turn, *entry) for turn, entry in enumerate(entries, 1)]
            if any((event.kind == "start") != (event.number == 1) for event in events):
                raise DataError(f"{self.path}: " + ("begun already" if last else "not begun yet"))
            rows = [row_of(event) for event in events]
            with self._writing(rows) as connection:
                connection.executemany(INSERT, rows)
        return events

    def events(self, after: int = 0, *, blobs: bool = True) -> Iterator[Event]:
        """Yield the events behind a number, in their order, also those that are added meanwhile.

        Parameters
        ----------
        after : the number
        blobs : whether pixels are read, too; they are much longer than all the rest

        Raises
        ------
        DataError
            If one of them is damaged or missing.
        """
        while rows := self._rows(after, CHUNK, blobs):
            for row in rows:
                after += 1
                yield event_of(self.path, after, row)

    def event(self, number: int) -> Event:
        """Return one event.

        Raises
        ------
        DataError
            If it is damaged or missing.
        """
        rows = self._rows(number - 1, 1, True)
        return event_of(self.path, number, rows[0] if rows else None)

    def snapshot(self, event: int, drawing: NDArray[np.float32], initial: NDArray[np.float32]) -> None:
        """Keep the drawing as it is after an event, (H, W) float32, in place of the last but one.

        ``initial`` is the drawing of the log's start, without which the snapshot cannot be unpacked. Raises
        DataError if it cannot be written; the log is as it was then.
        """
        content = pack_drawing(drawing, initial)
        with self._turn, self._writing() as connection:
            connection.execute("INSERT OR REPLACE INTO snapshots VALUES (?, ?)", (event, content))
            connection.execute(
                "DELETE FROM snapshots WHERE event NOT IN (SELECT event FROM snapshots ORDER BY event DESC LIMIT ?)",
                (SNAPSHOTS,),
            )

    def latest_snapshot(self, initial: NDArray[np.float32]) -> tuple[int, NDArray[np.float32]] | None:
        """Return the newest snapshot that is whole, and the event that it follows; None if there is none.

        A damaged one is passed over: events say all that it says.
        """
        with self._reading_rows() as connection:
            query = "SELECT event, drawing FROM snapshots WHERE event <= ? ORDER BY event DESC"
            rows = connection.execute(query, (self.last,)).fetchall()
        for event, content in rows:
            with suppress(DataError):
                return int(event), unpack_drawing(content, shape_of(initial), initial)
        return None

    def close(self) -> None:
        """Close the database and let others write; closed twice is closed once."""
        with self._turn:
            if not self._closed:
                self._closed, self._held = True, None
                self._database.close()

    def copy(self) -> None:
        """Make a copy of the log, as ``copy_log`` does, on any thread; raises DataError if it cannot be made."""
        if held := self._held:
            with explained(self.path):
                with self._turn:
                    held.require_in_place()
                copy = copy_log(self.path)
                with self._turn:
                    held.copied(copy)

    def mend(self, *, ends: bool = False) -> bool:
        """Make the log fit to be written again after that has failed; return whether it had to be written anew.

        Where it was deleted, replaced, cut short or overwritten, it is written again from what this process holds.
        ``ends``: it will not be written any more; only that is seen to. Raises DataError if it cannot be written.
        """
        with self._turn, explained(self.path):
            if not self._held:
                raise UnwritableLog(f"{self.path}: opened to be read only")
            return self._held.rescue() if ends else self._held.mend()

    def __enter__(self) -> Log:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _rows(self, after: int, most: int, blobs: bool) -> list[tuple[Any, ...]]:
        with self._reading_rows() as connection:
            return rows_behind(connection, after, most, blobs=blobs)

    @contextmanager
    def _reading_rows(self) -> Iterator[sqlite3.Connection]:
        """Read; where that fails since the file was changed while it was open, say so: ``mend`` repairs that."""
        with self._turn, explained(self.path):
            try:
                yield self._database.connection
            except sqlite3.DatabaseError:
                if self._held:
                    self._held.require_in_place()
                raise

    @contextmanager
    def _writing(self, rows: Sequence[Row] = ()) -> Iterator[sqlite3.Connection]:
        """Write all that is done within, or nothing; ``rows`` are the events among it."""
        if not self._held:
            raise UnwritableLog(f"{self.path}: opened to be read only")
        with explained(self.path), self._held.writing(rows) as connection:
            yield connection
