"""Samples: what a network's encoder made of a place, once, and what its decoder is to make of that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from metrics.masks import Mask
from models.networks import LineNetwork

CROP, GRID = 128, 32  # model pixels a side; crops begin on the grid, so that the encoder's maps can be cut
STEP = 32  # sides of what networks take are multiples of it
DISTILLED = 0.1  # weight of a pixel of which nothing is known: there the shipped model's answer is held on to


@dataclass(frozen=True, eq=False)
class Sample:
    """What a network is shown of a place, as its encoder's maps, and what it is to answer.

    Parameters
    ----------
    features : what the shipped encoder makes of it, in half precision: (1, c, H / 2^n, W / 2^n) each. The first one is
        what it sees itself, which no decoder looks at: it has no channels here
    logits : (1, 1, H, W), what the shipped network makes of it
    truth, known : (1, 1, H, W) bool, see ``Lesson``; None: the network is to answer what it answered
    corners, chances : of crops, in pixels, and how probable each is: as much as is known in it
    """

    features: tuple[Tensor, ...]
    logits: Tensor
    truth: Tensor | None
    known: Tensor | None
    corners: Sequence[tuple[int, int]]
    chances: NDArray[np.float64]

    @classmethod
    def of(cls, features: Sequence[Tensor], logits: Tensor, truth: Mask, known: Mask) -> Sample:
        """Make a sample of what networks made of a place, of its truth (h, w) and of where that is known."""
        right, certain = (_as_tensor(plane, logits) for plane in (truth, known))
        height, width = logits.shape[-2:]
        corners = [
            (top, left)
            for top in range(0, max(1, height - CROP + 1), GRID)
            for left in range(0, max(1, width - CROP + 1), GRID)
        ]
        share = np.array([float(certain[..., t : t + CROP, c : c + CROP].float().mean()) for t, c in corners]) + 1e-3
        return cls(_in_half(features), logits, right, certain, corners, share / share.sum())

    @classmethod
    def held_to(cls, features: Sequence[Tensor], logits: Tensor) -> Sample:
        """Make a sample of which the network is to answer what it answered."""
        return cls(_in_half(features), logits, None, None, [(0, 0)], np.ones(1))

    @property
    def target(self) -> Tensor:
        """What is to be answered, (1, 1, H, W) in [0, 1]: the truth where it is known, the shipped answer elsewhere."""
        shipped = torch.sigmoid(self.logits)
        if self.truth is None or self.known is None:
            return shipped
        return torch.where(self.known, self.truth.float(), shipped)

    @property
    def weight(self) -> Tensor:
        """The weight of each pixel in the loss, (1, 1, H, W)."""
        return torch.ones_like(self.logits) if self.known is None else torch.where(self.known, 1.0, DISTILLED)

    def crop(self, rng: np.random.Generator) -> tuple[list[Tensor], Tensor, Tensor]:
        """Return a random crop: its features, target and weight."""
        top, left = self.corners[int(rng.choice(len(self.corners), p=self.chances))]

        def cut(plane: Tensor) -> Tensor:
            """Cut a map of the sample's size or a half, a quarter ... of it; pad where the sample is small."""
            factor = self.logits.shape[-1] // plane.shape[-1]
            t, c, side = top // factor, left // factor, CROP // factor
            part = plane[..., t : t + side, c : c + side]
            return nn.functional.pad(part, (0, side - part.shape[-1], 0, side - part.shape[-2]))

        return [cut(plane) for plane in self.features], cut(self.target), cut(self.weight)

    def answer(self, network: LineNetwork, shape: tuple[int, int]) -> NDArray[np.float32]:
        """Return what a network with the shipped encoder answers, (h, w) float32 in [0, 1]."""
        with torch.no_grad():
            return _probability(decoded(network, [plane.float() for plane in self.features]), shape)

    def shipped_answer(self, shape: tuple[int, int]) -> NDArray[np.float32]:
        """Return what the shipped network answers, (h, w) float32 in [0, 1]."""
        return _probability(self.logits, shape)


def decoded(network: LineNetwork, features: Sequence[Tensor]) -> Tensor:
    """Return the logits (B, 1, H, W) that a network's decoder makes of its encoder's maps."""
    decoder, head = network.unet.decoder, network.unet.segmentation_head
    logits: Tensor = head(decoder(list(features)))
    return logits


def to_whole_steps(plane: NDArray[np.float32], mode: str) -> NDArray[np.float32]:
    """Extend a map (..., h, w) below and to the right to whole ``STEP``; ``mode`` as of ``numpy.pad``."""
    height, width = plane.shape[-2:]
    more = [(0, 0)] * (plane.ndim - 2) + [(0, -height % STEP), (0, -width % STEP)]
    return np.pad(plane, more, mode=mode)  # type: ignore[call-overload]


def _in_half(features: Sequence[Tensor]) -> tuple[Tensor, ...]:
    seen, *maps = features
    return tuple(plane.half() for plane in (seen[:, :0], *maps))


def _as_tensor(plane: Mask, like: Tensor) -> Tensor:
    """Return a mask (h, w) of the spatial size of ``like``, false beyond it: (1, 1, H, W)."""
    height, width = like.shape[-2:]
    more = ((0, height - plane.shape[0]), (0, width - plane.shape[1]))
    return torch.from_numpy(np.pad(plane, more))[None, None]


def _probability(logits: Tensor, shape: tuple[int, int]) -> NDArray[np.float32]:
    height, width = shape
    return torch.sigmoid(logits)[0, 0, :height, :width].numpy()
