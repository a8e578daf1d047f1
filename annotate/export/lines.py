"""A drawing as vectors: smooth lines with widths, dots, and filled areas."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from annotate.export.areas import filled_areas
from annotate.export.curves import Curve, Points, Way, fitted, smoothed
from annotate.export.middles import Radii, at_points, measured
from data.regions import shape_of
from lines.graph import Chain, SkeletonGraph
from metrics.masks import Mask
from metrics.thinning import thin

TOLERANCE = 0.25  # pixels of the drawing between a centre line and the curve drawn for it
WIDTH_TOLERANCE = 0.2  # of a line's radius, by which it may vary before another width begins
LEAST_WIDTH_TOLERANCE = 0.25  # pixels of radius, likewise: a narrow line's edge is ragged
CAP = 0.25  # of the radius: what is taken off a free end, where the skeleton strays into a corner of it
ARM = 12  # points of a line that tell where it goes on at its end
LONG = 1.5  # a speck so many times as long as broad is a short line, a rounder one a dot


@dataclass(frozen=True, eq=False)
class Line:
    """A pen's line of one width, with round ends.

    Parameters
    ----------
    curve : (N, 4, 2), rows and columns of the control points of N cubic Bezier segments, one after the other
    width : of the pen
    closed : a ring
    """

    curve: Curve
    width: float
    closed: bool = False


@dataclass(frozen=True)
class Dot:
    """A round spot."""

    centre: tuple[float, float]
    radius: float


@dataclass(frozen=True, eq=False)
class Area:
    """A filled area: closed outlines, those of holes among them."""

    outlines: tuple[Curve, ...]


@dataclass(frozen=True)
class LineArt:
    """A whole drawing; in pixels, whose centres have whole coordinates, unless ``scaled``.

    Parameters
    ----------
    height, width : of the canvas
    """

    height: float
    width: float
    lines: tuple[Line, ...]
    dots: tuple[Dot, ...]
    areas: tuple[Area, ...]

    def scaled(self, factor: float) -> LineArt:
        """Return it in another unit, ``factor`` of which make a pixel, measured from the canvas's upper left corner."""
        return LineArt(
            self.height * factor,
            self.width * factor,
            tuple(replace(line, curve=(line.curve + 0.5) * factor, width=line.width * factor) for line in self.lines),
            tuple(
                Dot(((dot.centre[0] + 0.5) * factor, (dot.centre[1] + 0.5) * factor), dot.radius * factor)
                for dot in self.dots
            ),
            tuple(Area(tuple((outline + 0.5) * factor for outline in area.outlines)) for area in self.areas),
        )


def line_art(drawing: Mask, tolerance: float = TOLERANCE) -> LineArt:
    """Trace a drawing.

    Lines follow the middles of what is drawn. They run on through junctions where they go straight, other lines end on
    them; one that is not as wide all along is cut where its width changes.

    Parameters
    ----------
    drawing : (H, W) bool
    tolerance : pixels that a curve may stray from the smoothed middle
    """
    height, width = shape_of(drawing)
    rows, columns = (np.flatnonzero(drawing.any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return LineArt(height, width, (), (), ())
    corner = np.array([rows[0], columns[0]])
    part = np.ascontiguousarray(drawing[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    framed = np.pad(part, 1).view(np.uint8)
    deep = cv2.distanceTransform(framed, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)[1:-1, 1:-1]
    distance = np.asarray(deep, np.float32)
    centre = thin(part)
    areas, inside = filled_areas(part, distance, centre)
    graph = SkeletonGraph(centre & ~inside, distance)
    chains = [_without_caps(chain, distance) for chain in graph.chains() if _long_enough(chain, distance)]
    joined = _joined(chains, measured(chains, centre, part, distance), graph)
    lines = _lines([_to_tips(*pair, chain, part) for pair, chain in zip(joined, chains, strict=True)], tolerance)
    specks, dots = _specks(part, chains, inside)
    return LineArt(
        height,
        width,
        lines=tuple(replace(line, curve=line.curve + corner) for line in (*lines, *specks)),
        dots=tuple(Dot((dot.centre[0] + corner[0], dot.centre[1] + corner[1]), dot.radius) for dot in dots),
        areas=tuple(Area(tuple(curve + corner for curve in _outlines(area, tolerance))) for area in areas),
    )


def _lines(ways: Sequence[tuple[Way, Radii]], tolerance: float) -> list[Line]:
    """Fit curves to ways, parted where their widths change."""
    cuts = [_width_changes(radius) for _, radius in ways]
    curves = fitted([way for way, _ in ways], cuts, tolerance)
    return [
        Line(curve, 2 * float(part.mean()), closed=way.closed and not len(cut))
        for (way, radius), cut, pieces in zip(ways, cuts, curves, strict=True)
        for curve, part in zip(pieces, np.split(radius, cut), strict=True)
    ]


def _outlines(ways: Sequence[Way], tolerance: float) -> list[Curve]:
    return [curve for (curve,) in fitted(ways, [_NO_CUT] * len(ways), tolerance)]


_NO_CUT: NDArray[np.intp] = np.empty(0, np.intp)


def _long_enough(chain: Chain, distance: NDArray[np.float32]) -> bool:
    """Whether a chain is a line; a chain that is shorter than wide and joins no other is a speck."""
    if chain.closed or max(chain.nodes) >= 0:
        return len(chain.points) > 0
    length = float(np.linalg.norm(np.diff(chain.points, axis=0), axis=1).sum())
    return length > float(np.median(at_points(distance, chain.points)))


def _without_caps(chain: Chain, distance: NDArray[np.float32]) -> Chain:
    """Cut free ends a little (``_to_tips`` extends them again) so that widths are not measured in their round caps."""
    if chain.closed:
        return chain
    count = len(chain.points)
    counts, ends = chain.counts.copy(), [0, count]
    for end, node in enumerate(chain.nodes):
        if node < 0:
            radius = float(at_points(distance, chain.points[[-end]])[0])
            cap, off = (min(int(reach) + 1, (count - 1) // 3) for reach in (radius, CAP * radius))
            counts[count - cap if end else 0 : count if end else cap] = False
            ends[end] += -off if end else off
    kept = slice(*ends)
    return replace(chain, points=chain.points[kept], counts=counts[kept], turns=chain.turns[kept])


def _joined(
    chains: Sequence[Chain], lines: Sequence[tuple[Points, Radii]], graph: SkeletonGraph
) -> list[tuple[Way, Radii]]:
    """Smooth all lines; those that end at a junction are led to the line that runs through it, or to its middle."""
    passing: dict[int, list[Points]] = defaultdict(list)
    for chain, (points, _) in zip(chains, lines, strict=True):
        if chain.passed:
            way = smoothed(points, closed=chain.closed, turns=chain.turns)
            for node in chain.passed:
                passing[node].append(way.points)
    joined = []
    for chain, (points, radius) in zip(chains, lines, strict=True):
        turns = chain.turns
        for end, node in enumerate(chain.nodes):
            if node >= 0:
                target = _meeting_point(points[:: -1 if end else 1], graph.centres[node], passing[node])
                points = np.vstack([points, target] if end else [target, points])
                radius = np.append(radius, radius[-1]) if end else np.append(radius[0], radius)
                turns = np.append(turns, False) if end else np.append(False, turns)
        way = smoothed(points, closed=chain.closed, turns=turns)
        joined.append((way, _carried_over(points, radius, way)))
    return joined


def _meeting_point(arm: Points, centre: Points, lines: Sequence[Points]) -> Points:
    """Return where an arm that begins near a junction meets the lines that run through it, or its middle."""
    if not lines:
        return centre
    through = np.concatenate(lines)
    back = arm[0] - arm[min(len(arm) - 1, ARM)]
    size = float(np.linalg.norm(back))
    way = float(np.linalg.norm(centre - arm[0]))
    expected = arm[0] + back / size * way if size > 0 else centre
    near = through[np.linalg.norm(through - centre, axis=1).argsort()[:64]]
    return np.asarray(near[np.linalg.norm(near - expected, axis=1).argmin()])


def _carried_over(points: Points, values: Radii, way: Way) -> Radii:
    """Interpolate values at points for the points of the way that was made of them."""
    if way.closed:
        shift = int(np.linalg.norm(points - way.points[0], axis=1).argmin())
        points, values = np.roll(points, -shift, axis=0), np.roll(values, -shift)
        points, values = np.vstack([points, points[:1]]), np.append(values, values[0])
    along, wanted = (
        np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))]) for line in (points, way.points)
    )
    return np.interp(wanted / max(wanted[-1], 1e-9), along / max(along[-1], 1e-9), values)


def _to_tips(way: Way, radius: Radii, chain: Chain, drawing: Mask) -> tuple[Way, Radii]:
    """Move free ends so that the pen's round end reaches as far as the drawing does."""
    points, corners = way.points, way.corners
    for end, node in enumerate(chain.nodes):
        if node >= 0 or chain.closed:
            continue
        forwards = slice(None, None, 1 if end else -1)
        points, radius = points[forwards], radius[forwards]
        pen, direction = radius[-1], points[-1] - points[max(-ARM, -len(points))]
        direction = direction / max(float(np.linalg.norm(direction)), 1e-9)
        ahead = points[-1] + np.arange(0, 3 * pen + 2, 0.25)[:, None] * direction
        off = ~_inside(drawing, ahead)
        tip = (float(off.argmax()) if off.any() else float(len(off))) * 0.25 - 0.125
        further = tip - pen
        if further > 0:
            count = max(1, round(further))
            more = points[-1] + np.arange(1, count + 1)[:, None] * (further / count) * direction
            points, radius = np.vstack([points, more]), np.append(radius, np.full(len(more), pen))
            if not end:
                corners = corners + len(more)
        elif further < -0.5:
            cut = min(round(-further), (len(points) - 2) // 2)
            points, radius = points[: len(points) - cut], radius[: len(radius) - cut]
            if not end:
                corners = corners - cut
        points, radius = points[forwards], radius[forwards]
    corners = corners[(corners > 0) & (corners < len(points) - 1)]
    return Way(points, corners, way.closed), radius


def _inside(drawing: Mask, points: Points) -> Mask:
    """Return which points lie on the drawing."""
    within = ((points > -0.5) & (points < np.array(drawing.shape) - 0.5)).all(axis=1)
    return np.asarray(within & at_points(drawing, points))


def _width_changes(radius: Radii) -> NDArray[np.intp]:
    """Return where another width has to begin, as few places as the tolerance allows."""
    cuts: list[int] = []
    begun, low, high = 0, float(radius[0]), float(radius[0])
    for place, value in enumerate(radius.tolist()):
        low, high = min(low, value), max(high, value)
        middle = (low + high) / 2
        if high - middle > max(LEAST_WIDTH_TOLERANCE, WIDTH_TOLERANCE * middle):
            if min(place - begun, len(radius) - place) > 2 * middle:
                cuts.append(place)
                begun, low, high = place, value, value
            elif not cuts or begun != cuts[-1]:
                low = high = value
    return np.array(cuts, np.intp)


def _specks(drawing: Mask, chains: Sequence[Chain], inside: Mask) -> tuple[list[Line], list[Dot]]:
    """Draw the parts that no line covers: round specks as dots, long ones as straight lines."""
    count, labels = cv2.connectedComponents(drawing.view(np.uint8), connectivity=8)
    left = np.ones(count, bool)
    left[0] = False
    left[labels[inside]] = False
    for chain in chains:
        left[labels[_places(chain.points)]] = False
    lines, dots = [], []
    rows, columns = np.nonzero(left[labels]) if left.any() else (_NO_CUT, _NO_CUT)
    order = np.argsort(labels[rows, columns], kind="stable")
    pixels = np.column_stack([rows, columns])[order].astype(float)
    starts = np.flatnonzero(np.diff(labels[rows, columns][order])) + 1
    for part in np.split(pixels, starts) if len(pixels) else ():
        middle = part.mean(axis=0)
        spread, axes = np.linalg.eigh((part - middle).T @ (part - middle) / len(part) + np.eye(2) / 12)
        broad, long = np.sqrt(12 * spread)  # sides of the rectangle that is spread as much
        if long < LONG * broad:
            dots.append(Dot((float(middle[0]), float(middle[1])), float(np.sqrt(len(part) / np.pi))))
        else:
            reach = (long - broad) / 2 * axes[:, 1]
            ends = np.linspace(middle - reach, middle + reach, 4)
            lines.append(Line(ends[None], float(broad)))
    return lines, dots


def _places(points: Points) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    row, column = np.floor(points + 0.5).astype(np.intp).T
    return row, column
