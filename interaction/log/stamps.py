"""What a log's files looked like after the last write, and what has happened to them since."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from interaction.log.database import WAL_BYTES, wal_of


@dataclass(frozen=True)
class Stamp:
    """A file as the system describes it: which one it is, its size in bytes, when it was written, who may."""

    device: int
    inode: int
    size: int
    written_ns: int
    mode: int

    @classmethod
    def of(cls, path: Path) -> Stamp | None:
        """Return the stamp of a file; None if there is none."""
        try:
            found = path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        return cls(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_mode)

    def is_file_of(self, other: Stamp | None) -> bool:
        """Whether both are of one file."""
        return other is not None and (self.device, self.inode) == (other.device, other.inode)


@dataclass(frozen=True)
class Stamps:
    """The stamps of a log and of its WAL; a WAL is there only where the log is kept in that mode."""

    log: Stamp | None
    wal: Stamp | None

    @classmethod
    def of(cls, path: Path) -> Stamps:
        """Return the stamps of a log as it is now."""
        return cls(Stamp.of(path), Stamp.of(wal_of(path)))

    def fault(self, now: Stamps) -> str | None:
        """Return what has happened to the files since these stamps, if it means that something is lost; else None.

        None is not said of a file that was only touched, or that another program has added to.
        """
        for name, before, after, least in (
            ("it", self.log, now.log, None),
            ("its WAL", self.wal, now.wal, WAL_BYTES),  # SQLite itself cuts a long one down to that
        ):
            if before is None:
                continue
            if after is None:
                return f"{name} was deleted, or moved away"
            if not before.is_file_of(after):
                return f"{name} was replaced by another file"
            if after.size < (before.size if least is None else min(before.size, least)):
                return f"{name} was cut short"
        return None
