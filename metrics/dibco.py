"""Weights of the binarization contests (DIBCO), and sums of them from which their pseudo-F-measure follows.

The published form (`metrics.pfm`) asks whether a line's skeleton is drawn. This one weighs every pixel of the line, so
that a line drawn too thin loses too, and weighs false positives by where they lie, so that ink between two lines costs
most. The scores themselves are in `metrics.scores.contests`.

References
----------
K. Ntirogiannis, B. Gatos, I. Pratikakis, "Performance Evaluation Methodology for Historical Document Image
Binarization", IEEE Transactions on Image Processing 22(2), 2013, pages 595-609.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from metrics.components import Strokes
from metrics.counts import harmonic_mean
from metrics.masks import Mask, checked
from metrics.stroke_weights import precision_weights, recall_weights

UNIT = 2.0**-20
"""Weights are multiples of this: sums of fewer than 2**31 of them are exact, whatever their order and grouping."""


@dataclass(frozen=True, eq=False)
class Weights:
    """The weights of a truth's pixels.

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
        Precision weights of the true positives, and of all pixels that are drawn.
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
        """Share of the truth's weight that is drawn, in [0, 1]; if it has none, 1 if nothing is drawn, else 0."""
        return self.recall_hit / self.recall_total if self.recall_total else float(self.precision_total == 0)

    @property
    def pseudo_precision(self) -> float:
        """Share of the drawing's weight that is true, in [0, 1]; if it has none, 1 if the truth has none, else 0."""
        return self.precision_hit / self.precision_total if self.precision_total else float(self.recall_total == 0)

    @property
    def pfm(self) -> float:
        """Pseudo-F-measure in [0, 1]; 1 if truth and prediction are both empty, 0 if one is."""
        return harmonic_mean(self.pseudo_precision, self.pseudo_recall)


def weights(truth: Mask) -> Weights:
    """Compute the weights of a truth's pixels; for a whole mirror that takes seconds, see `metrics.truths.TruthCache`.

    Parameters
    ----------
    truth : bool array (H, W)
        True on the line.

    Returns
    -------
    Weights
        Multiples of `UNIT`. An empty truth has recall weights 0, precision weights 1.

    Raises
    ------
    TypeError
        If `truth` is no bool array.
    ValueError
        If `truth` is not 2-D.
    """
    (truth,) = checked(truth=truth)
    return Weights(*packed_weights(truth))


def weighted_count(
    prediction: Mask, truth: Mask, truth_weights: Weights, valid_mask: Mask | None = None
) -> WeightedCounts:
    """Sum up the weights under a drawing.

    Parameters
    ----------
    prediction, truth : bool arrays (H, W)
        True on the line.
    truth_weights : Weights
        `weights` of the truth. For a part of a drawing, the same part of the whole truth's weights: then the counts of
        the parts add up to those of the whole.
    valid_mask : bool array (H, W), optional
        Pixels outside it are left out of every sum.

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
    if valid_mask is not None:
        _, valid = checked(truth=truth, valid_mask=valid_mask)
        prediction, truth = prediction & valid, truth & valid
    return WeightedCounts(
        recall_hit=_sum(truth_weights.recall, prediction & truth),
        recall_total=_sum(truth_weights.recall, truth),
        precision_hit=_sum(truth_weights.precision, prediction & truth),
        precision_total=_sum(truth_weights.precision, prediction),
    )


def _sum(values: NDArray[np.float32], mask: Mask) -> float:
    return float(values[mask].sum(dtype=np.float64))


def packed_weights(truth: Mask) -> NDArray[np.float32]:
    """Compute recall and precision weights of a truth, (2, H, W) in one array; the truth as `checked` returns it."""
    if not truth.any():
        return np.stack([np.zeros(truth.shape, np.float32), np.ones(truth.shape, np.float32)])
    strokes = Strokes(truth)
    both = np.empty((2, *truth.shape), np.float32)
    recall, widths = recall_weights(strokes)
    both[0] = np.rint(recall / UNIT) * UNIT
    del recall  # large
    both[1] = np.rint(precision_weights(strokes, widths) / UNIT) * UNIT
    return both
