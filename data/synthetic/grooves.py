"""Engraved lines as curves: smooth paths, the width and depth along them, and how they are cut and drawn.

A path is an ``(N, 2)`` float64 array of rows and columns in scan pixels, sampled about once a pixel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from data.line_statistics import MIRROR_LINES

Path = NDArray[np.float64]
Profile = NDArray[np.float64]  # (N,): one value at each sample of a path
Map = NDArray[np.float32]
Mask = NDArray[np.bool_]

RADIUS_DEVIATIONS = 2.0  # the Gamma was fitted to what lies within two deviations

LINE_WIDTH_PX = 2.0 * MIRROR_LINES.mean

STEP_PX = 1.0  # between the samples of a path; the envelope of discs is then smooth to 0.02 px
SAMPLES_AT_ONCE = 256  # bounds the memory of one stamp, whatever the length of the path
GROOVE_REACH = 1.2  # the groove's shoulder ends a little outside the line that an annotator draws


Section = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def round_section(ratio: NDArray[np.float64]) -> NDArray[np.float64]:
    """A raised cosine: a round bottom and soft shoulders."""
    return np.asarray(0.5 + 0.5 * np.cos(np.pi * np.minimum(ratio, 1.0)))


def v_section(ratio: NDArray[np.float64]) -> NDArray[np.float64]:
    """Two flat flanks, as a pointed graver leaves them."""
    return np.asarray(1.0 - np.minimum(ratio, 1.0))


def u_section(ratio: NDArray[np.float64]) -> NDArray[np.float64]:
    """A half ellipse with steep flanks."""
    return np.asarray(np.sqrt(1.0 - np.minimum(ratio, 1.0) ** 2))


def flat_section(ratio: NDArray[np.float64]) -> NDArray[np.float64]:
    """A flat bottom over some two thirds of the width, as of a chisel."""
    return np.asarray(np.clip((1.0 - ratio) / 0.35, 0.0, 1.0))


SECTIONS: dict[str, Section] = {"round": round_section, "v": v_section, "u": u_section, "flat": flat_section}


def resample(points: Path, step_px: float = STEP_PX) -> Path:
    """Sample a polyline ``(N, 2)`` evenly by arc length; a single point stays one point."""
    lengths = np.hypot(*np.diff(points, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(lengths)])
    if along[-1] < step_px:
        return points[:1]
    at = np.linspace(0.0, along[-1], int(np.ceil(along[-1] / step_px)) + 1)
    return np.stack([np.interp(at, along, points[:, 0]), np.interp(at, along, points[:, 1])], axis=1)


def spline(points: Path, closed: bool = False) -> Path:
    """A smooth path through the control points ``(N, 2)``, N at least 2; a closed one returns to its first point."""
    from scipy.interpolate import CubicSpline

    if closed:
        points = np.concatenate([points, points[:1]])
    gaps = np.hypot(*np.diff(points, axis=0).T)
    knots = np.concatenate([[0.0], np.cumsum(np.sqrt(np.maximum(gaps, 1e-6)))])  # centripetal: no loops between points
    curve = CubicSpline(knots, points, bc_type="periodic" if closed else "natural")
    length = gaps.sum()
    fine = np.linspace(0.0, knots[-1], int(2 * length / STEP_PX) + 2)
    return resample(np.asarray(curve(fine), dtype=np.float64))


def wander(count: int, rng: Generator, correlation_px: float) -> Profile:
    """Smooth unit-variance noise along a path of ``count`` samples: independent knots, cosine weights between them."""
    knots = rng.standard_normal(int(count * STEP_PX / correlation_px) + 2)
    at = (np.arange(count) * STEP_PX / correlation_px) + rng.uniform(0.0, 0.999)
    at = np.minimum(at, len(knots) - 1.001)
    left = at.astype(int)
    weight = 0.5 * np.pi * (at - left)  # squared sine and cosine add to one, so the variance is even
    return np.cos(weight) * knots[left] + np.sin(weight) * knots[left + 1]


def line_radius(
    count: int, level: float, rng: Generator, steadiness: float = 0.7, correlation_px: float = 150.0
) -> Profile:
    """Radii ``(count,)`` in scan pixels whose marginal is the annotators' Gamma, varying slowly along the line.

    ``level`` is the line's own, standard normal over lines; ``steadiness`` is the share of the variance that lies
    between lines, the rest lies along a line.
    """
    from scipy.special import gammaincinv, ndtr

    normal = np.sqrt(steadiness) * level + np.sqrt(1.0 - steadiness) * wander(count, rng, correlation_px)
    normal = np.clip(normal, -RADIUS_DEVIATIONS, RADIUS_DEVIATIONS)
    quantile = gammaincinv(MIRROR_LINES.shape, ndtr(normal))
    return np.asarray(MIRROR_LINES.location + MIRROR_LINES.scale * quantile)


def line_depth(
    count: int, level: float, median_mm: float, rng: Generator, spread: float = 0.4, fade_px: float = 50.0
) -> Profile:
    """Depths ``(count,)`` in millimetres: lognormal between lines, uneven along each, fading towards its ends.

    ``level`` is the line's own, standard normal over lines.
    """
    uneven = np.exp(0.25 * wander(count, rng, correlation_px=90.0))
    from_end = np.minimum(np.arange(count), np.arange(count)[::-1]) * STEP_PX
    floor = rng.uniform(0.25, 0.9)  # some lines start with a firm cut
    fade = floor + (1.0 - floor) * np.minimum(from_end / min(fade_px, max(0.3 * count * STEP_PX, 1.0)), 1.0)
    return np.asarray(median_mm * np.exp(spread * level) * uneven * fade)


def shaken(path: Path, rng: Generator, amount_px: float, correlation_px: float = 60.0) -> Path:
    """The path as an unsteady hand follows it, ``amount_px`` (deviation) off in each coordinate."""
    rows, cols = wander(len(path), rng, correlation_px), wander(len(path), rng, correlation_px)
    return path + amount_px * np.stack([rows, cols], axis=1)


def runs(keep: Mask, least: int) -> list[slice]:
    """Slices of the unbroken runs of True in ``(N,)`` that hold at least ``least`` samples."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], keep, [False]]).astype(np.int8)))
    return [slice(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True) if b - a >= least]


def carve(
    relief: Map, path: Path, radius_px: Profile, depth_mm: Profile, section: Section = round_section, step: int = 1
) -> None:
    """Cut a groove in place into ``relief`` ``(H, W)``, depth in millimetres below the surface, positive.

    ``section`` gives its depth, 1 to 0, over the distance to the centre line in radii; the groove ends `GROOVE_REACH`
    radii away. Where grooves meet, the deeper one stands. Every ``step``-th sample of the path is cut.
    """
    cut = relief.reshape(-1)
    reach_px = GROOVE_REACH * radius_px
    for samples, flat, ratio in _discs(relief.shape, path[::step], reach_px[::step]):
        deep = depth_mm[::step][samples, None] * section(ratio)
        within = (ratio < 1.0).reshape(-1)
        np.maximum.at(cut, flat[within], deep.reshape(-1)[within].astype(np.float32))


def raise_beside(relief: Map, path: Path, radius_px: Profile, height_mm: Profile, step: int = 2) -> None:
    """Raise a ridge along ``path`` in place: the burr of a groove, negative in ``relief``, where nothing is cut."""
    surface = relief.reshape(-1)
    for samples, flat, ratio in _discs(relief.shape, path[::step], radius_px[::step]):
        high = -height_mm[::step][samples, None] * round_section(ratio)
        bare = (ratio < 1.0).reshape(-1) & (surface[flat] <= 0.0)
        np.minimum.at(surface, flat[bare], high.reshape(-1)[bare].astype(np.float32))


def ink(drawing: Mask, path: Path, radius_px: Profile, step: int = 1) -> int:
    """Draw a line in place into ``drawing`` ``(H, W)``, not anti-aliased; how many pixels became line.

    Every ``step``-th sample of the path is drawn.
    """
    paper = drawing.reshape(-1)
    fresh = 0
    for _, flat, ratio in _discs(drawing.shape, path[::step], radius_px[::step]):
        inside = np.unique(flat[ratio.reshape(-1) <= 1.0])
        fresh += int(np.count_nonzero(~paper[inside]))
        paper[inside] = True
    return fresh


def _discs(
    shape: tuple[int, ...], path: Path, radius_px: Profile
) -> Iterator[tuple[slice, NDArray[np.int64], NDArray[np.float64]]]:
    """The discs around a path's samples: which samples ``n``, flat pixel indices ``(n K^2,)``, distance over radius.

    The centres keep their subpixel places. Pixels beyond the image are folded onto its edge with an infinite ratio.
    """
    half = int(np.ceil(radius_px.max())) + 1
    offsets = np.arange(-half, half + 1)
    for start in range(0, len(path), SAMPLES_AT_ONCE):
        samples = slice(start, start + SAMPLES_AT_ONCE)
        centre = path[samples]
        nearest = np.rint(centre).astype(np.int64)
        rows, cols = nearest[:, :1] + offsets, nearest[:, 1:] + offsets
        row_gap, col_gap = rows - centre[:, :1], cols - centre[:, 1:]
        row_gap[(rows < 0) | (rows >= shape[0])] = np.inf
        col_gap[(cols < 0) | (cols >= shape[1])] = np.inf
        squared = row_gap[:, :, None] ** 2 + col_gap[:, None, :] ** 2
        ratio = np.sqrt(squared) / radius_px[samples, None, None]
        flat = rows.clip(0, shape[0] - 1)[:, :, None] * shape[1] + cols.clip(0, shape[1] - 1)[:, None, :]
        yield samples, flat.reshape(-1), ratio.reshape(len(centre), -1)
