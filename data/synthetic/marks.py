"""Marks in the bronze that nobody drew: scratches, tool marks and pits, each a groove of its own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from data.synthetic.grooves import carve
from data.synthetic.maps import PIXELS_PER_MM, Map, Mask
from data.synthetic.paths import Path, Profile, resample, shaken, spline, wander


class Mark(NamedTuple):
    """A groove: path ``(N, 2)`` in scan pixels, radius ``(N,)`` in scan pixels, depth ``(N,)`` in millimetres."""

    path: Path
    radius_px: Profile
    depth_mm: Profile


def scratches(mask: Mask, rng: Generator, per_cm2: float = 3.0, bold: float = 0.25) -> list[Mark]:
    """Single scratches, thin and nearly straight; the share ``bold`` is as wide and deep as a faint engraved line."""
    short = min(mask.shape)
    found = []
    for middle in _places(mask, rng, per_cm2):
        length = min(180.0 * np.exp(0.6 * rng.standard_normal()), 0.5 * short)
        found.append(_scratch(middle, rng.uniform(0, np.pi), length, rng.random() < bold, rng))
    return found


def tool_marks(mask: Mask, rng: Generator, per_cm2: float = 0.1, spread_px: float = 30.0) -> list[Mark]:
    """Bundles of three to eight parallel scratches, as files and scrapers leave them; ``per_cm2`` counts bundles."""
    short = min(mask.shape)
    found = []
    for middle in _places(mask, rng, per_cm2):
        angle = rng.uniform(0, np.pi)
        length = min(150.0 * np.exp(0.4 * rng.standard_normal()), 0.5 * short)
        across = np.array([np.cos(angle), -np.sin(angle)])
        for _ in range(rng.integers(3, 9)):
            beside = middle + across * rng.normal(0.0, spread_px)
            found.append(_scratch(beside, angle + rng.normal(0.0, 0.04), length * rng.uniform(0.6, 1.2), False, rng))
    return found


def pits(mask: Mask, rng: Generator, per_cm2: float = 40.0) -> list[Mark]:
    """Corrosion pits: small holes of any outline, some drawn out."""
    found = []
    for centre in _places(mask, rng, per_cm2):
        length, angle = rng.exponential(5.0), rng.uniform(0, np.pi)
        path = resample(np.array([centre, centre + length * np.array([np.sin(angle), np.cos(angle)])]))
        radius = np.clip(3.0 * np.exp(0.5 * rng.standard_normal()), 1.5, 14.0)
        depth = rng.uniform(0.02, 0.1)
        found.append(Mark(shaken(path, rng, 1.0), np.full(len(path), radius), np.full(len(path), depth)))
    return found


def cut(relief: Map, marks: Iterable[Mark]) -> None:
    """Cut marks into ``relief`` ``(H, W)`` in place, depth in millimetres, positive; the deeper groove stands."""
    for mark in marks:
        carve(relief, mark.path, mark.radius_px, mark.depth_mm)


def _places(mask: Mask, rng: Generator, per_cm2: float) -> NDArray[np.float64]:
    """Random points on the object (N, 2), as many as the density gives on average."""
    pixels_per_cm2 = (10.0 * PIXELS_PER_MM) ** 2
    points = rng.uniform((0, 0), mask.shape, (rng.poisson(per_cm2 * mask.size / pixels_per_cm2), 2))
    rows, cols = points.astype(np.int64).T
    return points[mask[rows, cols]]


def _scratch(middle: NDArray[np.float64], angle: float, length: float, bold: bool, rng: Generator) -> Mark:
    """A scratch that fades at its ends and bows a little."""
    heading = np.array([np.sin(angle), np.cos(angle)])
    across = np.array([heading[1], -heading[0]])
    half = 0.5 * length
    bow = across * half * rng.normal(0.0, 0.06)
    path = spline(np.array([middle - half * heading, middle + bow, middle + half * heading]))
    radius = rng.uniform(3.5, 6.5) if bold else rng.uniform(1.2, 3.5)
    depth = rng.uniform(0.03, 0.06) if bold else rng.uniform(0.012, 0.04)
    fade = np.sin(np.linspace(0.05, np.pi - 0.05, len(path))) ** 0.5
    uneven = np.exp(0.4 * wander(len(path), rng, 50.0))
    return Mark(path, np.full(len(path), radius), depth * fade * uneven)
