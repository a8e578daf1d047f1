"""What was learned, kept over a restart: the version that the next mirror begins with, and all that is remembered."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from data.errors import DataError
from data.io.files import write_whole

MAX_HEADER = 1000  # bytes of the line before a state


@dataclass(frozen=True)
class Remembered:
    """What the line before a state says of it.

    Parameters
    ----------
    collection : a name of all that is remembered
    next : number of the next lesson
    parent : hash of the models that learn
    """

    collection: str
    next: int
    parent: str


class KeptLearning:
    """Two files: a version of the models, and beside it the state of the learner that made it.

    Parameters
    ----------
    path : of the version
    """

    def __init__(self, path: Path) -> None:
        self.path, self.state_path = path, path.with_suffix(".state")

    def version(self) -> bytes | None:
        """Return the version; None if none is kept.

        Raises
        ------
        OSError
            If it cannot be read.
        """
        with suppress(FileNotFoundError):
            return self.path.read_bytes()
        return None

    def remembered(self) -> Remembered | None:
        """Return what the state is of, without reading it; None if there is none, or it is damaged."""
        with suppress(OSError, ValueError, KeyError, TypeError), self.state_path.open("rb") as file:
            header = json.loads(file.readline(MAX_HEADER))
            return Remembered(str(header["collection"]), int(header["next"]), str(header["parent"]))
        return None

    def state(self) -> bytes:
        """Return the learner's state; raises OSError if it cannot be read."""
        return self.state_path.read_bytes().partition(b"\n")[2]

    def write(self, version: bytes | None, state: bytes | None, remembered: Remembered) -> None:
        """Keep a version and a state; None: none.

        Raises
        ------
        DataError
            If that cannot be written.
        """
        header = json.dumps(vars(remembered)).encode() + b"\n"
        _write_or_remove(self.path, version)
        _write_or_remove(self.state_path, None if state is None else header + state)


def _write_or_remove(path: Path, content: bytes | None) -> None:
    try:
        if content is None:
            path.unlink(missing_ok=True)
        else:
            write_whole(path, lambda file: file.write(content))
    except OSError as error:
        raise DataError(f"{path}: {error.strerror}; what was learned is kept until the program ends") from error
