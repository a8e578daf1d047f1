"""The loss functions of trainings: how far logits are from the truth."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

Loss = Callable[[Tensor, Tensor], Tensor]


def generalised_dice_loss(logits: Tensor, truth: Tensor) -> Tensor:
    """Generalised Dice loss over two classes, line and ground, pooled over the batch.

    1 - 2 * sum_l w_l sum(p_l t_l) / sum_l w_l sum(p_l + t_l) with w_l = 1 / (sum t_l)^2, so the thin class counts as
    much as the wide one. A class that the batch's truth lacks weighs as if it had one pixel.

    Parameters
    ----------
    logits : (B, 1, H, W)
    truth : (B, 1, H, W), 0 or 1

    Returns
    -------
    Tensor
        Scalar in [0, 1].

    References
    ----------
    Sudre et al., "Generalised Dice overlap as a deep learning loss function for highly unbalanced segmentations",
    DLMIA 2017. "Drawing the Line" names this loss; its code takes the plain Dice of the line class over the batch.
    """
    probability = torch.sigmoid(logits.float())
    target = truth.float()
    overlap = torch.stack([(probability * target).sum(), ((1 - probability) * (1 - target)).sum()])
    volume = torch.stack([target.sum(), (1 - target).sum()])
    total = torch.stack([probability.sum(), (1 - probability).sum()]) + volume
    weight = 1 / volume.clamp(min=1) ** 2
    return 1 - 2 * (weight * overlap).sum() / (weight * total).sum()


def cross_entropy_loss(logits: Tensor, truth: Tensor) -> Tensor:
    """Mean binary cross-entropy. It is smallest when each pixel's predicted probability equals its true one.

    Parameters
    ----------
    logits : (B, 1, H, W)
    truth : (B, 1, H, W), 0 or 1

    Returns
    -------
    Tensor
        Scalar, 0 or greater.
    """
    return binary_cross_entropy_with_logits(logits.float(), truth.float())


def compound_loss(logits: Tensor, truth: Tensor) -> Tensor:
    """Sum of the generalised Dice loss, which rewards overlap, and cross-entropy, which rewards calibration.

    References
    ----------
    Such sums of Dice and cross-entropy were the steadiest of twenty losses: Ma et al., "Loss odyssey in medical image
    segmentation", Medical Image Analysis 71, 2021.
    """
    return generalised_dice_loss(logits, truth) + cross_entropy_loss(logits, truth)


LOSSES: dict[str, Loss] = {"dice": generalised_dice_loss, "cross-entropy": cross_entropy_loss, "both": compound_loss}
