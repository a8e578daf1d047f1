"""Pupils: the networks that learn from lessons. They differ in what they are asked, and in how answers are scored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from models.checkpoints import TrainedModel
from models.networks import LineNetwork
from runs.training.online.guard import Score
from runs.training.online.lessons import Lesson
from runs.training.online.samples import Sample


@dataclass(frozen=True, eq=False)
class Prepared:
    """What a pupil computed of a lesson once.

    Parameters
    ----------
    samples : what it learns of it
    before : the score of what would be used without learning
    """

    samples: tuple[Sample, ...]
    before: Score


class Pupil(Protocol):
    """A network that learns from lessons.

    Attributes
    ----------
    kind : ``base`` or ``interactive``
    trained : the model as it was shipped
    network : its network, on the CPU
    replay : samples that it is held to while it learns
    """

    @property
    def kind(self) -> str: ...  # noqa: D102

    @property
    def trained(self) -> TrainedModel: ...  # noqa: D102

    @property
    def network(self) -> LineNetwork: ...  # noqa: D102

    @property
    def replay(self) -> Sequence[Sample]: ...  # noqa: D102

    def prepared(self, lesson: Lesson, number: int) -> Prepared | None:
        """Compute what does not change while it learns; None if it can learn nothing of this lesson.

        Parameters
        ----------
        lesson : what the person put right
        number : of the lesson; what chance decides depends on it and on the learner's seed
        """

    def score(self, network: LineNetwork, lesson: Lesson, prepared: Prepared) -> Score:
        """Score a network that learned, with the shipped encoder, on a lesson."""
