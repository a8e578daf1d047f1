"""Simulated strokes on the errors of a line drawing.

A stroke adds line where the truth has it and the prediction does not, or erases line that the truth does not have
("Fusing Forces", ICPR 2024). It follows the skeleton of the error, so it is one connected piece.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from skimage.morphology import skeletonize

from data.line_statistics import MIRROR_LINES, LineStatistics
from data.regions import shape_of, to_scan, whole
from interaction.prompts.strokes import ADD, ERASE, MIN_DRAWN_RADIUS, Stroke, draw
from lines.centre_lines import CentreLine, false_negative_line, false_positive_line
from lines.paths import longest_path
from metrics.masks import Mask


@dataclass(frozen=True)
class Brush:
    """The way in which a simulated user draws: line widths, scale, and length of strokes.

    Parameters
    ----------
    lines : the radii that strokes are drawn with
    scale : map pixels a scan pixel; 0.5 for mirrors, whose maps are half the scan's size
    length : pixels of skeleton that a stroke follows at most, 11 as published
    centre_line : finds the line that strokes follow; ``lines.centre_lines.cached_centre_line()`` keeps what it computed
    """

    lines: LineStatistics = MIRROR_LINES
    scale: float = 0.5
    length: int = 11
    centre_line: CentreLine = field(default=skeletonize, compare=False, repr=False)

    @property
    def margin(self) -> float:
        """Map pixels from the truth's skeleton that count as line: mean radius and two deviations, as published."""
        return (self.lines.mean + 2 * self.lines.deviation) * self.scale


MIRROR_BRUSH = Brush()


def add_stroke(prediction: Mask, truth: Mask, rng: np.random.Generator, brush: Brush = MIRROR_BRUSH) -> Mask | None:
    """Draw one stroke over false negatives; see ``trace_false_negative``.

    Returns
    -------
    (H, W) bool map, one connected piece; None where there is no false negative line.
    """
    stroke = trace_false_negative(prediction, truth, rng, brush)
    return None if stroke is None else draw(stroke, whole(shape_of(truth)), brush.scale)


def erase_stroke(prediction: Mask, truth: Mask, rng: np.random.Generator, brush: Brush = MIRROR_BRUSH) -> Mask | None:
    """Draw one stroke over false positives; see ``trace_false_positive``.

    Returns
    -------
    (H, W) bool map, one connected piece; None where there is no false positive line.
    """
    stroke = trace_false_positive(prediction, truth, rng, brush)
    return None if stroke is None else draw(stroke, whole(shape_of(truth)), brush.scale)


def trace_false_negative(
    prediction: Mask, truth: Mask, rng: np.random.Generator, brush: Brush = MIRROR_BRUSH
) -> Stroke | None:
    """Follow the truth's skeleton where the prediction misses it.

    Parameters
    ----------
    prediction, truth : (H, W) bool, at model scale
    rng : chooses the part of a long piece, and the width
    brush : how the user draws

    Returns
    -------
    Stroke | None
        In scan pixels, relative to the maps' corner; every point is a false negative. None where there is none.
    """
    return _trace_longest(false_negative_line(prediction, truth, brush.centre_line), ADD, truth, rng, brush)


def trace_false_positive(
    prediction: Mask, truth: Mask, rng: np.random.Generator, brush: Brush = MIRROR_BRUSH
) -> Stroke | None:
    """Follow the prediction's skeleton where it is off the truth and more than ``brush.margin`` from its skeleton.

    The stroke is narrower near true line, as a careful user's, and touches none of it.

    Parameters
    ----------
    prediction, truth : (H, W) bool, at model scale
    rng : chooses the part of a long piece, and the width
    brush : how the user draws

    Returns
    -------
    Stroke | None
        In scan pixels, relative to the maps' corner; every point is a false positive. None where there is none.
    """
    line = false_positive_line(prediction, truth, brush.margin, brush.centre_line)
    return _trace_longest(line, ERASE, truth, rng, brush)


def part_of(path: NDArray[np.intp], rng: np.random.Generator, brush: Brush) -> NDArray[np.intp]:
    """Cut a random window of a stroke's length out of a path (N, 2); a shorter path stays as it is."""
    if len(path) <= brush.length:
        return path
    start = int(rng.integers(len(path) - brush.length + 1))
    return path[start : start + brush.length]


def stroke_along(
    path: NDArray[np.intp], sign: int, truth: Mask, rng: np.random.Generator, brush: Brush = MIRROR_BRUSH
) -> Stroke:
    """Make a stroke along a path: an add stroke of constant width, an erase stroke narrower near true line.

    Parameters
    ----------
    path : (N, 2), pixels of the truth's map, each the neighbour of the one before
    sign : ``ADD`` or ``ERASE``
    truth : (H, W) bool, at model scale
    rng : chooses the width
    brush : how the user draws

    Returns
    -------
    Stroke
        In scan pixels, relative to the map's corner. An erase stroke along a path off true line touches none of it.
    """
    wanted = brush.lines.sample(rng)
    radius = np.full(len(path), wanted)
    if sign == ERASE:
        reach = wanted * brush.scale + 2
        free = distance_to_ink(path, truth, reach) - 1  # a pixel short, so the pen's arc is clear too
        radius = np.minimum(wanted, np.maximum(free, MIN_DRAWN_RADIUS) / brush.scale)
    return Stroke(to_scan(path, brush.scale), radius, sign)


def _trace_longest(centre_line: Mask, sign: int, truth: Mask, rng: np.random.Generator, brush: Brush) -> Stroke | None:
    path = longest_path(centre_line)
    return None if path is None else stroke_along(part_of(path, rng, brush), sign, truth, rng, brush)


def distance_to_ink(points: NDArray[np.intp], ink: Mask, reach: float) -> NDArray[np.float64]:
    """Return each point's distance to the nearest ink, ``reach`` at most; computed from integers, so reproducible."""
    margin = int(np.ceil(reach))
    top, left = (points.min(axis=0) - margin).clip(0)
    bottom, right = points.max(axis=0) + margin + 1
    near = np.argwhere(ink[top:bottom, left:right]) + np.array([top, left])
    if not len(near):
        return np.full(len(points), reach)
    squared = ((points[:, None] - near[None]) ** 2).sum(axis=2).min(axis=1)
    return np.minimum(np.sqrt(squared), reach)
