"""Errors of data that a user can repair, and advice where the system refuses a file."""

from __future__ import annotations

import errno
from collections.abc import Collection
from pathlib import Path


class DataError(Exception):
    """Data that cannot be used as they are. The message says what was found, where, and what to do."""


_REMEDIES = {
    errno.ENOENT: "check the path",
    errno.EACCES: "allow this user to read and write it, or choose another folder",
    errno.EPERM: "allow this user to read and write it, or choose another folder",
    errno.EROFS: "choose a folder on a disk that can be written",
    errno.ENOSPC: "free some space and run again; what was finished before is kept",
    errno.EDQUOT: "free some space and run again; what was finished before is kept",
    errno.EISDIR: "a file is expected here; move the folder away",
    errno.EEXIST: "a file lies where a folder is expected; move it away",
    errno.ENOTDIR: "a file lies where a folder is expected; move it away",
    errno.ELOOP: "a link leads back to itself; replace it by the file",
    errno.ENAMETOOLONG: "shorten the name",
    errno.EMFILE: "raise the limit of open files (ulimit -n)",
    errno.EIO: "the disk or the network reports a fault; copy the file elsewhere and try again",
    errno.ESTALE: "the network drive was lost; connect it and run again",
}


def some(names: Collection[str], most: int = 8) -> str:
    """Name the first of many."""
    first, more = list(names)[:most], len(names) - most
    return ", ".join(first) + (f" and {more} more" if more > 0 else "")


def explain(error: Exception, path: Path | None = None) -> str:
    """Return one line: what was wrong and what to do. For an error of the system it also names the file.

    Parameters
    ----------
    error : as it was raised; the errors of this project say all by themselves
    path : the file that was worked on, where the system's error does not name it
    """
    if not isinstance(error, OSError) or error.errno is None:
        text = str(error)
        return text if path is None or str(path) in text else f"{path}: {text}"
    name = error.filename if error.filename is not None else path
    where = "" if name is None else f"{name}: "
    return f"{where}{error.strerror}; {_REMEDIES.get(error.errno, 'mend that and run again')}"
