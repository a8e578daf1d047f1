"""The SQLite database of a log: create it, check it before it is opened, open it, and explain its errors."""

from __future__ import annotations

import errno
import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from data.errors import DataError, explain
from interaction.log.locking import LogInUse, noted
from interaction.log.network import network_drive

VERSION = 1  # of the log; a program reads no newer one
APPLICATION = 0x52545243  # marks a database as such a log: "RTRC"
MAX_VALUE = 1 << 29  # bytes of one value that a database is believed
WAL_BYTES = 16 << 20  # that the write-ahead log may keep once its content has been taken over
CHECKED_BYTES = 64 << 20  # of a database that is checked all through at opening; larger ones where they are read
COPY = "restore it from a copy, as in the folder copies beside it"
PASSING = ("READONLY", "CANTOPEN", "PERM", "BUSY", "LOCKED", "FULL", "IOERR", "CONSTRAINT")  # faults of the moment
UNWRITABLE = tuple(f"SQLITE_{name}" for name in PASSING)
UNFOLLOWED = "mode=ro&immutable=1"  # a file that is taken to stay as it is
MAY_NOT = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT})

SCHEMA = (
    "CREATE TABLE about (content TEXT NOT NULL)",
    "CREATE TABLE events (number INTEGER PRIMARY KEY, time TEXT NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL, "
    "checksum INTEGER NOT NULL, blob BLOB)",  # what is long comes last, so that the rest is read without it
    "CREATE TABLE snapshots (event INTEGER PRIMARY KEY, drawing BLOB NOT NULL)",
    "CREATE TRIGGER events_come_in_turn BEFORE INSERT ON events "
    "WHEN NEW.number IS NOT (SELECT coalesce(max(number), 0) + 1 FROM events) "
    "BEGIN SELECT RAISE(ABORT, 'events are numbered in turn'); END",
    "CREATE TRIGGER events_never_change BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events stay'); END",
    "CREATE TRIGGER events_never_go BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events stay'); END",
)

REMEDIES = {  # by the beginning of SQLite's name of what went wrong
    "SQLITE_FULL": "the disk is full; free some space and try again; what was written before is kept",
    "SQLITE_IOERR": "the disk cannot be written or read ({}); see whether it is full; what was written before is kept",
    "SQLITE_NOTADB": f"not a log, or damaged; {COPY}, or move it away",
    "SQLITE_CORRUPT": f"damaged ({{}}); {COPY}",
    "SQLITE_BUSY": "in use by another program; close it there first",
    "SQLITE_LOCKED": "in use by another program; close it there first",
    "SQLITE_CONSTRAINT": "another program has written to it meanwhile; open it again",
    "SQLITE_READONLY": "cannot be written; allow this user to write it and its folder",
    "SQLITE_CANTOPEN": "cannot be opened ({}); allow this user to read and write it and its folder",
    "SQLITE_PERM": "cannot be opened ({}); allow this user to read and write it and its folder",
    "SQLITE_TOOBIG": "more than a log can hold in one event",
}


class UnwritableLog(DataError):
    """A log that cannot be written now, and perhaps can be read."""


def begin(path: Path, about: dict[str, Any]) -> None:
    """Create an empty log under a temporary name and rename it, so that there is never half of one.

    Raises
    ------
    DataError
        If a log that is gone has left its WAL behind: its pages would be taken for the new one's.
    """
    if wal_of(path).exists():
        raise DataError(f"{path}: is missing, but its {wal_of(path).name} is there; {COPY}, or move both away")
    aside = path.with_name(path.name + ".new")
    remove_database(aside)
    try:
        with closing(connected(aside, "mode=rwc")) as connection:
            connection.execute(f"PRAGMA journal_mode = {journal_mode(path)}")
            connection.execute("BEGIN")
            for statement in SCHEMA:
                connection.execute(statement)
            connection.execute("INSERT INTO about VALUES (?)", (json.dumps(about, ensure_ascii=False),))
            connection.execute(f"PRAGMA application_id = {APPLICATION}")
            connection.execute(f"PRAGMA user_version = {VERSION}")
            connection.execute("COMMIT")
        aside.rename(path)
    except BaseException:
        remove_database(aside)
        raise
    synchronise_folder(path.parent)


def synchronise_folder(folder: Path) -> None:
    """Wait until the names in a folder are on disk; not every system allows it."""
    with suppress(OSError):
        file = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(file)
        finally:
            os.close(file)


def inspected(connection: sqlite3.Connection, path: Path) -> dict[str, Any]:
    """Check a database without writing to it; return what it is about.

    Raises
    ------
    DataError
        If it is of a newer version, no log, damaged, or lacks events that were acknowledged.
    """
    _, acknowledged = noted(lock_of(path))  # before events are counted: others may be writing
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application == APPLICATION and version > VERSION:
        raise DataError(
            f"{path}: written by a newer version of this program (version {version} of the log, and this one knows "
            f"{VERSION}); update the program"
        )
    schema = {sql for (sql,) in connection.execute("SELECT sql FROM sqlite_schema")}
    if application != APPLICATION or version != VERSION or schema != set(SCHEMA):
        raise DataError(f"{path}: a database, but not a log of this program; move it away")
    size, (page,) = path.stat().st_size, connection.execute("PRAGMA page_size").fetchone()
    found = "ok"
    if size <= CHECKED_BYTES:
        (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if size % page and not _has_wal(path):
        found = "cut short"
    if found != "ok":
        raise DataError(f"{path}: damaged ({' '.join(found.split())}); {COPY}")
    (last,) = connection.execute("SELECT coalesce(max(number), 0) FROM events").fetchone()
    if last < acknowledged:
        raise DataError(
            f"{path}: ends with event {last}, but {acknowledged} were written; its -wal file is damaged or was left "
            f"behind: restore both, or remove {lock_of(path).name} to go on with what is left"
        )
    try:
        (content,) = connection.execute("SELECT content FROM about").fetchone()
        return dict(json.loads(content))
    except (TypeError, ValueError, RecursionError) as error:
        raise DataError(f"{path}: does not say what it is about; {COPY}") from error


def connected(path: Path, mode: str) -> sqlite3.Connection:
    """Open a database: its content is not trusted, and each write reaches the disk."""
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    uri = f"{path.resolve().as_uri()}?{mode}"
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
    try:
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE)
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA fullfsync = ON")
        connection.execute(f"PRAGMA journal_size_limit = {WAL_BYTES}")
    except BaseException:
        connection.close()
        raise
    return connection


def connected_to_write(path: Path) -> sqlite3.Connection:
    """Open a log to write to it, and turn it to the journal mode that its place asks for."""
    connection = connected(path, "mode=rw")
    try:
        mode = journal_mode(path)
        if mode != "WAL":
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")  # a WAL that is left over is read without its index
        connection.execute(f"PRAGMA journal_mode = {mode}")
        connection.execute("PRAGMA locking_mode = NORMAL")
        connection.execute("SELECT count(*) FROM about").fetchone()  # lets an exclusive lock go
    except BaseException:
        connection.close()
        raise
    return connection


def journal_mode(path: Path) -> str:
    """Return SQLite's journal mode for a log: WAL, but for network drives."""
    return "DELETE" if network_drive(path.parent) else "WAL"


def mode_to_read(path: Path, *, unwritten: bool) -> str:
    """Return the URI parameters for reading a database; ``unwritten``: no other process writes to it meanwhile.

    Then it is read without leaving a file behind, unless a part of it still lies in its WAL. What a crash has left
    half done without a WAL is taken back first, which SQLite does when it may write.
    """
    if _has_content(Path(f"{path}-journal")):
        return "mode=rw"
    return UNFOLLOWED if unwritten and not _has_wal(path) else "mode=ro"


def lock_of(path: Path) -> Path:
    """Return the path of a database's lock."""
    return path.with_suffix(".lock")


def wal_of(path: Path) -> Path:
    """Return the path of SQLite's write-ahead log, which holds the latest writes."""
    return path.with_name(f"{path.name}-wal")


def _has_wal(path: Path) -> bool:
    return _has_content(wal_of(path))


def _has_content(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn errors of the system or of SQLite into a DataError that tells the user what to do."""
    try:
        yield
    except sqlite3.ProgrammingError as error:
        raise DataError(f"{path}: is closed") from error
    except sqlite3.Error as error:
        kind = UnwritableLog if getattr(error, "sqlite_errorname", "").startswith(UNWRITABLE) else DataError
        raise kind(f"{path}: {_remedy(error)}") from error
    except LogInUse as error:
        raise UnwritableLog(str(error)) from error
    except OSError as error:
        kind = UnwritableLog if error.errno in MAY_NOT else DataError
        raise kind(explain(error, path)) from error


def _remedy(error: sqlite3.Error) -> str:
    name = getattr(error, "sqlite_errorname", "")
    return next((text for prefix, text in REMEDIES.items() if name.startswith(prefix)), f"{error}; {COPY}").format(
        error
    )


def remove_database(path: Path) -> None:
    """Remove a database that is not open, with all that SQLite has laid beside it."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
