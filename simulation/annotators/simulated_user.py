"""What a simulated person is: what it sees and knows of a place, and what it makes there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from interaction.prompts.strokes import Stroke
from metrics import pfm
from metrics.masks import Mask
from metrics.truths import TruthCache
from simulation.error_regions import without

Preview = Callable[[Sequence[Stroke]], Sequence[Mask]]


@dataclass(frozen=True)
class History:
    """What a person knows about a place beyond what is drawn there.

    Parameters
    ----------
    strokes : those made there so far, relative to the place's corner
    preview : asks what the place would look like after each of some strokes, (H, W) bool; only for those who may peek
    truths : keeps what scores of previews need of the truth
    """

    strokes: Sequence[Stroke]
    preview: Preview
    truths: TruthCache = field(default_factory=TruthCache, compare=False, repr=False)


class SimulatedUser(Protocol):
    """Makes one stroke at a time."""

    @property
    def previews(self) -> int:
        """How many answers it asks for at once, at most; 0 for those who do not peek."""

    def __call__(self, drawing: Mask, truth: Mask, history: History, rng: np.random.Generator) -> Stroke | None:
        """Return the next stroke, in scan pixels from the maps' corner, or None where there is nothing to do.

        ``drawing`` and ``truth`` are (H, W) bool, at model scale.
        """


@dataclass(frozen=True)
class Only:
    """Lets an annotator see, and so correct, one kind of error alone.

    Parameters
    ----------
    annotator : who makes the strokes
    sign : of all of them, ``ADD`` or ``ERASE``
    """

    annotator: SimulatedUser
    sign: int

    @property
    def previews(self) -> int:
        """See ``SimulatedUser``."""
        return self.annotator.previews

    def __call__(self, drawing: Mask, truth: Mask, history: History, rng: np.random.Generator) -> Stroke | None:
        """See ``SimulatedUser``."""
        return self.annotator(without(-self.sign, drawing, truth), truth, history, rng)


def answer_scores(strokes: Sequence[Stroke], truth: Mask, history: History) -> list[float]:
    """Preview the answers to some strokes; return the pFM of each."""
    return [pfm(answer, truth, history.truths) for answer in history.preview(strokes)]
