"""Versions in play: ready to draw or to answer, and what they learned from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import torch

from models.networks import LineNetwork
from models.versions import Version
from runs.training.online.pupils import Pupil


@dataclass(frozen=True, eq=False)
class Learned:
    """A version, and what it learned from.

    Parameters
    ----------
    version : the weights
    lessons : numbers of the lessons that it has learned from
    seen : gains on those of each image, newest last; images that it has not learned from are not in it
    """

    version: Version
    lessons: frozenset[int]
    seen: dict[str, list[float]]


@dataclass(frozen=True, eq=False)
class Living(Learned):
    """The newest version that a candidate has made, with its network."""

    network: LineNetwork


def revived(learned: Learned, pupil: Pupil) -> Living:
    """Return a version of a pupil with its network."""
    trained = replace(pupil.trained, network=pupil.network)
    network = learned.version.applied(trained, pupil.kind).network.requires_grad_(False)
    return Living(learned.version, learned.lessons, dict(learned.seen), network)


@contextmanager
def one_thread() -> Iterator[None]:
    """Let PyTorch compute with one thread: beside other work, more take longer, and results would depend on them."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
