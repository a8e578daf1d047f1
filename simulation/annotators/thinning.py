"""Simulated users who also make lines thinner that are drawn too wide."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from interaction.prompts import Prompt
from metrics.masks import Mask
from simulation.annotators.published import Longer
from simulation.rims import trace_rim
from simulation.simulated_user import History, SimulatedUser
from simulation.strokes import Brush


@dataclass(frozen=True)
class Thinning:
    """Corrects as another user, and where that one finds nothing more, erases along the rims of lines.

    Parameters
    ----------
    annotator : the user who corrects missing and superfluous lines
    brush : how rims are erased; see `simulation.rims.trace_rim`
    """

    annotator: SimulatedUser
    brush: Brush

    @property
    def previews(self) -> int:
        """See ``SimulatedUser``."""
        return self.annotator.previews

    def __call__(self, mask: Mask, truth: Mask, history: History, rng: np.random.Generator) -> Prompt | None:
        """See ``SimulatedUser``."""
        prompt = self.annotator(mask, truth, history, rng)
        return trace_rim(mask, truth, rng, self.brush) if prompt is None else prompt


@dataclass(frozen=True)
class RimsFirst:
    """Erases along rims, and only where there is none corrects as ``Longer``.

    For training: a model that never saw such a stroke takes it for the order to erase the line. To a user who corrects
    centre lines first, crops with errors of other kinds would hardly ever leave a rim to erase.
    """

    brush: Brush
    previews = 0

    def __call__(self, mask: Mask, truth: Mask, history: History, rng: np.random.Generator) -> Prompt | None:
        """See ``SimulatedUser``."""
        stroke = trace_rim(mask, truth, rng, self.brush)
        return Longer(self.brush)(mask, truth, history, rng) if stroke is None else stroke
