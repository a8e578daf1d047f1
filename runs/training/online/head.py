"""The candidate ``head``: a logistic regression on the decoder's last map, shrunken to the shipped model's logit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.networks import LineNetwork
from runs.training.online.memory import Held, as_tensor

ITERATIONS = 8  # of Newton's method
PIXELS = 20_000  # that are looked at, at most
INDEPENDENT = 1 / 36  # of a pixel: neighbours say the same, and a line is 6 pixels wide
SHRINKAGE = 4.0  # independent pixels that the shipped model's own logit is worth, a feature


@dataclass(frozen=True)
class Head:
    """Adds a linear map of the decoder's last features to the shipped logit: the middle of the last convolution."""

    encoder_stays, goes_on = True, False

    def learned(
        self,
        network: LineNetwork,
        held: Sequence[Held],
        replay: Sequence[tuple[tuple[Tensor, ...], Tensor]],
        seed: int,
        progress: Callable[[float], None] = lambda share: None,
        effort: float = 1.0,
    ) -> None:
        """See ``decoder.Decoder.learned``."""
        rng = np.random.default_rng([seed, len(held), held[-1].number])
        features, logits, truth = self._pixels(network, held, rng)
        mean, deviation = features.mean(0), features.std(0) + 1e-6
        design = np.column_stack([(features - mean) / deviation, np.ones(len(features))])
        weights = _fitted(design, logits, truth)
        last = network.unet.segmentation_head[0]
        slope = torch.from_numpy(weights[:-1] / deviation).float()
        middle = tuple(side // 2 for side in last.kernel_size)
        with torch.no_grad():
            last.weight[0, :, middle[0], middle[1]] += slope
            last.bias += float(weights[-1] - (weights[:-1] / deviation * mean).sum())
        progress(1.0)

    @staticmethod
    @torch.no_grad()
    def _pixels(
        network: LineNetwork, held: Sequence[Held], rng: np.random.Generator
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        unet, found = network.unet, []
        each = max(1, PIXELS // len(held))
        for one in held:
            maps = unet.decoder([plane.float() for plane in one.features])
            known = np.flatnonzero(as_tensor(one.lesson.known, one.logits)[0, 0].numpy())
            chosen = known if len(known) <= each else rng.choice(known, each, replace=False)
            logits = unet.segmentation_head(maps)[0, 0].numpy().ravel()[chosen]
            truth = as_tensor(one.lesson.truth, one.logits)[0, 0].numpy().ravel()[chosen]
            found.append((maps[0].flatten(1).T.numpy()[chosen], logits, truth))
        features, logits, truth = (np.concatenate(parts).astype(np.float64) for parts in zip(*found, strict=True))
        return features, logits, truth


def _fitted(
    design: NDArray[np.float64], logits: NDArray[np.float64], truth: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the weights of a ridge logistic regression with an offset, by Newton's method with halved steps."""
    weights = np.zeros(design.shape[1])
    penalty = SHRINKAGE * np.eye(len(weights))

    def cost(at: NDArray[np.float64]) -> float:
        z = logits + design @ at
        return float(INDEPENDENT * (np.logaddexp(0, z) - truth * z).sum() + SHRINKAGE / 2 * (at**2).sum())

    for _ in range(ITERATIONS):
        probability = 1 / (1 + np.exp(-np.clip(logits + design @ weights, -30, 30)))
        slope = INDEPENDENT * design.T @ (probability - truth) + SHRINKAGE * weights
        curve = INDEPENDENT * (design.T * (probability * (1 - probability))) @ design + penalty
        step = np.linalg.solve(curve, slope)
        while cost(weights - step) > cost(weights) and np.abs(step).max() > 1e-6:
            step /= 2
        weights = weights - step
    return weights
