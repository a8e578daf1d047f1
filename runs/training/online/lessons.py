"""Lessons: what a person has put right in one place of an image, and how sure the model had been there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.regions import Region, Shape, intersection
from interaction.prompts import Prompt
from interaction.session import LINE, RefinementSession
from metrics.masks import Mask

MARGIN = 32  # model pixels shown around a place, so that a network sees what lies beside it
LEAST = 128  # side of what is shown at least, in model pixels: that of a crop
STEP = 32  # sides of what networks take are multiples of it


@dataclass(frozen=True, eq=False)
class Lesson:
    """A place that a person has put right; all arrays are of ``shown``, the place with a margin around it.

    Parameters
    ----------
    view : name of the image
    region : the place, in model pixels
    shown : the place with its margin, in model pixels
    image : (C, h, w) float32 in [0, 1], as the base model sees it
    truth : (h, w) bool, the drawing as the person left it
    known : (h, w) bool, where ``truth`` is right: all of a finished place, or near strokes and accepted answers
    initial : (h, w) float32 in [0, 1], the drawing without any correction, as it was redrawn until then
    prompts : of the person, that reach into ``shown``, in their order
    scale : model pixels a scan pixel
    finished : whether ``known`` is all of the place
    doubt : share of the image's windows of this size in which the initial drawing is surer than here, in [0, 1];
        1: this is the least sure place of all
    reference : (h, w) float32, the drawing that the session began with, where that is not the base model's own but,
        say, a classical binarization; None: the base model's
    event : number of the log's event that it came from; 0 where nothing is logged
    """

    view: str
    region: Region
    shown: Region
    image: NDArray[np.float32]
    truth: Mask
    known: Mask
    initial: NDArray[np.float32]
    prompts: tuple[Prompt, ...]
    scale: float
    finished: bool = True
    doubt: float = 0.5
    reference: NDArray[np.float32] | None = None
    event: int = 0

    @property
    def line(self) -> int:
        """Pixels that are known to be line."""
        return int(np.count_nonzero(self.truth & self.known))

    @property
    def inside(self) -> tuple[slice, slice]:
        """The index that cuts the place out of the arrays."""
        return self.region.within(self.shown).slices


def lesson_of(
    session: RefinementSession,
    view: str,
    region: Region,
    *,
    channels: tuple[str, ...],
    known: Mask | None = None,
    reference: NDArray[np.float32] | None = None,
    event: int = 0,
) -> Lesson:
    """Read a lesson from a session as it is now.

    Parameters
    ----------
    session : of the image
    view : its name
    region : the place, in model pixels; it lies in the drawing
    channels : of the canvas, that the base model is shown
    known : (h, w) bool of the whole drawing: where it is right. None: all of the place, which the person has finished
    reference : (H, W) of the whole drawing, see ``Lesson``
    event : see ``Lesson``

    Raises
    ------
    ValueError
        If the place does not lie in the drawing, or nothing of it is known.
    """
    if intersection(region, Region(0, 0, *session.shape)) != region or 0 in region.shape:
        raise ValueError(f"the place {region.to_json()} does not lie in a drawing of {session.shape}")
    shown = shown_around(region, session.shape)
    at = region.within(shown).slices
    right = np.zeros(shown.shape, bool)
    right[at] = True if known is None else known[region.slices]
    if known is not None:
        right |= known[shown.slices]
    if not right.any():
        raise ValueError(f"nothing is known of the place {region.to_json()}; there is nothing to learn from it")
    return Lesson(
        view=view,
        region=region,
        shown=shown,
        image=session.canvas.read(shown, channels, session.scale),
        truth=np.asarray(session.current[shown.slices] > LINE),
        known=right,
        initial=session.initial[shown.slices].copy(),
        prompts=session.prompts_near(shown),
        scale=session.scale,
        finished=known is None,
        doubt=doubt_of(session.initial, region),
        reference=None if reference is None else reference[shown.slices].copy(),
        event=event,
    )


def shown_around(region: Region, shape: Shape) -> Region:
    """Return a place with its margin: sides in whole ``STEP``, ``LEAST`` at least, smaller only where the map is."""
    sides = [max(LEAST, -(-(side + 2 * MARGIN) // STEP) * STEP) for side in region.shape]
    corner = [
        max(0, start - (size - side) // 2)
        for start, side, size in zip((region.top, region.left), region.shape, sides, strict=True)
    ]
    height, width = (min(size, length) for size, length in zip(sides, shape, strict=True))
    return Region(min(corner[0], shape[0] - height), min(corner[1], shape[1] - width), height, width)


def doubt_of(initial: NDArray[np.float32], region: Region) -> float:
    """Return the share of an image's windows of a place's size in which a drawing is surer than in the place.

    How unsure a window is, is the mean entropy of its pixels. Windows in which nothing is unsure (most of them lie
    beside the object) don't count.
    """
    probability = np.clip(initial.astype(np.float64), 1e-6, 1 - 1e-6)
    entropy = -(probability * np.log(probability) + (1 - probability) * np.log(1 - probability))
    total = np.pad(entropy, ((1, 0), (1, 0))).cumsum(0).cumsum(1)
    here = float(entropy[region.slices].mean())
    rows, columns = (
        np.unique(np.linspace(0, length - side, max(1, 2 * length // side)).astype(int))
        for length, side in zip(initial.shape, region.shape, strict=True)
    )
    low, right = rows + region.height, columns + region.width
    sums = total[np.ix_(low, right)] - total[np.ix_(rows, right)] - total[np.ix_(low, columns)]
    means = (sums + total[np.ix_(rows, columns)]).ravel() / (region.height * region.width)
    others = means[means > 1e-4]
    return float((others < here).mean()) if len(others) else 1.0
