"""The simulated user of the page: strokes on the errors of a drawing, strokes by comparing it with its truth."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle

import numpy as np
from numpy.typing import NDArray

from annotate.library.places import grid_of
from data.regions import Region
from data.storage import PreparedView
from interaction.prompts.strokes import ADD, Stroke
from simulation.strokes import Brush, trace_false_negative, trace_false_positive

LENGTHS = (11, 40)  # model pixels of line that a stroke follows: as published, and about as long as people draw
AROUND_PX = 350  # scan pixels in view on each side of a stroke while it is drawn


def correcting_strokes(view: PreparedView, lines: NDArray[np.bool_], rng: np.random.Generator) -> Iterator[Stroke]:
    """Make strokes that correct a drawing, one in each place in a random order, again and again without end.

    Parameters
    ----------
    view : the mirror, with its truth
    lines : (H, W) bool, the drawing at model scale
    rng : chooses places and strokes

    Yields
    ------
    Stroke
        In scan pixels; adding and erasing, short and long by turns. None at all if the drawing has no errors.
    """
    grid = grid_of(view.mask)
    places = [place for place in rng.permutation(len(grid)) if _correcting_stroke(view, lines, grid[place], 0, rng)]
    for number, place in enumerate(cycle(places)):
        stroke = _correcting_stroke(view, lines, grid[place], number, rng)
        assert stroke is not None
        yield stroke


def _correcting_stroke(
    view: PreparedView, lines: NDArray[np.bool_], region: Region, number: int, rng: np.random.Generator
) -> Stroke | None:
    brush = Brush(length=LENGTHS[number // 2 % len(LENGTHS)])
    traces = (trace_false_positive, trace_false_negative)[:: -1 if number % 2 else 1]
    drawn, truth = (np.array(which[region.slices]) for which in (lines, view.truth))
    candidates = (trace(drawn, truth, rng, brush) for trace in traces)  # the other kind where there is none of one
    stroke = next((stroke for stroke in candidates if stroke is not None), None)
    return stroke and stroke.moved(region.top / view.scale, region.left / view.scale)


def around(stroke: Stroke) -> tuple[float, float, float, float]:
    """Return the rectangle to show while a stroke is drawn: top, left, height, width in scan pixels."""
    (top, left), (bottom, right) = (end(stroke.path_px, axis=0) for end in (np.min, np.max))
    side = max(bottom - top, right - left) + 2 * AROUND_PX
    return (top + bottom - side) / 2, (left + right - side) / 2, side, side


def button(stroke: Stroke) -> str:
    """Return the mouse button that draws a stroke while the page is set to add line."""
    return "left" if stroke.sign == ADD else "right"
