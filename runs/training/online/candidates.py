"""The candidates, by name: how far a network goes towards what it learned, and what is expected of that untested."""

from __future__ import annotations

from dataclasses import dataclass

from models.versions import BASE, INTERACTIVE
from runs.training.online.guard import Prior


@dataclass(frozen=True)
class Candidate:
    """A way to make a version of a network.

    Parameters
    ----------
    kind : of the network, ``base`` or ``interactive``
    share : of the way from the shipped weights to the learned ones that is gone; 0.5: the mean of both
    prior : what is expected of it before it is tested
    """

    kind: str
    share: float
    prior: Prior


CANDIDATES: dict[str, Candidate] = {  # of each network the one of which most is expected first; see docs/learning.md
    "decoder-half": Candidate(BASE, 0.5, Prior(0.04, 0.036, worth=4, places=3)),
    "decoder": Candidate(BASE, 1.0, Prior(0.0, 0.03, places=3)),
    "answers": Candidate(INTERACTIVE, 1.0, Prior(0.03, 0.01, worth=4)),
    "answers-half": Candidate(INTERACTIVE, 0.5, Prior(0.03, 0.01, worth=4)),
}
