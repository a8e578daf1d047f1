"""Traced lines painted back into pixels, by the painter of strokes; and drawings that strokes make."""

from __future__ import annotations

import cv2
import numpy as np

from annotate.export.curves import flattened
from annotate.export.lines import LineArt
from data.regions import whole
from interaction.prompts.strokes import Stroke, draw


def pen(path, radius, shape):
    """Draw a pen's way, (N, 2) rows and columns, into a map."""
    path = np.atleast_2d(np.asarray(path, float))
    return draw(Stroke(path, np.broadcast_to(np.asarray(radius, float), len(path)).copy(), 1), whole(shape), 1.0)


def painted(art: LineArt) -> np.ndarray:
    """Paint lines, dots and areas; (H, W) bool."""
    shape = round(art.height), round(art.width)
    filled = np.zeros(shape, np.uint8)
    for area in art.areas:
        outlines = [np.rint(flattened(outline)[:, ::-1] * 16).astype(np.int32) for outline in area.outlines]
        cv2.fillPoly(filled, outlines, 1, shift=4)
    drawing = filled.astype(bool)
    for line in art.lines:
        drawing |= pen(flattened(line.curve), line.width / 2, shape)
    for dot in art.dots:
        drawing |= pen([dot.centre], dot.radius, shape)
    return drawing


def tolerant_f(prediction, truth, tolerance=2.0):
    """F-measure of what lies within a tolerance (pixels) of the other."""
    away = [cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, 5) for mask in (prediction, truth)]
    precision, recall = (away[1][prediction] <= tolerance).mean(), (away[0][truth] <= tolerance).mean()
    return 2 * precision * recall / (precision + recall)


def arc(centre, radius, start=0.0, stop=2 * np.pi, points=200):
    angle = np.linspace(start, stop, points)
    return np.asarray(centre) + radius * np.column_stack([np.sin(angle), np.cos(angle)])
