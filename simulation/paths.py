"""Skeletons as paths: cut at junctions, the longest piece, its pixels in the order in which a pen meets them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from data.regions import Shape, shape_of
from metrics.masks import Mask

_STRAIGHT, _DIAGONAL = ((0, 1), (1, 0)), ((1, 1), (1, -1))


def longest_path(skeleton: Mask) -> NDArray[np.intp] | None:
    """Return the longest junction-free piece of a skeleton, in path order.

    Pixels with three or more neighbours are junctions and belong to no piece. Diagonal pixels count as neighbours only
    where no straight way joins them, so the inner pixel of a corner is no junction. End points, dots and rings are
    pieces like any other.

    Parameters
    ----------
    skeleton : (H, W) bool, one pixel wide

    Returns
    -------
    (N, 2) int, rows and columns, each the neighbour of the one before; None for an empty skeleton.
    """
    pixels = np.argwhere(skeleton)
    if not len(pixels):
        return None
    pairs = _neighbour_pairs(pixels, shape_of(skeleton))
    degree = np.bincount(pairs.ravel(), minlength=len(pixels))
    open_pixels = degree <= 2  # never none: the first pixel of the top row has no more neighbours
    pairs = pairs[open_pixels[pairs].all(axis=1)]
    graph = coo_array((np.ones(len(pairs), np.int8), (pairs[:, 0], pairs[:, 1])), shape=(len(pixels),) * 2)
    piece = connected_components(graph, directed=False)[1]
    longest = np.argmax(np.bincount(piece[open_pixels]))
    return pixels[_walk(pairs[piece[pairs[:, 0]] == longest], np.flatnonzero((piece == longest) & open_pixels))]


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


def _walk(pairs: NDArray[np.intp], members: NDArray[np.intp]) -> list[int]:
    """Order a piece's pixels from one end to the other, or once around a ring."""
    neighbours: dict[int, list[int]] = {int(member): [] for member in members}
    for one, other in pairs.tolist():
        neighbours[one].append(other)
        neighbours[other].append(one)
    ends = [member for member, near in neighbours.items() if len(near) < 2]
    here: int | None = ends[0] if ends else int(members[0])
    order: dict[int, None] = {}
    while here is not None:
        order[here] = None
        here = next((near for near in neighbours[here] if near not in order), None)
    return list(order)
