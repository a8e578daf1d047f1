"""The refiners, which predict the drawing around prompts: the interactive network, and the manual baseline."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from data.regions import Region, Shape, cell_at, hull, to_scale, window_around
from interaction.changes import Encoder, Probabilities, View
from interaction.prompts import Prompt


@dataclass(frozen=True)
class ManualRefiner:
    """The refiner of the manual baseline: a drawing tool that changes the pixels that a prompt pins, and no others."""

    scale: float

    def window(self, prompts: Sequence[Prompt], shape: Shape) -> Region:
        """Return the smallest region that holds the prompts."""
        return hull([prompt.bounds(self.scale, shape) for prompt in prompts])

    def refine(self, views: Sequence[View]) -> list[Probabilities]:
        """Return the drawing as it is; the session pastes what the prompts pin."""
        return [view.current for view in views]


@dataclass(frozen=True)
class NetworkRefiner:
    """The refiner that asks the interactive network.

    Parameters
    ----------
    predictor : the interactive model: planes (B, C, side, side) as the encoder makes them, to probabilities
        (B, side, side)
    patch : side of a patch, in model pixels
    scale : model pixels a scan pixel
    encoder : turns a view into the network's planes; see ``models.encoders``
    around_stroke : whether the network sees a window around the prompt, instead of the grid's cell that holds it
    """

    predictor: Callable[..., Probabilities]
    patch: int
    scale: float
    encoder: Encoder
    around_stroke: bool = field(default=False, kw_only=True)

    def window(self, prompts: Sequence[Prompt], shape: Shape) -> Region:
        """Return a patch that holds the last prompt's centre; in its middle, as far as the map reaches."""
        return region_shown(prompts[-1], shape, self.patch, self.scale, around_stroke=self.around_stroke)

    def refine(self, views: Sequence[View]) -> list[Probabilities]:
        """Return the network's prediction for each view."""
        samples = [self.encoder(view) for view in views]
        predictions = self.predictor(*(np.stack(planes) for planes in zip(*samples, strict=True)))
        return [
            prediction[: view.region.height, : view.region.width]
            for view, prediction in zip(views, predictions, strict=True)
        ]


def region_shown(prompt: Prompt, shape: Shape, side: int, scale: float, *, around_stroke: bool) -> Region:
    """Return what of a map a network sees that is asked about a prompt.

    Parameters
    ----------
    prompt, shape, side, scale : as in ``region_around``
    around_stroke : whether it is ``region_around`` the prompt, instead of the grid's cell that holds its centre
    """
    if around_stroke:
        return region_around(prompt, shape, side, scale)
    row, column = to_scale(np.array(prompt.centre_px), scale)
    return window_around(cell_at(shape, side, (row, column)), shape, side)


def region_around(prompt: Prompt, shape: Shape, side: int, scale: float) -> Region:
    """Return the window of a map of ``shape`` with a prompt's centre in its middle, as far as the map reaches.

    Parameters
    ----------
    prompt : in scan pixels
    shape : of the map, in model pixels
    side : of the window, in model pixels
    scale : model pixels a scan pixel
    """
    centre = to_scale(np.array(prompt.centre_px), scale)
    top, left = (max(0, int(middle)) for middle in np.floor(centre + 0.5) - side // 2)
    return window_around(Region(top, left, side, side), shape, side)
