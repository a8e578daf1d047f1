"""Pixels that a prediction repairs and spoils, counted away from the edges of lines.

Two annotators never agree on an edge to the pixel, so what changes near one is neither harm nor repair.
"""

import math

import cv2
import numpy as np

from metrics.masks import Mask, checked


def harm(repaired: int, spoiled: int) -> float:
    """Number of pixels turned from right to wrong, divided by those turned from wrong to right.

    Parameters
    ----------
    repaired, spoiled : int
        Sums over all predictions of a run of the counts by `turned`.

    Returns
    -------
    float
        0 if nothing was spoiled; infinity if something was spoiled and nothing repaired.

    Raises
    ------
    ValueError
        If a count is negative.

    Examples
    --------
    >>> harm(repaired=8, spoiled=2), harm(0, 0), harm(0, 2)
    (0.25, 0.0, inf)
    """
    if min(repaired, spoiled) < 0:
        raise ValueError(f"{repaired} pixels repaired, {spoiled} spoiled; both are counts, 0 or greater")
    if not repaired:
        return math.inf if spoiled else 0.0
    return spoiled / repaired


def turned(before: Mask, after: Mask, truth: Mask, counted: Mask) -> tuple[int, int]:
    """Count the pixels that a prediction changed to right and to wrong.

    Parameters
    ----------
    before, after : bool arrays (H, W)
        The drawing before and after.
    truth : bool array (H, W)
        True on the line.
    counted : bool array (H, W)
        Pixels that count; for the measure of harm those `far_from_edge`, without the new stroke.

    Returns
    -------
    repaired, spoiled : int
        Pixels turned from wrong to right, and from right to wrong.

    Raises
    ------
    TypeError
        If an argument is no bool array.
    ValueError
        If an argument is not 2-D, or the shapes differ.
    """
    before, after, truth, counted = checked(before=before, after=after, truth=truth, counted=counted)
    changed = (before ^ after) & counted
    spoiled = int(np.count_nonzero(changed & (after ^ truth)))
    return int(np.count_nonzero(changed)) - spoiled, spoiled


def far_from_edge(truth: Mask, distance: float = 2) -> Mask:
    """Find the pixels that lie more than a distance from the edge of the truth's lines.

    The edge consists of the sides that a line pixel, a square of side 1, shares with a pixel of the ground. A pixel's
    distance is Euclidean, from its centre to the nearest point of the edge: 1/2 for those that touch it, on the line as
    on the ground, 1 1/2 for the next. So within a distance of 2 lie two pixels on either side of a straight edge.
    Beyond the picture's border there is neither line nor ground, hence no edge.

    Parameters
    ----------
    truth : bool array (H, W)
        True on the line.
    distance : float
        In pixels, 0 or greater.

    Returns
    -------
    bool array (H, W)
        Computed in whole numbers: the same, bit for bit, from call to call.

    Raises
    ------
    TypeError
        If `truth` is no bool array.
    ValueError
        If `truth` is not 2-D, or the distance is negative.
    """
    (truth,) = checked(truth=truth)
    if not distance >= 0:
        raise ValueError(f"a distance of {distance} pixels; give 0 or more")
    if not truth.size:
        return truth
    # The straight way to the edge's nearest point ends at the square of a pixel of the other kind.
    mixed = cv2.morphologyEx(truth.view(np.uint8), cv2.MORPH_GRADIENT, _squares_within(distance))
    return mixed == 0


def _squares_within(distance: float) -> np.ndarray:
    """Pixels with a point of their square at most `distance` from the middle pixel's centre, 1 in a square array."""
    reach = int(distance + 0.5)
    steps = np.abs(np.arange(-reach, reach + 1))
    halves = np.maximum(2 * steps - 1, 0) ** 2  # of the distance along one axis, in half pixels, squared
    return (halves[:, None] + halves <= (2 * distance) ** 2).astype(np.uint8)
