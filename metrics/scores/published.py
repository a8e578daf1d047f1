"""The pseudo-F-measure (pFM) of the published method: the harmonic mean of precision and pseudo-recall.

- Precision: TP / (TP + FP).
- Pseudo-recall: the share of the truth's skeleton that the prediction covers.

It measures whether a line is there, hardly whether it is wide enough: a prediction of the skeleton alone scores 1.
Report the IoU beside it.

References
----------
- "Fusing Forces", ICPR 2024: pFM in the form used here.
- K. Ntirogiannis, B. Gatos, I. Pratikakis, IEEE Transactions on Image Processing 22(2), 2013: the idea of a recall
  taken on the skeleton, there with weights.
"""

from metrics.masks import Mask
from metrics.registry import MaskPair, Score, Shown, register
from metrics.truths import TruthCache

PFM = Score(
    name="pfm",
    title="pFM",
    from_counts=lambda tally: tally.counts.pfm,
    shown=Shown.RUN_TABLE | Shown.PLOTS | Shown.INITIAL_PLOT | Shown.LOGGER,
    summary=("initial", "manual", "refined"),
    rank=1,
    always_recorded=True,
)
register(PFM)


def pfm(prediction: Mask, truth: Mask, truths: TruthCache | None = None) -> float:
    """Pseudo-F-measure of a drawing, in its published form.

    Parameters
    ----------
    prediction, truth : bool arrays (H, W)
        True on the line.
    truths : TruthCache, optional
        Keeps the truth's skeleton, so that a second prediction for the same truth is far cheaper than the first.

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
    "Fusing Forces", ICPR 2024.

    Examples
    --------
    >>> import numpy as np
    >>> truth = np.zeros((5, 6), bool)
    >>> truth[2, 1:5] = True  # its own skeleton: a line of four pixels
    >>> prediction = truth.copy()
    >>> prediction[2, 3:] = False
    >>> round(pfm(prediction, truth), 4)  # precision 1, pseudo-recall 2 / 4
    0.6667
    """
    return PFM.of(MaskPair(prediction, truth, truths=truths))
