"""The refinement session: the one way in which a drawing is corrected, by a user of the page or by a simulated one.

A prompt is *proposed* first, which changes nothing, and the change is *committed* if it is wanted; it can be undone.
The session asks a refiner for predictions; that may be the trained network or the manual baseline.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from data.canvas import Canvas
from data.enlarging import LINE as LINE  # also of sessions: what is counted as line is what is exported as line
from data.regions import Region, Shape, hull, shape_of
from interaction.changes import Change, Merge, Probabilities, Refiner, View, whole_window
from interaction.history import History
from interaction.prompt_index import PromptIndex
from interaction.prompts import Prompt
from interaction.prompts.prompt import paste, pinned_maps
from interaction.redrawing import protected_pixels, redraw_of, require_fit
from interaction.steps import Entry, Mark, Redraw, Step, steps_of
from metrics.masks import Mask


class RefinementSession:
    """A drawing and its corrections.

    Parameters
    ----------
    canvas : the image that is traced
    channels : the canvas's channels that the refiner is shown
    initial : (H, W) float32 in [0, 1], at model scale; the array is never written into
    refiner : predicts the drawing around prompts
    scale : model pixels a scan pixel
    merge : chooses the pixels of a prediction that are taken over
    undoable : how many changes can be undone; the prompts of older ones are kept, their pixels are not. None: all

    Attributes
    ----------
    begun : (H, W) float32, the drawing that the session began with
    initial : (H, W) float32, that drawing as it was redrawn since; what networks are shown as the initial one
    current : (H, W) float32 in [0, 1], the drawing now
    history : the changes, marks and redrawings that can be undone and redone; no other object keeps one
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
        self.begun = self.initial = initial
        self.current = initial.astype(np.float32, copy=True)
        self.history: History[Entry] = History(limit=undoable)
        self._index = PromptIndex(scale, self.shape)  # of every prompt so far

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
        return tuple(self._index)

    @property
    def done(self) -> tuple[Step, ...]:
        """The steps that can be undone, in their order."""
        return steps_of(self.history.done)

    @property
    def undone(self) -> tuple[Step, ...]:
        """The steps that can be redone, the next one last."""
        return steps_of(self.history.undone)

    def prompts_near(self, region: Region) -> tuple[Prompt, ...]:
        """Return the prompts that reach into a region, in their order."""
        return self._index.near(region)

    def problem_with(self, prompt: Prompt) -> str | None:
        """Return why a prompt cannot be answered; None if it can: at least one of its pixels lies in the drawing."""
        outside = 0 in prompt.bounds(self.scale, self.shape).shape
        return f"the {prompt.kind} lies outside the drawing" if outside else None

    def propose(self, prompts: Sequence[Prompt]) -> list[Change]:
        """Ask the refiner about each prompt alone, in one batch; nothing changes.

        Raises
        ------
        ValueError
            If a prompt lies wholly outside the drawing.
        """
        if not prompts:
            return []
        views = [self._view(prompt) for prompt in prompts]
        predictions = self.refiner.refine(views)
        merged = [self.merge(view, prediction) for view, prediction in zip(views, predictions, strict=True)]
        return [self._change(view, drawing) for view, drawing in zip(views, merged, strict=True)]

    def unrefined_change(self, prompt: Prompt) -> Change:
        """Return the change that pastes what a prompt pins; no refiner is asked, and nothing changes.

        Raises ValueError if the prompt lies wholly outside the drawing.
        """
        region = self._bounds(prompt)
        before = self.current[region.slices].copy()
        unrefined = self._pasted(prompt, region, before)
        return Change(prompt, region, before, unrefined, unrefined, earlier=self._index.near(region), asked=False)

    def commit(self, change: Change, *, event: int = 0, prompt_event: int = 0) -> int:
        """Take a proposed change over; what was undone before is forgotten. Return how many were committed so far.

        ``event`` and ``prompt_event`` as in ``Step``. Raises ValueError if the drawing or its prompts have changed in
        that region since the proposal.
        """
        current = self.current[change.region.slices]
        if not np.array_equal(current, change.before) or change.earlier != self._index.near(change.region):
            raise ValueError("the drawing has changed since this was proposed; propose the prompt again")
        self.history.add(Step.of(change, current, event=event, prompt_event=prompt_event))
        current[...] = change.after
        self._index.append(change.prompt)
        return len(self._index)

    def mark(self, mark: Mark) -> None:
        """Take over what a person says of a place; it is undone in its turn, and what was undone is forgotten."""
        self.history.add(mark)

    @property
    def protected(self) -> Mask:
        """The pixels that no redrawing touches, (H, W) bool; see ``protected_pixels``."""
        return protected_pixels(self.initial, self.current, self._index, self.history.done, self.scale)

    @property
    def redrawn(self) -> bool:
        """Whether the initial drawing is no longer the one that the session began with."""
        return self.initial is not self.begun and not np.array_equal(self.initial, self.begun)

    def propose_redraw(
        self, drawing: Probabilities, version: str, keep: Mask | None = None, *, sure: bool = False
    ) -> Redraw:
        """Return what changes if a model's new drawing is taken over wherever nothing is protected; nothing changes.

        ``drawing``, ``version`` and ``sure`` as in ``redraw_of``, which may raise; ``keep``, (H, W) bool: further
        pixels that stay as they are.
        """
        protected = self.protected if keep is None else self.protected | keep
        return redraw_of(self.initial, drawing, protected, version, sure=sure)

    def require_fit(self, redraw: Redraw) -> None:
        """Raise ValueError if some of a redrawing's pixels have changed, or are protected, since it was proposed."""
        require_fit(redraw, self.initial, self.current, self.protected)

    def commit_redraw(self, redraw: Redraw, *, event: int = 0) -> Redraw:
        """Take a redrawing over, in ``current`` and ``initial``; what was undone before is forgotten. Return the entry.

        Raises as ``require_fit``.
        """
        self.require_fit(redraw)
        entry = replace(redraw, event=event)
        self._put(entry, entry.pixels.do)
        self.history.add(entry)
        return entry

    def undo(self) -> Change | Mark | Redraw | None:
        """Undo the last change, mark or redrawing and return it; None if there is none.

        If loading its pixels fails, nothing changes.
        """
        entry = self.history.last
        if isinstance(entry, Step):
            return self._undone_step(entry)
        if isinstance(entry, Redraw):
            self._put(entry, entry.pixels.undo)
        if entry is not None:
            self.history.undo()
        return entry

    def redo(self) -> Change | Mark | Redraw | None:
        """Make the change, mark or redrawing again that was undone last and return it; None if there is none."""
        entry = self.history.next
        if isinstance(entry, Step):
            return self._redone_step(entry)
        if isinstance(entry, Redraw):
            self._put(entry, entry.pixels.do)
        if entry is not None:
            self.history.redo()
        return entry

    def restore(
        self,
        current: Probabilities,
        prompts: Sequence[Prompt],
        history: History[Entry] | None = None,
        initial: Probabilities | None = None,
    ) -> None:
        """Go on from a saved state: the drawing and the prompts that led to it.

        Parameters
        ----------
        current : (H, W) float32
        prompts : all of them, in their order
        history : the steps of the last of the prompts, which can be undone, the marks and redrawings between them, and
            those that can be redone; it is left as it is. None: nothing can be undone
        initial : (H, W) float32, as it was redrawn until then. None: it was not redrawn

        Raises
        ------
        ValueError
            If the drawing is of another size, or the steps are not those of the last prompts.
        """
        done, undone = (history.done, history.undone) if history else ((), ())
        steps = steps_of(done)
        for drawing in (current, self.begun if initial is None else initial):
            if drawing.shape != self.shape:
                raise ValueError(f"a drawing of {drawing.shape} does not fit a session of {self.shape}")
        last = prompts[len(prompts) - len(steps) :] if len(steps) <= len(prompts) else ()
        if [step.prompt for step in steps] != list(last):
            raise ValueError(f"{len(steps)} steps do not belong to the last of {len(prompts)} prompts")
        self.current = current.astype(np.float32, copy=True)
        self.initial = self.begun if initial is None else initial.astype(np.float32, copy=True)
        self._index = PromptIndex(self.scale, self.shape)
        for prompt in prompts:
            self._index.append(prompt)
        self.history = History(done, undone, self.history.limit)

    def _put(self, redraw: Redraw, move: Callable[[NDArray[np.float32]], None]) -> None:
        """Move the pixels of a redrawing, in the drawing and in a new initial one; views keep the one they have."""
        initial = self.initial.copy()
        for drawing in (initial, self.current):
            move(drawing[redraw.region.slices])
        self.initial = initial

    def _view(self, prompt: Prompt) -> View:
        self._bounds(prompt)
        region = self.refiner.window([prompt], self.shape)
        none = np.empty((0, *region.shape), np.float32)
        return View(
            image=self.canvas.read(region, self.channels, self.scale) if self.channels else none,
            initial=self.initial[region.slices],
            current=self.current[region.slices].copy(),
            prompts=(*self._index.near(region), prompt),
            region=region,
            scale=self.scale,
        )

    def _change(self, view: View, drawing: Probabilities) -> Change:
        """Make a change of a view's new drawing; what the prompt pins holds beyond the view, too."""
        prompt = view.prompts[-1]
        region = hull([view.region, prompt.bounds(self.scale, self.shape)])
        before = self.current[region.slices].copy()
        unrefined = self._pasted(prompt, region, before)
        after = unrefined.copy()
        after[view.region.within(region).slices] = view.paste(drawing)
        return Change(prompt, region, before, after, unrefined, earlier=self._index.near(region))

    def _undone_step(self, step: Step) -> Change:
        pixels, current = step.pixels, self.current[step.region.slices]
        after = current.copy()
        pixels.undo(current)
        self._index.pop()
        self.history.undo()
        return self._rebuilt(step, current.copy(), after)

    def _redone_step(self, step: Step) -> Change:
        pixels, current = step.pixels, self.current[step.region.slices]
        before = current.copy()
        pixels.do(current)
        change = self._rebuilt(step, before, current.copy())
        self._index.append(step.prompt)
        self.history.redo()
        return change

    def _rebuilt(self, step: Step, before: Probabilities, after: Probabilities) -> Change:
        """Return the change that a step was, while its prompt is not in the index."""
        unrefined = after if step.unrefined else self._pasted(step.prompt, step.region, before)
        earlier = self._index.near(step.region)
        return Change(step.prompt, step.region, before, after, unrefined, earlier, asked=not step.unrefined)

    def _pasted(self, prompt: Prompt, region: Region, drawing: Probabilities) -> Probabilities:
        """Return a region's drawing with what one prompt pins in it."""
        return paste(drawing, pinned_maps([prompt], region, self.scale))

    def _bounds(self, prompt: Prompt) -> Region:
        """Return a prompt's bounds; raise ValueError if it lies outside the drawing."""
        if problem := self.problem_with(prompt):
            raise ValueError(problem)
        return prompt.bounds(self.scale, self.shape)
