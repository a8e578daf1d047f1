"""A simulated user with an unsteady hand: the stroke that is drawn deviates from the intended one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.regions import Shape, shape_of, to_scale, to_scan
from interaction.prompts.strokes import Stroke
from metrics.masks import Mask
from simulation.annotators.published import Longer
from simulation.simulated_user import History
from simulation.strokes import Brush

SWAY_STEPS = 5  # points of a path over which the hand goes from one side to another
END_STEPS = 3  # points at a path's end that say where it was heading


@dataclass(frozen=True)
class Unsteady:
    """Draws the stroke of ``Longer`` with an unsteady hand, as people draw.

    Its points may lie on right pixels, and its erase strokes may touch true line.

    Parameters
    ----------
    brush : how the intended stroke is made
    wobble : largest distance of a point from its intended place, in map pixels
    overshoot : largest length that is added at either end, in map pixels
    misjudged : largest factor by which the stroke is too wide or too narrow
    """

    brush: Brush
    wobble: float = 1.5
    overshoot: float = 2.0
    misjudged: float = 1.5
    previews = 0

    def __call__(self, mask: Mask, truth: Mask, history: History, rng: np.random.Generator) -> Stroke | None:
        """See ``SimulatedUser``."""
        meant = Longer(self.brush)(mask, truth, history, rng)
        if meant is None:
            return None
        way = to_scale(meant.path_px, self.brush.scale)
        path = unsteady(way, shape_of(truth), rng, wobble=self.wobble, overshoot=self.overshoot)
        radius = np.pad(meant.radius_px, (len(path) - len(way)) // 2, mode="edge")
        wrongly = self.misjudged ** rng.uniform(-1, 1)
        return Stroke(to_scan(path, self.brush.scale), radius * wrongly, meant.sign)


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
