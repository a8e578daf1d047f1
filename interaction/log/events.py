"""Events of a log, and the rows of its database that hold them."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from data.errors import DataError
from interaction.prompts import PROMPTS

LEARNING = ("learn", "redraw", "dismiss")  # see ``interaction.log.learning_events``
KINDS = frozenset({"start", *PROMPTS, "change", "undo", "redo", "refused", "seen", "mark", *LEARNING})
CHUNK = 64  # rows read at a time
INSERT = "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)"
Entry = tuple[str, dict[str, Any], bytes | None]  # kind, body, blob
Row = tuple[int, str, str, str, int, bytes | None]  # number, time, kind, body as text, checksum, blob


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


def new_event(number: int, kind: str, body: dict[str, Any], blob: bytes | None) -> Event:
    """Return an event that happens now; raises ValueError if there is no such kind."""
    if kind in KINDS:
        return Event(number, now(), kind, body, blob)
    raise ValueError(f"there are no events of kind {kind!r}")


def row_of(event: Event) -> Row:
    """Return the row that holds an event; raises ValueError if its body is no JSON."""
    text = json.dumps(event.body, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    length = None if event.blob is None else len(event.blob)
    checksum = _checksum(event.number, event.time, event.kind, text, length)
    return event.number, event.time, event.kind, text, checksum, event.blob


def rows_behind(connection: sqlite3.Connection, after: int, most: int, *, blobs: bool) -> list[tuple[Any, ...]]:
    """Return the rows behind a number, for ``event_of``; without pixels unless ``blobs``."""
    columns = f"number, time, kind, body, checksum, length(blob), {'blob' if blobs else 'NULL'}"
    query = f"SELECT {columns} FROM events WHERE number > ? ORDER BY number LIMIT ?"
    return connection.execute(query, (after, most)).fetchall()


def event_of(path: Path, expected: int, row: tuple[Any, ...] | None) -> Event:
    """Return the event of a row; raises DataError if it is damaged or not the one that was expected."""
    if row is None or row[0] != expected:
        raise DataError(f"{path}: event {expected} is missing; restore the log from a copy")
    number, time, kind, text, checksum, length, blob = row
    with suppress(ValueError, TypeError, AttributeError, RecursionError):
        if checksum == _checksum(number, time, kind, text, length):
            return Event(number, time, kind, json.loads(text), blob)
    raise DataError(f"{path}: event {number} is damaged; restore the log from a copy")


def each_event(connection: sqlite3.Connection, path: Path) -> Iterator[Event]:
    """Yield all events of a database without their pixels; raises DataError as ``event_of``."""
    after = 0
    while rows := rows_behind(connection, after, CHUNK, blobs=False):
        for row in rows:
            after += 1
            yield event_of(path, after, row)


def now() -> str:
    """Return the time in UTC, ISO 8601 to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _checksum(number: int, time: str, kind: str, text: str, length: int | None) -> int:
    """Return the CRC-32 of an event without its pixels; packed pixels have a checksum of their own."""
    return zlib.crc32(f"{number} {time} {kind} {length} {text}".encode())
