"""Dots and dashes: in rows, along curves, on a grid or strewn."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from data.synthetic.paths import Path
from data.synthetic.photographs.strokes import Stroke, walk


def dots(height: int, width: int, line_px: float, rng: Generator) -> list[Stroke]:
    """Dots over a picture, on a grid, along curves, or strewn at random."""
    layout = str(rng.choice(["grid", "curves", "strewn"]))
    if layout == "grid":
        places = _grid(height, width, line_px * rng.uniform(2.6, 7), rng)
    elif layout == "curves":
        places = np.concatenate([_along(height, width, line_px, rng) for _ in range(int(rng.integers(4, 14)))])
    else:
        count = rng.poisson(height * width / (line_px * rng.uniform(4, 9)) ** 2)
        places = rng.uniform(0, 1, (count, 2)) * (height, width)
    size = 0.5 * line_px * rng.uniform(0.9, 1.5)
    return [Stroke(place[None], np.array([size * np.exp(0.15 * rng.standard_normal())])) for place in places]


def dashes(height: int, width: int, line_px: float, rng: Generator) -> list[Stroke]:
    """Broken lines: dashes of one length along curves."""
    dash, gap = line_px * rng.uniform(2, 7), line_px * rng.uniform(1.8, 5)
    strokes = []
    for _ in range(int(rng.integers(5, 16))):
        line = _curve(height, width, line_px, rng)
        for start in np.arange(0, len(line), dash + gap):
            piece = line[int(start) : int(start + dash)]
            if len(piece):
                strokes.append(Stroke(piece, np.full(len(piece), 0.5 * line_px * rng.uniform(0.85, 1.15))))
    return strokes


def _grid(height: int, width: int, gap: float, rng: Generator) -> Path:
    rows, cols = np.mgrid[: height / gap, : width / gap]
    places = gap * np.stack([rows.ravel(), cols.ravel() + 0.5 * (rows.ravel() % 2)], axis=1)
    return np.asarray(places + rng.normal(0, 0.06 * gap, places.shape))


def _along(height: int, width: int, line_px: float, rng: Generator) -> Path:
    return _curve(height, width, line_px, rng)[:: max(int(line_px * rng.uniform(1.9, 4)), 1)]


def _curve(height: int, width: int, line_px: float, rng: Generator) -> Path:
    start = rng.uniform(0, 1, 2) * (height, width)
    length = rng.uniform(0.4, 1.1) * max(height, width)
    heading, bend = rng.uniform(0, 2 * np.pi), rng.uniform(0.1, 1.0)
    return walk((float(start[0]), float(start[1])), heading, length, rng, bend, smooth_px=25 * line_px)
