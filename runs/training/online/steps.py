"""How a network learns: some steps of Adam on its decoder, its encoder as it was."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits
from torch.optim.swa_utils import AveragedModel

from models.networks import LineNetwork
from runs.training.online.samples import Sample, decoded

STEPS = 30
LEARNING_RATE = 1e-3
BATCH = 4  # crops a step


@dataclass(frozen=True)
class Steps:
    """Cross-entropy on what is known, the shipped model's answer elsewhere; the encoder's maps are computed once.

    What was learned is the mean of the weights after each step of the second half: single steps, of four crops each,
    lead to and fro (B. T. Polyak and A. B. Juditsky, "Acceleration of stochastic approximation by averaging", SIAM J.
    Control Optim. 30(4), 1992).

    Parameters
    ----------
    count : of steps; a learner's time is bound by them and not by the clock, so that results don't depend on it
    """

    count: int = STEPS

    def learned(
        self,
        network: LineNetwork,
        samples: Sequence[Sample],
        chances: Sequence[float],
        replay: Sequence[Sample],
        rng: np.random.Generator,
        progress: Callable[[float], None] = lambda share: None,
    ) -> None:
        """Teach a network in place.

        Parameters
        ----------
        network : begins with the weights that it has; its encoder is the shipped one
        samples, chances : what it learns, one at least, and how probable each is
        replay : what it is held to; one crop of each step is of these, if there are any
        rng : what chance depends on
        progress : told the share that is done
        """
        trained = [*network.unet.decoder.parameters(), *network.unet.segmentation_head.parameters()]
        network.eval().requires_grad_(False)
        for values in trained:
            values.requires_grad_(True)
        optimizer = torch.optim.Adam(trained, lr=LEARNING_RATE)
        mean = AveragedModel(network)
        for step in range(self.count):
            crops = [samples[number].crop(rng) for number in rng.choice(len(samples), BATCH, p=chances)]
            if replay:
                crops[-1] = replay[int(rng.integers(len(replay)))].crop(rng)
            features = [_as_last(torch.cat(maps)) for maps in zip(*(crop[0] for crop in crops), strict=True)]
            target, weight = (torch.cat([crop[place] for crop in crops]) for place in (1, 2))
            logits = decoded(network, features)
            loss = binary_cross_entropy_with_logits(logits, target, weight, reduction="sum") / weight.sum()
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            if step >= self.count // 2:
                mean.update_parameters(network)
            progress((step + 1) / self.count)
        network.load_state_dict(mean.module.state_dict())
        network.requires_grad_(False)


def _as_last(maps: Tensor) -> Tensor:
    """Return maps as float32 with channels last, which CPUs convolve fastest."""
    return maps.float().contiguous(memory_format=torch.channels_last)
