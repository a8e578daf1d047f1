"""Copies of a log, the last three: made of what was checked, beside the log in the folder ``copies``."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from data.errors import DataError
from interaction.log.database import connected, inspected, remove_database
from interaction.log.events import each_event, rows_behind

COPIES, KEPT = "copies", 3
NAME = "log-%Y%m%dT%H%M%S_%fZ.sqlite"  # when it was made, in UTC


def copies_of(path: Path) -> list[Path]:
    """Return the copies of a log, the oldest first; their names say when they were made, in UTC."""
    return sorted((path.parent / COPIES).glob("log-*.sqlite"))


def copy_log(path: Path) -> tuple[Path, int]:
    """Copy a log that others may write to meanwhile, unless the newest copy says the same; forget the oldest ones.

    A copy gets its name once all of it was checked, so a bad one never takes the place of a good one.

    Returns
    -------
    The newest copy, and the number of the last event in it.

    Raises
    ------
    DataError, OSError, sqlite3.Error
        If the log is damaged, or the copy cannot be written.
    """
    folder, aside = path.parent / COPIES, path.parent / COPIES / "new.sqlite"
    with closing(connected(path, "mode=ro")) as connection:
        last = _last(connection)
        for newest in copies_of(path)[-1:]:
            if _ends_with(newest, last):
                return newest, last[0] if last else 0
        folder.mkdir(exist_ok=True)
        remove_database(aside)
        write_aside(connection, aside)
    number = require_whole(aside)
    made = aside.replace(folder / _next_name(path))
    for old in copies_of(path)[:-KEPT]:
        old.unlink()
    return made, number


def set_copies_apart(path: Path) -> None:
    """Keep the copies of an earlier log, which is gone, out of the way of those of a new one."""
    if copies_of(path):
        folder = path.parent / COPIES
        folder.rename(folder.with_name(f"{COPIES}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"))


def write_aside(connection: sqlite3.Connection, aside: Path) -> None:
    """Write all of an open database into a new file, which is on disk when this returns; it needs no WAL beside it."""
    with closing(connected(aside, "mode=rwc")) as target:
        connection.backup(target)
        target.execute("PRAGMA journal_mode = DELETE")
    synchronise(aside)


def require_whole(path: Path) -> int:
    """Check all of a log but its pixels; return the number of its last event.

    Raises
    ------
    DataError, sqlite3.Error
        If it is damaged.
    """
    with closing(connected(path, "mode=rw")) as connection:
        inspected(connection, path)
        (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        if found != "ok":
            raise DataError(f"{path}: damaged ({found})")
        return sum(1 for _ in each_event(connection, path))


def last_row(path: Path) -> tuple[Any, ...] | None:
    """Return the last event of a log as a row without pixels; None if there is none, or it is no log."""
    try:
        with closing(connected(path, "mode=rw")) as connection:
            return _last(connection)
    except (sqlite3.Error, OSError):
        return None


def synchronise(path: Path) -> None:
    """Wait until a file is on disk."""
    file = os.open(path, os.O_RDWR)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def _next_name(path: Path) -> str:
    """Return the name of a copy made now; it sorts behind the others even where the clock was set back."""
    made = datetime.now(UTC)
    for newest in copies_of(path)[-1:]:
        with suppress(ValueError):  # a file that a user put there
            made = max(made, datetime.strptime(newest.name, NAME).replace(tzinfo=UTC) + timedelta(microseconds=1))
    return made.strftime(NAME)


def _last(connection: sqlite3.Connection) -> tuple[Any, ...] | None:
    (number,) = connection.execute("SELECT coalesce(max(number), 0) FROM events").fetchone()
    rows = rows_behind(connection, number - 1, 1, blobs=False) if number else []
    return rows[0] if rows else None


def _ends_with(copy: Path, last: tuple[Any, ...] | None) -> bool:
    return last is not None and last_row(copy) == last
