"""What passes between a session and who answers in it: what is shown, what would change, what of it is taken over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from data.regions import Region, Shape
from interaction.prompts.strokes import Stroke, stroke_maps
from metrics.masks import Mask

Prompt = Stroke  # later also clicks, and many line pieces at once
Probabilities = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class View:
    """What a refiner is shown: a region, in model pixels, as it is.

    Parameters
    ----------
    image : (C, h, w) float32 in [0, 1]
    initial : (h, w) float32, the drawing that the session began with
    current : (h, w) float32, the drawing as corrected so far
    prompts : all prompts that reach into the region, in their order; the last one is new
    region : on the model's grid
    scale : model pixels a scan pixel
    """

    image: NDArray[np.float32]
    initial: Probabilities
    current: Probabilities
    prompts: tuple[Prompt, ...]
    region: Region
    scale: float

    @cached_property
    def stroke_maps(self) -> tuple[Mask, Mask]:
        """What the person drew and rubbed out here so far: two (h, w) bool maps, disjoint."""
        return stroke_maps(self.prompts, self.region, self.scale)

    def paste(self, drawing: Probabilities) -> Probabilities:
        """Return a drawing of this region, (h, w), with all of the person's strokes in it, which always hold."""
        added, erased = self.stroke_maps
        pasted = np.where(added, np.float32(1), drawing)
        pasted[erased] = 0
        return pasted


@dataclass(frozen=True, eq=False)
class Change:
    """An answer to a prompt.

    Parameters
    ----------
    prompt : what was answered
    region : what changes: the refiner's window, and what of the stroke reaches beyond it
    before, after : (h, w) float32, the region's drawing
    bare : (h, w) float32, what the stroke alone would have given
    earlier : the prompts of that region that the answer reckons with
    asked : whether a refiner was asked; if not, ``after`` is ``bare``
    """

    prompt: Prompt
    region: Region
    before: Probabilities
    after: Probabilities
    bare: Probabilities
    earlier: tuple[Prompt, ...]
    asked: bool = True


class Refiner(Protocol):
    """Answers prompts."""

    def window(self, prompts: Sequence[Prompt], shape: Shape) -> Region:
        """Return which part of a map of ``shape``, in model pixels, it wants to see for these prompts."""

    def refine(self, views: Sequence[View]) -> list[Probabilities]:
        """Return an answer (h, w) for each view, all in one batch; answers do not depend on each other."""


class Merge(Protocol):
    """Decides what of an answer is taken over."""

    def __call__(self, view: View, answer: Probabilities) -> Probabilities:
        """Return the new drawing of the view's region, (h, w), before strokes are pasted in."""


def whole_window(view: View, answer: Probabilities) -> Probabilities:
    """Take over all of an answer, as published."""
    return answer
