"""Skeletons as paths: cut at junctions or led through a pixel, their pixels in the order in which a pen meets them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from data.regions import Shape, shape_of
from metrics.masks import Mask

_STRAIGHT, _DIAGONAL = ((0, 1), (1, 0)), ((1, 1), (1, -1))
_JUNCTION = -1


class Branches:
    """A skeleton's junction-free pieces.

    Pixels with three or more neighbours are junctions and belong to no piece. Diagonal pixels count as neighbours only
    where no straight way joins them, so the inner pixel of a corner is no junction. End points, dots and rings are
    pieces like any other; only an empty skeleton has none.

    Parameters
    ----------
    skeleton : (H, W) bool, one pixel wide
    """

    def __init__(self, skeleton: Mask) -> None:
        self._pixels = np.argwhere(skeleton)
        count = len(self._pixels)
        self._piece = np.full(count, _JUNCTION, np.intp)
        pairs = _neighbour_pairs(self._pixels, shape_of(skeleton))
        open_pixels = np.bincount(pairs.ravel(), minlength=count) <= 2
        self._pairs = pairs[open_pixels[pairs].all(axis=1)]
        if count:
            ones = np.ones(len(self._pairs), np.int8)
            graph = coo_array((ones, (self._pairs[:, 0], self._pairs[:, 1])), shape=(count, count))
            label = connected_components(graph, directed=False)[1]
            self._piece[open_pixels] = np.unique(label[open_pixels], return_inverse=True)[1]

    def __len__(self) -> int:
        return len(self.lengths)

    @cached_property
    def lengths(self) -> NDArray[np.intp]:
        """Pixels of each piece, (number of pieces,)."""
        return np.bincount(self._piece[self._piece != _JUNCTION])

    def path(self, number: int) -> NDArray[np.intp]:
        """Return a piece's rows and columns, (N, 2), each pixel the neighbour of the one before."""
        pairs = self._pairs[self._piece[self._pairs[:, 0]] == number]
        return self._pixels[_walk(pairs, np.flatnonzero(self._piece == number))]


def longest_path(skeleton: Mask) -> NDArray[np.intp] | None:
    """Return the longest junction-free piece of a skeleton, in path order; see ``Branches``.

    Parameters
    ----------
    skeleton : (H, W) bool, one pixel wide

    Returns
    -------
    (N, 2) int, rows and columns, each the neighbour of the one before; None for an empty skeleton.
    """
    pieces = Branches(skeleton)
    return pieces.path(int(np.argmax(pieces.lengths))) if len(pieces) else None


def path_through(skeleton: Mask, pixel: tuple[int, int], length: int) -> NDArray[np.intp]:
    """Follow a skeleton both ways from one of its pixels, the pixel in the middle as far as the skeleton goes.

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
    pixels = np.argwhere(near)
    neighbours = _neighbours(_neighbour_pairs(pixels, shape_of(near)).tolist(), range(len(pixels)))
    middle = int(np.flatnonzero((pixels == np.array(pixel) - corner).all(axis=1))[0])
    arms = sorted(_arms(neighbours, middle, length - 1), key=len, reverse=True)
    one, other = [*arms, [], []][:2]
    ahead = min(len(one), max(length // 2, length - 1 - len(other)))
    behind = min(len(other), length - 1 - ahead)
    return pixels[[*one[:ahead][::-1], middle, *other[:behind]]] + corner


def _arms(neighbours: dict[int, list[int]], start: int, reach: int) -> list[list[int]]:
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


def _neighbour_pairs(pixels: NDArray[np.intp], shape: Shape) -> NDArray[np.intp]:
    """List each pair of neighbouring pixels once, as (M, 2) indices into ``pixels``."""
    index = np.full((shape[0] + 2, shape[1] + 2), -1, np.intp)
    row, column = pixels.T + 1
    index[row, column] = np.arange(len(pixels))
    pairs = []
    for down, right in _STRAIGHT + _DIAGONAL:
        other = index[row + down, column + right]
        joined = other >= 0
        if down and right:
            joined &= (index[row + down, column] < 0) & (index[row, column + right] < 0)
        pairs.append(np.column_stack([np.flatnonzero(joined), other[joined]]))
    return np.concatenate(pairs)


def _neighbours(pairs: list[list[int]], members: Iterable[int]) -> dict[int, list[int]]:
    neighbours: dict[int, list[int]] = {member: [] for member in members}
    for one, other in pairs:
        neighbours[one].append(other)
        neighbours[other].append(one)
    return neighbours


def _walk(pairs: NDArray[np.intp], members: NDArray[np.intp]) -> list[int]:
    """Order a piece's pixels from one end to the other, or once around a ring."""
    neighbours = _neighbours(pairs.tolist(), members.tolist())
    ends = [member for member, near in neighbours.items() if len(near) < 2]
    here: int | None = ends[0] if ends else int(members[0])
    order: dict[int, None] = {}
    while here is not None:
        order[here] = None
        here = next((near for near in neighbours[here] if near not in order), None)
    return list(order)
