"""Limits of what the server accepts: points, width, length and place of strokes; widths of lines."""

from __future__ import annotations

import numpy as np

from annotate.errors import AnnotateError
from data.regions import Shape
from interaction.prompts.strokes import Stroke

MAX_POINTS = 20_000  # of one stroke
MAX_RADIUS_PX = 200.0  # scan pixels; thirty times the mean of drawn lines
MIN_LINE_PX, MAX_LINE_PX = 0.5, 200.0  # widths of lines, as ``data.setup`` takes them
MAX_LENGTH = 8  # of a stroke, in rows and columns of the scan together


def require_drawable(stroke: Stroke, shape: Shape) -> None:
    """Refuse a stroke that exceeds a limit: nobody draws such strokes, and rasterising one could take minutes.

    Parameters
    ----------
    stroke : in scan pixels
    shape : of the scan

    Raises
    ------
    AnnotateError
        If the stroke has too many points, is too wide or too long, or reaches further off the scan than its size.
    """
    path = stroke.path_px
    if len(path) > MAX_POINTS:
        raise AnnotateError(f"a stroke of {len(path):,} points; draw at most {MAX_POINTS:,} at a time")
    if stroke.radius_px.max() > MAX_RADIUS_PX:
        raise AnnotateError(f"a radius of {stroke.radius_px.max():.4g} px; take a pen of at most {MAX_RADIUS_PX:.0f}")
    if (path < -np.array(shape)).any() or (path > 2 * np.array(shape)).any():
        raise AnnotateError(f"a stroke far off the scan of {shape[0]} x {shape[1]} px; draw on the scan")
    length = float(np.linalg.norm(np.diff(path, axis=0), axis=1).sum())
    if length > MAX_LENGTH * sum(shape):
        raise AnnotateError(f"a stroke of {length:,.0f} px; draw at most {MAX_LENGTH * sum(shape):,} px at a time")
