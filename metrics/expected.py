"""What pFM to expect of a drawing whose truth nobody knows, from how likely each pixel is line.

In a patch with hardly any line a few pixels decide on the pFM, so a plain estimate runs to the ends of the scale there
and says little but how small the patch is: it would come first, or last, for that alone. So each patch is taken to
hold, beside what is seen in it, a short piece of line as good as the mirror's mean. With little line it is expected to
be about as good as that, with much as good as it looks. On made-up mirrors the smallest patches are then right on
average, and others some points too good, hardly one size more than another. Where nothing is drawn and nothing
suspected it scores 1, as it does beside an empty truth.
"""

import numpy as np
from numpy.typing import NDArray

from metrics.masks import Mask
from metrics.thinning import thin

Floats = NDArray[np.float64]

SUSPECTED = 0.2
"""Share of line above which a pixel may belong to a line; near 1/2 few are left that the drawing lacks."""

EVIDENCE = 5.0
"""Centre-line pixels of the mirror's mean quality in each patch: half of a stroke."""

WIDTH = 6.0
"""Pixels of a line for each of its centre line, at model scale."""


def expected_counts(share: NDArray[np.floating], drawing: Mask) -> Floats:
    """Count what `expected_pfm` takes, in one patch.

    The truth's skeleton is not known either. That of all suspected line stands in for it, each pixel as far as it is
    likely.

    Parameters
    ----------
    share : float array (H, W)
        How likely each pixel is line, in [0, 1]; see `metrics.calibration`.
    drawing : bool array (H, W)
        True on the line that is drawn.

    Returns
    -------
    float array (4,)
        Pixels: drawn; of these, expected to be right; expected on the truth's skeleton; of these, drawn.
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
        Pixels of centre line, of the mirror's mean quality, that each patch is taken to hold beside its own.

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
    """Shares of wholes, each with so many pixels more at the share of all together; 0 where there is no whole."""
    mean = part.sum() / whole.sum() if whole.any() else 0.0
    return np.divide(part + more * mean, whole + more, out=np.zeros(len(part)), where=whole + more > 0)
