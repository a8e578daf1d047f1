"""Thinning by Guo and Hall that looks only at pixels of the line whose neighbourhood has changed."""

import numpy as np
from numpy.typing import NDArray

from metrics.masks import Mask

NEIGHBOURS = ((0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1), (1, 0), (1, 1))
"""Rows and columns to the eight neighbours, counter-clockwise from the right; neighbour n is bit n of a code."""


def thin(mask: Mask) -> Mask:
    """Thin a drawing to lines one pixel wide; equals `skimage.morphology.thin`, pixel for pixel.

    Two passes take turns until neither takes a pixel: one takes pixels from the lower right, one from the upper left.
    A pass decides on each pixel by its eight neighbours as they were before the pass; beyond the border there is
    nothing. A decision can change only where a neighbour was taken in the last two passes, so no other pixel is looked
    at again: the work grows with the line's pixels, not with the picture's, nor with the thickest spot of the line.

    Parameters
    ----------
    mask : bool array (H, W)
        True on the line, stored as bytes 0 and 1.

    Returns
    -------
    bool array (H, W)

    References
    ----------
    Z. Guo, R. W. Hall, "Parallel thinning with two-subiteration algorithms", Communications of the ACM 32(3), 1989,
    pages 359-373: the rules. L. Lam, S.-W. Lee, C. Y. Suen, "Thinning methodologies: a comprehensive survey", IEEE
    Transactions on Pattern Analysis and Machine Intelligence 14(9), 1992, pages 869-885: their form used here.
    """
    framed = np.pad(mask, 1)  # every pixel of the line has eight neighbours
    line = framed.reshape(-1)
    steps = [row * framed.shape[1] + column for row, column in NEIGHBOURS]
    pixels = np.flatnonzero(line)
    codes = np.zeros(line.size, np.uint8)  # 0 off the line too, and a pixel of code 0 is never taken
    codes[pixels] = sum(line[pixels + step].view(np.uint8) << bit for bit, step in enumerate(steps))

    last, now, following = pixels[:0], pixels, _TABLES
    while len(last) or len(now):
        looked_at = np.concatenate([last, now])
        taken = np.sort(looked_at[following[0][codes[looked_at]]])
        taken = taken[np.diff(taken, prepend=-1) > 0]  # each once; `np.unique` takes several times as long
        line[taken] = False
        codes[taken] = 0
        for bit, step in enumerate(steps):  # seen from its neighbour, a pixel lies the opposite way
            codes[taken + step] &= 0xFF ^ (1 << (bit + 4) % 8)
        touched = np.concatenate([taken + step for step in steps])
        last, now, following = now, touched[codes[touched] != 0], following[::-1]
    return np.ascontiguousarray(framed[1:-1, 1:-1])


def _tables() -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return whether a pixel of each of the 256 codes is taken, in the first pass and in the second."""
    codes = np.arange(256)
    east, north_east, north, north_west, west, south_west, south, south_east = near = [
        (codes >> bit & 1).astype(bool) for bit in range(8)
    ]
    # Taking it parts nothing: going round, exactly one group of neighbours begins.
    groups = sum((~near[bit] & (near[bit + 1] | near[(bit + 2) % 8])).astype(int) for bit in range(0, 8, 2))
    # It is neither an end of the line nor inside it.
    pairs = [
        sum((near[bit] | near[(bit + 1) % 8]).astype(int) for bit in range(first, first + 8, 2)) for first in (0, 1)
    ]
    fewest = np.minimum(*pairs)
    removable = (groups == 1) & (fewest >= 2) & (fewest <= 3)
    first = removable & ~((north_east | north | ~south_east) & east)
    second = removable & ~((south_west | south | ~north_west) & west)
    return first, second


_TABLES = _tables()
