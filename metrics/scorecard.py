"""All scores of one drawing."""

import numpy as np

from metrics.dibco import weighted_count, weights
from metrics.masks import Mask, checked
from metrics.overlap import share_within
from metrics.scores import count, harmonic_mean
from metrics.skeletons import skeleton
from metrics.thinning import thin


def scorecard(prediction: Mask, truth: Mask, inside: Mask | None = None) -> dict[str, float]:
    """Score a drawing in every way, by name.

    Parameters
    ----------
    prediction, truth : bool arrays (H, W)
        True on the line.
    inside : bool array (H, W), optional
        Pixels outside count nowhere. The truth's skeleton and weights are those of the whole truth, as for
        `metrics.scores.count`, so that the counts are those of a drawing scored in parts.

    Returns
    -------
    dict of float
        In [0, 1]: `pfm` (published) and `iou`; `pfm_dibco`, `pseudo_recall` and `pseudo_precision` (the contests');
        `f_measure`, `precision`, `recall`, `accuracy` and `cl_dice`. Without `inside` each is what the function of that
        name gives.

    Raises
    ------
    TypeError
        If an argument is no bool array.
    ValueError
        If an argument is not 2-D, or the shapes differ.

    Notes
    -----
    The first card for a truth takes as long as its weights (seconds for a whole mirror), the next about as long as to
    thin the prediction.
    """
    prediction, truth = checked(prediction=prediction, truth=truth)
    truth_skeleton = skeleton(truth)
    counts = count(prediction, truth, truth_skeleton, inside)
    weighted = weighted_count(prediction, truth, weights(truth), inside)
    if inside is not None:
        _, inside = checked(truth=truth, inside=inside)
        prediction, truth = prediction & inside, truth & inside
    pixels = truth.size if inside is None else int(np.count_nonzero(inside))
    return {
        "pfm": counts.pfm,
        "pfm_dibco": weighted.pfm,
        "iou": counts.iou,
        "f_measure": counts.f_measure,
        "precision": counts.precision,
        "recall": counts.recall,
        "accuracy": 1 - counts.wrong / pixels if pixels else 1.0,
        "cl_dice": harmonic_mean(counts.pseudo_recall, share_within(truth, thin(prediction))),
        "pseudo_recall": weighted.pseudo_recall,
        "pseudo_precision": weighted.pseudo_precision,
    }
