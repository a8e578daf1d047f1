"""Rims: bands along a true line by which the drawn line is too wide, and the erase strokes that make it thinner."""

from __future__ import annotations

import cv2
import numpy as np

from interaction.prompts.strokes import ERASE, Stroke
from lines.paths import longest_path
from metrics.masks import Mask
from simulation.strokes import MIRROR_BRUSH, Brush, part_of, stroke_along

EXCESS = 2  # model pixels; two people, or two runs of a model, differ by one at a line's edge
SHORTEST = 3  # pixels of path; shorter bands are the edge's noise


def rim(drawing: Mask, truth: Mask, excess: int = EXCESS) -> Mask:
    """Return the drawn pixels that lie off the true lines by a width or more.

    Parameters
    ----------
    drawing, truth : (H, W) bool, at model scale
    excess : least distance to the nearest pixel of true line, in model pixels: a line that is drawn so many pixels too
        wide at a side has such pixels there

    Returns
    -------
    (H, W) bool
        Empty where there is no true line at all, since nothing there is the rim of one.
    """
    if not truth.any():
        return np.zeros(truth.shape, bool)
    distance = cv2.distanceTransform((~truth).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.asarray(drawing & (np.rint(np.square(distance, dtype=np.float64)) >= excess**2))  # reproducible


def trace_rim(
    drawing: Mask, truth: Mask, rng: np.random.Generator, brush: Brush = MIRROR_BRUSH, excess: int = EXCESS
) -> Stroke | None:
    """Follow a rim and erase it up to a pixel from the true line, so that the drawn line becomes thinner.

    Such a stroke is for drawings whose centre lines are right: missing and superfluous lines are not its matter, though
    it erases of the latter what lies off the truth.

    Parameters
    ----------
    drawing, truth : (H, W) bool, at model scale
    rng : chooses the part of a long rim, and the largest width
    brush : how the user draws
    excess : as for `rim`

    Returns
    -------
    Stroke | None
        An erase stroke in scan pixels, relative to the maps' corner; it touches no true line, and every point lies on a
        rim. None where there is no rim of `SHORTEST` pixels.
    """
    path = longest_path(brush.centre_line(rim(drawing, truth, excess)))
    if path is None or len(path) < SHORTEST:
        return None
    return stroke_along(part_of(path, rng, brush), ERASE, truth, rng, brush)
