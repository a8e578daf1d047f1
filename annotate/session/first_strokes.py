"""What a person's first strokes say of the lines of photographs: whether models see them too wide, or turned."""

from __future__ import annotations

import cv2
import numpy as np

from annotate.session.sources import RELIEF
from data.regions import Region, intersection, whole
from data.showing import POLARITIES, Showing
from data.storage import PreparedView
from interaction.prompts import Prompt, Stroke
from interaction.prompts.strokes import ADD, draw

ENOUGH = 5  # strokes that add line, before anything is said
OFF = 1.5  # times too wide or too narrow
AROUND = 12  # model pixels of ground around a stroke that it is compared with, two line widths
APART = 0.04  # of relief, in [0, 1], that lines differ from their ground at least where they can be told at all


class FirstStrokes:
    """Looks at the first strokes that add line; says once, if at all, that the set was prepared for other lines.

    Parameters
    ----------
    view : what is drawn on; strokes on mirrors, whose lines are all shown alike, say nothing
    before : prompts that were drawn before: where those are many, it was said, or nothing was wrong
    """

    def __init__(self, view: PreparedView, before: int) -> None:
        self._view = view
        self._widths: list[float] = []  # pixels of the photograph
        self._brighter: list[float] = []  # relief on the stroke, less that around it
        self._looks = view.showing is not None and RELIEF in view.channels and before < ENOUGH

    def drawn(self, prompt: Prompt) -> str | None:
        """Take note of a prompt; return what is to be said after it, if anything."""
        if not self._looks or not isinstance(prompt, Stroke) or prompt.sign != ADD:
            return None
        self._widths.append(2 * float(np.median(prompt.radius_px)))
        self._brighter.append(self._contrast(prompt))
        if len(self._widths) < ENOUGH:
            return None
        self._looks = False
        return self._says()

    def _says(self) -> str | None:
        showing = self._view.showing
        assert showing is not None
        width = float(np.median(self._widths))
        off = max(width / showing.line_width, showing.line_width / width) > OFF
        turned = float(np.median(self._brighter)) > APART
        if not (off or turned):
            return None
        prepared = [f"{showing.line_width:.3g} pixels wide"] * off + [showing.named_polarity] * turned
        drawn = [f"about {width:.3g} pixels wide"] * off + [_other(showing)] * turned
        options = [f"--line_width {width:.3g}"] * off + [f"--polarity {_other(showing)}"] * turned
        command = f"python -m data.setup --dataset {self._view.dataset} {' '.join(options)}"
        return (
            f"The models are shown these images as if lines were {' and '.join(prepared)}; by your strokes they are "
            f"{' and '.join(drawn)}. To change that, end the program, move the folders of images that were drawn on "
            f"out of the annotations, and run `{command}`."
        )

    def _contrast(self, stroke: Stroke) -> float:
        """Return how much brighter the relief is on a stroke than around it; 0 where there is nothing to compare."""
        scale, shape = self._view.scale, self._view.model_shape
        (top, left), (bottom, right) = (end(stroke.path_px, axis=0) * scale for end in (np.min, np.max))
        reach = AROUND + float(stroke.radius_px.max()) * scale + 1
        first = int(top - reach), int(left - reach)
        around = Region(*first, int(bottom + reach) - first[0], int(right + reach) - first[1])
        region = intersection(around, whole(shape))
        if 0 in region.shape:
            return 0.0
        on = draw(stroke, region, scale)
        side = 2 * AROUND + 1
        near = cv2.dilate(on.view(np.uint8), np.ones((side, side), np.uint8)).view(np.bool_)
        beside = near & ~on & self._view.mask[region.slices]
        if not (on.any() and beside.any()):
            return 0.0
        (relief,) = self._view.read(region, [RELIEF], scale)
        return float(relief[on].mean() - relief[beside].mean())


def _other(showing: Showing) -> str:
    return next(name for name, number in POLARITIES.items() if number != showing.polarity)
