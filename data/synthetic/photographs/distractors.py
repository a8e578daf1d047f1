"""What looks like a line and is none: scratches, ruled lines, seams, edges of objects, writing that shines through.

Each gives a change of reflectance, (H, W) float32 in contrasts of the lines; negative is darker.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.random import Generator

from data.synthetic.maps import Map, grain
from data.synthetic.photographs.strokes import Stroke, coverage, walk
from data.synthetic.photographs.writing import handwriting

FAINTEST, BOLDEST = 0.15, 0.5  # of the lines' contrast


def scratches(height: int, width: int, line_px: float, rng: Generator) -> Map:
    """Thin, nearly straight, light or dark."""
    strokes = []
    for _ in range(int(rng.integers(2, 14))):
        start = rng.uniform(0, 1, 2) * (height, width)
        length, heading = rng.uniform(0.05, 0.6) * max(height, width), rng.uniform(0, 2 * np.pi)
        path = walk((float(start[0]), float(start[1])), heading, length, rng, 0.08, 0.4 * max(height, width))
        strokes.append(Stroke(path, np.full(len(path), 0.5 * line_px * rng.uniform(0.12, 0.4))))
    return _signed(coverage(strokes, height, width), rng)


def ruled_lines(height: int, width: int, line_px: float, rng: Generator) -> Map:
    """Lines of a ruled or squared paper."""
    gap, radius = line_px * rng.uniform(7, 25), 0.5 * line_px * rng.uniform(0.15, 0.35)
    rows = [np.array([[at, 0.0], [at, float(width)]]) for at in np.arange(rng.uniform(0, gap), height, gap)]
    cols = [np.array([[0.0, at], [float(height), at]]) for at in np.arange(rng.uniform(0, gap), width, gap)]
    lines = rows + cols if rng.random() < 0.4 else rows
    return _signed(coverage([Stroke(line, np.full(2, radius)) for line in lines], height, width), rng, light=0.2)


def seams(height: int, width: int, line_px: float, rng: Generator) -> Map:
    """Soft bands, much wider than the lines, and steps of lightness along a straight edge."""
    rows, cols = np.mgrid[:height, :width].astype(np.float32)
    total = np.zeros((height, width), np.float32)
    for _ in range(int(rng.integers(1, 4))):
        angle = rng.uniform(0, np.pi)
        away = (rows - rng.uniform(0, height)) * np.cos(angle) + (cols - rng.uniform(0, width)) * np.sin(angle)
        broad = line_px * rng.uniform(2.5, 8)
        total += _one_sign(rng) * np.exp(-((away / broad) ** 2)).astype(np.float32)
        if rng.random() < 0.5:
            total += rng.uniform(-1, 1) * (away > 0)
    return np.float32(rng.uniform(FAINTEST, BOLDEST)) * total


def edges(height: int, width: int, line_px: float, rng: Generator) -> Map:
    """Areas of another lightness with sharp edges, as of shadows, patches or objects."""
    areas = np.zeros((height, width), np.float32)
    for _ in range(int(rng.integers(1, 6))):
        middle = rng.uniform(0, 1, 2) * (width, height)
        turns = np.sort(rng.uniform(0, 2 * np.pi, int(rng.integers(3, 8))))
        reach = rng.uniform(6, 30, len(turns)) * line_px
        points = middle + reach[:, None] * np.stack([np.cos(turns), np.sin(turns)], axis=1)
        area = np.zeros((height, width), np.uint8)
        cv2.fillPoly(area, [np.rint(points * 16).astype(np.int32)], 255, cv2.LINE_AA, shift=4)
        areas += np.float32(_one_sign(rng) * rng.uniform(0.4, 1.6) / 255) * area
    return np.float32(rng.uniform(FAINTEST, 2 * BOLDEST)) * areas


def show_through(height: int, width: int, line_px: float, rng: Generator) -> Map:
    """Writing on the other side of the page: mirrored, blurred, faint."""
    behind = coverage(handwriting(height, width, line_px, rng), height, width)[:, ::-1]
    blurred = cv2.GaussianBlur(np.ascontiguousarray(behind), (0, 0), line_px * rng.uniform(0.25, 0.6))
    return np.asarray(np.float32(-rng.uniform(FAINTEST, 0.4)) * blurred, np.float32)


def blotches(height: int, width: int, line_px: float, rng: Generator) -> Map:
    """Spots of dirt, moss or oil, of any outline, larger than lines are wide."""
    field = grain(height, width, line_px * rng.uniform(1.5, 5), rng) - np.float32(rng.uniform(1.3, 2.2))
    spots = 0.5 + 0.5 * np.tanh(field * rng.uniform(2, 10))
    return np.asarray(np.float32(_one_sign(rng) * rng.uniform(0.3, 1.0)) * spots, np.float32)


DISTRACTORS: dict[str, Callable[[int, int, float, Generator], Map]] = {
    "scratches": scratches,
    "ruled_lines": ruled_lines,
    "seams": seams,
    "edges": edges,
    "show_through": show_through,
    "blotches": blotches,
}


def _signed(cover: Map, rng: Generator, light: float = 0.5) -> Map:
    """What is covered, made faintly darker, or lighter with the odds ``light``."""
    sign = 1.0 if rng.random() < light else -1.0
    return np.asarray(np.float32(sign * rng.uniform(FAINTEST, BOLDEST)) * cover, np.float32)


def _one_sign(rng: Generator) -> float:
    return float(rng.choice([-1.0, 1.0]))
