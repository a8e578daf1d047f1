"""A log's database as a process holds it that only reads it, whoever writes to it meanwhile."""

from __future__ import annotations

import os
import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from interaction.log.database import SCHEMA, UNFOLLOWED, connected, lock_of, mode_to_read, wal_of
from interaction.log.stamps import Stamps


@dataclass(frozen=True)
class ReadLog:
    """The database of a log, open to be read.

    Parameters
    ----------
    path : of the log
    connection : to the database, or to a copy of it
    stamps : of the log's files, when it was opened
    follows : whether what is added to the file is seen
    aside : holds the copy, until it is closed
    """

    path: Path
    connection: sqlite3.Connection
    stamps: Stamps
    follows: bool = True
    aside: TemporaryDirectory[str] | None = None

    @classmethod
    def open(cls, path: Path) -> ReadLog:
        """Open a log that is there, where it lies.

        In a folder that cannot be written, SQLite can't make the index that a WAL needs: then a copy of both is read.
        """
        stamps, aside = Stamps.of(path), None
        writable = os.access(path.parent, os.W_OK, effective_ids=os.access in os.supports_effective_ids)
        place, mode = path, mode_to_read(path, unwritten=not writable)
        if not writable and mode == "mode=ro":
            aside = TemporaryDirectory()
            for part in (path, wal_of(path), *filter(Path.exists, [lock_of(path)])):
                shutil.copyfile(part, Path(aside.name) / part.name)
            place, mode = Path(aside.name) / path.name, "mode=rw"
        return cls(path, connected(place, mode), stamps, aside is None and mode != UNFOLLOWED, aside)

    @classmethod
    def empty(cls, path: Path) -> ReadLog:
        """Return a log without events that is not on disk."""
        connection = sqlite3.connect(":memory:", check_same_thread=False)
        for statement in SCHEMA:
            connection.execute(statement)
        return cls(path, connection, Stamps(None, None))

    @property
    def place(self) -> Path:
        """Where the database is that is read."""
        return Path(self.aside.name) / self.path.name if self.aside else self.path

    @property
    def outdated(self) -> bool:
        """Whether there is another file in the log's place now, or more in it than is seen."""
        now = Stamps.of(self.path)
        if now.log is None:
            return False  # there is nothing newer
        return not now.log.is_file_of(self.stamps.log) if self.follows else now != self.stamps

    def close(self) -> None:
        """Close the database."""
        self.connection.close()
        if self.aside:
            self.aside.cleanup()
