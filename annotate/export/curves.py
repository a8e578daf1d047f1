"""Smooth curves through points: staircases evened out, corners kept, Bezier segments fitted within a tolerance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, maximum_filter1d

SIGMA = 3.0  # of the smoothing, in points along the way
COARSER = (6.0, 12.0, 24.0)  # where that changes little: the steps of a nearly upright line are long
LITTLE = 0.45  # pixels
REACH = 6  # points before and after one, whose directions tell a corner from a bend
CORNER = np.cos(np.deg2rad(65))  # sharper turns are corners
SAMPLES = 17  # points of a segment that its fit is measured at
LONGEST = 96  # points in a segment, so that no wiggle lies between two samples
SHORTEST = 3  # points; a segment as short is not split
ROUNDS = 3  # of Newton's method, which finds where on the curve a point belongs

Points = NDArray[np.float64]
Curve = Points  # (N, 4, 2): control points of N cubic Bezier segments, each beginning where the one before ends


@dataclass(frozen=True, eq=False)
class Way:
    """A smooth path with about one point a pixel.

    Parameters
    ----------
    points : (N, 2) rows and columns, N >= 2; the first point of a ring is repeated at the end
    corners : (M,) indices of the points at which it turns sharply
    closed : whether it is a ring
    """

    points: Points
    corners: NDArray[np.intp]
    closed: bool = False

    @property
    def length(self) -> float:
        """Pixels along it."""
        return float(np.linalg.norm(np.diff(self.points, axis=0), axis=1).sum())

    @cached_property
    def tangents(self) -> tuple[Points, Points]:
        """Unit directions (N, 2) in which it comes to each point, and in which it leaves; they differ at corners."""
        arriving = np.empty_like(self.points)
        parts = self._parts()
        leaving = np.empty_like(self.points)
        for start, stop in parts:
            part = self.points[start : stop + 1]
            around = self.closed and not len(self.corners)
            padded = np.pad(part[:-1], ((2, 3), (0, 0)), mode="wrap") if around else _mirrored(part, 2)
            direction = padded[4:] - padded[:-4]
            direction /= np.maximum(np.linalg.norm(direction, axis=1, keepdims=True), 1e-9)
            arriving[start + 1 : stop + 1] = direction[1:]
            leaving[start:stop] = direction[:-1]
        arriving[0], leaving[-1] = (arriving[-1], leaving[0]) if self.closed else (leaving[0], arriving[-1])
        return arriving, leaving

    def _parts(self) -> list[tuple[int, int]]:
        knots = np.unique([0, *self.corners.tolist(), len(self.points) - 1]).tolist()
        return list(pairwise(knots))


def smoothed(points: Points, *, closed: bool = False, turns: NDArray[np.bool_] | None = None) -> Way:
    """Even out the staircase of pixels; ends and corners stay where they are.

    A Gaussian is applied and what it took off is smoothed and put back, so that narrow bends do not shrink.

    Parameters
    ----------
    points : (N, 2), N >= 2, about a pixel apart
    closed : whether the last is followed by the first
    turns : (N,) which points are known to be corners; others are found
    """
    way = evenly(np.vstack([points, points[:1]]) if closed else points)
    known = (
        [int(np.linalg.norm(way - corner, axis=1).argmin()) for corner in points[turns]] if turns is not None else []
    )
    corners = _corners(way, known, closed)
    if closed and len(corners):  # begin at a corner, so that the ring is open parts only
        way = np.vstack([way[corners[0] : -1], way[: corners[0] + 1]])
        corners = np.unique([*(corners - corners[0]), len(way) - 1])
    parts = []
    knots = np.unique([0, *corners.tolist(), len(way) - 1])
    for start, stop in pairwise(knots.tolist()):
        part = way[start : stop + 1]
        if closed and not len(corners):
            even = _even(part[:-1], "wrap")
            parts.append(np.vstack([even, even[:1]]))
        else:
            margin = int(4 * COARSER[-1])
            even = _even(_mirrored(part, margin), "nearest")[margin:-margin]
            even[0], even[-1] = part[0], part[-1]
            parts.append(even[1:] if parts else even)
    return Way(np.concatenate(parts), corners, closed)


def evenly(points: Points) -> Points:
    """Return points along a polyline, the same distance of about 1 apart, ends kept; at least two."""
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    along = np.concatenate([[0], np.cumsum(steps)])
    wanted = np.linspace(0, along[-1], max(2, round(float(along[-1])) + 1))
    return np.column_stack([np.interp(wanted, along, points[:, axis]) for axis in (0, 1)])


def fitted(ways: Sequence[Way], cuts: Sequence[NDArray[np.intp]], tolerance: float) -> list[list[Curve]]:
    """Fit Bezier curves to ways, none of whose points is further off than a tolerance (about a pixel at ``SHORTEST``).

    All segments of all ways are fitted at once, by least squares for the lengths of their handles, which point along
    the way; those too far off are cut in two where they are worst, and fitted again.

    Parameters
    ----------
    ways : what to fit
    cuts : for each, inner points (indices) where one curve is to end and the next to begin
    tolerance : in the points' own unit

    Returns
    -------
    list of list of (N, 4, 2)
        For each way its curves, one more than it has cuts; smooth but for the way's corners.

    References
    ----------
    P. J. Schneider, "An algorithm for automatically fitting digitized curves", Graphics Gems, 1990.
    """
    if not ways:
        return []
    sizes = [len(way.points) for way in ways]
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    points = np.concatenate([way.points for way in ways])
    arriving, leaving = (np.concatenate([way.tangents[side] for way in ways]) for side in (0, 1))
    knots = [
        np.unique([0, *way.corners, *cut, size - 1]) + offset
        for way, cut, size, offset in zip(ways, cuts, sizes, offsets[:-1], strict=True)
    ]
    start = np.concatenate([part[:-1] for part in knots])
    stop = np.concatenate([part[1:] for part in knots])
    starts: list[NDArray[np.intp]] = []
    curves: list[Curve] = []
    while len(start):
        curve, worst, error = _fit(points, leaving[start], arriving[stop], start, stop)
        length = stop - start
        good = ((error <= tolerance) & (length <= LONGEST)) | (length <= SHORTEST)
        starts.append(start[good])
        curves.append(curve[good])
        start, stop, worst = start[~good], stop[~good], worst[~good]
        third = np.maximum((stop - start) // 4, 1)
        middle = np.clip(worst, start + third, stop - third)
        start, stop = np.concatenate([start, middle]), np.concatenate([middle, stop])
    begins = np.concatenate(starts)
    order = np.argsort(begins)
    begins, segments = begins[order], np.concatenate(curves)[order]
    result = []
    for cut, offset, end in zip(cuts, offsets[:-1], offsets[1:], strict=True):
        bounds = np.searchsorted(begins, [offset, *(np.asarray(cut, np.intp) + offset), end])
        result.append([segments[low:high] for low, high in pairwise(bounds.tolist())])
    return result


def flattened(curve: Curve, parts: int = 8) -> Points:
    """Return points (N * parts + 1, 2) on a curve, in its order."""
    at = np.linspace(0, 1, parts + 1)[:-1]
    inner = np.einsum("pk,nkd->npd", _bernstein(at), curve).reshape(-1, 2)
    return np.vstack([inner, curve[-1, 3:]])


def _fit(
    points: Points, leaving: Points, arriving: Points, start: NDArray[np.intp], stop: NDArray[np.intp]
) -> tuple[Curve, NDArray[np.intp], NDArray[np.float64]]:
    """Fit one segment from each start to its stop; also return the place and the size of the largest error of each."""
    place = start[:, None] + (stop - start)[:, None] * np.linspace(0, 1, SAMPLES)
    low = np.minimum(place.astype(np.intp), len(points) - 2)
    wanted = points[low] + (place - low)[..., None] * (points[low + 1] - points[low])
    first, last = points[start], points[stop]
    at = np.broadcast_to(np.linspace(0, 1, SAMPLES), place.shape)
    for _ in range(ROUNDS):
        curve = _with_handles(wanted, at, first, last, leaving, arriving)
        at = _nearest(curve, wanted, at)
    curve = _with_handles(wanted, at, first, last, leaving, arriving)
    off = np.linalg.norm(np.einsum("spk,skd->spd", _bernstein(at), curve) - wanted, axis=2)
    worst = off.argmax(axis=1)
    return curve, place[np.arange(len(place)), worst].astype(np.intp), off.max(axis=1)


def _with_handles(
    wanted: Points, at: NDArray[np.float64], first: Points, last: Points, leaving: Points, arriving: Points
) -> Curve:
    """Return the segments (S, 4, 2) between fixed ends whose handles fit points (S, P, 2) best, at given parameters."""
    weights = _bernstein(at)
    base = (weights[..., 0] + weights[..., 1])[..., None] * first[:, None]
    base = base + (weights[..., 2] + weights[..., 3])[..., None] * last[:, None]
    one = weights[..., 1, None] * leaving[:, None]
    two = -weights[..., 2, None] * arriving[:, None]
    rest = wanted - base
    a, b, c = ((x * y).sum(axis=(1, 2)) for x, y in ((one, one), (one, two), (two, two)))
    d, e = ((x * rest).sum(axis=(1, 2)) for x in (one, two))
    determinant = a * c - b * b
    usable = determinant > 1e-9
    safe = np.where(usable, determinant, 1)
    chord = np.linalg.norm(np.diff(wanted, axis=1), axis=2).sum(axis=1)
    handles = []
    for solution in ((d * c - e * b) / safe, (a * e - b * d) / safe):
        plausible = usable & (solution > 0.02 * chord) & (solution < chord)
        handles.append(np.where(plausible, solution, chord / 3)[:, None])
    return np.stack([first, first + handles[0] * leaving, last - handles[1] * arriving, last], axis=1)


def _nearest(curve: Curve, wanted: Points, at: NDArray[np.float64]) -> NDArray[np.float64]:
    """Move parameters (S, P) towards the curves' nearest points to what is wanted, a step of Newton's method."""
    speed = 3 * np.diff(curve, axis=1)
    bend = 2 * np.diff(speed, axis=1)
    one = np.stack([(1 - at) ** 2, 2 * at * (1 - at), at**2], axis=2)
    two = np.stack([1 - at, at], axis=2)
    off = np.einsum("spk,skd->spd", _bernstein(at), curve) - wanted
    velocity = np.einsum("spk,skd->spd", one, speed)
    acceleration = np.einsum("spk,skd->spd", two, bend)
    slope = (velocity**2).sum(axis=2) + (off * acceleration).sum(axis=2)
    step = (off * velocity).sum(axis=2) / np.where(slope > 1e-9, slope, np.inf)
    return np.clip(at - step, 0, 1)


def _bernstein(at: NDArray[np.float64]) -> NDArray[np.float64]:
    rest = 1 - at
    return np.stack([rest**3, 3 * at * rest**2, 3 * at**2 * rest, at**3], axis=-1)


def _even(points: Points, mode: str) -> Points:
    """Smooth points; the Gaussian is wider where it moves them little."""
    once = gaussian_filter1d(points, SIGMA, axis=0, mode=mode)
    fine = np.asarray(once + gaussian_filter1d(points - once, SIGMA, axis=0, mode=mode))
    result = fine
    for sigma in COARSER:
        coarse = gaussian_filter1d(fine, sigma, axis=0, mode=mode)
        off = maximum_filter1d(np.linalg.norm(coarse - fine, axis=1), int(4 * sigma) + 1, mode=mode)
        if (off <= LITTLE).any():
            share = gaussian_filter1d((off <= LITTLE).astype(float), sigma / 2, mode=mode)[:, None]
            result = result + share * (coarse - result)
    return result


def _mirrored(points: Points, margin: int) -> Points:
    """Extend a path beyond both ends by its point reflection about them."""
    return np.pad(points, ((margin, margin), (0, 0)), mode="reflect", reflect_type="odd")


def _corners(points: Points, known: list[int], closed: bool) -> NDArray[np.intp]:
    """Return the points where a way turns sharply, of those near each other the sharpest; first those known."""
    corners = [place for place in known if closed or 0 < place < len(points) - 1]
    if len(points) > 2 * REACH:
        padded = np.pad(points[:-1], ((REACH, REACH + 1), (0, 0)), mode="wrap") if closed else points
        back, ahead = padded[REACH:-REACH] - padded[: -2 * REACH], padded[2 * REACH :] - padded[REACH:-REACH]
        lengths = np.linalg.norm(back, axis=1) * np.linalg.norm(ahead, axis=1)
        straight = (back * ahead).sum(axis=1) / np.maximum(lengths, 1e-9)
        if closed:
            straight[-1] = 1  # the first point again
        for place in (np.argsort(straight, kind="stable") + (0 if closed else REACH)).tolist():
            if straight[place - (0 if closed else REACH)] >= CORNER:
                break
            if all(abs(place - other) > REACH for other in corners):
                corners.append(place)
    return np.unique(np.array(corners, np.intp))
