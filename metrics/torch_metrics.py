"""The scores of `metrics.scores` as torchmetrics classes, for training and validation."""

from abc import abstractmethod
from typing import Any, ClassVar

import torch
from torch import Tensor
from torchmetrics import Metric, MetricCollection

from metrics.masks import Mask
from metrics.scores import iou, pfm


class _MeanOverImages(Metric):
    """Mean over images of a score of two masks.

    Each image is scored by itself, never the batch as a whole. Sum and number of images are the states, so the mean
    over several processes is that over all their images, however they are spread.
    """

    is_differentiable = False
    higher_is_better = True
    full_state_update = False
    plot_lower_bound = 0.0
    plot_upper_bound = 1.0

    # Each class names its sum differently. A MetricCollection takes metrics with equal states for one and then updates
    # only the first, and states are equal as soon as a first batch scores 0 or 1 in all of them.
    sum_name: ClassVar[str]

    images: Tensor

    @staticmethod
    @abstractmethod
    def score(prediction: Mask, truth: Mask) -> float:
        """Score one image: two masks (H, W)."""

    def __init__(self, threshold: float = 0.5, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not 0 <= threshold <= 1:
            raise ValueError(f"threshold is {threshold}; give a probability in [0, 1]")
        self.threshold = threshold
        self.add_state(self.sum_name, torch.tensor(0.0), dist_reduce_fx="sum")
        self.add_state("images", torch.tensor(0), dist_reduce_fx="sum")

    def update(self, probabilities: Tensor, truth: Tensor) -> None:
        """Score a batch.

        Parameters
        ----------
        probabilities : float tensor (B, 1, H, W) or (B, H, W)
            In [0, 1], not logits; a pixel is drawn where it is greater than the threshold.
        truth : bool or float tensor of the same shape
            The line, or greater than 0.5 on it.

        Raises
        ------
        ValueError
            If shapes differ or are others than these, or if a probability is not in [0, 1].
        """
        _check(probabilities, truth)
        predictions = _images(probabilities > self.threshold)
        truths = _images(truth if truth.dtype == torch.bool else truth > 0.5)
        total = sum(self.score(prediction, image) for prediction, image in zip(predictions, truths, strict=True))
        setattr(self, self.sum_name, getattr(self, self.sum_name) + total)
        self.images += len(truths)

    def compute(self) -> Tensor:
        """Mean score of all images so far, a float tensor () in [0, 1]; NaN if there were none."""
        total: Tensor = getattr(self, self.sum_name)
        return total / self.images


class PseudoFMeasure(_MeanOverImages):
    """Mean over images of `metrics.pfm`.

    Parameters
    ----------
    threshold : float
        In [0, 1]; a pixel is drawn where its probability is greater.
    **kwargs
        Those of `torchmetrics.Metric`.

    References
    ----------
    "Fusing Forces", ICPR 2024.
    """

    score = staticmethod(pfm)
    sum_name = "pfm_sum"


class IoU(_MeanOverImages):
    """Mean over images of `metrics.iou`.

    Parameters
    ----------
    threshold : float
        In [0, 1]; a pixel is drawn where its probability is greater.
    **kwargs
        Those of `torchmetrics.Metric`.
    """

    score = staticmethod(iou)
    sum_name = "iou_sum"


def line_metrics(prefix: str = "", threshold: float = 0.5) -> MetricCollection:
    """Collect the scores of a drawing under the keys ``{prefix}pfm`` and ``{prefix}iou``.

    Parameters
    ----------
    prefix : str
        Put before each key as it is, for example ``"val_"``.
    threshold : float
        In [0, 1]; a pixel is drawn where its probability is greater.

    Returns
    -------
    MetricCollection
        For another stage: ``collection.clone(prefix="test_")``.
    """
    return MetricCollection(
        {"pfm": PseudoFMeasure(threshold), "iou": IoU(threshold)}, prefix=prefix, compute_groups=False
    )


def _check(probabilities: Tensor, truth: Tensor) -> None:
    shape = tuple(probabilities.shape)
    if shape != tuple(truth.shape):
        raise ValueError(f"probabilities have shape {shape}, the truth {tuple(truth.shape)}; give the same for both")
    if not (len(shape) == 3 or (len(shape) == 4 and shape[1] == 1)):
        raise ValueError(f"probabilities have shape {shape}; give (B, 1, H, W) or (B, H, W)")
    if not bool(((probabilities >= 0) & (probabilities <= 1)).all()):
        low, high = probabilities.min().item(), probabilities.max().item()
        raise ValueError(
            f"probabilities run from {low:.4g} to {high:.4g}, expected [0, 1]; apply torch.sigmoid to logits first"
        )


def _images(masks: Tensor) -> list[Mask]:
    """Split a bool tensor (B, 1, H, W) or (B, H, W) into B arrays (H, W)."""
    arrays: Mask = masks.detach().flatten(0, -3).cpu().numpy()
    return list(arrays)
