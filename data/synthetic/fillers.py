"""Free strokes that fill what a scene leaves open, about the origin; they reach about ``size_px`` from it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from data.synthetic.held import star
from data.synthetic.layers import visible
from data.synthetic.lettering import inscription
from data.synthetic.paths import Path, resample, spline

MOST_REPEATS = 10  # of parallel folds, or of scales in each direction: more would fill a mirror with one motif

Filler = Callable[[float, Generator], list[Path]]


def long_line(size_px: float, rng: Generator) -> list[Path]:
    """One open, swinging line, as of a back, an arm or a staff."""
    count = int(rng.integers(3, 7))
    along = np.linspace(-1.2, 1.2, count) + rng.normal(0.0, 0.08, count)
    return [spline(size_px * np.stack([rng.normal(0.0, 0.25, count), along], axis=1))]


def folds(size_px: float, rng: Generator, spacing_px: float = 62.0, waviness: float = 0.0) -> list[Path]:
    """Parallel curves, as of drapery: one swing repeated at a distance, each line with its own ends."""
    spacing = spacing_px * rng.uniform(0.8, 1.4)
    count = int(np.clip(1.6 * size_px / spacing, 2, MOST_REPEATS))
    t = np.linspace(-1.0, 1.0, 60)
    bend, tilt = rng.normal(0.0, 0.35), rng.normal(0.0, 0.2)
    swing, phase = size_px * (bend * t**2 + tilt * t**3), rng.uniform(0, 2 * np.pi)
    paths = []
    for i in range(count):
        first, last = rng.uniform(-1.0, -0.6), rng.uniform(0.5, 1.0)
        rows = swing * (1.0 + 0.25 * i / count) + (i - count / 2) * spacing
        rows = rows + waviness * spacing * np.sin(7 * t + phase)
        inside = (t >= first) & (t <= last)
        paths.append(resample(np.stack([rows, size_px * t], axis=1)[inside]))
    return paths


def scales(size_px: float, rng: Generator, arc_px: float = 62.0) -> list[Path]:
    """Rows of arcs, each row set off by half an arc, as of an aegis, a wing or curls of hair."""
    arc = arc_px * rng.uniform(0.8, 1.5)
    rows = int(np.clip(1.3 * size_px / arc, 1, MOST_REPEATS))
    cols = int(np.clip(0.9 * size_px / arc, 2, MOST_REPEATS))
    theta = np.linspace(0.05, np.pi - 0.05, 30)
    one = np.stack([arc * np.sin(theta), arc * np.cos(theta)], axis=1)
    return [
        resample(one * rng.uniform(0.88, 1.0) + [(i - rows / 2) * 1.15 * arc, (2 * j - cols + i % 2) * arc])
        for i in range(rows)
        for j in range(cols)
    ]


def volute(size_px: float, rng: Generator, turns: float = 1.7) -> list[Path]:
    """A tendril that rolls up."""
    theta = np.linspace(0.0, 2 * np.pi * turns * rng.uniform(0.7, 1.1), 200)
    radius = 0.7 * size_px * np.exp(-0.16 * theta) * rng.choice([-1.0, 1.0])
    curl = np.stack([radius * np.sin(theta), np.abs(radius) * np.cos(theta)], axis=1)
    tail = curl[0] + size_px * np.array([[-1.0, 0.25], [-0.5, 0.15]]) * np.sign(radius[0])
    return [spline(np.concatenate([tail, curl[::8]]))]


def roundel(size_px: float, rng: Generator) -> list[Path]:
    """Concentric circles, as of a brooch, an eye or a shield boss."""
    theta = np.linspace(0.0, 2 * np.pi, 80)
    circle = np.stack([np.sin(theta), np.cos(theta)], axis=1)
    outer = 0.5 * size_px
    return [resample(outer * share * circle) for share in (1.0, rng.uniform(0.45, 0.65)) if outer * share > 15]


def lone_star(size_px: float, rng: Generator) -> list[Path]:
    """A star or rosette of no more than half a centimetre."""
    return visible(star((0.0, 0.0), min(size_px, 200.0), rng))


# Free strokes by name, with their odds.
FILLERS: dict[str, tuple[Filler, float]] = {
    "long_line": (long_line, 0.22),
    "folds": (folds, 0.24),
    "scales": (scales, 0.14),
    "volute": (volute, 0.1),
    "roundel": (roundel, 0.06),
    "inscription": (inscription, 0.12),
    "star": (lone_star, 0.12),
}
