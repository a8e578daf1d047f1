"""How well a drawing matches the truth: pFM and IoU of two masks, and the counts they are made of.

The pseudo-F-measure (pFM) of the published method is the harmonic mean of

- precision, TP / (TP + FP), and
- pseudo-recall, the share of the truth's skeleton that the prediction covers.

It asks whether a line is there, hardly whether it is wide enough: a prediction of the skeleton alone scores 1. Report
the IoU beside it.

References
----------
- "Fusing Forces", ICPR 2024: pFM in the form used here.
- K. Ntirogiannis, B. Gatos, I. Pratikakis, IEEE Transactions on Image Processing 22(2), 2013: the idea of a recall
  taken on the skeleton, there with weights.
"""

from dataclasses import dataclass

import numpy as np

from metrics.masks import Mask, checked
from metrics.skeletons import skeleton


@dataclass(frozen=True)
class Counts:
    """Pixel counts from which every score of a drawing follows.

    Counts of disjoint parts add up to those of the whole, provided that each part was counted with its piece of the
    *whole's* skeleton (a part's own skeleton differs where a line is cut). ``sum(parts, Counts())`` adds many;
    ``whole - before + after`` replaces a part.

    Parameters
    ----------
    true_positive, false_positive, false_negative : int
        Pixels drawn rightly, drawn wrongly, and missing.
    skeleton_hit, skeleton_total : int
        Pixels of the truth's skeleton that the prediction covers, and all of them.
    """

    true_positive: int = 0
    false_positive: int = 0
    false_negative: int = 0
    skeleton_hit: int = 0
    skeleton_total: int = 0

    def __add__(self, other: object) -> "Counts":
        if not isinstance(other, Counts):
            return NotImplemented
        return Counts(
            self.true_positive + other.true_positive,
            self.false_positive + other.false_positive,
            self.false_negative + other.false_negative,
            self.skeleton_hit + other.skeleton_hit,
            self.skeleton_total + other.skeleton_total,
        )

    def __sub__(self, other: object) -> "Counts":
        if not isinstance(other, Counts):
            return NotImplemented
        return Counts(
            self.true_positive - other.true_positive,
            self.false_positive - other.false_positive,
            self.false_negative - other.false_negative,
            self.skeleton_hit - other.skeleton_hit,
            self.skeleton_total - other.skeleton_total,
        )

    @property
    def precision(self) -> float:
        """Share of the drawn pixels that are right, in [0, 1]; if nothing is drawn, 1 where that is right, else 0."""
        drawn = self.true_positive + self.false_positive
        return self.true_positive / drawn if drawn else float(self.wrong == 0)

    @property
    def recall(self) -> float:
        """Share of the truth's pixels that are drawn, in [0, 1]; if it is empty, 1 where nothing is drawn, else 0."""
        true = self.true_positive + self.false_negative
        return self.true_positive / true if true else float(self.wrong == 0)

    @property
    def pseudo_recall(self) -> float:
        """Share of the truth's skeleton that is drawn, in [0, 1].

        A part of a drawing may hold the rim of a line and none of its skeleton; the plain recall stands in there.
        """
        return self.skeleton_hit / self.skeleton_total if self.skeleton_total else self.recall

    @property
    def f_measure(self) -> float:
        """F-measure in [0, 1]; 1 if truth and prediction are both empty, 0 if one is."""
        counted = 2 * self.true_positive + self.wrong
        return 2 * self.true_positive / counted if counted else 1.0

    @property
    def pfm(self) -> float:
        """Pseudo-F-measure in [0, 1]; 1 if truth and prediction are both empty, 0 if one is."""
        return harmonic_mean(self.precision, self.pseudo_recall)

    @property
    def iou(self) -> float:
        """Intersection over union in [0, 1]; 1 if truth and prediction are both empty, 0 if one is."""
        union = self.true_positive + self.wrong
        return self.true_positive / union if union else 1.0

    @property
    def wrong(self) -> int:
        """Number of wrong pixels, drawn or missing."""
        return self.false_positive + self.false_negative


def pfm(prediction: Mask, truth: Mask) -> float:
    """Pseudo-F-measure of a drawing, in its published form.

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
    "Fusing Forces", ICPR 2024. The truth's skeleton is remembered (see `skeleton`), so a second prediction for the same
    truth is far cheaper than the first.

    Examples
    --------
    >>> truth = np.zeros((5, 6), bool)
    >>> truth[2, 1:5] = True  # its own skeleton: a line of four pixels
    >>> prediction = truth.copy()
    >>> prediction[2, 3:] = False
    >>> round(pfm(prediction, truth), 4)  # precision 1, pseudo-recall 2 / 4
    0.6667
    """
    prediction, truth = checked(prediction=prediction, truth=truth)
    return count(prediction, truth, skeleton(truth)).pfm


def iou(prediction: Mask, truth: Mask) -> float:
    """Intersection over union of a drawing and the truth.

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

    Examples
    --------
    >>> iou(np.array([[True, True, False]]), np.array([[False, True, True]])) == 1 / 3
    True
    """
    prediction, truth = checked(prediction=prediction, truth=truth)
    return overlap_counts(prediction, truth).iou


def count(prediction: Mask, truth: Mask, truth_skeleton: Mask, inside: Mask | None = None) -> Counts:
    """Count a drawing's pixels against the truth.

    Parameters
    ----------
    prediction, truth : bool arrays (H, W)
        True on the line.
    truth_skeleton : bool array (H, W)
        `skeleton` of the truth. For a part of a drawing, the same part of the whole truth's skeleton: then the counts
        of the parts add up to those of the whole.
    inside : bool array (H, W), optional
        Pixels outside are left out of every count.

    Returns
    -------
    Counts

    Raises
    ------
    TypeError
        If an argument is no bool array.
    ValueError
        If an argument is not 2-D, or the shapes differ.
    """
    prediction, truth, truth_skeleton = checked(prediction=prediction, truth=truth, truth_skeleton=truth_skeleton)
    if inside is not None:
        _, inside = checked(truth=truth, inside=inside)
        prediction, truth, truth_skeleton = prediction & inside, truth & inside, truth_skeleton & inside
    on_skeleton = Counts(skeleton_hit=_number(truth_skeleton & prediction), skeleton_total=_number(truth_skeleton))
    return overlap_counts(prediction, truth) + on_skeleton


def overlap_counts(prediction: Mask, truth: Mask) -> Counts:
    """Count a drawing's pixels against the truth, without its skeleton; both (H, W) bool."""
    true_positive = _number(prediction & truth)
    return Counts(
        true_positive=true_positive,
        false_positive=_number(prediction) - true_positive,
        false_negative=_number(truth) - true_positive,
    )


def harmonic_mean(one: float, other: float) -> float:
    """Return the harmonic mean of two shares; 0 if both are."""
    return 2 * one * other / (one + other) if one + other else 0.0


def _number(mask: Mask) -> int:
    return int(np.count_nonzero(mask))
