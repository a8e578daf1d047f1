"""Registered scores as torchmetrics classes, for training and validation."""

from typing import Any

import torch
from torch import Tensor
from torchmetrics import Metric, MetricCollection

from metrics.masks import Mask
from metrics.registry import MaskPair, Score, Shown, scores_in
from metrics.truths import TruthCache


class MeanScore(Metric):
    """Mean of a score over images.

    Each image is scored by itself, never the batch as a whole. Sum and number of images are the states, so the mean
    over several processes is that over all their images, however they are spread.

    Parameters
    ----------
    score : Score
    threshold : float
        In [0, 1]; a pixel is drawn where its probability is greater.
    truths : TruthCache, optional
        Keeps skeletons and weights of the truths, which come back in each validation; its own if there is none.
    **kwargs
        Those of `torchmetrics.Metric`.
    """

    is_differentiable = False
    full_state_update = False

    images: Tensor

    def __init__(self, score: Score, threshold: float = 0.5, truths: TruthCache | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not 0 <= threshold <= 1:
            raise ValueError(f"threshold is {threshold}; give a probability in [0, 1]")
        self.score, self.threshold = score, threshold
        self.truths = truths if truths is not None else TruthCache()
        # Each score names its sum differently. A MetricCollection takes metrics with equal states for one and then
        # updates only the first, and states are equal as soon as a first batch scores 0 or 1 in all of them.
        self.sum_name = f"{score.name}_sum"
        self.add_state(self.sum_name, torch.tensor(0.0), dist_reduce_fx="sum")
        self.add_state("images", torch.tensor(0), dist_reduce_fx="sum")

    @property
    def higher_is_better(self) -> bool:  # type: ignore[override]
        """Whether a higher value is the better one."""
        return self.score.higher_is_better

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
        pairs = (MaskPair(*masks, truths=self.truths) for masks in zip(predictions, truths, strict=True))
        total = sum(self.score.of(pair) for pair in pairs)
        setattr(self, self.sum_name, getattr(self, self.sum_name) + total)
        self.images += len(truths)

    def compute(self) -> Tensor:
        """Mean score of all images so far, a float tensor () in [0, 1]; NaN if there were none."""
        total: Tensor = getattr(self, self.sum_name)
        return total / self.images


def line_metrics(prefix: str = "", threshold: float = 0.5, truths: TruthCache | None = None) -> MetricCollection:
    """Collect the scores that trainings log, under the keys ``{prefix}{name}``, such as ``val_pfm`` and ``val_iou``.

    Parameters
    ----------
    prefix : str
        Put before each key as it is, for example ``"val_"``.
    threshold : float
        In [0, 1]; a pixel is drawn where its probability is greater.
    truths : TruthCache, optional
        Shared by all scores, and by other collections that score the same truths; one of its own if there is none.

    Returns
    -------
    MetricCollection
        For another stage: ``collection.clone(prefix="test_")``.
    """
    truths = truths if truths is not None else TruthCache()
    metrics: dict[str, Metric | MetricCollection] = {
        score.name: MeanScore(score, threshold, truths) for score in scores_in(Shown.LOGGER)
    }
    return MetricCollection(metrics, prefix=prefix, compute_groups=False)


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
