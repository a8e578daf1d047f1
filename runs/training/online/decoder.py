"""How lessons are learned: some steps of Adam on the base model's decoder, its encoder as it was."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from models.networks import LineNetwork
from runs.training.online.memory import Held, as_tensor

Weights = dict[str, Tensor]

STEPS = 30
LEARNING_RATE = 1e-3
CROP, BATCH = 128, 4  # model pixels a side; crops a step
GRID = 32  # crops begin on it, so that the encoder's maps can be cut instead of computed anew
DISTILLED = 0.1  # weight of a pixel of which nothing is known: there the shipped model's answer is held on to


@dataclass(frozen=True)
class Decoder:
    """Cross-entropy on what is known, the shipped model's answer elsewhere; the encoder's maps are computed once.

    Parameters
    ----------
    steps : of Adam; a learner's time is bound by them and not by the clock, so that results don't depend on it
    """

    steps: int = STEPS

    def learned(
        self,
        network: LineNetwork,
        held: Sequence[Held],
        replay: Sequence[tuple[tuple[Tensor, ...], Tensor]],
        seed: int,
        progress: Callable[[float], None] = lambda share: None,
        effort: float = 1.0,
    ) -> None:
        """Teach a network in place.

        Parameters
        ----------
        network : begins with the weights that it has; its encoder is the shipped one
        held : lessons, one at least
        replay : what the shipped encoder and the shipped model made of images that it is held to; one crop of each
            step is of these, if there are any
        seed : what chance depends on
        progress : told the share that is done
        effort : share of the steps that are taken
        """
        rng = np.random.default_rng([seed, len(held), held[-1].number])
        unet = network.unet
        trained = [*unet.decoder.parameters(), *unet.segmentation_head.parameters()]
        network.requires_grad_(False)
        for values in trained:
            values.requires_grad_(True)
        optimizer = torch.optim.Adam(trained, lr=LEARNING_RATE)
        network.eval()
        samples = [_Sample.of(one) for one in held]
        known = [_Sample.held_to(*one) for one in replay]
        steps = max(1, round(effort * self.steps))
        chances = _balanced([one.lesson.view for one in held])
        for step in range(steps):
            chosen = rng.choice(len(samples), BATCH, p=chances)
            crops = [samples[number].crop(rng) for number in chosen]
            if replay:
                crops[-1] = known[int(rng.integers(len(known)))].crop(rng)
            features = [_as_last(torch.cat(maps)) for maps in zip(*(crop[0] for crop in crops), strict=True)]
            target, weight = (torch.cat([crop[place] for crop in crops]) for place in (1, 2))
            logits = decoded(unet, features)
            loss = binary_cross_entropy_with_logits(logits, target, weight, reduction="sum") / weight.sum()
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            progress((step + 1) / steps)
        network.requires_grad_(False)


@dataclass(frozen=True, eq=False)
class _Sample:
    """A lesson as maps of one size, (1, C, h / 2^n, w / 2^n), of which crops are cut."""

    features: tuple[Tensor, ...]
    target: Tensor
    weight: Tensor
    corners: list[tuple[int, int]]
    chances: np.ndarray

    @classmethod
    def of(cls, held: Held) -> _Sample:
        known = as_tensor(held.lesson.known, held.logits)
        truth = as_tensor(held.lesson.truth, held.logits)
        shipped = torch.sigmoid(held.logits.float())
        target = torch.where(known > 0, truth, shipped)
        weight = torch.where(known > 0, 1.0, DISTILLED)
        height, width = known.shape[-2:]
        corners = [
            (top, left)
            for top in range(0, max(1, height - CROP + 1), GRID)
            for left in range(0, max(1, width - CROP + 1), GRID)
        ]
        share = np.array([float(known[..., t : t + CROP, c : c + CROP].mean()) for t, c in corners]) + 1e-3
        return cls(held.features, target, weight, corners, share / share.sum())

    @classmethod
    def held_to(cls, features: tuple[Tensor, ...], logits: Tensor) -> _Sample:
        corner, chance = [(0, 0)], np.ones(1)
        return cls(features, torch.sigmoid(logits), torch.ones_like(logits), corner, chance)

    def crop(self, rng: np.random.Generator) -> tuple[list[Tensor], Tensor, Tensor]:
        top, left = self.corners[int(rng.choice(len(self.corners), p=self.chances))]

        def cut(plane: Tensor) -> Tensor:
            """Cut a map of the size of the lesson or a half, a quarter ... of it; pad where the lesson is small."""
            factor = self.target.shape[-1] // plane.shape[-1]
            t, c, side = top // factor, left // factor, CROP // factor
            part = plane[..., t : t + side, c : c + side]
            return nn.functional.pad(part, (0, side - part.shape[-1], 0, side - part.shape[-2]))

        return [cut(plane) for plane in self.features], cut(self.target), cut(self.weight)


def _as_last(maps: Tensor) -> Tensor:
    """Return maps as float32 with channels last, which CPUs convolve fastest."""
    return maps.float().contiguous(memory_format=torch.channels_last)


def decoded(unet: nn.Module, features: Sequence[Tensor]) -> Tensor:
    """Return the logits (B, 1, H, W) that a U-Net's decoder makes of its encoder's maps."""
    decoder, head = unet.decoder, unet.segmentation_head
    logits: Tensor = head(decoder(list(features)))  # type: ignore[operator]
    return logits


def _balanced(views: Sequence[str]) -> np.ndarray:
    """Return the chance of each lesson: images are as likely as each other."""
    count = {view: views.count(view) for view in views}
    chances = np.array([1 / count[view] for view in views])
    return chances / chances.sum()
