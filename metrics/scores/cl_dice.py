"""Centre line Dice (clDice): whether skeletons lie within the other mask."""

from metrics.counts import harmonic_mean, share_within
from metrics.masks import Mask
from metrics.registry import MaskPair, Score, register
from metrics.thinning import thin


def _cl_dice(pair: MaskPair) -> float:
    return harmonic_mean(pair.counts.pseudo_recall, share_within(pair.truth, thin(pair.prediction)))


CL_DICE = Score(name="cl_dice", title="clDice", from_masks=_cl_dice, rank=8, always_recorded=True)
register(CL_DICE)


def cl_dice(prediction: Mask, truth: Mask) -> float:
    """Centre line Dice: whether each drawing's skeleton lies within the other; 1 if both are empty, 0 if one is.

    Bool arrays (H, W) to a float in [0, 1]; errors as for `metrics.pfm`.

    The harmonic mean of the share of the prediction's skeleton that lies on the truth, and the share of the truth's
    skeleton that lies on the prediction. Skeletons are those of `metrics.pfm`, by Guo and Hall, so that one error
    costs the same in both; the paper leaves the choice open.

    References
    ----------
    S. Shit et al., "clDice: a novel topology-preserving loss function for tubular structure segmentation", CVPR 2021.

    Examples
    --------
    >>> import numpy as np
    >>> truth = np.zeros((5, 8), bool)
    >>> truth[2, 1:7] = True  # its own skeleton: a line of six pixels
    >>> cl_dice(truth & (np.arange(8) < 4), truth) == 2 * 0.5 / 1.5
    True
    """
    return CL_DICE.of(MaskPair(prediction, truth))
