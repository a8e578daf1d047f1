"""Names and paths as users give them: ``~``, variables, and letters with accents, which Unicode has in two forms.

Names are in the composed form (NFC) throughout the program. Disks may hold another one: macOS stores ``ö`` as two
characters. A name is looked for in the composed form first, then in any.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path
from unicodedata import normalize

from data.errors import DataError

_VARIABLE = re.compile(r"\$(?:(\w+)|\{([^}]*)\})", re.ASCII)  # as ``os.path.expandvars`` has it


def composed(name: str) -> str:
    """Return a name in the composed form (NFC), in which names are compared."""
    return normalize("NFC", name)


def named(names: Iterable[str], name: str) -> str | None:
    """Return the one of some names that is the name wanted, in whichever form; None if there is none."""
    return next((known for known in names if composed(known) == composed(name)), None)


def told_apart(paths: Iterable[Path]) -> str:
    """Return what tells paths apart that look alike in print; empty if none do."""
    every = [str(path) for path in paths]
    return " in two forms of Unicode" if len({composed(path) for path in every}) < len(every) else ""


def entry(folder: Path, name: str) -> Path:
    """Return the path of a file or folder in a folder, in the form in which it is there; if it is not, composed."""
    path = folder / composed(name)
    if name.isascii() or _is_there(path):
        return path
    try:
        there = sorted(folder.iterdir())
    except OSError:  # whoever opens the path hears of it
        return path
    return next((other for other in there if composed(other.name) == path.name), path)


def expanded(text: str) -> str:
    """Return a path with ``~`` and variables replaced, in the form in which it is on disk.

    Raises
    ------
    DataError
        If a variable is not set, or there is no such user.
    """
    if not text or _is_there(Path(text)):
        return text
    for names in _VARIABLE.findall(text):
        variable = "".join(names)
        if variable not in os.environ:
            raise DataError(f"{text}: the variable {variable} is not set; set it, or write the path out")
    path = Path(os.path.expandvars(text))
    try:
        path = path.expanduser()
    except RuntimeError as error:
        raise DataError(f"{text}: there is no user {path.parts[0][1:]!r}; write the path out") from error
    return str(path if str(path).isascii() else _on_disk(path))


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a name that is too long, or a folder that is closed: whoever opens the path hears of it
        return False


def _on_disk(path: Path) -> Path:
    first, *others = path.parts
    found = Path(first)
    for part in others:
        found = entry(found, part)
    return found
