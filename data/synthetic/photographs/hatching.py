"""Hatching: fields of strokes side by side, crossed or not, and the outlines around them."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from data.synthetic.paths import resample, shaken, spline
from data.synthetic.photographs.strokes import Stroke, uneven


def hatching(height: int, width: int, line_px: float, rng: Generator) -> list[Stroke]:
    """Some fields of hatching, each with its own direction and distance."""
    strokes = []
    for _ in range(int(rng.integers(4, 12))):
        centre = rng.uniform(0, 1, 2) * (height, width)
        size = rng.uniform(0.1, 0.3) * min(height, width)
        turn = rng.uniform(0, np.pi)
        for angle in (turn, turn + rng.uniform(0.6, 1.5))[: 1 + int(rng.random() < 0.35)]:
            strokes += _field(centre, size, angle, line_px * rng.uniform(2.4, 5.5), line_px, rng)
        if rng.random() < 0.6:
            strokes.append(_outline(centre, size, line_px, rng))
    return strokes


def contours(height: int, width: int, line_px: float, rng: Generator) -> list[Stroke]:
    """Curves that follow each other at a distance, as of wood, maps or finger prints."""
    from skimage.measure import find_contours

    from data.synthetic.maps import grain

    step = 4
    field = grain(height // step, width // step, rng.uniform(0.08, 0.2) * min(height, width) / step, rng)
    slope = float(np.hypot(*np.gradient(field)).mean()) / step  # per pixel
    apart = line_px * rng.uniform(4, 9)
    strokes = []
    for level in np.arange(field.min(), field.max(), max(slope * apart, 1e-3)):
        for line in find_contours(field, level):
            if len(line) < 6:
                continue
            path = resample(line * step + step / 2)
            strokes.append(Stroke(path, uneven(len(path), 0.5 * line_px, rng, 0.15, 10 * line_px)))
    return strokes


def _field(centre: np.ndarray, size: float, angle: float, gap: float, line_px: float, rng: Generator) -> list[Stroke]:
    along = np.array([np.sin(angle), np.cos(angle)])
    across = np.array([along[1], -along[0]])
    bow = rng.normal(0, 0.12) * size
    strokes = []
    for at in np.arange(-size, size, gap):
        half = np.sqrt(max(size**2 - at**2, 0)) * rng.uniform(0.75, 1.05)
        if half < 1.5 * line_px:
            continue
        middle = centre + (at + rng.normal(0, 0.08) * gap) * across
        path = spline(np.stack([middle - half * along, middle + bow * across, middle + half * along]))
        path = shaken(path, rng, 0.1 * line_px, 10 * line_px)
        ends = np.minimum(np.linspace(0, 1, len(path)), np.linspace(1, 0, len(path)))
        taper = 0.45 + 0.55 * np.minimum(ends / 0.2, 1)
        strokes.append(Stroke(path, taper * uneven(len(path), 0.5 * line_px, rng, 0.12, 6 * line_px)))
    return strokes


def _outline(centre: np.ndarray, size: float, line_px: float, rng: Generator) -> Stroke:
    angles = np.linspace(0, 2 * np.pi, int(rng.integers(5, 9)), endpoint=False)
    radii = size * rng.uniform(0.85, 1.2, len(angles))
    points = centre + radii[:, None] * np.stack([np.sin(angles), np.cos(angles)], axis=1)
    path = spline(points, closed=True)
    return Stroke(path, uneven(len(path), 0.6 * line_px, rng, 0.2, 8 * line_px))
