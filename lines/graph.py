"""A skeleton as chains: junctions become nodes, lines run on through them, spurs are pruned."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from lines.paths import NONE, Branches
from metrics.masks import Mask

Points = NDArray[np.float64]

FREE, RING = NONE, -2  # in place of a node: nothing there, or the edge's own other end
SPUR_RADII = 1.2  # a dead end no longer than so many radii of its junction is the ragged edge's, not the drawing's
BRIDGE_RADII = 1.3  # between two junctions: where thick lines cross, the skeleton parts and meets again
STRAIGHT = np.cos(np.deg2rad(50))  # two arms of a junction are one line if it turns by no more
KEPT_TURN = np.cos(np.deg2rad(30))  # and its pixels within the junction are dropped if by no more than this
UNCLEAR_RADII = 1.5  # from a junction: how wide its arms are cannot be told nearer to it
ARM = 8  # pixels of an arm, outside the junction, that tell its direction

End = tuple[int, int]  # number of an edge; 0 its first end, 1 its last


@dataclass(eq=False)
class Edge:
    """A branch: its pixels (N, 2) in order, and the nodes at its ends, or ``FREE`` or ``RING``."""

    pixels: NDArray[np.intp]
    nodes: tuple[int, int]

    @property
    def length(self) -> float:
        """Pixels along it, diagonal steps as what they are."""
        return float(np.linalg.norm(np.diff(self.pixels, axis=0), axis=1).sum()) + 1

    def from_end(self, end: int) -> NDArray[np.intp]:
        """Return its pixels, beginning at an end."""
        return self.pixels[::-1] if end else self.pixels


@dataclass(frozen=True)
class Chain:
    """A line from one end to the other, through junctions where it goes straight on.

    Parameters
    ----------
    points : (N, 2) rows and columns; without the pixels within junctions, which the lines that meet there displace
    counts : (N,) bool, where a point is a pixel well off the junctions, so that the line's width can be told there
    turns : (N,) bool, the corners that are known: junctions of two arms that it goes around sharply
    nodes : the junctions at its two ends; -1 where it is free
    passed : the junctions that it runs through
    closed : a ring
    """

    points: Points
    counts: Mask
    turns: Mask
    nodes: tuple[int, int]
    passed: tuple[int, ...]
    closed: bool


@dataclass
class SkeletonGraph:
    """The nodes and edges of a skeleton, and how lines run through them.

    Parameters
    ----------
    skeleton : (H, W) bool, one pixel wide
    distance : (H, W), from each pixel of the drawing to the nearest off it
    """

    skeleton: Mask
    distance: NDArray[np.float32]
    centres: Points = field(init=False)
    radii: NDArray[np.float64] = field(init=False)
    edges: dict[int, Edge] = field(init=False)
    tips: dict[int, Points] = field(init=False)  # from a node to the corner that two thick lines make there

    def __post_init__(self) -> None:
        branches = Branches(self.skeleton)
        pixels, node = branches.pixels, branches.junction
        count = int(node.max(initial=-1)) + 1
        of_node = np.flatnonzero(node >= 0)
        members = np.maximum(np.bincount(node[of_node], minlength=count), 1)
        self.centres = np.column_stack(
            [np.bincount(node[of_node], pixels[of_node, axis], minlength=count) / members for axis in (0, 1)]
        )
        self.radii = np.zeros(count)
        np.maximum.at(self.radii, node[of_node], self.distance[tuple(pixels[of_node].T)])
        self.edges = dict(enumerate(_edges(branches)))
        self._prune()
        self._contract()
        self._through = self._pair()

    def chains(self) -> list[Chain]:
        """Return all lines."""
        left = dict.fromkeys(self.edges)
        chains = []
        starts = [(number, end) for number in self.edges for end in (0, 1) if (number, end) not in self._through]
        for start in [*starts, *((number, 0) for number in self.edges)]:  # what has no end is a ring
            if start[0] in left:
                way = list(self._follow(start))
                for number, _ in way:
                    del left[number]
                chains.append(self._chain(way))
        return chains

    def _follow(self, start: End) -> Iterator[End]:
        """Yield the edges of a line, each with the end at which it is entered."""
        at: End | None = start
        while at is not None:
            yield at
            at = self._through.get((at[0], 1 - at[1]))
            if at is not None and at[0] == start[0]:
                return

    def _chain(self, way: list[End]) -> Chain:
        first, last = way[0], way[-1]
        closed = self._through.get((last[0], 1 - last[1])) == first or self.edges[first[0]].nodes[0] == RING
        ends = first, (last[0], 1 - last[1])
        parts = [self._points(end, enters=closed or end != first, leaves=closed or end != last) for end in way]
        points, counts, turns = (np.concatenate(part) for part in zip(*parts, strict=True))
        met = [self._node((number, 1 - end)) for number, end in (way if closed else way[:-1])]
        return Chain(
            points,
            counts,
            turns,
            nodes=(FREE, FREE) if closed else (self._node(ends[0]), self._node(ends[1])),
            passed=tuple(node for node in met if node >= 0),
            closed=closed,
        )

    def _points(self, end: End, *, enters: bool, leaves: bool) -> tuple[Points, Mask, Mask]:
        """Return an edge's points from an end on, and which of them count and turn, as ``Chain`` has them.

        What lies within a junction is left out; but where the line goes around a corner there (``enters`` and
        ``leaves`` say whether it goes on at the two ends), it is kept, and the corner itself comes behind it.
        """
        number, side = end
        points = self.edges[number].from_end(side).astype(float)
        counts, turns, kept = np.ones(len(points), bool), np.zeros(len(points), bool), np.ones(len(points), bool)
        corner: Points | None = None
        for reached, goes_on in ((end, enters), ((number, 1 - side), leaves)):
            node = self._node(reached)
            if node < 0:
                continue
            away = np.linalg.norm(points - self.centres[node], axis=1) / self.radii[node]
            counts &= away > UNCLEAR_RADII
            if not goes_on or self._goes_straight(reached):
                kept &= away > 1
            elif reached != end:
                corner = self.centres[node] + self.tips.get(node, 0)
        if not kept.any():
            kept[len(kept) // 2] = True
        points, counts, turns = points[kept], counts[kept], turns[kept]
        if corner is None:
            return points, counts, turns
        return np.vstack([points, corner]), np.append(counts, False), np.append(turns, True)

    def _node(self, end: End) -> int:
        return self.edges[end[0]].nodes[end[1]]

    def _ends_at(self) -> dict[int, list[End]]:
        """List the ends of edges at each node."""
        ends: dict[int, list[End]] = defaultdict(list)
        for number, edge in self.edges.items():
            for end in (0, 1):
                if edge.nodes[end] >= 0:
                    ends[edge.nodes[end]].append((number, end))
        return ends

    def _prune(self) -> None:
        """Take away spurs: dead ends that the drawing's ragged edge makes, and the outer sides of corners."""
        self.tips = {}
        for number, edge in list(self.edges.items()):
            if sorted(node >= 0 for node in edge.nodes) == [False, True]:
                node = max(edge.nodes)
                if edge.length < SPUR_RADII * self.radii[node]:
                    del self.edges[number]
                    end = edge.pixels[0 if edge.nodes[0] < 0 else -1]
                    self.tips[node] = end + 0.0
        ends = self._ends_at()
        for node, end in list(self.tips.items()):
            arms = [float(np.median(self.distance[tuple(self.edges[number].pixels.T)])) for number, _ in ends[node]]
            way = end - self.centres[node]
            size = float(np.linalg.norm(way))
            tip = size + float(self.distance[tuple(end.astype(int))])
            further = max(0.0, tip - min(arms, default=tip))  # so that the pen's round end is the tip
            self.tips[node] = way / max(size, 1e-9) * min(further, size)

    def _contract(self) -> None:
        """Make one node of those that bridges no longer than the lines are wide join."""
        bridges = [
            (number, edge.nodes)
            for number, edge in self.edges.items()
            if min(edge.nodes) >= 0 and edge.length <= BRIDGE_RADII * max(self.radii[list(edge.nodes)])
        ]
        if not bridges:
            return
        one, other = np.array([nodes for _, nodes in bridges]).T
        count = len(self.radii)
        graph = coo_array((np.ones(len(bridges), np.int8), (one, other)), shape=(count, count))
        number_of, into = connected_components(graph, directed=False)
        members = np.bincount(into)
        centres = np.column_stack([np.bincount(into, self.centres[:, axis]) / members for axis in (0, 1)])
        reach = np.linalg.norm(self.centres - centres[into], axis=1) + self.radii
        self.tips = {int(into[node]): tip for node, tip in self.tips.items() if members[into[node]] == 1}
        self.centres, self.radii = centres, np.zeros(number_of)
        np.maximum.at(self.radii, into, reach)
        for number, _ in bridges:
            del self.edges[number]
        for edge in self.edges.values():
            first, last = (int(into[node]) if node >= 0 else node for node in edge.nodes)
            edge.nodes = first, last

    def _pair(self) -> dict[End, End]:
        """Match the arms of each node that are one line, straightest first; two alone are one, however they turn."""
        through: dict[End, End] = {}
        for node, ends in self._ends_at().items():
            directions = [self._direction(end, node) for end in ends]
            turns = sorted(
                (float(np.dot(directions[one], directions[other])), one, other)
                for one in range(len(ends))
                for other in range(one + 1, len(ends))
            )
            for along, one, other in turns:
                free = ends[one] not in through and ends[other] not in through
                if free and (len(ends) == 2 or along <= -STRAIGHT):
                    through[ends[one]], through[ends[other]] = ends[other], ends[one]
        return through

    def _goes_straight(self, end: End) -> bool:
        node, other = self._node(end), self._through[end]
        return float(np.dot(self._direction(end, node), self._direction(other, node))) <= -KEPT_TURN

    def _direction(self, end: End, node: int) -> Points:
        """Return the unit vector in which an edge leaves a node."""
        pixels = self.edges[end[0]].from_end(end[1])
        start = min(int(self.radii[node]), max(0, len(pixels) - 2))
        arm = pixels[start : start + ARM]
        way = arm[-1] - arm[0] if len(arm) > 1 else arm[0] - self.centres[node]
        return np.asarray(way / max(float(np.linalg.norm(way)), 1e-9))


def _edges(branches: Branches) -> Iterator[Edge]:
    """Make an edge of each branch, rings last, each in the reading order of where it begins."""
    for number in np.lexsort((branches.starts, branches.is_ring)).tolist():
        order = branches.order(number)
        first, last = ([*branches.touching.get(end, ()), FREE, FREE][:2] for end in (order[0], order[-1]))
        nodes = (RING, RING) if branches.is_ring[number] else (first[0], last[len(order) == 1])
        yield Edge(branches.pixels[order], nodes)
