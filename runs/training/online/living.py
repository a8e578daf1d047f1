"""Versions in play: ready to draw, and tested on lessons that they have not seen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.checkpoints import TrainedModel
from models.networks import LineNetwork
from models.versions import Version
from runs.training.online.decoder import decoded
from runs.training.online.guard import Score, Test, score_of
from runs.training.online.lessons import Lesson
from runs.training.online.memory import Held


@dataclass(frozen=True, eq=False)
class Learned:
    """A version, and what it learned from.

    Parameters
    ----------
    version : the weights
    lessons : numbers of the lessons that it has learned from
    seen : mean gain on those of each image; images that it has not learned from are not in it
    """

    version: Version
    lessons: frozenset[int]
    seen: dict[str, float]


@dataclass(frozen=True, eq=False)
class Living(Learned):
    """The newest version that a candidate has made, with its network."""

    network: LineNetwork


def revived(shipped: LineNetwork, trained: TrainedModel, learned: Learned) -> Living:
    """Return a version with its network.

    Parameters
    ----------
    shipped : the network that the version is a difference to
    trained : the model that it is of
    learned : the version
    """
    network = learned.version.applied(replace(trained, network=shipped), "base").network.requires_grad_(False)
    return Living(learned.version, learned.lessons, dict(learned.seen), network)


@torch.no_grad()
def encoded(network: LineNetwork, image: NDArray[np.float32]) -> tuple[tuple[Tensor, ...], Tensor]:
    """Return what a network's encoder, in half precision, and the network itself make of an image (1, C, H, W)."""
    features = network.unet.encoder(network.standardise(torch.from_numpy(image)))
    return tuple(plane.half() for plane in features), decoded(network.unet, features)


@torch.no_grad()
def tested(name: str, living: Living, held: Held, *, folded: bool) -> Test:
    """Test a version on a lesson; parameters as of ``Test``."""
    lesson = held.lesson
    logits = decoded(living.network.unet, [plane.float() for plane in held.features])
    score = score_of(_probability(logits, lesson), lesson.truth, lesson.known)
    at_home = lesson.view in living.seen
    return Test(held.number, lesson.view, name, living.version.sha256, score, _before(held), at_home, folded)


def _before(held: Held) -> Score:
    """Score what would be used without learning: the better of the shipped drawing and the lesson's reference."""
    lesson = held.lesson
    scores = [score_of(_probability(held.logits, lesson), lesson.truth, lesson.known)]
    if lesson.reference is not None:
        scores.append(score_of(lesson.reference, lesson.truth, lesson.known))
    return min(scores, key=lambda score: score.wrong)


def _probability(logits: Tensor, lesson: Lesson) -> NDArray[np.float32]:
    height, width = lesson.truth.shape
    return torch.sigmoid(logits)[0, 0, :height, :width].numpy()


@contextmanager
def one_thread() -> Iterator[None]:
    """Let PyTorch compute with one thread: beside other work, more take longer, and results would depend on them."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
