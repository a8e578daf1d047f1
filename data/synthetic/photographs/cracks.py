"""Cracks: jagged lines that branch, open and close, as in asphalt, plaster or glaze."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from data.synthetic.paths import Path, resample
from data.synthetic.photographs.strokes import Stroke, uneven

HALVINGS = 7  # of a crack's chord, each with a kick of its own


def cracks(height: int, width: int, line_px: float, rng: Generator) -> list[Stroke]:
    """One to four cracks across a picture, with branches."""
    strokes: list[Stroke] = []
    rough = rng.uniform(0.06, 0.16)
    for _ in range(int(rng.integers(1, 5))):
        angle = rng.uniform(0, np.pi)
        middle = rng.uniform(0.15, 0.85, 2) * (height, width)
        half = rng.uniform(0.3, 0.8) * max(height, width)
        along = half * np.array([np.sin(angle), np.cos(angle)])
        main = jagged(middle - along, middle + along, rough, rng)
        strokes.append(_opened(main, line_px * rng.uniform(0.8, 1.5), line_px, rng))
        for at in rng.integers(0, len(main), rng.poisson(len(main) / (rng.uniform(18, 50) * line_px))):
            turn = angle + rng.choice([-1.0, 1.0]) * rng.uniform(0.5, 1.4)
            reach = half * rng.uniform(0.08, 0.5)
            end = main[at] + reach * np.array([np.sin(turn), np.cos(turn)])
            branch = jagged(main[at], end, rough, rng)
            strokes.append(_opened(branch, line_px * rng.uniform(0.45, 1.0), line_px, rng, closes=True))
    return strokes


def jagged(start: np.ndarray, end: np.ndarray, rough: float, rng: Generator) -> Path:
    """A path between two points, bent anew at each of its halvings by ``rough`` of what is halved, a deviation."""
    points = np.stack([start, end])
    for _ in range(HALVINGS):
        middle = (points[:-1] + points[1:]) / 2
        chord = np.diff(points, axis=0)
        middle += rough * rng.standard_normal((len(middle), 1)) * np.stack([chord[:, 1], -chord[:, 0]], axis=1)
        both = np.empty((len(points) + len(middle), 2))
        both[::2], both[1::2] = points, middle
        points = both
    return resample(points)


def _opened(path: Path, width_px: float, line_px: float, rng: Generator, closes: bool = False) -> Stroke:
    """A crack of varying width; one that ``closes`` does so at its end."""
    radius = uneven(len(path), 0.5 * width_px, rng, rng.uniform(0.2, 0.5), 8 * line_px)
    if closes:
        radius = radius * np.linspace(1.0, 0.35, len(path))
    return Stroke(path, radius)
