"""Ornaments and fillers of workshops that no training sees: geometric ones, of straight and woven lines.

They have the signatures of ``ornaments`` and ``fillers``.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from data.synthetic.fillers import Filler
from data.synthetic.ornaments import Ornament, repeats
from data.synthetic.paths import LINE_WIDTH_PX, Path, resample


def zigzag(length_px: float, width_px: float, rng: Generator) -> list[Path]:
    """One to three zigzag lines, one inside the other."""
    count = int(rng.integers(1, 4))
    starts, pitch = repeats(length_px, max(width_px * rng.uniform(0.7, 1.3), 6 * LINE_WIDTH_PX))
    paths = []
    for k in range(count):
        low, high = width_px * (0.05 + 0.22 * k), width_px * (0.45 + 0.22 * k)
        points = [[at, start + half] for start in starts for at, half in ((low, 0.0), (high, 0.5 * pitch))]
        paths.append(resample(np.array([*points, [low, length_px]])))
    return paths


def guilloche(length_px: float, width_px: float, rng: Generator) -> list[Path]:
    """Two or three waves that are woven into each other."""
    strands = int(rng.integers(2, 4))
    _, pitch = repeats(length_px, width_px * rng.uniform(1.4, 2.4))
    along = np.arange(0.0, length_px, 3.0)
    return [
        resample(np.stack([width_px * (0.5 + 0.42 * np.sin(2 * np.pi * (along / pitch + k / strands))), along], axis=1))
        for k in range(strands)
    ]


def ladder(length_px: float, width_px: float, rng: Generator) -> list[Path]:
    """Rungs across the strip, in groups."""
    group = int(rng.integers(2, 6))
    starts, pitch = repeats(length_px, 3.2 * LINE_WIDTH_PX * (group + rng.uniform(1, 3)))
    gap = 3.0 * LINE_WIDTH_PX
    return [
        resample(np.array([[0.0, start + gap * k], [width_px, start + gap * k]]))
        for start in starts
        for k in range(group)
        if gap * k < pitch
    ]


def lozenge(size_px: float, rng: Generator) -> list[Path]:
    """Rhombs, one inside the other."""
    wide = rng.uniform(0.5, 1.0)
    corners = np.array([[-1, 0], [0, wide], [1, 0], [0, -wide], [-1, 0]])
    steps = np.arange(1.0, 0.15, -max(4.0 * LINE_WIDTH_PX / size_px, 0.2))
    return [resample(0.8 * size_px * share * corners) for share in steps]


def rays(size_px: float, rng: Generator) -> list[Path]:
    """Straight strokes from a point outwards."""
    count, first = int(rng.integers(6, 15)), rng.uniform(0, np.pi)
    inner = max(count * 0.7 * LINE_WIDTH_PX, 0.15 * size_px)
    angles = first + np.arange(count) * 2 * np.pi / count
    return [
        resample(np.outer([inner, size_px * rng.uniform(0.8, 1.0)], [np.sin(angle), np.cos(angle)]))
        for angle in angles
        if inner < 0.8 * size_px
    ]


def comb(size_px: float, rng: Generator) -> list[Path]:
    """Parallel straight strokes, with a stroke across their ends."""
    gap = LINE_WIDTH_PX * rng.uniform(2.8, 4.5)
    places = np.arange(-0.7 * size_px, 0.7 * size_px, gap)
    teeth = [resample(np.array([[-0.6 * size_px, at], [0.6 * size_px * rng.uniform(0.8, 1), at]])) for at in places]
    return [*teeth, resample(np.array([[-0.6 * size_px, places[0]], [-0.6 * size_px, places[-1]]]))]


def punches(size_px: float, rng: Generator) -> list[Path]:
    """Punched dots on a square grid."""
    gap = LINE_WIDTH_PX * rng.uniform(2.6, 4.0)
    at = np.arange(-0.6 * size_px, 0.6 * size_px, gap)
    return [np.array([[row, col]]) for row in at for col in at]


ORNAMENTS: dict[str, tuple[Ornament, tuple[float, float]]] = {
    "zigzag": (zigzag, (110.0, 220.0)),
    "guilloche": (guilloche, (110.0, 200.0)),
    "ladder": (ladder, (80.0, 160.0)),
}
FILLERS: dict[str, tuple[Filler, float]] = {
    "lozenge": (lozenge, 0.3),
    "rays": (rays, 0.25),
    "comb": (comb, 0.3),
    "punches": (punches, 0.15),
}
