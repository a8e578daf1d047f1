"""Paths along skeletons: branches between junctions, or the path through a pixel; pixels in the order of a pen."""

from __future__ import annotations

from collections import deque
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from metrics.masks import Mask

NONE = -1  # in place of a pixel's branch, junction or neighbour: it has none

Ints = NDArray[np.intp]


class Branches:
    """A skeleton's branches: its lines between junctions.

    Pixels with three or more neighbours are junction pixels and belong to no branch; those beside each other form one
    junction. Diagonal pixels count as neighbours only where no straight way joins them, so the inner pixel of a corner
    is no junction. End points, dots and rings are branches like any other; only an empty skeleton has none.

    Parameters
    ----------
    skeleton : (H, W) bool, one pixel wide

    Attributes
    ----------
    pixels : (N, 2), rows and columns of the skeleton, in reading order
    branch, junction : (N,), the number of each pixel's branch or junction, or ``NONE``
    """

    def __init__(self, skeleton: Mask) -> None:
        self.pixels, pairs = adjacency(skeleton)
        count = len(self.pixels)
        crowded = np.bincount(pairs.ravel(), minlength=count) > 2
        alike = crowded[pairs[:, 0]] == crowded[pairs[:, 1]]
        self._within, self._across = pairs[alike], pairs[~alike]
        self.branch, self.junction = np.full((2, count), NONE, np.intp)
        if count:
            graph = coo_array((np.ones(len(self._within), np.int8), tuple(self._within.T)), shape=(count, count))
            label = connected_components(graph, directed=False)[1]
            self.branch[~crowded] = np.unique(label[~crowded], return_inverse=True)[1]
            self.junction[crowded] = np.unique(label[crowded], return_inverse=True)[1]

    def __len__(self) -> int:
        return len(self.lengths)

    @cached_property
    def lengths(self) -> Ints:
        """Pixels of each branch, (number of branches,)."""
        return np.bincount(self.branch[self.branch != NONE])

    @cached_property
    def is_ring(self) -> Mask:
        """Which branches have no end, (number of branches,) bool."""
        return np.bincount(self.branch[self._ends], minlength=len(self)) == 0

    @cached_property
    def starts(self) -> Ints:
        """The pixel that each branch's path begins with: its first end in reading order, or a ring's first pixel."""
        starts = np.empty(len(self), np.intp)
        for pixels in (np.flatnonzero(self.branch != NONE)[::-1], self._ends[::-1]):
            starts[self.branch[pixels]] = pixels  # of several the last one stays, which comes first in reading order
        return starts

    def order(self, number: int) -> list[int]:
        """Return a branch's pixels, as indices into ``pixels``, from one end to the other or once around a ring."""
        start = here = int(self.starts[number])
        before, order = NONE, [start]
        while True:
            one, other = self._neighbours[here]
            here, before = (other if one in (NONE, before) else one), here
            if here in (NONE, start):
                return order
            order.append(here)

    def path(self, number: int) -> Ints:
        """Return a branch's rows and columns, (N, 2), each pixel the neighbour of the one before."""
        return self.pixels[self.order(number)]

    @cached_property
    def touching(self) -> dict[int, list[int]]:
        """The junctions beside a branch's pixel, for the pixels that have any: one, or two beside a branch of one."""
        touching: dict[int, list[int]] = {}
        is_first = self.branch[self._across[:, 0]] != NONE
        pixels, others = np.where(is_first, self._across.T, self._across.T[::-1])
        for pixel, junction in zip(pixels.tolist(), self.junction[others].tolist(), strict=True):
            touching.setdefault(pixel, []).append(junction)
        return touching

    @cached_property
    def _ends(self) -> Ints:
        degree = np.bincount(self._within.ravel(), minlength=len(self.pixels))
        return np.flatnonzero((self.branch != NONE) & (degree < 2))

    @cached_property
    def _neighbours(self) -> list[list[int]]:
        """The two neighbours of each pixel within its branch, ``NONE`` where it has fewer."""
        pairs = self._within[self.branch[self._within[:, 0]] != NONE]
        pixels, others = pairs.ravel(), pairs[:, ::-1].ravel()
        neighbours = np.full((len(self.pixels), 2), NONE)
        neighbours[pixels[::-1], 0], neighbours[pixels, 1] = others[::-1], others  # of two the last one stays
        neighbours[neighbours[:, 0] == neighbours[:, 1], 1] = NONE
        return neighbours.tolist()


def longest_path(skeleton: Mask) -> NDArray[np.intp] | None:
    """Return the longest branch of a skeleton, in path order; see ``Branches``.

    Parameters
    ----------
    skeleton : (H, W) bool, one pixel wide

    Returns
    -------
    (N, 2) int, rows and columns, each the neighbour of the one before; None for an empty skeleton.
    """
    branches = Branches(skeleton)
    return branches.path(int(np.argmax(branches.lengths))) if len(branches) else None


def path_through(skeleton: Mask, pixel: tuple[int, int], length: int) -> NDArray[np.intp]:
    """Follow a skeleton in both directions from one of its pixels, so that the pixel is in the middle if possible.

    A junction does not end the way: of three or more arms it takes the two that go on the furthest; of arms alike,
    those that come first in reading order.

    Parameters
    ----------
    skeleton : (H, W) bool, one pixel wide
    pixel : row and column of one of its pixels
    length : pixels of the path at most, at least 1

    Returns
    -------
    (N, 2) int, rows and columns, each the neighbour of the one before, none twice; ``pixel`` is one of them.
    """
    corner = np.maximum(np.array(pixel) - length, 0)
    bottom, right = np.array(pixel) + length + 1
    near = skeleton[corner[0] : bottom, corner[1] : right]
    pixels, pairs = adjacency(near)
    neighbours: list[list[int]] = [[] for _ in pixels]
    for start, end in pairs.tolist():
        neighbours[start].append(end)
        neighbours[end].append(start)
    middle = int(np.flatnonzero((pixels == np.array(pixel) - corner).all(axis=1))[0])
    arms = sorted(_arms(neighbours, middle, length - 1), key=len, reverse=True)
    one, other = [*arms, [], []][:2]
    ahead = min(len(one), max(length // 2, length - 1 - len(other)))
    behind = min(len(other), length - 1 - ahead)
    return pixels[[*one[:ahead][::-1], middle, *other[:behind]]] + corner


def _arms(neighbours: list[list[int]], start: int, reach: int) -> list[list[int]]:
    """List a shortest way to the furthest pixel, ``reach`` steps at most, for each way to leave ``start``."""
    ways: dict[int, list[int]] = {start: []}
    furthest: dict[int, list[int]] = {}
    waiting = deque([start])
    while waiting:
        here = waiting.popleft()
        for near in sorted(neighbours[here]):
            if near not in ways and len(ways[here]) < reach:
                ways[near] = [*ways[here], near]
                furthest[ways[near][0]] = ways[near]
                waiting.append(near)
    return list(furthest.values())


def adjacency(skeleton: Mask) -> tuple[Ints, Ints]:
    """Return a skeleton's pixels in reading order, (N, 2), and each pair of neighbours once, (M, 2) indices of them.

    Diagonal pixels are neighbours only where no straight way joins them.
    """
    height, width = np.add(skeleton.shape, 2).tolist()
    line = np.zeros(height * width, bool)
    line.reshape(height, width)[1:-1, 1:-1] = skeleton
    places = np.flatnonzero(line)
    index = np.empty(line.size, np.int32)  # what is not line is never looked up
    index[places] = np.arange(len(places), dtype=np.int32)
    pairs = []
    for step, between in ((1, ()), (width, ()), (width + 1, (1, width)), (width - 1, (-1, width))):
        joined = line[places + step]
        for side in between:
            joined &= ~line[places + side]
        start = np.flatnonzero(joined)
        pairs.append(np.column_stack([start, index[places[start] + step]]))
    return np.column_stack(np.divmod(places, width)) - 1, np.concatenate(pairs).astype(np.intp)
