"""What lies around the object: a table, a ruler with millimetre ticks, and a colour chart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from data.synthetic.maps import PIXELS_PER_MM, Map, Mask

GREYS = (0.9, 0.59, 0.36, 0.19, 0.09, 0.03)  # reflectances of a grey scale, as photographers' charts have them
RULER_MM, CHART_MM = 0.05, 0.08  # how high their edges stand above the table in the depth
TICK_MM, PATCH_MM = 0.01, 0.004  # steps of relief: a printed tick, a patch of the chart


@dataclass(frozen=True)
class Box:
    """A rectangle of scan pixels: rows from ``top`` to before ``bottom``, columns from ``left`` to before ``right``."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def slices(self) -> tuple[slice, slice]:
        """To cut it from a map."""
        return slice(self.top, self.bottom), slice(self.left, self.right)


def lay_table(depth: Map, albedo: Map, mask: Mask, below_mm: float, reflectance: float = 0.04) -> None:
    """Put the table around the object, in place: ``below_mm`` under the bronze, dark."""
    around = ~mask
    np.subtract(depth, np.float32(below_mm), out=depth, where=around)
    albedo[around] = reflectance


def free_corners(mask: Mask, rows: int, cols: int, margin: int) -> list[Box]:
    """Boxes of ``rows`` x ``cols`` in the corners, ``margin`` from the border, that keep as far from the object."""
    height, width = mask.shape
    boxes = []
    for top in (margin, height - margin - rows):
        for left in (margin, width - margin - cols):
            around = mask[max(top - margin, 0) : top + rows + margin, max(left - margin, 0) : left + cols + margin]
            if top >= 0 and left >= 0 and not around.any():
                boxes.append(Box(top, left, top + rows, left + cols))
    return boxes


def place_scale(mask: Mask, rng: Generator) -> tuple[Box, Box]:
    """Where ruler and colour chart lie: in two corners of the image, clear of the object.

    The largest that fit are taken. A ruler lies along the rows or along the columns.

    Raises
    ------
    ValueError
        If the object leaves no two corners free.
    """
    short = min(mask.shape)
    margin = max(short // 100, 2)
    for shrink in (1.0, 0.85, 0.7, 0.55, 0.4):
        long, thick = int(0.3 * shrink * short), max(int(0.045 * shrink * short), 8)
        lying, standing = free_corners(mask, thick, long, margin), free_corners(mask, long, thick, margin)
        rulers = lying + standing
        charts = free_corners(mask, int(0.08 * shrink * short), int(0.12 * shrink * short), margin)
        pairs = [(r, c) for r in rulers for c in charts if not _touch(r, c)]
        if pairs:
            return pairs[int(rng.integers(len(pairs)))]
    raise ValueError("the object leaves no room for a ruler and a colour chart")


def lay_ruler(depth: Map, albedo: Map, box: Box) -> None:
    """Put a white ruler in place: a black tick each millimetre, longer ones each fifth and tenth."""
    along = 0 if box.bottom - box.top > box.right - box.left else 1
    relief, white = depth[box.slices], albedo[box.slices]
    relief += np.float32(RULER_MM)
    white[...] = 0.85
    length, thick = white.shape[along], white.shape[1 - along]
    for number, start in enumerate(np.arange(0.0, length, PIXELS_PER_MM)):
        share = 0.7 if number % 10 == 0 else 0.5 if number % 5 == 0 else 0.3
        at = slice(int(start), int(start) + max(round(0.1 * PIXELS_PER_MM), 1))
        tick = (at, slice(0, int(share * thick))) if along == 0 else (slice(0, int(share * thick)), at)
        relief[tick] += np.float32(TICK_MM)
        white[tick] = 0.05


def lay_chart(depth: Map, albedo: Map, box: Box, rng: Generator, rows: int = 4, cols: int = 6) -> None:
    """Put a colour chart in place: patches in a black frame, the last row a grey scale, each a step of relief."""
    relief, print_ = depth[box.slices], albedo[box.slices]
    relief += np.float32(CHART_MM)
    print_[...] = 0.1
    height, width = print_.shape
    gap = max(width // (8 * cols), 1)
    values = rng.uniform(0.05, 0.75, (rows, cols))
    values[-1] = np.resize(GREYS, cols)
    for row, col in np.ndindex(rows, cols):
        patch = (
            slice(height * row // rows + gap, height * (row + 1) // rows - gap),
            slice(width * col // cols + gap, width * (col + 1) // cols - gap),
        )
        print_[patch] = values[row, col]
        relief[patch] += np.float32(PATCH_MM)


def _touch(first: Box, second: Box) -> bool:
    """Whether two boxes share a pixel."""
    apart = first.bottom <= second.top or second.bottom <= first.top
    return not (apart or first.right <= second.left or second.right <= first.left)
