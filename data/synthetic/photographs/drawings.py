"""Drawings: the ornaments and free strokes of the made-up mirrors, in ink, paint or scratched."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from data.synthetic.fillers import FILLERS
from data.synthetic.layers import placed
from data.synthetic.ornaments import ORNAMENTS
from data.synthetic.paths import LINE_WIDTH_PX, Path
from data.synthetic.photographs.strokes import Stroke, uneven


def drawings(height: int, width: int, line_px: float, rng: Generator) -> list[Stroke]:
    """Bands of ornament and free strokes over a picture."""
    size = line_px / LINE_WIDTH_PX  # of the motifs, which are made for the lines of mirrors
    strokes: list[Stroke] = []
    for _ in range(int(rng.integers(1, 4))):
        ornament, widths = ORNAMENTS[str(rng.choice(list(ORNAMENTS)))]
        length = rng.uniform(0.5, 1.3) * max(height, width) / size
        band = ornament(length, rng.uniform(*widths), rng)
        middle = rng.uniform(0.1, 0.9, 2) * (height, width) / size
        band = placed([path - np.array([0.0, length / 2]) for path in band], tuple(middle), rng.uniform(0, 2 * np.pi))
        strokes += _inked(band, size, line_px, rng)
    odds = np.array([odds for _, odds in FILLERS.values()])
    for name in rng.choice(list(FILLERS), int(rng.integers(4, 14)), p=odds / odds.sum()):
        reach = rng.uniform(60, 220)
        middle = rng.uniform(0, 1, 2) * (height, width) / size
        motif = placed(FILLERS[str(name)][0](reach, rng), tuple(middle), rng.uniform(0, 2 * np.pi))
        strokes += _inked(motif, size, line_px, rng)
    return strokes


def _inked(paths: list[Path], size: float, line_px: float, rng: Generator) -> list[Stroke]:
    """Paths of a mirror as strokes of the picture."""
    radius = 0.5 * line_px * np.exp(0.2 * rng.standard_normal())
    return [Stroke(size * path, uneven(len(path), radius, rng, 0.15, 150)) for path in paths if len(path)]
