"""All scores of one drawing."""

from metrics.masks import Mask
from metrics.registry import MaskPair, all_scores
from metrics.truths import TruthCache


def scorecard(
    prediction: Mask, truth: Mask, valid_mask: Mask | None = None, truths: TruthCache | None = None
) -> dict[str, float]:
    """Compute every registered score of a drawing.

    Parameters
    ----------
    prediction, truth, valid_mask, truths
        As for `metrics.registry.MaskPair`, which raises the errors.

    Returns
    -------
    dict of float
        By name, in the order of `metrics.registry.all_scores`. Without `valid_mask` each is what the function of that
        name gives.

    Notes
    -----
    The first scorecard of a truth takes as long as its weights (seconds for a whole mirror); with `truths`, the next
    ones take about as long as to thin the prediction.
    """
    pair = MaskPair(prediction, truth, valid_mask, truths)
    return {score.name: score.of(pair) for score in all_scores()}
