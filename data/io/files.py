"""Files: list, hash, and write them whole or not at all: to a temporary name first, then renamed."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from data.errors import DataError, explain


def listed(folder: Path, suffixes: Sequence[str] = ()) -> list[Path]:
    """List a folder by name, broken links and all, hidden files left out; empty if it is not there."""
    try:
        paths = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise DataError(explain(error, folder)) from error
    return [path for path in paths if not suffixes or path.suffix.lower() in suffixes]


def write_array(path: Path, array: NDArray[Any]) -> None:
    """Write an ``.npy`` file whole or not at all."""
    write_whole(path, lambda file: np.save(file, array))


def write_json(path: Path, content: Any) -> None:
    """Write a JSON file whole or not at all."""
    write_text(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def write_text(path: Path, text: str) -> None:
    """Write a text file, in UTF-8 and with its line ends as they are, whole or not at all."""
    write_whole(path, lambda file: file.write(text.encode()))


def write_whole(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Write a file to a temporary name and rename it, so that no reader ever sees half of it."""
    with whole_file(path) as file:
        write(file)


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """Open a temporary file for writing; it gets its name when complete, and is removed if writing fails."""
    path.parent.mkdir(parents=True, exist_ok=True)
    sweep(path.parent, path.name)
    aside = path.with_name(f".{path.name}.{writer(os.getpid())}")
    try:
        with aside.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except BaseException as error:
        with suppress(OSError):
            aside.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno is not None and error.filename in (None, str(aside)):
            error.filename = str(path)  # not the one aside; and a full disk names none
        raise


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sweep(folder: Path, name: str | None = None) -> None:
    """Remove temporary files that killed processes of this machine left in a folder: all, or those of one name."""
    for path in folder.glob(f".{'*' if name is None else escape(name)}.*"):
        process = path.suffix.removeprefix(".").partition("@")[0]
        if process.isdigit() and path.name.endswith(f".{writer(int(process))}") and not _alive(int(process)):
            path.unlink(missing_ok=True)


def writer(process: int) -> str:
    """Return a name for a process of this machine; other machines may share the disk."""
    return f"{process}@{platform.node().replace('.', '-')}"


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
