"""Many filled discs on a grid of pixels, which is what a round pen leaves."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from data.regions import Shape
from metrics.masks import Mask

ROWS_AT_ONCE = 1 << 18  # of all discs together; bounds the memory of a stroke that is long and broad


def discs(centres: NDArray[np.float64], radii: NDArray[np.float64], shape: Shape) -> Mask:
    """Return the pixels whose centres lie in one of some discs.

    Each row of a disc is marked by its two ends, and the rows are filled all at once, so the work grows with the discs'
    radii and not with their areas.

    Parameters
    ----------
    centres : (N, 2), rows and columns; pixel centres have whole coordinates
    radii : (N,), 0 or greater
    shape : of the map

    Returns
    -------
    (H, W) bool
    """
    edges = np.zeros((shape[0], shape[1] + 1), np.int32)  # +1 where a row of a disc begins, -1 behind its end
    offsets = np.arange(2 * int(radii.max(initial=0)) + 2)
    at_once = max(1, ROWS_AT_ONCE // len(offsets))
    for start in range(0, len(centres), at_once):
        row, column = np.split(centres[start : start + at_once], 2, axis=1)
        radius = radii[start : start + at_once, None]
        rows = np.ceil(row - radius) + offsets
        above, most = (rows - row) ** 2, radius**2
        half = np.sqrt(np.maximum(most - above, 0))
        begin, end = np.ceil(column - half), np.floor(column + half) + 1
        # The root may miss a pixel by a hair or take one too many, and which must not depend on the map's corner.
        begin += (above + (begin - column) ** 2 > most).astype(int) - (above + (begin - 1 - column) ** 2 <= most)
        end += (above + (end - column) ** 2 <= most).astype(int) - (above + (end - 1 - column) ** 2 > most)
        crossed = (above <= most) & (begin < end) & (rows >= 0) & (rows < shape[0])
        place = rows[crossed].astype(int)
        np.add.at(edges, (place, begin[crossed].clip(0, shape[1]).astype(int)), 1)
        np.add.at(edges, (place, end[crossed].clip(0, shape[1]).astype(int)), -1)
    return np.asarray(edges[:, :-1].cumsum(axis=1) > 0)
