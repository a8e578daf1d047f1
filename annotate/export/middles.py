"""The middle of a line, finer than pixels, and the width of the line there."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from annotate.export.curves import Points
from lines.graph import Chain
from metrics.masks import Mask

WIDTH_SIGMA = 6.0  # points of a line over which its width is measured
MIDDLE_SIGMA = 2.0  # and over which its middle is
LEAST_RADIUS = 0.5

Radii = NDArray[np.float64]


def measured(
    chains: Sequence[Chain], centre: Mask, drawing: Mask, distance: NDArray[np.float32]
) -> list[tuple[Points, Radii]]:
    """Move the points of chains into the middle of their lines, and measure half of the width at each.

    Each pixel of the drawing belongs to the nearest of the skeleton. The mean of those that belong to a point is the
    middle of the line there; how many they are, by the length of the way, is its width. Neither is known at junctions,
    where what is known beside goes on.

    Parameters
    ----------
    chains : lines of the drawing's skeleton
    centre : (H, W) bool, the skeleton
    drawing : (H, W) bool
    distance : (H, W), from each pixel of the drawing to the nearest off it
    """
    labels = cv2.distanceTransformWithLabels(
        (~centre).view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )[1]
    rows, columns = np.nonzero(drawing)
    of_pixel = labels[rows, columns]
    area = np.bincount(of_pixel, minlength=int(labels.max()) + 1)
    middle = np.column_stack([np.bincount(of_pixel, place, minlength=len(area)) for place in (rows, columns)])
    middles = middle / np.maximum(area, 1)[:, None]
    result = []
    for chain in chains:
        mine = at_points(labels, chain.points)
        deep = at_points(distance, chain.points).astype(float)
        result.append(_along(chain, area[mine].astype(float), middles[mine], deep))
    return result


def at_points(values: NDArray, points: Points) -> NDArray:
    """Return a map's values (H, W) at points (N, 2), of those outside at its border."""
    row, column = np.floor(points + 0.5).astype(np.intp).T
    height, width = values.shape
    return np.asarray(values[np.clip(row, 0, height - 1), np.clip(column, 0, width - 1)])


def _along(chain: Chain, area: NDArray[np.float64], middle: Points, deep: Radii) -> tuple[Points, Radii]:
    points = chain.points
    counts = chain.counts
    if counts.sum() < 2:
        return points, np.maximum(deep - 0.5, LEAST_RADIUS)
    mode = "wrap" if chain.closed else "nearest"
    across = _normals(chain)
    off = np.where(counts, ((middle - points) * across).sum(axis=1), 0.0)
    wide = np.column_stack([np.where(counts, area, 0.0), np.where(counts, _steps(chain), 0.0)])
    wide = gaussian_filter1d(wide, WIDTH_SIGMA, axis=0, mode=mode, truncate=3)
    beside = gaussian_filter1d(np.column_stack([off, counts]), MIDDLE_SIGMA, axis=0, mode=mode, truncate=3)
    places = np.arange(len(points))
    radius = np.interp(places, places[counts], wide[counts, 0] / wide[counts, 1] / 2)
    shift = np.interp(places, places[counts], beside[counts, 0] / beside[counts, 1])
    return points + shift[:, None] * across, np.maximum(radius, LEAST_RADIUS)


def _normals(chain: Chain) -> Points:
    """Return unit vectors (N, 2) across the way."""
    mode = "wrap" if chain.closed else "nearest"
    smooth = gaussian_filter1d(chain.points, 2 * MIDDLE_SIGMA, axis=0, mode=mode)
    along = (
        np.gradient(np.vstack([smooth[-1:], smooth, smooth[:1]]), axis=0)[1:-1]
        if chain.closed
        else np.gradient(smooth, axis=0)
    )
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
    return np.column_stack([-along[:, 1], along[:, 0]])


def _steps(chain: Chain) -> NDArray[np.float64]:
    """Return how much of the way belongs to each point."""
    steps = np.linalg.norm(np.diff(chain.points, axis=0), axis=1)
    ends = np.linalg.norm(chain.points[0] - chain.points[-1]) if chain.closed else 1.0
    return np.concatenate([[ends / 2], steps / 2]) + np.concatenate([steps / 2, [ends / 2]])
