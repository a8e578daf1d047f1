"""The pseudo-F-measure of the binarization contests (DIBCO): precision and recall over weighted pixels.

The published form (`metrics.pfm`) asks whether a line's skeleton is drawn. This one weighs every pixel of the line, so
that a line drawn too thin loses too, and weighs wrong ink by where it lies, so that ink between two lines costs most.

References
----------
K. Ntirogiannis, B. Gatos, I. Pratikakis, "Performance Evaluation Methodology for Historical Document Image
Binarization", IEEE Transactions on Image Processing 22(2), 2013, pages 595-609.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from metrics.cache import ContentCache
from metrics.components import Strokes
from metrics.masks import Mask, checked
from metrics.scores import harmonic_mean
from metrics.stroke_weights import precision_weights, recall_weights

CACHE_LIMIT_BYTES = 512 * 2**20
"""What all kept weights may take together: 1,024 patches of 256 x 256, or 4 mirrors at model scale."""

UNIT = 2.0**-20
"""Weights are multiples of this: sums of fewer than 2**31 of them are exact, whatever their order and grouping."""


@dataclass(frozen=True, eq=False)
class Weights:
    """What the pixels of a truth weigh.

    Parameters
    ----------
    recall : float32 array (H, W)
        0 outside the strokes and on most of their contour, most in their middle, so that a stroke's cross section
        weighs about 1; single pixels weigh 1 and, where strokes meet, now and then more.
    precision : float32 array (H, W)
        In [1, 3]: 1 in the strokes and far from them.
    """

    recall: NDArray[np.float32]
    precision: NDArray[np.float32]


@dataclass(frozen=True)
class WeightedCounts:
    """Sums of weights from which the pseudo-F-measure follows.

    Counts of disjoint parts add up, exactly, to those of the whole, provided that each part was counted with its piece
    of the *whole's* weights. ``sum(parts, WeightedCounts())`` adds many; ``whole - before + after`` replaces a part.

    Parameters
    ----------
    recall_hit, recall_total : float
        Recall weights of the pixels that the drawing covers, and of all.
    precision_hit, precision_total : float
        Precision weights of the pixels drawn rightly, and of all that are drawn.
    """

    recall_hit: float = 0.0
    recall_total: float = 0.0
    precision_hit: float = 0.0
    precision_total: float = 0.0

    def __add__(self, other: object) -> "WeightedCounts":
        if not isinstance(other, WeightedCounts):
            return NotImplemented
        return WeightedCounts(
            self.recall_hit + other.recall_hit,
            self.recall_total + other.recall_total,
            self.precision_hit + other.precision_hit,
            self.precision_total + other.precision_total,
        )

    def __sub__(self, other: object) -> "WeightedCounts":
        if not isinstance(other, WeightedCounts):
            return NotImplemented
        return self + WeightedCounts(
            -other.recall_hit, -other.recall_total, -other.precision_hit, -other.precision_total
        )

    @property
    def pseudo_recall(self) -> float:
        """Share of the truth's weight that is drawn, in [0, 1]; if it has none, 1 where nothing is drawn, else 0."""
        return self.recall_hit / self.recall_total if self.recall_total else float(self.precision_total == 0)

    @property
    def pseudo_precision(self) -> float:
        """Share of the drawing's weight that is right, in [0, 1]; if it has none, 1 where that is right, else 0."""
        return self.precision_hit / self.precision_total if self.precision_total else float(self.recall_total == 0)

    @property
    def pfm(self) -> float:
        """Pseudo-F-measure in [0, 1]; 1 if truth and prediction are both empty, 0 if one is."""
        return harmonic_mean(self.pseudo_precision, self.pseudo_recall)


def pfm_dibco(prediction: Mask, truth: Mask) -> float:
    """Pseudo-F-measure of a drawing as the binarization contests have it: of pseudo-recall and pseudo-precision.

    Parameters
    ----------
    prediction, truth : bool arrays (H, W)
        True on the line.

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
    Ntirogiannis, Gatos, Pratikakis, IEEE TIP 22(2), 2013. The truth's weights are remembered (see `weights`), so a
    second prediction for the same truth is far cheaper than the first.

    Examples
    --------
    >>> truth = np.zeros((5, 6), bool)
    >>> truth[2, 1:5] = True  # one pixel wide: they weigh 1, the ends 1/2
    >>> prediction = truth.copy()
    >>> prediction[2, 3:] = False
    >>> round(pfm_dibco(prediction, truth), 4)  # pseudo-precision 1, pseudo-recall 1.5 / 3
    0.6667
    """
    return _counted(prediction, truth).pfm


def pseudo_recall(prediction: Mask, truth: Mask) -> float:
    """Share of the truth's weight that is drawn: parameters, range and errors as for `pfm_dibco`."""
    return _counted(prediction, truth).pseudo_recall


def pseudo_precision(prediction: Mask, truth: Mask) -> float:
    """Share of the drawing's weight that is right: parameters, range and errors as for `pfm_dibco`."""
    return _counted(prediction, truth).pseudo_precision


def weights(truth: Mask) -> Weights:
    """Weights of a truth's pixels, remembered from call to call.

    For a whole mirror they take seconds, and the same few truths come back thousands of times, so the weights used
    last are kept, `CACHE_LIMIT_BYTES` of them in each process, and found again by the truth's content.

    Parameters
    ----------
    truth : bool array (H, W)
        True on the line.

    Returns
    -------
    Weights
        Multiples of `UNIT`; read-only, since they are shared. An empty truth has recall weights 0, precision weights 1.

    Raises
    ------
    TypeError
        If `truth` is no bool array.
    ValueError
        If `truth` is not 2-D.
    """
    (truth,) = checked(truth=truth)
    recall, precision = _WEIGHTS.of(truth)
    return Weights(recall, precision)


def weighted_count(prediction: Mask, truth: Mask, truth_weights: Weights, inside: Mask | None = None) -> WeightedCounts:
    """Sum up the weights under a drawing.

    Parameters
    ----------
    prediction, truth : bool arrays (H, W)
        True on the line.
    truth_weights : Weights
        `weights` of the truth. For a part of a drawing, the same part of the whole truth's weights: then the counts of
        the parts add up to those of the whole.
    inside : bool array (H, W), optional
        Pixels outside are left out of every sum.

    Returns
    -------
    WeightedCounts

    Raises
    ------
    TypeError
        If a mask is no bool array.
    ValueError
        If a mask is not 2-D, or the shapes differ.
    """
    prediction, truth = checked(prediction=prediction, truth=truth)
    if truth_weights.recall.shape != truth.shape:
        raise ValueError(f"truth of shape {truth.shape}, weights of shape {truth_weights.recall.shape}; give its own")
    if inside is not None:
        _, inside = checked(truth=truth, inside=inside)
        prediction, truth = prediction & inside, truth & inside
    return WeightedCounts(
        recall_hit=_sum(truth_weights.recall, prediction & truth),
        recall_total=_sum(truth_weights.recall, truth),
        precision_hit=_sum(truth_weights.precision, prediction & truth),
        precision_total=_sum(truth_weights.precision, prediction),
    )


def _counted(prediction: Mask, truth: Mask) -> WeightedCounts:
    prediction, truth = checked(prediction=prediction, truth=truth)
    return weighted_count(prediction, truth, weights(truth))


def _sum(values: NDArray[np.float32], mask: Mask) -> float:
    return float(values[mask].sum(dtype=np.float64))


def _both(truth: Mask) -> NDArray[np.float32]:
    """Recall and precision weights of a truth, (2, H, W)."""
    if not truth.any():
        return np.stack([np.zeros(truth.shape, np.float32), np.ones(truth.shape, np.float32)])
    strokes = Strokes(truth)
    both = np.empty((2, *truth.shape), np.float32)
    recall, widths = recall_weights(strokes)
    both[0] = np.rint(recall / UNIT) * UNIT
    del recall  # large
    both[1] = np.rint(precision_weights(strokes, widths) / UNIT) * UNIT
    return both


_WEIGHTS = ContentCache(_both, CACHE_LIMIT_BYTES)
