"""The memory of a learner: a bounded and balanced choice of lessons, and what was computed of them once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from runs.training.online.lessons import Lesson

LESSONS = 48  # held at most
NEWEST = 8  # of them that are always held


@dataclass(frozen=True, eq=False)
class Held:
    """A lesson in memory.

    Parameters
    ----------
    number : of the lesson among all that were ever added, from 0
    lesson : what the person put right
    features : what the shipped encoder makes of its image, in half precision: (1, c, h / 2^n, w / 2^n) each
    logits : (1, 1, h, w), what the shipped base model makes of it
    """

    number: int
    lesson: Lesson
    features: tuple[Tensor, ...]
    logits: Tensor


class Memory:
    """Lessons of a bounded number, so that learning costs as much after 2,000 as after 20.

    The newest are always held. Of the older ones, when there are too many, the one with the lowest lot goes among those
    of the image with the most of them: every image keeps about as many, and all its lessons are as likely to stay.

    Parameters
    ----------
    seed : what chance depends on, together with a lesson's number
    most : lessons that are held
    """

    def __init__(self, seed: int, most: int = LESSONS) -> None:
        if most <= NEWEST:
            raise ValueError(f"a memory of {most} lessons; give more than the newest {NEWEST}")
        self._seed, self.most = seed, most
        self._held: list[Held] = []

    def __len__(self) -> int:
        return len(self._held)

    def __iter__(self) -> Iterator[Held]:
        """Yield what is held, oldest first."""
        return iter(self._held)

    def add(self, held: Held) -> None:
        """Remember a lesson; another one may have to go."""
        self._held.append(held)
        if len(self._held) <= self.most:
            return
        older = self._held[:-NEWEST]
        count = Counter(one.lesson.view for one in older)
        fullest = max(sorted(count), key=lambda view: count[view])
        choice = [one for one in older if one.lesson.view == fullest]
        self._held.remove(min(choice, key=self._drawn))

    def _drawn(self, held: Held) -> float:
        """Return a lesson's lot, which it keeps: so those that stay are a fair sample of all that ever were (reservoir
        sampling by random keys; J. S. Vitter, "Random sampling with a reservoir", ACM Trans. Math. Softw. 11(1), 1985).
        """
        return float(np.random.default_rng([self._seed, held.number]).random())

    def forget(self, event: int) -> list[Held]:
        """Forget the lessons of an event of the log, and return them."""
        gone = [one for one in self._held if one.lesson.event == event]
        self._held = [one for one in self._held if one.lesson.event != event]
        return gone


def padded_image(lesson: Lesson, step: int = 32) -> NDArray[np.float32]:
    """Return a lesson's image, extended by its edge to whole ``step``, as networks take it: (1, C, H, W)."""
    height, width = lesson.image.shape[-2:]
    more = ((0, 0), (0, -height % step), (0, -width % step))
    return np.pad(lesson.image, more, mode="edge")[None]


def as_tensor(plane: NDArray[np.generic], like: Tensor) -> Tensor:
    """Return a lesson's map (h, w) as float32 of the spatial size of ``like``, zero beyond it: (1, 1, H, W)."""
    height, width = like.shape[-2:]
    more = ((0, height - plane.shape[0]), (0, width - plane.shape[1]))
    return torch.from_numpy(np.pad(plane.astype(np.float32), more))[None, None]
