"""Handwriting: words of made-up letters along ruled lines, with the pressure and the slant of a pen."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from data.synthetic.lettering import LETTERS
from data.synthetic.paths import Path, resample, shaken, spline, wander
from data.synthetic.photographs.strokes import Stroke

# Cursive letters as points (up, right) of a spline, in heights of a small letter; each begins and ends on the baseline.
CURSIVE: tuple[tuple[tuple[float, float], ...], ...] = (
    ((0.1, 0.0), (0.6, 0.55), (1.0, 0.35), (0.6, 0.1), (0.1, 0.3), (0.1, 0.7)),  # e
    ((0.1, 0.0), (1.0, 0.2), (0.1, 0.35), (0.1, 0.6), (1.0, 0.75), (0.1, 0.9)),  # u
    ((0.1, 0.0), (0.95, 0.15), (0.1, 0.25), (0.9, 0.5), (0.1, 0.65), (0.15, 0.85)),  # n
    ((0.1, 0.0), (1.2, 0.4), (2.1, 0.4), (1.2, 0.2), (0.1, 0.35), (0.1, 0.6)),  # l
    ((0.1, 0.0), (1.0, 0.45), (0.5, 0.05), (0.05, 0.4), (0.9, 0.6), (-0.9, 0.5), (-0.8, 0.2), (0.1, 0.8)),  # g
    ((0.1, 0.0), (0.9, 0.4), (0.5, 0.05), (0.05, 0.35), (0.5, 0.7), (0.95, 0.4), (0.8, 0.85)),  # o
    ((0.1, 0.0), (1.0, 0.15), (0.1, 0.3), (0.1, 0.5)),  # i
    ((0.1, 0.0), (1.7, 0.3), (1.8, 0.25), (0.1, 0.3), (0.9, 0.6), (0.1, 0.75), (0.15, 0.95)),  # h
    ((0.1, 0.0), (0.9, 0.3), (0.5, 0.45), (0.0, 0.2), (0.1, 0.6)),  # s
)


def handwriting(height: int, width: int, line_px: float, rng: Generator) -> list[Stroke]:
    """Lines of writing over a picture, joined or in single letters."""
    small = line_px * rng.uniform(4.5, 9)
    joined = rng.random() < 0.65
    pen, slant = rng.uniform(0, np.pi), rng.normal(0.15, 0.2)
    broad, pitch = rng.uniform(0.1, 0.9), small * rng.uniform(2.6, 4.0)
    tilt = rng.normal(0, 0.03)
    strokes = []
    baseline = small * rng.uniform(0.5, 2.5)
    while baseline < height + small:
        at = rng.uniform(-3, 3) * small
        while at < width:
            paths, advance = _word(rng) if joined else _letters(rng)
            for path in paths:
                points = _placed(path, small, slant, (baseline + tilt * at, at))
                strokes.append(_inked(points, line_px, pen, broad, rng))
            at += (advance + rng.uniform(0.5, 1.2)) * small
            if rng.random() < 0.04:
                break
        baseline += pitch * rng.uniform(0.95, 1.05)
    return strokes


def _word(rng: Generator) -> tuple[list[Path], float]:
    """A joined word: its strokes (up, right) in small heights, and how wide it is."""
    points, at = [], 0.0
    for kind in rng.integers(0, len(CURSIVE), int(rng.integers(2, 9))):
        letter = np.array(CURSIVE[kind]) + rng.normal(0, 0.05, (len(CURSIVE[kind]), 2))
        points.append(letter + np.array([0.0, at]))
        at += float(letter[-1, 1]) * rng.uniform(0.9, 1.15)
    return [np.concatenate(points)], at


def _letters(rng: Generator) -> tuple[list[Path], float]:
    """A word of single letters, with corners: its strokes (up, right) in small heights, and how wide it is."""
    paths: list[Path] = []
    count = int(rng.integers(2, 9))
    for k, name in enumerate(rng.choice(list(LETTERS), count)):
        for line in LETTERS[str(name)]:
            points = np.array(line) + rng.normal(0, 0.03, (len(line), 2))
            paths.append(np.stack([1.4 * (1 - points[:, 0]), 1.25 * k + 1.1 * points[:, 1]], axis=1))
    return paths, 1.25 * count


def _placed(path: Path, small: float, slant: float, place: tuple[float, float]) -> Path:
    """A stroke (up, right) in its place on the picture, a point each pixel."""
    up, right = small * path.T
    points = np.stack([place[0] - up, place[1] + right + slant * up], axis=1)
    return spline(points) if len(points) > 3 else resample(points)


def _inked(path: Path, line_px: float, pen: float, broad: float, rng: Generator) -> Stroke:
    """A stroke of a pen whose nib stands at an angle, ``broad`` from 0 (round) to 1 (flat)."""
    path = shaken(path, rng, 0.08 * line_px, 5 * line_px)
    way = np.gradient(path, axis=0) if len(path) > 1 else np.ones((1, 2))
    across = np.abs(np.sin(np.arctan2(way[:, 0], way[:, 1]) - pen))
    pressure = np.exp(0.18 * wander(len(path), rng, 8 * line_px))
    return Stroke(path, 0.5 * line_px * (1 - broad * 0.6 + broad * 0.9 * across) * pressure)
