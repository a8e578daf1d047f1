"""A lock beside a file, held by one process at a time and let go by the system however that process ends."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

from data.errors import DataError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

FAR = 1 << 30  # Windows locks bytes, and nobody could read locked ones; so one that is not there is locked
LINE = "{process:10d} {last:20d}\n"


TAKEN = frozenset({errno.EAGAIN, errno.EACCES, errno.EDEADLK})  # what systems say when another process holds a lock


class LogInUse(DataError):
    """A file that another program writes to."""


class Lock:
    """The lock of the process that writes to a file: one line with the process and the last entry that it acknowledged.

    Parameters
    ----------
    path : of the lock
    subject : the file that is locked, for the message

    Raises
    ------
    LogInUse
        If another program, or this one, holds the lock.
    OSError
        If the file cannot be opened, or its drive knows no locks.
    """

    def __init__(self, path: Path, subject: Path) -> None:
        self._path, self._subject = path, subject
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            _seize(self._file)
        except OSError as error:
            os.close(self._file)
            if error.errno not in TAKEN:
                raise
            process, _ = noted(path)
            raise LogInUse(f"{subject} is open in another program (process {process}); close it there first") from error

    def renewed(self) -> Lock:
        """Return a lock that others see: this one, or another in the place of one whose file was removed."""
        try:
            if os.path.samestat(os.fstat(self._file), self._path.stat()):
                return self
        except FileNotFoundError:
            pass
        lock = Lock(self._path, self._subject)
        self.release()
        return lock

    def note(self, last: int) -> None:
        """Write down the last entry that was acknowledged, once it is in the file; so the note is never ahead."""
        line = LINE.format(process=os.getpid(), last=last).encode()
        os.lseek(self._file, 0, os.SEEK_SET)
        os.write(self._file, line)

    def release(self) -> None:
        """Let the lock go."""
        os.close(self._file)


def noted(path: Path) -> tuple[int, int]:
    """Return the process that wrote to a lock last, and the last entry that it acknowledged; 0 and 0 if nobody did."""
    try:
        process, last = path.read_bytes().split()
        return int(process), int(last)
    except (FileNotFoundError, ValueError):
        return 0, 0


def _seize(file: int) -> None:
    """Lock an open file, or raise OSError at once if another process holds it."""
    if sys.platform == "win32":
        os.lseek(file, FAR, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
