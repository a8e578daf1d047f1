"""Who answers strokes: the interactive network, whatever runs it, and the manual baseline."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from data.regions import Region, Shape, cell_at, hull, padded, to_scale, window_around
from simulation.refinement import Probabilities, Prompt, View


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


class NetworkRefiner:
    """Answers strokes with the interactive network: the patch that holds the stroke is seen and answered whole.

    Parameters
    ----------
    predictor : the interactive model: image, initial, added and erased (B, C, H, W) to probabilities (B, H, W)
    patch : side of a patch, in model pixels
    scale : model pixels a scan pixel
    """

    def __init__(self, predictor: Callable[..., Probabilities], patch: int, scale: float) -> None:
        self.predictor, self.patch, self.scale = predictor, patch, scale

    def window(self, prompts: Sequence[Prompt], shape: Shape) -> Region:
        """Return the window around the grid cell that holds the last prompt's centre."""
        row, column = to_scale(np.array(prompts[-1].centre_px), self.scale)
        return window_around(cell_at(shape, self.patch, (row, column)), shape, self.patch)

    def refine(self, views: Sequence[View]) -> list[Probabilities]:
        """Answer each view: the network sees the initial drawing and all strokes so far, as published."""
        inputs = [
            np.stack([padded(planes, self.patch) for planes in column])
            for column in zip(*(self._planes(view) for view in views), strict=True)
        ]
        answers = self.predictor(*inputs)
        return [answer[: view.region.height, : view.region.width] for view, answer in zip(views, answers, strict=True)]

    def _planes(self, view: View) -> tuple[Probabilities, ...]:
        added, erased = view.stroke_maps
        return view.image, view.initial[None], added[None].astype(np.float32), erased[None].astype(np.float32)
