"""A session with its log: each change is written to disk before it is made in the drawing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from annotate.errors import reason
from annotate.session.outcomes import Cause, MarkOutcome, Outcome, RedrawOutcome
from data.regions import Region, hull
from data.storage import PreparedView
from interaction.changes import Change, Merge, Refiner
from interaction.log.learning_events import redraw_entry
from interaction.log.log import Entry, Log
from interaction.log.packing import pack_line, pack_step
from interaction.log.replay import Replayed
from interaction.prompts import Prompt
from interaction.redrawing import drawing_of
from interaction.refiners import ManualRefiner
from interaction.session import LINE, RefinementSession
from interaction.steps import Entry as HistoryEntry
from interaction.steps import Mark, Redraw, Step, steps_of


@dataclass(frozen=True)
class _NamedRefiner:
    """A refiner and a merge rule, with their names in the log."""

    refiner: Refiner
    merge: Merge
    merge_name: str
    model: str | None
    version: str | None


class LoggedSession:
    """The corrections of one mirror. All that changes it is called by one thread; ``exact`` by any.

    Parameters
    ----------
    view : what is corrected
    log : which begins with a start
    replayed : what the log came to
    """

    def __init__(self, view: PreparedView, log: Log, replayed: Replayed) -> None:
        self.session = RefinementSession(view, replayed.begun, ManualRefiner(view.scale), scale=view.scale, channels=())
        prompts = [step.prompt for step in steps_of(replayed.history.done)]
        self.session.restore(replayed.current, prompts, replayed.history, replayed.initial)
        self._log, self._lock = log, threading.Lock()
        self._named: _NamedRefiner | None = None
        self._refined = {step.prompt_event for step in replayed.steps.values() if not step.unrefined}  # ever
        self.event = replayed.last  # the last event that is in the drawing; another program may have added to the log

    @property
    def can_undo(self) -> bool:
        """Whether there is a change or mark to undo."""
        return self.session.history.last is not None

    @property
    def can_redo(self) -> bool:
        """Whether there is a change or mark to redo."""
        return self.session.history.next is not None

    @property
    def can_keep(self) -> bool:
        """Whether what was done last is a change that is more than its prompt."""
        last = self.session.history.last
        return isinstance(last, Step) and not last.unrefined

    @property
    def strokes(self) -> int:
        """How many prompts are in the drawing."""
        return len(self.session.done)

    @property
    def pending(self) -> int:
        """How many prompts in the drawing are unrefined because no refiner was asked yet."""
        return sum(self._is_pending(step) for step in self.session.done)

    def exact(self) -> tuple[int, NDArray[np.float32]]:
        """Return the number of the last event in the drawing, and a copy of it: (H, W) float32."""
        with self._lock:
            return self.event, self.session.current.copy()

    def ask(
        self,
        refiner: Refiner,
        merge: Merge,
        channels: Sequence[str],
        *,
        merge_name: str,
        model: str,
        version: str | None = None,
    ) -> None:
        """Let prompts be refined from now on; until then each is kept unrefined.

        Parameters
        ----------
        refiner : predicts the drawing around prompts
        merge : what of its predictions is taken over
        channels : what of the view the refiner sees
        merge_name, model : how the log names the merge, and the SHA-256 of the model
        version : SHA-256 of what the model has learned; None: it is as it came
        """
        self.session.refiner, self.session.merge, self.session.channels = refiner, merge, tuple(channels)
        self._named = _NamedRefiner(refiner, merge, merge_name, model, version)

    def answer(self, number: int, prompt: Prompt, refine: bool, elapsed_ms: Callable[[], float]) -> Outcome:
        """Answer a prompt that lies within the drawing; one that the refiner fails at is kept unrefined.

        Parameters
        ----------
        number : of its event
        prompt : as it was given
        refine : whether the refiner is asked, if there is one
        elapsed_ms : returns how long it has taken so far, for the log

        Raises
        ------
        AnnotateError
            If the change cannot be logged; nothing has changed then.
        """
        change, message = self._proposed(prompt, refine)
        entry = self._change_entry(number, change, elapsed_ms())
        with self._lock:
            self.event = self._log.append(*entry).number
            self.session.commit(change, event=self.event, prompt_event=number)
            step = self._last_step()
        return Outcome(self.event, "stroke", step, change, change.region, message)

    def mark(self, number: int, region: Region, right: bool) -> MarkOutcome:
        """Mark a place as right, or as no longer right; the history holds it beside the changes. Raises as ``answer``.

        Parameters
        ----------
        number : of the event that holds the person's word
        region : the place
        right : whether it looks right
        """
        mark = Mark.of(region, right, self.session.current[region.slices] > LINE, asked_event=number)
        with self._lock:
            self.event = self._log.append(*_mark_entry(mark)).number
            self.session.mark(mark := replace(mark, event=self.event))
        return MarkOutcome(self.event, "seen", mark)

    def redraw(self, redraw: Redraw) -> RedrawOutcome:
        """Take over a redrawing that the session proposed; the history holds it beside the changes.

        Raises as ``answer``, and ValueError if some of its pixels were corrected or approved since.
        """
        with self._lock:
            self.session.require_fit(redraw)  # before it is logged
            self.event = self._log.append(*redraw_entry(redraw)).number
            entry = self.session.commit_redraw(redraw, event=self.event)
        return RedrawOutcome(self.event, "redraw", entry)

    def undo(self) -> Outcome | MarkOutcome | RedrawOutcome | None:
        """Undo the last change, mark or redrawing; None if there is none. Raises as ``answer``."""
        return self._moved("undo", self.session.history.last, self.session.undo)

    def redo(self) -> Outcome | MarkOutcome | RedrawOutcome | None:
        """Redo the change, mark or redrawing that was undone last; None if there is none. Raises as ``answer``."""
        return self._moved("redo", self.session.history.next, self.session.redo)

    def _moved(
        self,
        cause: Literal["undo", "redo"],
        entry: HistoryEntry | None,
        move: Callable[[], Change | Mark | Redraw | None],
    ) -> Outcome | MarkOutcome | RedrawOutcome | None:
        if entry is None:
            return None
        with self._lock:
            self.event = self._log.append(cause, {"change": entry.event}).number
            moved = move()
        if isinstance(entry, Mark):
            return MarkOutcome(self.event, cause, entry)
        if isinstance(entry, Redraw):
            return RedrawOutcome(self.event, cause, entry)
        assert isinstance(moved, Change)
        return Outcome(self.event, cause, entry, moved, moved.region)

    def keep(self) -> list[Outcome]:
        """Keep the last prompt as it was drawn, unrefined. Raises as ``answer``."""
        if not self.can_keep:
            return []
        return self._rewrite("keep", len(self.session.history.done) - 1, lambda step: False)

    def refine(self, progress: Callable[[float], None] = lambda share: None) -> list[Outcome]:
        """Refine all prompts of which no refiner was asked yet, and those after them anew, in their order.

        A prompt that was kept unrefined by choice stays so. Raises as ``answer``.
        """
        done = self.session.history.done
        first = next((at for at, entry in enumerate(done) if isinstance(entry, Step) and self._is_pending(entry)), None)
        if first is None or self._named is None:
            return []
        return self._rewrite("refine", first, lambda step: not step.unrefined or self._is_pending(step), progress)

    def _is_pending(self, step: Step) -> bool:
        return step.unrefined and step.prompt_event not in self._refined

    def _rewrite(
        self,
        cause: Cause,
        first: int,
        refines: Callable[[Step], bool],
        progress: Callable[[float], None] = lambda share: None,
    ) -> list[Outcome]:
        """Undo what was done from one change on and do it anew, all in one transaction of the log, or none.

        Nobody sees the session on its way: it is given back at the end, or as it was.
        """
        old = self.session.history.done[first:]
        changes, messages = list[Change](), list[str | None]()
        entries: list[Entry] = [("undo", {"change": step.event}, None) for step in reversed(old)]
        session = self.session
        with self._lock:
            as_it_was = session.current.copy(), session.prompts, session.history.copy(), session.initial
            try:
                before = [moved for _ in old if isinstance(moved := session.undo(), Change)][::-1]
                for step in old:
                    if isinstance(step, Mark):
                        entries.append(_mark_entry(step))
                        session.mark(step)
                        continue
                    if isinstance(step, Redraw):
                        again = session.propose_redraw(drawing_of(step, session.initial), step.version)
                        entries.append(redraw_entry(again))
                        session.commit_redraw(again)
                        continue
                    change, message = self._proposed(step.prompt, refines(step))
                    entries.append(self._change_entry(step.prompt_event, change, 0.0))
                    session.commit(change, prompt_event=step.prompt_event)
                    changes.append(change)
                    messages.append(message)
                    progress(len(changes) / len(before))
                events = self._log.append_all(entries)[len(old) :]
            except BaseException:
                session.restore(*as_it_was)  # from memory: the log, which holds earlier steps, may be what failed
                raise
            made = session.history.done[first:]
            entered = [replace(entry, event=event.number) for entry, event in zip(made, events, strict=True)]
            session.history.replace(entered)
            new = steps_of(entered)
            self._refined.update(step.prompt_event for step in new if not step.unrefined)
            self.event = events[-1].number
        return [
            Outcome(step.event, cause, step, change, hull([earlier.region, change.region]), message)
            for step, change, earlier, message in zip(new, changes, before, messages, strict=True)
        ]

    def _last_step(self) -> Step:
        """Return the step that was just committed, and note whether its prompt was refined."""
        step = self.session.history.last
        assert isinstance(step, Step)
        if not step.unrefined:
            self._refined.add(step.prompt_event)
        return step

    def _proposed(self, prompt: Prompt, refine: bool) -> tuple[Change, str | None]:
        """Return the change that a prompt makes, and why it is unrefined if it should not be."""
        if not refine or self._named is None:
            return self.session.unrefined_change(prompt), None
        try:
            return self.session.propose([prompt])[0], None
        except Exception as error:  # a network may fail in any way, and the user's stroke holds nevertheless
            return self.session.unrefined_change(
                prompt
            ), f"the {prompt.kind} was kept alone, as the model failed: {reason(error)}"

    def _change_entry(self, number: int, change: Change, ms: float) -> Entry:
        by = self._named if change.asked else None
        region = change.region
        body = {
            "stroke": number,
            "bare": not change.asked,
            "region": region.to_json(),
            "model": by.model if by else None,
            "merge": by.merge_name if by else "",
            "ms": round(ms, 1),
        }
        if by and by.version:
            body["version"] = by.version
        return "change", body, pack_step(Step.of(change, self.session.current[region.slices]))


def _mark_entry(mark: Mark) -> Entry:
    return "mark", {"seen": mark.asked_event}, pack_line(mark.line)
