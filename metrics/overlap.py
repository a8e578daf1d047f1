"""Plain scores of two masks: accuracy, precision, recall, F-measure, and clDice, which looks at skeletons.

The contests report them beside the pseudo-F-measure. All take bool arrays (H, W), True on the line, and give a float
in [0, 1]; they raise TypeError if an argument is no bool array, ValueError if it is not 2-D or the shapes differ.
"""

import numpy as np

from metrics.masks import Mask, checked
from metrics.scores import Counts, harmonic_mean, overlap_counts
from metrics.skeletons import skeleton
from metrics.thinning import thin


def accuracy(prediction: Mask, truth: Mask) -> float:
    """Share of all pixels that are right; 1 if there are none. Mostly empty pictures come out high whatever is drawn.

    Examples
    --------
    >>> accuracy(np.array([[True, True, False, False]]), np.array([[True, False, False, False]]))
    0.75
    """
    prediction, truth = checked(prediction=prediction, truth=truth)
    return float(np.mean(prediction == truth)) if truth.size else 1.0


def precision(prediction: Mask, truth: Mask) -> float:
    """Share of the drawn pixels that are right; if nothing is drawn, 1 where the truth is empty too, else 0.

    Examples
    --------
    >>> precision(np.array([[True, True, False, False]]), np.array([[True, False, False, False]]))
    0.5
    """
    return _counts(prediction, truth).precision


def recall(prediction: Mask, truth: Mask) -> float:
    """Share of the truth's pixels that are drawn; if the truth is empty, 1 where nothing is drawn, else 0.

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


def cl_dice(prediction: Mask, truth: Mask) -> float:
    """Centre line Dice: whether each drawing's skeleton lies within the other; 1 if both are empty, 0 if one is.

    The harmonic mean of the share of the prediction's skeleton that lies on the truth, and the share of the truth's
    skeleton that lies on the prediction. Skeletons are those of `metrics.pfm`, by Guo and Hall, so that one mistake
    costs alike in both; the paper leaves the choice open.

    References
    ----------
    S. Shit et al., "clDice: a novel topology-preserving loss function for tubular structure segmentation", CVPR 2021.

    Examples
    --------
    >>> truth = np.zeros((5, 8), bool)
    >>> truth[2, 1:7] = True  # its own skeleton: a line of six pixels
    >>> cl_dice(truth & (np.arange(8) < 4), truth) == 2 * 0.5 / 1.5
    True
    """
    prediction, truth = checked(prediction=prediction, truth=truth)
    return harmonic_mean(share_within(truth, thin(prediction)), share_within(prediction, skeleton(truth)))


def share_within(whole: Mask, part: Mask) -> float:
    """Share of `part` that lies within `whole`; if `part` is empty, 1 where `whole` is too, else 0."""
    pixels = np.count_nonzero(part)
    return float(np.count_nonzero(part & whole) / pixels) if pixels else float(not whole.any())


def _counts(prediction: Mask, truth: Mask) -> Counts:
    return overlap_counts(*checked(prediction=prediction, truth=truth))
