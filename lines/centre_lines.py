"""Centre lines of the errors of a drawing that a stroke can correct: a person's pen follows them.

A centre line is computed by a function of a mask, `skeletonize` unless another one is given. Who simulates many strokes
on one truth gives `cached_centre_line()`, which keeps those that it computed last.
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
    """Return a function that computes centre lines and keeps those of the masks that it saw last.

    Those are truths, each of which is corrected many times, and drawings, which come back until they change.
    """
    return ContentCache(skeletonize, LIMIT_BYTES)


def missing_line(drawing: Mask, truth: Mask, centre_line: CentreLine = skeletonize) -> Mask:
    """Return the truth's centre line where the drawing misses it, (H, W) bool."""
    return centre_line(truth) & ~drawing


def superfluous_line(drawing: Mask, truth: Mask, margin: float, centre_line: CentreLine = skeletonize) -> Mask:
    """Return the drawing's centre line where it has no truth below it and strays from the truth's centre line.

    Parameters
    ----------
    drawing, truth : (H, W) bool
    margin : pixels from the truth's centre line within which a drawn line counts as true, if as a broad one
    centre_line : computes the centre line of a mask

    Returns
    -------
    (H, W) bool
        Empty where the drawing is right, and where all that it has too much lies along true line.
    """
    superfluous = centre_line(drawing) & ~truth
    if not superfluous.any():
        return superfluous
    near = cv2.dilate(centre_line(truth).astype(np.uint8), _disc(margin)).astype(bool)
    return np.asarray(superfluous & ~near)


def _disc(radius: float) -> NDArray[np.uint8]:
    reach = int(radius)
    offset = np.arange(-reach, reach + 1)
    return (offset[:, None] ** 2 + offset**2 <= radius**2).astype(np.uint8)
