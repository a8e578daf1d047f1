"""Pixel counts of a drawing beside the truth, and the plain scores that follow from them."""

from dataclasses import dataclass

import numpy as np

from metrics.masks import Mask, checked


@dataclass(frozen=True)
class Counts:
    """Pixel counts from which every score of a drawing follows.

    Counts of disjoint parts add up to those of the whole, provided that each part was counted with its piece of the
    *whole's* skeleton (a part's own skeleton differs where a line is cut). ``sum(parts, Counts())`` adds many;
    ``whole - before + after`` replaces a part.

    Parameters
    ----------
    true_positive, false_positive, false_negative : int
        Pixels that are drawn and true, drawn and not true, true and not drawn.
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
        """Share of the drawn pixels that are true, in [0, 1]; if none is drawn, 1 if none is true either, else 0."""
        drawn = self.true_positive + self.false_positive
        return self.true_positive / drawn if drawn else float(self.wrong == 0)

    @property
    def recall(self) -> float:
        """Share of the true pixels that are drawn, in [0, 1]; if none is true, 1 if none is drawn either, else 0."""
        true = self.true_positive + self.false_negative
        return self.true_positive / true if true else float(self.wrong == 0)

    @property
    def pseudo_recall(self) -> float:
        """Share of the truth's skeleton that is drawn, in [0, 1].

        A part of a drawing may hold the rim of a line and none of its skeleton; there, it is the plain recall.
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
        """Number of wrong pixels: false positives and false negatives."""
        return self.false_positive + self.false_negative


def count(prediction: Mask, truth: Mask, truth_skeleton: Mask, valid_mask: Mask | None = None) -> Counts:
    """Count a drawing's pixels against the truth.

    Parameters
    ----------
    prediction, truth : bool arrays (H, W)
        True on the line.
    truth_skeleton : bool array (H, W)
        Skeleton of the truth by `metrics.thinning.thin`. For a part of a drawing, the same part of the whole truth's
        skeleton: then the counts of the parts add up to those of the whole.
    valid_mask : bool array (H, W), optional
        Pixels outside it are left out of every count.

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
    if valid_mask is not None:
        _, valid = checked(truth=truth, valid_mask=valid_mask)
        prediction, truth, truth_skeleton = prediction & valid, truth & valid, truth_skeleton & valid
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


def share_within(whole: Mask, part: Mask) -> float:
    """Share of `part` that lies within `whole`; if `part` is empty, 1 where `whole` is too, else 0."""
    pixels = np.count_nonzero(part)
    return float(np.count_nonzero(part & whole) / pixels) if pixels else float(not whole.any())


def _number(mask: Mask) -> int:
    return int(np.count_nonzero(mask))
