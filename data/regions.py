"""Rectangles on a pixel grid: cells that cover a map, windows that a network sees, steps of a sliding window."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Shape = tuple[int, int]
PadMode = Literal["edge", "constant"]


@dataclass(frozen=True, order=True)
class Region:
    """A rectangle of whole pixels, half open: rows ``top`` to ``bottom - 1``, columns ``left`` to ``right - 1``."""

    top: int
    left: int
    height: int
    width: int

    @property
    def bottom(self) -> int:
        """The row below the last one."""
        return self.top + self.height

    @property
    def right(self) -> int:
        """The column right of the last one."""
        return self.left + self.width

    @property
    def shape(self) -> Shape:
        """Rows and columns, as of an array."""
        return self.height, self.width

    @property
    def slices(self) -> tuple[slice, slice]:
        """The index that cuts this region out of the last two axes: ``array[..., *region.slices]``."""
        return slice(self.top, self.bottom), slice(self.left, self.right)

    def to_json(self) -> list[int]:
        """Return top, left, height, width, in which order ``Region`` takes them, too."""
        return [self.top, self.left, self.height, self.width]

    def overlaps(self, other: Region) -> bool:
        """Whether the two share a pixel."""
        return (
            self.top < other.bottom and other.top < self.bottom and self.left < other.right and other.left < self.right
        )

    def within(self, outer: Region) -> Region:
        """Return the same rectangle in coordinates that start at ``outer``'s corner."""
        return Region(self.top - outer.top, self.left - outer.left, self.height, self.width)


def shape_of(array: Any) -> Shape:
    """Return rows and columns of an array or a tensor (..., H, W)."""
    height, width = array.shape[-2:]
    return height, width


def intersection(one: Region, other: Region) -> Region:
    """Return the intersection of two regions; it has height or width 0 if they do not overlap."""
    top, left = max(one.top, other.top), max(one.left, other.left)
    return Region(top, left, max(0, min(one.bottom, other.bottom) - top), max(0, min(one.right, other.right) - left))


def grown(region: Region, pixels: int, shape: Shape) -> Region:
    """Return a region with so many pixels more on each side, as far as the map reaches."""
    top, left = max(0, region.top - pixels), max(0, region.left - pixels)
    bottom, right = min(shape[0], region.bottom + pixels), min(shape[1], region.right + pixels)
    return Region(top, left, bottom - top, right - left)


def hull(regions: Sequence[Region]) -> Region:
    """Return the smallest region that contains all given ones."""
    top, left = min(region.top for region in regions), min(region.left for region in regions)
    bottom, right = max(region.bottom for region in regions), max(region.right for region in regions)
    return Region(top, left, bottom - top, right - left)


def padded(planes: NDArray[np.float32], size: int, mode: PadMode = "edge") -> NDArray[np.float32]:
    """Extend (C, h, w) planes below and to the right to ``size``, by their edge or by zeros (``constant``)."""
    height, width = shape_of(planes)
    return np.pad(planes, ((0, 0), (0, size - height), (0, size - width)), mode=mode)


def whole(shape: Shape) -> Region:
    """Return the region that is all of a map."""
    return Region(0, 0, *shape)


def cells(shape: Shape, size: int) -> list[Region]:
    """Cut a map into disjoint cells, row by row; the last of a row or column is smaller if need be.

    Every pixel lies in exactly one cell, so counts over cells add up to counts over the map.
    """
    height, width = shape
    return [
        Region(top, left, min(size, height - top), min(size, width - left))
        for top in range(0, height, size)
        for left in range(0, width, size)
    ]


def cell_at(shape: Shape, size: int, point: tuple[float, float]) -> Region:
    """Return the cell of ``cells(shape, size)`` that holds a point (row, column); outside points go to the nearest."""
    top, left = (
        int(np.clip(np.floor(coordinate + 0.5), 0, length - 1)) // size * size
        for coordinate, length in zip(point, shape, strict=True)
    )
    return Region(top, left, min(size, shape[0] - top), min(size, shape[1] - left))


def window_around(cell: Region, shape: Shape, size: int) -> Region:
    """Return the ``size`` x ``size`` window that holds a cell, pushed inside the map; smaller only where the map is."""
    height, width = min(size, shape[0]), min(size, shape[1])
    return Region(min(cell.top, shape[0] - height), min(cell.left, shape[1] - width), height, width)


def sliding_windows(shape: Shape, size: int, step: int) -> Iterator[Region]:
    """Yield windows that cover a map in even steps of at most ``step``, all of them inside the map.

    Raises
    ------
    ValueError
        If ``step`` is not within 1 and ``size``: a larger step would leave gaps.
    """
    if not 1 <= step <= size:
        raise ValueError(f"a step of {step} pixels between windows of {size}: choose 1 to {size}")
    height, width = min(size, shape[0]), min(size, shape[1])
    for top in _offsets(shape[0], height, step):
        for left in _offsets(shape[1], width, step):
            yield Region(top, left, height, width)


def to_scan(points: NDArray[Any], scale: float) -> NDArray[np.float64]:
    """Turn coordinates of pixels at ``scale`` into scan pixels; centres of pixels have whole coordinates in both."""
    return (np.asarray(points, np.float64) + 0.5) / scale - 0.5


def to_scale(points_px: NDArray[Any], scale: float) -> NDArray[np.float64]:
    """Turn scan pixels into coordinates at ``scale``; the inverse of ``to_scan``."""
    return (np.asarray(points_px, np.float64) + 0.5) * scale - 0.5


def _offsets(length: int, size: int, step: int) -> list[int]:
    count = ceil((length - size) / step) + 1
    return [int(offset) for offset in np.linspace(0, length - size, count).round()]
