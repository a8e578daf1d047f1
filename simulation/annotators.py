"""Simulated people: who looks at a part of a drawing and its truth, and makes the next stroke."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from metrics import pfm
from metrics.masks import Mask
from simulation.strokes import Brush, Stroke, trace_missing, trace_superfluous

Preview = Callable[[Sequence[Stroke]], Sequence[Mask]]


@dataclass(frozen=True)
class History:
    """What a person knows about a place beyond what is drawn there.

    Parameters
    ----------
    strokes : those made there so far, relative to the place's corner
    preview : asks what the place would look like after each of some strokes, (H, W) bool; only for those who may peek
    """

    strokes: Sequence[Stroke]
    preview: Preview


class Annotator(Protocol):
    """Makes one stroke at a time."""

    def __call__(self, drawing: Mask, truth: Mask, history: History, rng: np.random.Generator) -> Stroke | None:
        """Return the next stroke, in scan pixels from the maps' corner, or None where there is nothing to do.

        ``drawing`` and ``truth`` are (H, W) bool, at model scale.
        """


@dataclass(frozen=True)
class Longer:
    """Makes an add and an erase stroke and keeps the longer one; of two alike, either ("Fusing Forces", poster)."""

    brush: Brush

    def __call__(self, drawing: Mask, truth: Mask, history: History, rng: np.random.Generator) -> Stroke | None:
        """See ``Annotator``."""
        strokes = candidates(drawing, truth, rng, self.brush)
        order = rng.permutation(len(strokes))
        return max((strokes[index] for index in order), key=lambda stroke: len(stroke.path_px), default=None)


@dataclass(frozen=True)
class BestAnswer:
    """Makes an add and an erase stroke and keeps the one whose answer scores higher ("Fusing Forces", code)."""

    brush: Brush

    def __call__(self, drawing: Mask, truth: Mask, history: History, rng: np.random.Generator) -> Stroke | None:
        """See ``Annotator``."""
        strokes = candidates(drawing, truth, rng, self.brush)
        if not strokes:
            return None
        scores = [pfm(answer, truth) for answer in history.preview(strokes)]
        return strokes[int(np.argmax(scores))]


ANNOTATORS: dict[str, Callable[[Brush], Annotator]] = {"longer": Longer, "best-answer": BestAnswer}


def candidates(drawing: Mask, truth: Mask, rng: np.random.Generator, brush: Brush) -> list[Stroke]:
    """Make an add and an erase stroke, where there is something to add and to erase."""
    strokes = (trace_missing(drawing, truth, rng, brush), trace_superfluous(drawing, truth, rng, brush))
    return [stroke for stroke in strokes if stroke is not None]
