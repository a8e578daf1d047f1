"""The types that a session and a refiner exchange, such as the view of a drawing, and the protocols between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from data.regions import Region, Shape
from interaction.prompts import Prompt
from interaction.prompts.prompt import Pinned, paste, pinned_maps, touched
from metrics.masks import Mask

Probabilities = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class View:
    """The input of a refiner: a region of image and drawing, in model pixels.

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
    def pinned(self) -> Pinned:
        """What the prompts so far fix as line and as ground: two (h, w) bool maps, disjoint."""
        return pinned_maps(self.prompts, self.region, self.scale)

    @cached_property
    def newest(self) -> Mask:
        """The pixels that the user touched with the last prompt, (h, w) bool; see ``touched``."""
        return touched(self.prompts[-1], self.region, self.scale)

    def paste(self, drawing: Probabilities) -> Probabilities:
        """Return a drawing of this region, (h, w), with all pixels that prompts pin in it."""
        return paste(drawing, self.pinned)


@dataclass(frozen=True, eq=False)
class Change:
    """The change of the drawing that a prompt proposes, or has made.

    Parameters
    ----------
    prompt : the prompt that it follows
    region : that changes: the refiner's window, extended to hold the whole prompt
    before, after : (h, w) float32, the region's drawing
    unrefined : (h, w) float32, the drawing that the prompt alone would have given
    earlier : the prompts of that region that the prediction takes into account
    asked : whether a refiner was asked; if not, ``after`` is ``unrefined``
    """

    prompt: Prompt
    region: Region
    before: Probabilities
    after: Probabilities
    unrefined: Probabilities
    earlier: tuple[Prompt, ...]
    asked: bool = True


class Refiner(Protocol):
    """Predicts the drawing around prompts."""

    def window(self, prompts: Sequence[Prompt], shape: Shape) -> Region:
        """Return which part of a map of ``shape``, in model pixels, it is to be shown for these prompts."""

    def refine(self, views: Sequence[View]) -> list[Probabilities]:
        """Return a prediction (h, w) for each view, all in one batch; they do not depend on each other."""


class Encoder(Protocol):
    """Turns a view into the input planes of a network.

    A network for another kind of prompt, or one that is shown disks or Gaussians in place of strokes, has an encoder of
    its own.
    """

    def __call__(self, view: View) -> Sequence[NDArray[np.float32]]:
        """Return (C, side, side) float32 each, in the order in which the network takes them; the image is first."""


class Merge(Protocol):
    """A merge rule: decides which pixels of a prediction are taken over."""

    def __call__(self, view: View, prediction: Probabilities) -> Probabilities:
        """Return the new drawing of the view's region, (h, w), before pinned pixels are pasted in."""


def whole_window(view: View, prediction: Probabilities) -> Probabilities:
    """Take over all of a prediction, as published."""
    return prediction
