"""Scores of two masks by their pixels alone: IoU, F-measure, precision, recall, accuracy.

All functions take bool arrays (H, W), True on the line, and return a float in [0, 1]; they raise TypeError if an
argument is no bool array, ValueError if it is not 2-D or the shapes differ.
"""

import numpy as np

from metrics.counts import Counts, overlap_counts
from metrics.masks import Mask, checked
from metrics.registry import Score, Shown, register

register(
    Score(
        name="iou",
        title="IoU",
        from_counts=lambda tally: tally.counts.iou,
        shown=Shown.RUN_TABLE | Shown.PLOTS | Shown.INITIAL_PLOT | Shown.LOGGER,
        summary=("initial", "manual", "refined"),
        rank=3,
        always_recorded=True,
    ),
    Score(
        name="f_measure",
        title="F-measure",
        from_counts=lambda tally: tally.counts.f_measure,
        shown=Shown.INITIAL_PLOT,
        rank=4,
        always_recorded=True,
    ),
    Score(
        name="precision",
        title="precision",
        from_counts=lambda tally: tally.counts.precision,
        rank=5,
        always_recorded=True,
    ),
    Score(
        name="recall",
        title="recall",
        from_counts=lambda tally: tally.counts.recall,
        rank=6,
        always_recorded=True,
    ),
    Score(
        name="accuracy",
        title="accuracy",
        from_masks=lambda pair: 1 - pair.counts.wrong / pair.pixels if pair.pixels else 1.0,
        rank=7,
        always_recorded=True,
    ),
)


def iou(prediction: Mask, truth: Mask) -> float:
    """Intersection over union of a drawing and the truth; 1 if both masks are empty, 0 if one is.

    Examples
    --------
    >>> iou(np.array([[True, True, False]]), np.array([[False, True, True]])) == 1 / 3
    True
    """
    return _counts(prediction, truth).iou


def accuracy(prediction: Mask, truth: Mask) -> float:
    """Share of all pixels that are right; 1 if there are none. Mostly empty images score high whatever is drawn.

    Examples
    --------
    >>> accuracy(np.array([[True, True, False, False]]), np.array([[True, False, False, False]]))
    0.75
    """
    prediction, truth = checked(prediction=prediction, truth=truth)
    return float(np.mean(prediction == truth)) if truth.size else 1.0


def precision(prediction: Mask, truth: Mask) -> float:
    """Share of the drawn pixels that are true; if nothing is drawn, 1 if the truth is empty too, else 0.

    Examples
    --------
    >>> precision(np.array([[True, True, False, False]]), np.array([[True, False, False, False]]))
    0.5
    """
    return _counts(prediction, truth).precision


def recall(prediction: Mask, truth: Mask) -> float:
    """Share of the truth's pixels that are drawn; if the truth is empty, 1 if nothing is drawn, else 0.

    Examples
    --------
    >>> recall(np.array([[True, True, False, False]]), np.array([[True, False, False, False]]))
    1.0
    """
    return _counts(prediction, truth).recall


def f_measure(prediction: Mask, truth: Mask) -> float:
    """Harmonic mean of precision and recall; 1 if both masks are empty, 0 if one is.

    Examples
    --------
    >>> round(f_measure(np.array([[True, True, False, False]]), np.array([[True, False, False, False]])), 4)
    0.6667
    """
    return _counts(prediction, truth).f_measure


def _counts(prediction: Mask, truth: Mask) -> Counts:
    return overlap_counts(*checked(prediction=prediction, truth=truth))
