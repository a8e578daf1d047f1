"""Inscriptions in Etruscan letters, written from right to left as on the mirrors."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from data.synthetic.paths import Path, resample

# Etruscan letters that look left, on a square of one by one, (row, column), as polylines.
LETTERS: dict[str, tuple[tuple[tuple[float, float], ...], ...]] = {
    "a": (((1, 0), (0, 0.4), (1, 0.8)), ((0.6, 0.15), (0.55, 0.65))),
    "c": (((0, 0.2), (0.3, 0.6), (0.7, 0.6), (1, 0.2)),),
    "e": (((0, 0.6), (1, 0.6)), ((0.05, 0.6), (0.2, 0.1)), ((0.4, 0.6), (0.55, 0.1)), ((0.75, 0.6), (0.9, 0.1))),
    "v": (((0, 0.6), (1, 0.6)), ((0.05, 0.6), (0.2, 0.1)), ((0.4, 0.6), (0.55, 0.1))),
    "h": (((0, 0.1), (1, 0.1), (1, 0.7), (0, 0.7), (0, 0.1)), ((0.5, 0.1), (0.5, 0.7))),
    "th": (((0, 0.5), (0.3, 0.1), (0.7, 0.1), (1, 0.5), (0.7, 0.9), (0.3, 0.9), (0, 0.5)), ((0.5, 0.3), (0.5, 0.7))),
    "i": (((0, 0.3), (1, 0.3)),),
    "l": (((0, 0.6), (1, 0.6), (0.75, 0.1)),),
    "m": (((1, 0.9), (0, 0.9), (0.5, 0.7), (0.05, 0.45), (0.5, 0.25), (0.05, 0.0)),),
    "n": (((1, 0.7), (0, 0.7), (0.6, 0.35), (0.1, 0)),),
    "p": (((1, 0.6), (0, 0.6), (0.1, 0.1), (0.4, 0.1)),),
    "r": (((1, 0.6), (0, 0.6), (0.15, 0.1), (0.4, 0.15), (0.5, 0.6)),),
    "s": (((0, 0.1), (0.3, 0.6), (0.65, 0.1), (1, 0.6)),),
    "t": (((0, 0.4), (1, 0.4)), ((0.1, 0), (0.3, 0.8))),
    "u": (((0, 0), (1, 0.4), (0, 0.8)),),
    "ch": (((0, 0.4), (1, 0.4)), ((0, 0), (0.5, 0.4)), ((0, 0.8), (0.5, 0.4))),
}
# Names of those shown on mirrors, in the order in which they are read.
NAMES = (
    "t i n i a", "u n i", "r a th", "m e n r v a", "t u r a n", "a p l u", "h e r c l e", "t u r m s", "th e th i s",
    "p e l e", "a ch l e", "l a s a", "m a l a v i s ch", "e l i n a", "c a s t u r", "p u l t u c e", "s e m l a",
    "th a l n a", "a i t a",
)  # fmt: skip
ADVANCE = 1.05  # from one letter to the next, in heights


def inscription(size_px: float, rng: Generator, height_px: float = 105.0, name: str | None = None) -> list[Path]:
    """A name about the origin, right to left, in letters about ``height_px`` high.

    ``size_px`` is half of the room that there is, in scan pixels: a name that it holds is chosen, or else the shortest.
    ``name`` are letters of ``LETTERS``, parted by blanks.
    """
    height = height_px * rng.uniform(0.75, 1.3)
    fitting = [n for n in NAMES if len(n.split()) * ADVANCE * height <= 2 * size_px]
    letters = (name or str(rng.choice(fitting or ["u n i"]))).split()
    lean, wide = rng.normal(0.0, 0.06), rng.uniform(0.8, 1.05)
    paths = []
    for i, letter in enumerate(letters):
        corner = np.array([-0.5 + rng.normal(0.0, 0.04), ADVANCE * (len(letters) / 2 - 1 - i)])
        for line in LETTERS[letter]:
            points = np.array(line) * [1.0, wide] + rng.normal(0.0, 0.03, (len(line), 2))
            points[:, 1] += lean * points[:, 0]
            paths.append(resample(height * (points + corner)))
    return paths
