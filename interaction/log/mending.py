"""A log that was deleted, replaced, cut short or overwritten while it was open, written whole again.

The process that writes to a log holds it twice: as a database that is open, whose file lives on without a name where it
was deleted or replaced; and as the newest copy with the events since then in memory, where the file itself was changed.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from data.errors import DataError
from interaction.log.copies import last_row, require_whole, synchronise, write_aside
from interaction.log.database import connected, remove_database, synchronise_folder, wal_of
from interaction.log.events import INSERT, Row, rows_behind
from interaction.log.stamps import Stamp, Stamps


class AnotherLog(DataError):
    """A log with events of its own, in the place of the one that is open."""


@dataclass(frozen=True)
class Holding:
    """What the process that writes to a log holds of it.

    Parameters
    ----------
    connection : to the database as it was opened; closed by ``write_again``
    stamps : of its files, when they were written last
    copy : the newest copy, and the number of the last event in it; None: none was made yet
    rows : of the events since then
    last : number of the last event
    """

    connection: sqlite3.Connection
    stamps: Stamps
    copy: tuple[Path, int] | None
    rows: Sequence[Row]
    last: int


def write_again(path: Path, held: Holding, apart: Path) -> None:
    """Put a log in its place as it is held. What lies there is kept aside, unless all of it is in the log.

    Parameters
    ----------
    path : of the log
    held : what is known of it
    apart : the file that holds the log until it is put in its place, and from then on where it cannot be

    Raises
    ------
    AnotherLog
        If another log with events of its own lies there: it is left as it is, and ours lies in ``apart``.
    DataError, OSError, sqlite3.Error
        If the drive is gone, or the log cannot be gathered or written. What lies in its place has not changed then.
    """
    _require_drive(path, held.stamps)
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(path.name + ".new")
    _gather(held, aside)
    aside.replace(apart)  # under this name it outlives the end of the program at any moment from here on
    theirs = _copied(path, held)
    last = last_row(theirs) if theirs else None
    contained = last is not None and _says(apart, last)
    if theirs is not None and last is not None and not contained:
        _close(held, path)
        _put_back(theirs, path)
        raise AnotherLog(
            f"{path}: another log was put in its place while it was open; what was drawn here is in {apart.name}; move "
            "the other log away to go on with this one, or end the program to go on with the other"
        )
    _close(held, path)
    for suffix in ("-wal", "-shm", "-journal"):  # of what lay there: they would be taken for ours
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    apart.replace(path)
    synchronise_folder(path.parent)
    if theirs is not None and (contained or not theirs.stat().st_size):
        remove_database(theirs)


def _require_drive(path: Path, stamps: Stamps) -> None:
    place = path.parent
    while not place.exists():
        place = place.parent
    if stamps.log is None or place.stat().st_dev != stamps.log.device:
        raise DataError(f"{path}: its drive is gone; connect it again")


def _gather(held: Holding, aside: Path) -> None:
    """Write the log into a file aside and check it: from the open database, or the newest copy and what came since."""
    causes = []
    for write in (_from_database, _from_copy):
        remove_database(aside)
        try:
            write(held, aside)
            found = require_whole(aside)
            if found >= held.last:
                return
            causes.append(f"{found} of {held.last} events were found")
        except (DataError, sqlite3.DatabaseError) as error:  # a damaged database; a disk that is full is an OSError
            if getattr(error, "sqlite_errorname", "").startswith("SQLITE_FULL"):
                raise
            causes.append(str(error))
    remove_database(aside)
    raise DataError(f"the log cannot be written again ({'; '.join(causes)}); restore it from a copy")


def _from_database(held: Holding, aside: Path) -> None:
    write_aside(held.connection, aside)


def _from_copy(held: Holding, aside: Path) -> None:
    if held.copy is None or not held.copy[0].exists():
        raise DataError("there is no copy")
    shutil.copyfile(held.copy[0], aside)
    with closing(connected(aside, "mode=rw")) as connection:
        connection.execute("BEGIN")
        connection.executemany(INSERT, [row for row in held.rows if row[0] > held.copy[1]])
        connection.execute("COMMIT")
    synchronise(aside)


def _copied(path: Path, held: Holding) -> Path | None:
    """Copy what lies in the log's place, without the WAL of the log that was open; None if there is nothing."""
    if not path.exists():
        return None
    copy = path.with_name(f"log-replaced-{datetime.now(UTC):%Y%m%dT%H%M%S_%fZ}.sqlite")
    try:
        shutil.copyfile(path, copy)
        if _is_foreign(wal_of(path), held):
            shutil.copyfile(wal_of(path), wal_of(copy))
    except BaseException:
        remove_database(copy)  # or each attempt on a full disk would leave one
        raise
    return copy


def _says(ours: Path, theirs: tuple[Any, ...]) -> bool:
    """Whether a log holds the event that another one ends with: then it holds all those before it, too."""
    with closing(connected(ours, "mode=rw")) as connection:
        return theirs in rows_behind(connection, theirs[0] - 1, 1, blobs=False)


def _close(held: Holding, path: Path) -> None:
    """Close the database that was open; SQLite then removes a WAL by its name: another's is kept out of its way."""
    wal = wal_of(path)
    out_of_way = wal.with_name(f"{wal.name}.other")
    foreign = _is_foreign(wal, held)
    if foreign:
        wal.rename(out_of_way)
    with suppress(sqlite3.Error):  # what it could not take over lies in our file aside
        held.connection.close()
    if foreign:
        out_of_way.rename(wal)


def _put_back(copy: Path, path: Path) -> None:
    """Give a file back its content, into which SQLite may have written when it was closed."""
    if path.read_bytes() != copy.read_bytes():
        copy.replace(path)
    remove_database(copy)


def _is_foreign(wal: Path, held: Holding) -> bool:
    found = Stamp.of(wal)
    return found is not None and not found.is_file_of(held.stamps.wal)
