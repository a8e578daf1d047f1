"""Trees: vessels, roots, rivers. Branches taper and fork; a fork keeps the sum of cubed radii (Murray)."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from data.synthetic.photographs.strokes import Stroke, uneven, walk

MOST = 160  # branches in a picture
FINEST = 0.3  # radius of the finest twig that is drawn, in radii of the median line


def trees(height: int, width: int, line_px: float, rng: Generator) -> list[Stroke]:
    """Vessels from one root or from several at the edges, on a picture of ``height`` x ``width`` pixels."""
    stems = _from_one_root(height, width, rng) if rng.random() < 0.4 else _from_edges(height, width, rng)
    thick, bend = rng.uniform(1.1, 2.2), rng.uniform(0.15, 0.7)
    waiting = [(start, heading, 0.5 * line_px * thick * rng.uniform(0.8, 1.2)) for start, heading in stems]
    done: list[Stroke] = []
    while waiting and len(done) < MOST:
        start, heading, radius = waiting.pop(0)
        reach = min(height, width) * rng.uniform(0.1, 0.32) * np.sqrt(2 * radius / line_px)
        length = float(np.clip(reach, 8 * line_px, 90 * line_px))
        path = walk(start, heading, length, rng, bend, smooth_px=0.3 * length)
        taper = np.linspace(1.0, rng.uniform(0.75, 0.95), len(path))
        done.append(Stroke(path, taper * uneven(len(path), radius, rng, 0.08, 3 * line_px)))
        if not (-line_px < path[-1][0] < height + line_px and -line_px < path[-1][1] < width + line_px):
            continue
        waiting += _fork(path, radius * taper[-1], rng)
        waiting += _side_branches(path, radius, line_px, rng)
        waiting = [one for one in waiting if one[2] > FINEST * 0.5 * line_px]
    return done


def _from_one_root(height: int, width: int, rng: Generator) -> list[tuple[tuple[float, float], float]]:
    root = (float(rng.uniform(0.3, 0.7) * height), float(rng.uniform(0.05, 0.95) * width))
    first, count = rng.uniform(0, 2 * np.pi), int(rng.integers(3, 7))
    return [(root, first + 2 * np.pi * k / count + rng.normal(0, 0.2)) for k in range(count)]


def _from_edges(height: int, width: int, rng: Generator) -> list[tuple[tuple[float, float], float]]:
    stems = []
    for side in rng.integers(0, 4, int(rng.integers(1, 5))):
        at, aslant = rng.uniform(0.1, 0.9), rng.normal(0, 0.4)
        places = ((0.0, at * width), (at * height, float(width)), (float(height), at * width), (at * height, 0.0))
        stems.append((places[side], (0.5 * np.pi, np.pi, -0.5 * np.pi, 0.0)[side] + aslant))
    return stems


def _fork(path: np.ndarray, radius: float, rng: Generator) -> list[tuple[tuple[float, float], float, float]]:
    """The two branches at the end of a path, the thinner one turned farther off."""
    share = rng.uniform(0.5, 0.85)
    heading = _heading(path, len(path) - 1)
    side = rng.choice([-1.0, 1.0])
    end = (float(path[-1][0]), float(path[-1][1]))
    return [
        (end, heading - side * rng.uniform(0.1, 0.5), radius * share ** (1 / 3)),
        (end, heading + side * rng.uniform(0.4, 1.1), radius * (1 - share) ** (1 / 3)),
    ]


def _side_branches(
    path: np.ndarray, radius: float, line_px: float, rng: Generator
) -> list[tuple[tuple[float, float], float, float]]:
    """Twigs along a path."""
    count = rng.poisson(len(path) / (rng.uniform(14, 40) * line_px))
    found = []
    for at in rng.integers(0, len(path), count):
        heading = _heading(path, int(at)) + rng.choice([-1.0, 1.0]) * rng.uniform(0.5, 1.4)
        found.append(((float(path[at][0]), float(path[at][1])), heading, radius * rng.uniform(0.3, 0.65)))
    return found


def _heading(path: np.ndarray, at: int) -> float:
    first, last = max(at - 3, 0), min(at + 3, len(path) - 1)
    down, right = path[last] - path[first]
    return float(np.arctan2(down, right))
