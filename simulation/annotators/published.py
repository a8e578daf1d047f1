"""The simulated users of "Fusing Forces" (ICPR 2024): of its poster, of its code, and of its training."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from interaction.prompts.strokes import Stroke
from metrics.masks import Mask
from simulation.simulated_user import History, preview_scores
from simulation.strokes import Brush, trace_false_negative, trace_false_positive


@dataclass(frozen=True)
class Longer:
    """Makes an add and an erase stroke and returns the longer one; of equal ones, any ("Fusing Forces", poster)."""

    brush: Brush
    previews = 0

    def __call__(self, mask: Mask, truth: Mask, history: History, rng: np.random.Generator) -> Stroke | None:
        """See ``SimulatedUser``."""
        strokes = candidates(mask, truth, rng, self.brush)
        order = rng.permutation(len(strokes))
        return max((strokes[index] for index in order), key=lambda stroke: len(stroke.path_px), default=None)


def short(brush: Brush) -> Longer:
    """Make ``Longer``, with strokes a third as long: a user of many small corrections."""
    return Longer(replace(brush, length=max(1, round(brush.length / 3))))


def long(brush: Brush) -> Longer:
    """Make ``Longer``, with strokes three times as long: a user who draws lines in one go."""
    return Longer(replace(brush, length=3 * brush.length))


@dataclass(frozen=True)
class BestPrediction:
    """Makes an add and an erase stroke and returns the one after which pFM is higher ("Fusing Forces", code)."""

    brush: Brush
    previews = 2

    def __call__(self, mask: Mask, truth: Mask, history: History, rng: np.random.Generator) -> Stroke | None:
        """See ``SimulatedUser``."""
        strokes = candidates(mask, truth, rng, self.brush)
        return strokes[int(np.argmax(preview_scores(strokes, truth, history)))] if strokes else None


@dataclass(frozen=True)
class Either:
    """Adds or erases with equal chance; if errors of one kind are absent, the other ("Fusing Forces", training)."""

    brush: Brush
    previews = 0

    def __call__(self, mask: Mask, truth: Mask, history: History, rng: np.random.Generator) -> Stroke | None:
        """See ``SimulatedUser``."""
        kinds = [trace_false_negative, trace_false_positive]
        if rng.random() < 0.5:
            kinds.reverse()
        first, second = kinds
        return first(mask, truth, rng, self.brush) or second(mask, truth, rng, self.brush)


def candidates(mask: Mask, truth: Mask, rng: np.random.Generator, brush: Brush) -> list[Stroke]:
    """Make an add stroke where there are false negatives, and an erase stroke where there are false positives."""
    strokes = (trace_false_negative(mask, truth, rng, brush), trace_false_positive(mask, truth, rng, brush))
    return [stroke for stroke in strokes if stroke is not None]
