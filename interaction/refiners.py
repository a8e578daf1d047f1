"""Who answers strokes: the interactive network, whatever runs it, and the manual baseline."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from data.regions import Region, Shape, cell_at, hull, padded, to_scale, window_around
from interaction.changes import Probabilities, Prompt, View
from interaction.prompts.strokes import draw


@dataclass(frozen=True)
class ManualRefiner:
    """The baseline: a drawing tool that does nothing but what the stroke says."""

    scale: float

    def window(self, prompts: Sequence[Prompt], shape: Shape) -> Region:
        """Return the smallest region that holds the strokes."""
        return hull([prompt.bounds(self.scale, shape) for prompt in prompts])

    def refine(self, views: Sequence[View]) -> list[Probabilities]:
        """Answer with the drawing as it is; the session pastes the strokes."""
        return [view.current for view in views]


@dataclass(frozen=True)
class NetworkRefiner:
    """Answers strokes with the interactive network.

    Parameters
    ----------
    predictor : the interactive model: image and ``inputs`` (B, C, H, W) to probabilities (B, H, W)
    patch : side of a patch, in model pixels
    scale : model pixels a scan pixel
    inputs : names in ``planes_of``: what the network sees beside the image; as published, the initial drawing and
        all strokes so far
    around_stroke : whether the network sees a window around the stroke, instead of the grid's cell that holds it
    """

    predictor: Callable[..., Probabilities]
    patch: int
    scale: float
    inputs: Sequence[str] = field(default=("initial", "added", "erased"), kw_only=True)
    around_stroke: bool = field(default=False, kw_only=True)

    def window(self, prompts: Sequence[Prompt], shape: Shape) -> Region:
        """Return a patch that holds the last prompt's centre; in its middle, as far as the map reaches."""
        return region_shown(prompts[-1], shape, self.patch, self.scale, around_stroke=self.around_stroke)

    def refine(self, views: Sequence[View]) -> list[Probabilities]:
        """Answer each view."""
        samples = [shown(view, self.patch) for view in views]
        answers = self.predictor(*(np.stack([planes[name] for planes in samples]) for name in ("image", *self.inputs)))
        return [answer[: view.region.height, : view.region.width] for view, answer in zip(views, answers, strict=True)]


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


def shown(view: View, side: int) -> dict[str, Probabilities]:
    """Return the planes of a view as a network is given them, (C, side, side) each: ``image`` and ``planes_of``.

    A smaller view is padded below and to the right, its image with its edge, all else with nothing: beyond the rim,
    networks have learned, there is no line.
    """
    planes = {name: padded(plane, side, mode="constant") for name, plane in planes_of(view).items()}
    return {"image": padded(view.image, side), **planes}


def planes_of(view: View) -> dict[str, Probabilities]:
    """Return what a network can be shown of a view beside its image, (1, h, w) float32 each.

    ``initial`` and ``current`` in [0, 1]; ``added`` and ``erased``, all strokes so far, 0 or 1; ``newest``, the last
    stroke, +1 where it adds and -1 where it erases.
    """
    added, erased = view.stroke_maps
    newest = view.prompts[-1].sign * draw(view.prompts[-1], view.region, view.scale).astype(np.float32)
    planes = {"initial": view.initial, "current": view.current, "added": added, "erased": erased, "newest": newest}
    return {name: plane[None].astype(np.float32) for name, plane in planes.items()}
