"""Arrays on disk, memory-mapped: only what is read of them is loaded."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.errors import DataError

MAX_MAPS = 128  # open at once in a process: each holds a file open, and some systems allow 256


@lru_cache(MAX_MAPS)
def mapped(path: Path, opening: object) -> NDArray[Any]:
    """Memory-map an array and keep the last maps open: opening a file takes longer than reading a patch.

    ``opening`` stands for the view that asks: opened again, it gets the arrays that lie there by then.
    """
    return load_mapped(path)


def load_mapped(path: Path) -> NDArray[Any]:
    """Memory-map an array anew; raise FileNotFoundError if it is not there, DataError if it is damaged."""
    try:
        return np.asanyarray(np.load(path, mmap_mode="r"))
    except (ValueError, EOFError) as error:
        raise DataError(f"{path}: cut short or damaged; run `python -m data.setup` again") from error
