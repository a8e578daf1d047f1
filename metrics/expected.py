"""Expected pFM and expected wrong pixels of a drawing without a truth, from the probability of each pixel to be line.

In a patch with hardly any line, a few pixels decide the pFM. A plain estimate is near 0 or 1 there, and such patches
would come first or last in the order of patches. Therefore the counts of each patch are increased by those of a short
piece of line (`EVIDENCE`) of the mirror's mean quality. The estimate of a patch with little line is then close to the
mean of the mirror; the estimate of a patch with much line depends on its own pixels. On synthetic mirrors the estimates
are unbiased for the patches with the least line, and a few points too high for all others. A patch in which nothing is
drawn and no pixel is suspected scores 1, as an empty drawing of an empty truth does.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from metrics.masks import Mask
from metrics.thinning import thin

Floats = NDArray[np.float64]

SUSPECTED = 0.2
"""Probability above which a pixel may be line. Lower than 1/2, or few false negatives would be suspected."""

EVIDENCE = 5.0
"""Length, in pixels, of the piece of line of mean quality that each patch is taken to hold: half of a stroke."""

WIDTH = 6.0
"""Line pixels for each pixel of its centre line, at model scale."""

TOLERANCE = 2
"""Pixels by which an edge may lie off before that matters; the measure harm leaves as many out."""


def expected_counts(share: NDArray[np.floating], drawing: Mask) -> Floats:
    """Compute the counts of one patch that `expected_pfm` needs.

    The truth's skeleton is estimated by that of all suspected line, each pixel weighted by its probability.

    Parameters
    ----------
    share : float array (H, W)
        Probability of each pixel to be line, in [0, 1]; see `metrics.calibration`.
    drawing : bool array (H, W)
        True on the line that is drawn.

    Returns
    -------
    float array (4,)
        Pixels: drawn; expected true positives among them; expected on the truth's skeleton; drawn among these.
    """
    centre = thin(share > SUSPECTED)
    return np.array(
        [
            np.count_nonzero(drawing),
            share[drawing].sum(dtype=np.float64),
            share[centre].sum(dtype=np.float64),
            share[centre & drawing].sum(dtype=np.float64),
        ]
    )


def expected_pfm(counts: Floats, evidence: float = EVIDENCE) -> Floats:
    """Estimate the pFM of each patch of a mirror.

    Parameters
    ----------
    counts : float array (N, 4)
        `expected_counts` of each patch.
    evidence : float
        Length in pixels of the piece of line of mean quality that each patch is taken to hold besides its own.

    Returns
    -------
    float array (N,)
        In [0, 1].
    """
    drawn, right, centre, covered = counts.T
    precision = _shrunk(right, drawn, WIDTH * evidence)
    pseudo_recall = _shrunk(covered, centre, evidence)
    total = precision + pseudo_recall
    pfm = np.divide(2 * precision * pseudo_recall, total, out=np.zeros(len(counts)), where=total > 0)
    return np.where((drawn == 0) & (centre == 0), 1.0, pfm)


def _shrunk(part: Floats, whole: Floats, more: float) -> Floats:
    """Part over whole, both first raised by `more` pixels at the mean ratio; 0 where the whole is empty. (N,)."""
    mean = part.sum() / whole.sum() if whole.any() else 0.0
    return np.divide(part + more * mean, whole + more, out=np.zeros(len(part)), where=whole + more > 0)


def expected_wrong(share: NDArray[np.floating], drawing: Mask) -> Floats:
    """Estimate how wrong each pixel is: the probability that it is ground where drawn, or line where not.

    Parameters
    ----------
    share : float array (H, W)
        Probability of each pixel to be line, in [0, 1].
    drawing : bool array (H, W)
        True on the line that is drawn.

    Returns
    -------
    float array (H, W)
        In [0, 1]; the sum over any pixels is the number of wrong ones to expect among them.
    """
    return np.where(drawing, 1 - share, share).astype(np.float64)


def expected_astray(share: NDArray[np.floating], drawing: Mask) -> Floats:
    """Estimate how wrong each pixel is beyond ``TOLERANCE``: line with none of the other kind of line so near.

    A drawn pixel is astray if no true line lies within the tolerance; a true one, if none is drawn there. The
    probability of line within the tolerance is taken to be the greatest of the pixels there, as neighbours are line
    together. With a truth of 0 and 1 as ``share`` the sum is the true number.

    Parameters
    ----------
    share, drawing : as for ``expected_wrong``

    Returns
    -------
    float array (H, W)
        In [0, 1]. Pixels nearer than the tolerance to the array's edge lack a part of their neighbours.
    """
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * TOLERANCE + 1,) * 2)
    line_near = cv2.dilate(share.astype(np.float64), disc)
    drawn_near = cv2.dilate(drawing.astype(np.uint8), disc) > 0
    return np.where(drawing, 1 - line_near, np.where(drawn_near, 0, share))
