"""The log of a mirror: every prompt and every change in their order, on disk before any of them is acknowledged.

A SQLite database in WAL mode. Events are only ever added: the database itself refuses to change or remove one.
Snapshots of the drawing are kept too; they repeat what the events say and make opening fast. The process that writes
holds a lock beside the file.
"""

from __future__ import annotations

import json
import os
import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from data.errors import DataError
from data.regions import shape_of
from interaction.log.database import begin, connected, explained, inspected, lock_of, mode_to_read
from interaction.log.locking import Lock
from interaction.log.packing import pack_drawing, unpack_drawing
from interaction.log.scan import described, require_view
from interaction.prompts import PROMPTS

if TYPE_CHECKING:
    import numpy as np

    from data.storage import PreparedView

KINDS = frozenset({"start", *PROMPTS, "change", "undo", "redo", "refused", "seen", "mark"})  # later pieces
SNAPSHOTS, CHUNK = 2, 64  # so many are kept; events read at a time
Entry = tuple[str, dict[str, Any], bytes | None]  # kind, body, blob


@dataclass(frozen=True)
class Event:
    """One row of the log.

    Parameters
    ----------
    number : 1 for the first; none is left out
    time : UTC, ISO 8601 to the millisecond
    kind : one of ``KINDS``
    body : JSON values
    blob : pixels, where there are any
    """

    number: int
    time: str
    kind: str
    body: dict[str, Any]
    blob: bytes | None


class Log:
    """The log of one mirror; made by ``open`` or ``read``. Threads may share one.

    Attributes
    ----------
    path : of the database
    about : the view's name, its scan's checksums and measures, and when it was begun
    """

    def __init__(self, path: Path, connection: sqlite3.Connection, about: dict[str, Any], lock: Lock | None) -> None:
        self.path, self.about = path, about
        self._connection, self._lock = connection, lock
        self._turn = RLock()

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
                    begin(path, {**described(view), "begun": _now()})
                    lock.note(0)
                with closing(connected(path, mode_to_read(path, unwritten=True))) as connection:
                    about = inspected(connection, path)
                require_view(about, view, path)
                log = cls(path, connected(path, "mode=rw"), about, lock)
                lock.note(log.last)
            except BaseException:
                lock.release()
                raise
        return log

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
            connection = connected(path, mode_to_read(path, unwritten=not _writable(path.parent)))
            try:
                return cls(path, connection, inspected(connection, path), None)
            except BaseException:
                connection.close()
                raise

    @property
    def last(self) -> int:
        """The number of the last event; 0 if nothing has happened yet."""
        with self._turn, explained(self.path):
            return int(self._connection.execute("SELECT coalesce(max(number), 0) FROM events").fetchone()[0])

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
            last = self.last
            events = [_entered(last + turn, *entry) for turn, entry in enumerate(entries, 1)]
            if any((event.kind == "start") != (event.number == 1) for event in events):
                raise DataError(f"{self.path}: " + ("begun already" if last else "not begun yet"))
            with self._writing() as connection:
                connection.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)", map(_row, events))
            if self._lock:
                with suppress(OSError):  # a note that is behind does no harm
                    self._lock.note(last + len(events))
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
                yield self._event(after, *row)

    def event(self, number: int) -> Event:
        """Return one event.

        Raises
        ------
        DataError
            If it is damaged or missing.
        """
        rows = self._rows(number - 1, 1, True)
        return self._event(number, *(rows[0] if rows else [0] * 7))

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
        with self._turn, explained(self.path):
            query = "SELECT event, drawing FROM snapshots WHERE event <= ? ORDER BY event DESC"
            rows = self._connection.execute(query, (self.last,)).fetchall()
        for event, content in rows:
            with suppress(DataError):
                return int(event), unpack_drawing(content, shape_of(initial), initial)
        return None

    def close(self) -> None:
        """Close the database and let others write; closed twice is closed once."""
        with self._turn:
            self._connection.close()
            if self._lock:
                self._lock.release()
                self._lock = None

    def __enter__(self) -> Log:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _rows(self, after: int, most: int, blobs: bool) -> list[tuple[Any, ...]]:
        columns = f"number, time, kind, body, checksum, length(blob), {'blob' if blobs else 'NULL'}"
        query = f"SELECT {columns} FROM events WHERE number > ? ORDER BY number LIMIT ?"
        with self._turn, explained(self.path):
            return self._connection.execute(query, (after, most)).fetchall()

    def _event(
        self, expected: int, number: int, time: str, kind: str, text: str, checksum: int, length: int | None, blob: Any
    ) -> Event:
        if number != expected:
            raise DataError(f"{self.path}: event {expected} is missing; restore the log from a copy")
        with suppress(ValueError, TypeError, AttributeError, RecursionError):
            if checksum == _checksum(number, time, kind, text, length):
                return Event(number, time, kind, json.loads(text), blob)
        raise DataError(f"{self.path}: event {number} is damaged; restore the log from a copy")

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """Write all that is done within, or nothing."""
        if not self._lock:
            raise DataError(f"{self.path}: opened to be read only")
        with explained(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise


def _entered(number: int, kind: str, body: dict[str, Any], blob: bytes | None) -> Event:
    if kind in KINDS:
        return Event(number, _now(), kind, body, blob)
    raise ValueError(f"there are no events of kind {kind!r}")


def _row(event: Event) -> tuple[Any, ...]:
    text = json.dumps(event.body, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    length = None if event.blob is None else len(event.blob)
    checksum = _checksum(event.number, event.time, event.kind, text, length)
    return event.number, event.time, event.kind, text, checksum, event.blob


def _writable(folder: Path) -> bool:
    return os.access(folder, os.W_OK, effective_ids=os.access in os.supports_effective_ids)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _checksum(number: int, time: str, kind: str, text: str, length: int | None) -> int:
    """Return the CRC-32 of an event without its pixels; packed pixels have a checksum of their own."""
    return zlib.crc32(f"{number} {time} {kind} {length} {text}".encode())
