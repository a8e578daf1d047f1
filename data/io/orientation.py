"""The orientation that EXIF and the TIFF tag 274 state: one rule for pictures, masks and maps."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

TAG = 274
UPRIGHT = 1

QUARTER_TURNS = (5, 6, 7, 8)  # and these mirrored: rows become columns

_FLIPPED_ROWS, _FLIPPED_COLUMNS = (3, 4, 7, 8), (2, 3, 6, 7)


def known(value: object) -> int:
    """Return an orientation as a file states it; upright if it is none of the eight that the standards define."""
    return value if isinstance(value, int) and 1 <= value <= 8 else UPRIGHT


def turned_shape(shape: tuple[int, int], orientation: int) -> tuple[int, int]:
    """Return rows and columns of a picture once it is upright."""
    height, width = shape
    return (width, height) if orientation in QUARTER_TURNS else (height, width)


def upright(values: NDArray[Any], orientation: int, rows_axis: int = 0) -> NDArray[Any]:
    """Turn and mirror a picture as its orientation asks, without a copy.

    Parameters
    ----------
    values : rows and columns are two axes that follow each other
    orientation : 1 to 8, as EXIF 2.32 (tag 274) defines it
    rows_axis : the axis of the rows
    """
    if orientation in QUARTER_TURNS:
        values = np.swapaxes(values, rows_axis, rows_axis + 1)
    if orientation in _FLIPPED_ROWS:
        values = np.flip(values, rows_axis)
    if orientation in _FLIPPED_COLUMNS:
        values = np.flip(values, rows_axis + 1)
    return values
