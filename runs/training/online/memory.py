"""The memory of a learner: a bounded and balanced choice of lessons, and what was computed of them once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from runs.training.online.lessons import Lesson
from runs.training.online.pupils import Prepared, Pupil
from runs.training.online.samples import Sample

LESSONS = 48  # held at most
NEWEST = 8  # of them that are always held


@dataclass(frozen=True, eq=False)
class Held:
    """A lesson in memory.

    Parameters
    ----------
    number : of the lesson among all that were ever added, from 0
    lesson : what the person put right
    pupils : that learn, by their kind
    """

    number: int
    lesson: Lesson
    pupils: Mapping[str, Pupil]

    @cached_property
    def prepared(self) -> Mapping[str, Prepared]:
        """What each pupil computes of it once, by the pupil's kind; those that can learn nothing of it are missing.

        It takes a moment, so a lesson that is restored waits until it is needed.
        """
        prepared = {kind: pupil.prepared(self.lesson, self.number) for kind, pupil in self.pupils.items()}
        return {kind: one for kind, one in prepared.items() if one is not None}


class Memory:
    """Lessons of a bounded number, so that learning costs as much after 2,000 as after 20.

    What is computed of a lesson takes most of the room: with the models that ship, about 340 bytes for each pixel that
    is shown, with 8 strokes; so 48 places of 96 model pixels with their margins take 0.4 GB, 16 of 256 pixels 0.6 GB.

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


def samples_of(lessons: Sequence[Held], kind: str) -> tuple[list[Sample], list[float]]:
    """Return what a pupil learns of some lessons, and the chance of each sample.

    Images are as likely as each other, and so are the lessons of an image and the samples of a lesson.
    """
    samples, weights = list[Sample](), list[float]()
    taken = [held for held in lessons if kind in held.prepared]
    of_view = Counter(held.lesson.view for held in taken)
    for held in taken:
        mine = held.prepared[kind].samples
        samples += mine
        weights += [1 / (of_view[held.lesson.view] * len(mine))] * len(mine)
    return samples, [weight / sum(weights) for weight in weights]
