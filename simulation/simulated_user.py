"""The protocol of simulated users: what they are shown of a place, and what they know of their earlier prompts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from interaction.prompts import Prompt
from metrics import pfm
from metrics.masks import Mask
from metrics.truths import TruthCache
from simulation.error_regions import without

Preview = Callable[[Sequence[Prompt]], Sequence[Mask]]


@dataclass(frozen=True)
class History:
    """What a simulated user knows of a place beyond its mask.

    Parameters
    ----------
    prompts : those given there so far, relative to the place's corner
    preview : returns what the mask would be after each of some prompts, (H, W) bool; only for users that may see
        predictions before they choose
    truths : keeps what scores of previews need of the truth
    """

    prompts: Sequence[Prompt]
    preview: Preview
    truths: TruthCache = field(default_factory=TruthCache, compare=False, repr=False)


class SimulatedUser(Protocol):
    """A function that returns the next prompt."""

    @property
    def previews(self) -> int:
        """Largest number of predictions that it asks for at once; 0 for a user that previews none."""

    def __call__(self, mask: Mask, truth: Mask, history: History, rng: np.random.Generator) -> Prompt | None:
        """Return the next prompt, in scan pixels from the maps' corner, or None where there is nothing to do.

        ``mask`` is the drawing as it is; it and ``truth`` are (H, W) bool, at model scale.
        """


@dataclass(frozen=True)
class Only:
    """A simulated user that sees, and so corrects, only false negatives or only false positives.

    Parameters
    ----------
    annotator : the user who gives the prompts
    sign : of all of them, ``ADD`` or ``ERASE``
    """

    annotator: SimulatedUser
    sign: int

    @property
    def previews(self) -> int:
        """See ``SimulatedUser``."""
        return self.annotator.previews

    def __call__(self, mask: Mask, truth: Mask, history: History, rng: np.random.Generator) -> Prompt | None:
        """See ``SimulatedUser``."""
        return self.annotator(without(-self.sign, mask, truth), truth, history, rng)


def preview_scores(prompts: Sequence[Prompt], truth: Mask, history: History) -> list[float]:
    """Return the pFM that the mask would have after each of some prompts."""
    return [pfm(mask, truth, history.truths) for mask in history.preview(prompts)]
