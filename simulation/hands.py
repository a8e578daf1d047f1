"""An unsteady hand: a path as it was meant, and as it is drawn."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from data.regions import Shape

SWAY_STEPS = 5  # points of a path over which the hand goes from one side to another
END_STEPS = 3  # points at a path's end that say where it was heading


def unsteady(
    path: NDArray[np.float64], shape: Shape, rng: np.random.Generator, *, wobble: float, overshoot: float
) -> NDArray[np.float64]:
    """Draw along a path with an unsteady hand.

    Parameters
    ----------
    path : (N, 2), rows and columns on a map
    shape : of that map, which the hand does not leave
    rng : says how it sways, and how far it goes beyond the ends
    wobble : how far a point comes to lie from where it was meant, at most, in the path's units
    overshoot : how far the hand goes straight on beyond either end, at most, likewise; a dot has no ends

    Returns
    -------
    (N, 2) or, with its two ends, (N + 2, 2)
    """
    if len(path) > 1:
        ends = [_beyond(way, overshoot * rng.random()) for way in (path, path[::-1])]
        path = np.concatenate([ends[:1], path, ends[1:]])
    return np.clip(path + _sway(len(path), wobble, rng), 0, np.array(shape) - 1)


def _beyond(path: NDArray[np.float64], distance: float) -> NDArray[np.float64]:
    """Return the point straight on beyond a path's beginning."""
    heading = path[0] - path[min(END_STEPS, len(path) - 1)]
    length = np.linalg.norm(heading)
    return path[0] + (heading * (distance / length) if length else 0)


def _sway(count: int, reach: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return a displacement for each of ``count`` points, (count, 2), smooth along them and nowhere over ``reach``."""
    knots = -(-count // SWAY_STEPS) + 1
    angle, distance = rng.uniform(0, 2 * np.pi, knots), reach * np.sqrt(rng.random(knots))
    sides = distance[:, None] * np.column_stack([np.sin(angle), np.cos(angle)])
    last, part = np.divmod(np.arange(count) / SWAY_STEPS, 1)
    last, weight = last.astype(int), (part**2 * (3 - 2 * part))[:, None]  # still at either side
    return (1 - weight) * sides[last] + weight * sides[last + 1]
