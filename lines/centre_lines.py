"""Centre lines of a drawing's errors: the lines that a correcting stroke follows.

A centre line is computed by a function of a mask, `skeletonize` unless another one is given. Code that simulates many
strokes on one truth passes `cached_centre_line()`, which keeps the centre lines that it computed last.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.morphology import skeletonize

from metrics.masks import Mask
from metrics.truths import ContentCache

CentreLine = Callable[[Mask], Mask]
LIMIT_BYTES = 256 * 2**20  # about 4,000 patches of 256 x 256


def cached_centre_line() -> CentreLine:
    """Return a function that computes centre lines and keeps those of the masks that it was given last.

    Such masks are truths, which many strokes are compared with, and drawings that have not changed since.
    """
    return ContentCache(skeletonize, LIMIT_BYTES)


def false_negative_line(drawing: Mask, truth: Mask, centre_line: CentreLine = skeletonize) -> Mask:
    """Return the part of the truth's centre line that the drawing does not cover, (H, W) bool."""
    return centre_line(truth) & ~drawing


def false_positive_line(drawing: Mask, truth: Mask, margin: float, centre_line: CentreLine = skeletonize) -> Mask:
    """Return the part of the drawing's centre line that is off the truth and not near the truth's centre line.

    Parameters
    ----------
    drawing, truth : (H, W) bool
    margin : distance in pixels from the truth's centre line within which a drawn line is only too broad, not false
    centre_line : computes the centre line of a mask

    Returns
    -------
    (H, W) bool
        Empty if the drawing has no false positives, or all of them lie along true line.
    """
    extra = centre_line(drawing) & ~truth
    if not extra.any():
        return extra
    near = cv2.dilate(centre_line(truth).astype(np.uint8), _disc(margin)).astype(bool)
    return np.asarray(extra & ~near)


def _disc(radius: float) -> NDArray[np.uint8]:
    reach = int(radius)
    offset = np.arange(-reach, reach + 1)
    return (offset[:, None] ** 2 + offset**2 <= radius**2).astype(np.uint8)
