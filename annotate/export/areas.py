"""The areas of a drawing: parts that are filled rather than drawn with a pen."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.measure import find_contours

from annotate.export.curves import Way, smoothed
from metrics.masks import Mask

AREA_RADII = 4.0  # a place is filled where it is so many times as broad as the drawing's lines are in the median
SMALLEST = 6  # points of an outline; a hole with fewer is a gap between pixels


def filled_areas(drawing: Mask, distance: NDArray[np.float32], centre: Mask) -> tuple[list[list[Way]], Mask]:
    """Find the parts that are too broad for a line.

    Parameters
    ----------
    drawing, centre : (H, W) bool, and its skeleton
    distance : (H, W), from each pixel of the drawing to the nearest off it

    Returns
    -------
    outlines, inside
        Of each part its outlines, closed, in pixels; and (H, W) bool, where no skeleton has to be followed.
    """
    nothing = np.zeros(drawing.shape, bool)
    if not centre.any():
        return [], nothing
    usual = float(np.median(distance[centre]))
    broad = AREA_RADII * usual
    core = distance > broad
    if not core.any():
        return [], nothing
    from_core = cv2.distanceTransform((~core).view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    part = drawing & (from_core <= broad + 1)  # the core grown back to the edge, and no line that leads away
    inside = drawing & (from_core <= broad - usual)
    count, labels, boxes, _ = cv2.connectedComponentsWithStats(part.view(np.uint8), connectivity=8)
    areas = []
    for number in range(1, count):
        left, top, width, height = boxes[number, :4]
        field = np.pad(labels[top : top + height, left : left + width] == number, 1).astype(float)
        corner = np.array([top - 1, left - 1])
        outlines = [line[:-1] + corner for line in find_contours(field, 0.5) if len(line) > SMALLEST]
        areas.append([smoothed(outline, closed=True) for outline in outlines])
    return areas, inside
