"""The pixels of a skeleton: which are neighbours, which are junctions, and the pieces between those."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from metrics.masks import Mask

Points = NDArray[np.float64]
FREE, RING = -1, -2  # in place of a node: nothing there, or the piece's own other end


@dataclass(eq=False)
class Edge:
    """A junction-free piece: pixels (N, 2) in order, and the nodes at its ends, or ``FREE`` or ``RING``."""

    pixels: NDArray[np.intp]
    nodes: tuple[int, int]

    @property
    def length(self) -> float:
        """Pixels along it, diagonal steps as what they are."""
        return float(np.linalg.norm(np.diff(self.pixels, axis=0), axis=1).sum()) + 1

    def from_end(self, end: int) -> NDArray[np.intp]:
        """Return its pixels, beginning at an end."""
        return self.pixels[::-1] if end else self.pixels


def adjacency(skeleton: Mask) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the pixels (N, 2), and each pair of neighbours once, (M, 2); diagonal only where no straight way joins."""
    framed = np.pad(skeleton, 1)
    width = framed.shape[1]
    line = framed.reshape(-1)
    places = np.flatnonzero(line)
    index = np.full(line.size, -1, np.int32)
    index[places] = np.arange(len(places), dtype=np.int32)
    pairs = []
    for step, between in ((1, ()), (width, ()), (width + 1, (1, width)), (width - 1, (-1, width))):
        joined = line[places + step]
        for side in between:
            joined &= ~line[places + side]
        start = np.flatnonzero(joined)
        pairs.append(np.column_stack([start, index[places[start] + step]]))
    return np.column_stack(np.divmod(places, width)) - 1, np.concatenate(pairs).astype(np.intp)


def junctions(pairs: NDArray[np.intp], is_junction: Mask) -> NDArray[np.intp]:
    """Number the clusters of neighbouring junction pixels; -1 for all others."""
    inside = pairs[is_junction[pairs].all(axis=1)]
    count = len(is_junction)
    graph = coo_array((np.ones(len(inside), np.int8), (inside[:, 0], inside[:, 1])), shape=(count, count))
    label = connected_components(graph, directed=False)[1]
    node = np.full(count, -1, np.intp)
    node[is_junction] = np.unique(label[is_junction], return_inverse=True)[1]
    return node


def walked_edges(pixels: NDArray[np.intp], pairs: NDArray[np.intp], node: NDArray[np.intp]) -> Iterator[Edge]:
    """Walk along all pieces between junctions and free ends, then around rings."""
    neighbours: list[list[int]] = [[] for _ in pixels]
    for one, other in pairs.tolist():
        neighbours[one].append(other)
        neighbours[other].append(one)
    of_node: list[int] = node.tolist()
    visited = node >= 0

    def walk(start: int) -> list[int]:
        order, here = [], start
        while True:
            order.append(here)
            visited[here] = True
            following = [near for near in neighbours[here] if not visited[near]]
            if not following:
                return order
            here = following[0]

    def end_of(pixel: int, other_end: int) -> int:
        """Return the node beside an end of a piece; of a piece of one pixel, the second if it is the last end."""
        beside = [of_node[near] for near in neighbours[pixel] if of_node[near] >= 0]
        if not beside:
            return FREE
        return beside[-1] if other_end and len(beside) > 1 else beside[0]

    inner = [number for number, near in enumerate(neighbours) if of_node[number] < 0]
    ends = [number for number in inner if sum(of_node[near] < 0 for near in neighbours[number]) < 2]
    for start in ends:
        if not visited[start]:
            order = walk(start)
            one_pixel = len(order) == 1
            if one_pixel and sum(of_node[near] >= 0 for near in neighbours[start]) == 1:
                yield Edge(pixels[order], (end_of(start, 0), FREE))
            else:
                yield Edge(pixels[order], (end_of(start, 0), end_of(order[-1], int(one_pixel))))
    for start in inner:
        if not visited[start]:
            yield Edge(pixels[walk(start)], (RING, RING))
