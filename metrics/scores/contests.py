"""The pseudo-F-measure of the binarization contests (DIBCO): precision and recall over weighted pixels.

`metrics.dibco` computes the weights.

References
----------
K. Ntirogiannis, B. Gatos, I. Pratikakis, "Performance Evaluation Methodology for Historical Document Image
Binarization", IEEE Transactions on Image Processing 22(2), 2013, pages 595-609.
"""

from metrics.masks import Mask
from metrics.registry import MaskPair, Score, Shown, register
from metrics.truths import TruthCache

PFM_DIBCO = Score(
    name="pfm_dibco",
    title="contest pFM",
    from_counts=lambda tally: tally.weighted.pfm,
    shown=Shown.RUN_TABLE | Shown.PLOTS | Shown.INITIAL_PLOT,
    summary=("refined",),
    rank=2,
    always_recorded=True,
)
PSEUDO_RECALL = Score(
    name="pseudo_recall",
    title="contest recall",
    from_counts=lambda tally: tally.weighted.pseudo_recall,
    rank=9,
    always_recorded=True,
)
PSEUDO_PRECISION = Score(
    name="pseudo_precision",
    title="contest precision",
    from_counts=lambda tally: tally.weighted.pseudo_precision,
    rank=10,
    always_recorded=True,
)
register(PFM_DIBCO, PSEUDO_RECALL, PSEUDO_PRECISION)


def pfm_dibco(prediction: Mask, truth: Mask, truths: TruthCache | None = None) -> float:
    """Pseudo-F-measure of a drawing as the binarization contests have it: of pseudo-recall and pseudo-precision.

    Parameters
    ----------
    prediction, truth : bool arrays (H, W)
        True on the line.
    truths : TruthCache, optional
        Keeps the truth's weights, so that a second prediction for the same truth is far cheaper than the first.

    Returns
    -------
    float
        In [0, 1]; 1 if both are empty, 0 if one is.

    Raises
    ------
    TypeError
        If an argument is no bool array.
    ValueError
        If an argument is not 2-D, or the shapes differ.

    Notes
    -----
    Ntirogiannis, Gatos, Pratikakis, IEEE TIP 22(2), 2013.

    Examples
    --------
    >>> import numpy as np
    >>> truth = np.zeros((5, 6), bool)
    >>> truth[2, 1:5] = True  # one pixel wide: they weigh 1, the ends 1/2
    >>> prediction = truth.copy()
    >>> prediction[2, 3:] = False
    >>> round(pfm_dibco(prediction, truth), 4)  # pseudo-precision 1, pseudo-recall 1.5 / 3
    0.6667
    """
    return PFM_DIBCO.of(MaskPair(prediction, truth, truths=truths))


def pseudo_recall(prediction: Mask, truth: Mask, truths: TruthCache | None = None) -> float:
    """Share of the truth's weight that is drawn: parameters, range and errors as for `pfm_dibco`."""
    return PSEUDO_RECALL.of(MaskPair(prediction, truth, truths=truths))


def pseudo_precision(prediction: Mask, truth: Mask, truths: TruthCache | None = None) -> float:
    """Share of the drawing's weight that is true: parameters, range and errors as for `pfm_dibco`."""
    return PSEUDO_PRECISION.of(MaskPair(prediction, truth, truths=truths))
