"""The one door through which a drawing is corrected, by a person or by a simulation.

A prompt is *proposed* first, which changes nothing, and *committed* if its answer is wanted; a change can be undone.
The session asks a refiner for answers and does not know which: the trained network, or the manual baseline.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from data.regions import Region, Shape, hull, shape_of
from data.storage import Canvas
from metrics.masks import Mask
from simulation.marks import Marks
from simulation.strokes import ADD, Stroke, draw, stroke_maps

Prompt = Stroke  # later also clicks, and many line pieces at once
Probabilities = NDArray[np.float32]
LINE = 0.5  # a probability above is line


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
    """

    prompt: Prompt
    region: Region
    before: Probabilities
    after: Probabilities
    bare: Probabilities
    earlier: tuple[Prompt, ...]


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


class RefinementSession:
    """A drawing and its corrections.

    Parameters
    ----------
    canvas : what is traced
    channels : the canvas's channels that the refiner sees
    initial : (H, W) float32 in [0, 1], at model scale; kept as it is
    refiner : answers prompts
    scale : model pixels a scan pixel
    merge : what of an answer is taken over
    undoable : how many changes can be undone; older ones stay, as prompts without their pixels. None: all
    """

    def __init__(
        self,
        canvas: Canvas,
        initial: Probabilities,
        refiner: Refiner,
        *,
        scale: float,
        channels: Sequence[str] = ("depth",),
        merge: Merge = whole_window,
        undoable: int | None = None,
    ) -> None:
        self.canvas, self.channels, self.scale = canvas, tuple(channels), scale
        self.refiner, self.merge = refiner, merge
        self.initial = initial
        self.current = initial.astype(np.float32, copy=True)
        self._undoable = undoable
        self._marks: Marks[Prompt] = Marks(scale, self.shape)  # every prompt so far
        self._done: list[Change] = []
        self._undone: list[Change] = []

    @property
    def shape(self) -> Shape:
        """Rows and columns of the drawing, in model pixels."""
        return shape_of(self.initial)

    @property
    def drawing(self) -> Mask:
        """The drawing now, (H, W) bool."""
        return np.asarray(self.current > LINE)

    @property
    def prompts(self) -> tuple[Prompt, ...]:
        """The prompts of all committed changes, in their order."""
        return tuple(self._marks)

    def prompts_near(self, region: Region) -> tuple[Prompt, ...]:
        """Return the prompts that reach into a region, in their order."""
        return self._marks.near(region)

    def propose(self, prompts: Sequence[Prompt]) -> list[Change]:
        """Ask for an answer to each prompt alone, in one batch; nothing changes.

        Raises
        ------
        ValueError
            If a prompt lies wholly outside the drawing.
        """
        if not prompts:
            return []
        views = [self._view(prompt) for prompt in prompts]
        answers = self.refiner.refine(views)
        return [self._change(view, self.merge(view, answer)) for view, answer in zip(views, answers, strict=True)]

    def commit(self, change: Change) -> int:
        """Take a proposed change over; what was undone before is forgotten.

        Returns
        -------
        int
            The number of changes committed so far.

        Raises
        ------
        ValueError
            If the drawing or its prompts have changed in that region since the proposal.
        """
        unchanged = np.array_equal(self.current[change.region.slices], change.before)
        if not unchanged or change.earlier != self._marks.near(change.region):
            raise ValueError("the drawing has changed since this was proposed; propose the prompt again")
        self._undone.clear()
        self._apply(change)
        return len(self._marks)

    def undo(self) -> Change | None:
        """Take the last change back and return it; None if there is none."""
        if not self._done:
            return None
        change = self._done.pop()
        self._marks.pop()
        self.current[change.region.slices] = change.before
        self._undone.append(change)
        return change

    def redo(self) -> Change | None:
        """Commit the change that was undone last and return it; None if there is none."""
        if not self._undone:
            return None
        change = self._undone.pop()
        self._apply(change)
        return change

    def restore(self, current: Probabilities, prompts: Sequence[Prompt]) -> None:
        """Go on from a saved state: the drawing and the prompts that led to it. They cannot be undone any more."""
        if current.shape != self.shape:
            raise ValueError(f"a drawing of {current.shape} does not fit a session of {self.shape}")
        self.current = current.astype(np.float32, copy=True)
        self._marks = Marks(self.scale, self.shape)
        for prompt in prompts:
            self._marks.append(prompt)
        self._done, self._undone = [], []

    def _apply(self, change: Change) -> None:
        self.current[change.region.slices] = change.after
        self._marks.append(change.prompt)
        self._done.append(change)
        if self._undoable is not None and len(self._done) > self._undoable:
            del self._done[0]

    def _view(self, prompt: Prompt) -> View:
        if 0 in prompt.bounds(self.scale, self.shape).shape:
            raise ValueError("the stroke lies outside the drawing")
        region = self.refiner.window([prompt], self.shape)
        none = np.empty((0, *region.shape), np.float32)
        return View(
            image=self.canvas.read(region, self.channels, self.scale) if self.channels else none,
            initial=self.initial[region.slices],
            current=self.current[region.slices].copy(),
            prompts=(*self._marks.near(region), prompt),
            region=region,
            scale=self.scale,
        )

    def _change(self, view: View, drawing: Probabilities) -> Change:
        """Make a change of a view's new drawing; the person's stroke holds beyond the view, too."""
        prompt = view.prompts[-1]
        region = hull([view.region, prompt.bounds(self.scale, self.shape)])
        before = self.current[region.slices].copy()
        bare = before.copy()
        bare[draw(prompt, region, self.scale)] = 1 if prompt.sign == ADD else 0
        after = bare.copy()
        after[view.region.within(region).slices] = view.paste(drawing)
        return Change(prompt, region, before, after, bare, earlier=self._marks.near(region))
