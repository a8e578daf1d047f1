"""The candidates, by name: ways to learn from lessons that are tried side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from torch import Tensor

from models.networks import LineNetwork
from runs.training.online.decoder import Decoder
from runs.training.online.head import Head
from runs.training.online.memory import Held
from runs.training.online.statistics import Statistics


class Method(Protocol):
    """A way to teach a network.

    Attributes
    ----------
    encoder_stays : whether the encoder's weights stay, so that its maps need not be computed anew
    goes_on : whether it begins with what it learned before, instead of the shipped weights
    """

    @property
    def encoder_stays(self) -> bool: ...  # noqa: D102

    @property
    def goes_on(self) -> bool: ...  # noqa: D102

    def learned(
        self,
        network: LineNetwork,
        held: Sequence[Held],
        replay: Sequence[tuple[tuple[Tensor, ...], Tensor]],
        seed: int,
        progress: Callable[[float], None] = ...,
        effort: float = ...,
    ) -> None:
        """Teach a network in place; see ``Decoder.learned``."""


@dataclass(frozen=True)
class Candidate:
    """A way to learn, and how far it goes.

    Parameters
    ----------
    method : a name in ``METHODS``
    share : of the way from the shipped weights to the learned ones that is gone; 0.5: the mean of both
    """

    method: str
    share: float = 1.0


METHODS: dict[str, Method] = {"decoder": Decoder(), "statistics": Statistics(), "head": Head()}
CANDIDATES: dict[str, Candidate] = {
    "decoder-half": Candidate("decoder", 0.5),
    "decoder": Candidate("decoder"),
    "statistics": Candidate("statistics", 0.5),
    "head": Candidate("head"),
}
DEFAULT = ("decoder-half", "decoder")  # the others were tried and lost: docs/learning.md
