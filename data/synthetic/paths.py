"""Paths: smooth curves, and what unsteadies, shifts and cuts them.

A path is an ``(N, 2)`` float64 array of rows and columns in scan pixels, sampled about once a pixel.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from data.line_statistics import MIRROR_LINES
from data.synthetic.maps import Mask

Path = NDArray[np.float64]
Profile = NDArray[np.float64]  # (N,): one value at each sample of a path

LINE_WIDTH_PX = 2.0 * MIRROR_LINES.mean  # of the annotators' lines
STEP_PX = 1.0  # between the samples of a path; the envelope of discs is then smooth to 0.02 px


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


def shaken(path: Path, rng: Generator, amount_px: float, correlation_px: float = 60.0) -> Path:
    """The path as an unsteady hand follows it, ``amount_px`` (deviation) off in each coordinate."""
    rows, cols = wander(len(path), rng, correlation_px), wander(len(path), rng, correlation_px)
    return path + amount_px * np.stack([rows, cols], axis=1)


def beside(path: Path, distance_px: Profile) -> Path:
    """The path moved sideways by ``distance_px`` ``(N,)``, to the left of the way along it if positive."""
    if len(path) < 2:
        return path
    heading = np.gradient(path, axis=0)
    heading /= np.maximum(np.hypot(*heading.T), 1e-9)[:, None]
    return np.asarray(path + distance_px[:, None] * np.stack([-heading[:, 1], heading[:, 0]], axis=1))


def runs(keep: Mask, least: int) -> list[slice]:
    """Slices of the unbroken runs of True in ``(N,)`` that hold at least ``least`` samples."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], keep, [False]]).astype(np.int8)))
    return [slice(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True) if b - a >= least]
