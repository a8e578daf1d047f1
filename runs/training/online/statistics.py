"""The candidate ``statistics``: batch normalisations learn what images look like; no truth is asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from models.networks import LineNetwork
from runs.training.online.memory import Held, padded_image

NEWEST = 8  # lessons that are looked at, at most


@dataclass(frozen=True)
class Statistics:
    """Means and variances of what each normalisation sees in the newest lessons.

    References
    ----------
    Y. Li et al., "Revisiting batch normalization for practical domain adaptation", arXiv 1603.04779.
    """

    encoder_stays, goes_on = False, False

    def learned(
        self,
        network: LineNetwork,
        held: Sequence[Held],
        replay: Sequence[tuple[tuple[Tensor, ...], Tensor]],
        seed: int,
        progress: Callable[[float], None] = lambda share: None,
        effort: float = 1.0,
    ) -> None:
        """See ``decoder.Decoder.learned``; nothing depends on the seed."""
        norms = [module for module in network.modules() if isinstance(module, nn.modules.batchnorm._BatchNorm)]
        before = [norm.momentum for norm in norms]
        for norm in norms:
            norm.reset_running_stats()
            norm.momentum = None  # the mean over all that it sees
        network.train()
        with torch.no_grad():
            for count, one in enumerate(held[-NEWEST:]):
                network(torch.from_numpy(padded_image(one.lesson)))
                progress((count + 1) / len(held[-NEWEST:]))
        network.eval()
        for norm, momentum in zip(norms, before, strict=True):
            norm.momentum = momentum
