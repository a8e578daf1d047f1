"""A simulated user who puts a place right as a whole, edges too, since models are to learn from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from interaction.prompts import Prompt
from metrics.masks import Mask
from simulation.annotators.thinning import Thinning
from simulation.rims import trace_rim
from simulation.simulated_user import History, SimulatedUser
from simulation.strokes import Brush

EDGE = 1  # model pixels beside a true line, from which on what is drawn is erased


@dataclass(frozen=True)
class Exacting:
    """Makes lines as thin as they are, once there is nothing else to correct.

    Lines that are drawn a pixel too wide at either side are half as wide again as true ones: models that learned from
    them would draw all lines so.

    Parameters
    ----------
    annotator : who corrects first
    brush : how the user draws
    """

    annotator: SimulatedUser
    brush: Brush

    @property
    def previews(self) -> int:
        """See ``SimulatedUser``."""
        return self.annotator.previews

    def __call__(self, mask: Mask, truth: Mask, history: History, rng: np.random.Generator) -> Prompt | None:
        """See ``SimulatedUser``."""
        prompt = Thinning(self.annotator, self.brush)(mask, truth, history, rng)
        return trace_rim(mask, truth, rng, self.brush, excess=EDGE) if prompt is None else prompt
