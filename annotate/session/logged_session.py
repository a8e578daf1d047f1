"""A session and its log, in step: an answer is on disk before it is in the drawing, and never the other way round."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from annotate.errors import reason
from data.regions import Region, hull
from data.storage import PreparedView
from interaction.changes import Change, Merge, Refiner
from interaction.log.log import Entry, Log
from interaction.log.packing import pack_step
from interaction.log.replay import Replayed
from interaction.prompts.strokes import Stroke
from interaction.refiners import ManualRefiner
from interaction.session import RefinementSession
from interaction.steps import Step

Cause = Literal["stroke", "undo", "redo", "keep", "refine"]


@dataclass(frozen=True)
class Made:
    """A change that was committed.

    Parameters
    ----------
    number, stroke : the log's events that hold the change, and the stroke that it answers
    bare : whether it is the stroke alone
    """

    number: int
    stroke: int
    bare: bool


@dataclass(frozen=True, eq=False)
class Outcome:
    """What an order did to the drawing.

    Parameters
    ----------
    event : the number of the last event of the log that is in the drawing
    cause : the kind of order
    made, change : which change was made, or taken back
    region : what of the drawing may have changed
    message : why a stroke that was to be answered was kept bare, if it was
    """

    event: int
    cause: Cause
    made: Made
    change: Change
    region: Region
    message: str | None = None


@dataclass(frozen=True)
class _Answerer:
    """Whom the session asks: a refiner, what of its answers is taken over, and how the log names them."""

    refiner: Refiner
    merge: Merge
    merge_name: str
    model: str | None


class LoggedSession:
    """The corrections of one mirror. All that changes it is called by one thread; ``exact`` by any.

    Parameters
    ----------
    view : what is corrected
    log : which begins with a start
    replayed : what the log came to
    """

    def __init__(self, view: PreparedView, log: Log, replayed: Replayed) -> None:
        self.session = RefinementSession(
            view, replayed.initial, ManualRefiner(view.scale), scale=view.scale, channels=()
        )
        steps = [step for _, step in replayed.done]
        self.session.restore(
            replayed.current,
            [step.prompt for step in steps],
            done=steps,
            undone=[step for _, step in replayed.undone],
        )
        self._log, self._lock = log, threading.Lock()
        self._answerer: _Answerer | None = None
        self._done = [Made(number, replayed.stroke_of[number], step.bare) for number, step in replayed.done]
        self._undone = [Made(number, replayed.stroke_of[number], step.bare) for number, step in replayed.undone]
        self._answered = {
            stroke for change, stroke in replayed.stroke_of.items() if not replayed.bare_of[change]
        }  # ever
        self.event = log.last  # of the last event that is in the drawing

    @property
    def can_undo(self) -> bool:
        """Whether there is a change to take back."""
        return bool(self._done)

    @property
    def can_redo(self) -> bool:
        """Whether there is a change to bring back."""
        return bool(self._undone)

    @property
    def can_keep(self) -> bool:
        """Whether the last change is more than its stroke."""
        return bool(self._done) and not self._done[-1].bare

    @property
    def strokes(self) -> int:
        """How many strokes are in the drawing."""
        return len(self._done)

    @property
    def pending(self) -> int:
        """How many strokes in the drawing are bare because nobody was asked yet."""
        return sum(self._is_pending(made) for made in self._done)

    def exact(self) -> tuple[int, NDArray[np.float32]]:
        """Return the number of the last event in the drawing, and a copy of it: (H, W) float32."""
        with self._lock:
            return self.event, self.session.current.copy()

    def ask(self, refiner: Refiner, merge: Merge, channels: Sequence[str], *, merge_name: str, model: str) -> None:
        """Let strokes be answered from now on; until then each is taken alone.

        Parameters
        ----------
        refiner : who answers
        merge : what of an answer is taken over
        channels : what of the view the refiner sees
        merge_name, model : how the log names the merge, and the SHA-256 of the model
        """
        self.session.refiner, self.session.merge, self.session.channels = refiner, merge, tuple(channels)
        self._answerer = _Answerer(refiner, merge, merge_name, model)

    def covers(self, stroke: Stroke) -> bool:
        """Whether any of a stroke lies within the drawing."""
        return 0 not in stroke.bounds(self.session.scale, self.session.shape).shape

    def answer(self, number: int, stroke: Stroke, refine: bool, elapsed_ms: Callable[[], float]) -> Outcome:
        """Answer a stroke that lies within the drawing; one that the refiner fails at is taken alone.

        Parameters
        ----------
        number : of its event
        stroke : as drawn
        refine : whether the refiner is asked, if there is one
        elapsed_ms : says how long it has taken so far, for the log

        Raises
        ------
        AnnotateError
            If the answer cannot be logged; nothing has changed then.
        """
        change, message = self._proposed(stroke, refine)
        entry = self._change_entry(number, change, elapsed_ms())
        with self._lock:
            self.event = self._log.append(*entry).number
            self.session.commit(change)
            made = self._remember(self.event, number, change)
        return Outcome(self.event, "stroke", made, change, change.region, message)

    def undo(self) -> Outcome | None:
        """Take the last change back; None if there is none. Raises as ``answer``."""
        if not self._done:
            return None
        with self._lock:
            made = self._done[-1]
            self.event = self._log.append("undo", {"change": made.number}).number
            change = self._taken_back()
            self._undone.append(self._done.pop())
        return Outcome(self.event, "undo", made, change, change.region)

    def redo(self) -> Outcome | None:
        """Bring the change back that was undone last; None if there is none. Raises as ``answer``."""
        if not self._undone:
            return None
        with self._lock:
            made = self._undone[-1]
            self.event = self._log.append("redo", {"change": made.number}).number
            change = self.session.redo()
            self._done.append(self._undone.pop())
        assert change is not None
        return Outcome(self.event, "redo", made, change, change.region)

    def keep(self) -> list[Outcome]:
        """Keep the last stroke as it was drawn, without its answer. Raises as ``answer``."""
        if not self.can_keep:
            return []
        return self._rewrite("keep", len(self._done) - 1, lambda made: False)

    def refine(self, progress: Callable[[float], None] = lambda share: None) -> list[Outcome]:
        """Let all strokes be answered of which nobody was asked yet, and those after them anew, in their order.

        A stroke that was kept bare by choice stays so. Raises as ``answer``.
        """
        first = next((index for index, made in enumerate(self._done) if self._is_pending(made)), None)
        if first is None or self._answerer is None:
            return []
        return self._rewrite("refine", first, lambda made: not made.bare or self._is_pending(made), progress)

    def _is_pending(self, made: Made) -> bool:
        return made.bare and made.stroke not in self._answered

    def _rewrite(
        self,
        cause: Cause,
        first: int,
        refined: Callable[[Made], bool],
        progress: Callable[[float], None] = lambda share: None,
    ) -> list[Outcome]:
        """Take back the changes from one on and make them anew, all in one transaction of the log, or none.

        Nobody sees the session on its way: it is given back at the end, or as it was.
        """
        old = self._done[first:]
        changes, messages = list[Change](), list[str | None]()
        entries: list[Entry] = [("undo", {"change": made.number}, None) for made in reversed(old)]
        with self._lock:
            taken = [self._taken_back() for _ in old]
            try:
                for made, before in zip(old, reversed(taken), strict=True):
                    change, message = self._proposed(before.prompt, refined(made))
                    entries.append(self._change_entry(made.stroke, change, 0.0))
                    self.session.commit(change)
                    changes.append(change)
                    messages.append(message)
                    progress(len(changes) / len(old))
                events = self._log.append_all(entries)[len(old) :]
            except BaseException:
                self._put_back(len(changes), taken)
                raise
            del self._done[first:]
            new = [
                self._remember(event.number, made.stroke, change)
                for event, made, change in zip(events, old, changes, strict=True)
            ]
            self.event = events[-1].number
        return [
            Outcome(made.number, cause, made, change, hull([before.region, change.region]), message)
            for made, change, before, message in zip(new, changes, reversed(taken), messages, strict=True)
        ]

    def _taken_back(self) -> Change:
        change = self.session.undo()
        assert change is not None
        return change

    def _put_back(self, made_since: int, taken: list[Change]) -> None:
        """Undo what a rewrite has made, and make again what it took back, of which the last came first."""
        for _ in range(made_since):
            self.session.undo()
        for change in reversed(taken):
            self.session.commit(change)
        self._undone.clear()  # the session has forgotten them; whoever opens the log again gets them back

    def _proposed(self, stroke: Stroke, refine: bool) -> tuple[Change, str | None]:
        """Return the change that a stroke makes, and why it is bare if it should not be."""
        if not refine or self._answerer is None:
            return self.session.bare_change(stroke), None
        try:
            return self.session.propose([stroke])[0], None
        except Exception as error:  # a network may fail in any way, and the person's stroke holds nevertheless
            return self.session.bare_change(stroke), f"the stroke was kept alone, as the model failed: {reason(error)}"

    def _change_entry(self, stroke: int, change: Change, ms: float) -> Entry:
        by = self._answerer if change.asked else None
        region = change.region
        body = {
            "stroke": stroke,
            "bare": not change.asked,
            "region": region.to_json(),
            "model": by.model if by else None,
            "merge": by.merge_name if by else "",
            "ms": round(ms, 1),
        }
        return "change", body, pack_step(Step.of(change, self.session.current[region.slices]))

    def _remember(self, number: int, stroke: int, change: Change) -> Made:
        made = Made(number, stroke, bare=not change.asked)
        self._done.append(made)
        self._undone.clear()
        if change.asked:
            self._answered.add(stroke)
        return made
