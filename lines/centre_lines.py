"""Centre lines of what is wrong in a drawing and what a stroke can correct: a person's pen follows them."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.morphology import skeletonize

from metrics.cache import ContentCache
from metrics.masks import Mask
from metrics.skeletons import CACHE_LIMIT_BYTES

# Of truths, each of which is corrected many times, and of drawings, which come back until something in them changes.
_CENTRE_LINES = ContentCache(skeletonize, CACHE_LIMIT_BYTES)


def missing_line(drawing: Mask, truth: Mask) -> Mask:
    """Return the truth's centre line where the drawing misses it, (H, W) bool."""
    return _CENTRE_LINES.of(truth) & ~drawing


def superfluous_line(drawing: Mask, truth: Mask, margin: float) -> Mask:
    """Return the drawing's centre line where it has no truth below it and strays from the truth's centre line.

    Parameters
    ----------
    drawing, truth : (H, W) bool
    margin : pixels from the truth's centre line within which a drawn line counts as true, if as a broad one

    Returns
    -------
    (H, W) bool
        Empty where the drawing is right, and where all that it has too much lies along true line.
    """
    superfluous = _CENTRE_LINES.of(drawing) & ~truth
    if not superfluous.any():
        return superfluous
    near = cv2.dilate(_CENTRE_LINES.of(truth).astype(np.uint8), _disc(margin)).astype(bool)
    return np.asarray(superfluous & ~near)


def _disc(radius: float) -> NDArray[np.uint8]:
    reach = int(radius)
    offset = np.arange(-reach, reach + 1)
    return (offset[:, None] ** 2 + offset**2 <= radius**2).astype(np.uint8)
