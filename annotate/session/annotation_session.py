"""One open mirror: strokes come from any thread, are logged at once, and answered in turn by one worker."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING

from annotate.errors import AnnotateError
from annotate.library.collection_learner import NO_BASE
from annotate.library.model_service import ModelService
from annotate.library.places import SEEN
from annotate.limits import require_drawable
from annotate.messages import Source
from annotate.session.commanded_mirror import CommandedMirror
from annotate.session.opening import Copies, opened_log, read_again, writable_again
from annotate.session.sources import provenance, require_source
from annotate.session.teaching import Teaching
from annotate.session.worker import Worker
from annotate.stream_messages import StartedMessage
from data.errors import DataError
from data.paths import entry
from data.storage import PreparedView
from interaction.log import LOG
from interaction.log.log import Log
from interaction.log.packing import pack_drawing
from interaction.log.prompt_events import prompt_entry
from interaction.log.replay import replayed
from interaction.prompts import Prompt, Stroke
from user_config import Settings

if TYPE_CHECKING:
    from models.versions import Version

PATIENCE_S = 0.2  # of a caller that closes a session while commands wait


class AnnotationSession(CommandedMirror):
    """A mirror that is being corrected. Safe to use from several threads; opened by ``AnnotationSession.open``.

    Parameters
    ----------
    view : the mirror
    log : its log
    models : what draws and answers
    problem : why the log is open to be read only; None: it can be written
    """

    def __init__(self, view: PreparedView, log: Log, models: ModelService, problem: str | None = None) -> None:
        self._starting = threading.Lock()
        self._copies = Copies(log)
        self._clients: dict[str, int] = {}  # strokes by the names that their pages gave them
        self._forget_models: Callable[[], None] = lambda: None
        super().__init__(view, log, models, problem)  # its thread begins to work

    @classmethod
    def open(cls, view: PreparedView, config: Settings, models: ModelService) -> AnnotationSession:
        """Open a mirror as its log has it; strokes that wait for an answer are answered first.

        A log that cannot be written, or that another program has open, is shown, and cannot be drawn on.

        Raises
        ------
        DataError
            If the log cannot be read.
        """
        with ExitStack() as undo:
            log, problem = opened_log(entry(config.annotations, view.name) / LOG, view)
            undo.callback(log.close)
            session = cls(view, log, models, problem)
            undo.callback(session.close)  # its thread would live on
            if log.last:
                session._begin(answers=problem is None)
            undo.pop_all()
        return session

    def recover(self) -> None:
        """Go on drawing if what has stopped it is over; on the worker's thread, so that nobody waits for it."""
        if self._trouble.may_recover():
            self._commands.put(self._recover)

    def start(self, source: Source, progress: Callable[[float], None] = lambda share: None) -> None:
        """Make the initial drawing; may take minutes.

        Parameters
        ----------
        source : model, a classical binarization, drawing (the one that came with the scan), or empty
        progress : called with the share that is done; what it raises ends the start

        Raises
        ------
        DataError
            If there is nothing to start from, or the mirror was started already.
        """
        if not self._starting.acquire(blocking=False):
            raise AnnotateError(f"{self.view.name} is being started; wait for it")
        try:
            self.require_startable(source)
            initial, version = self.beginnings.drawing(source, progress)
            with self._writing:
                event = self._written("start", provenance(source, self._models, version), pack_drawing(initial))
                self._begin(answers=True, version=version)
            self.beginnings.forget()
            self._commands.put(partial(self._subscribers.publish, StartedMessage(event=event.number)))
        finally:
            self._starting.release()

    def require_startable(self, source: Source) -> None:
        """Raise DataError if the mirror was started already, or cannot be from that."""
        self._require_writable()
        if self._worker:
            raise AnnotateError(f"{self.view.name} was started already, from {self._worker.source}; go on with it")
        require_source(source, self.view, self._models)

    def draw(self, stroke: Stroke, *, refine: bool, client: str) -> int:
        """Log a stroke, and return the number of its event: it is on disk then; its answer is published later.

        Parameters
        ----------
        stroke : in scan pixels
        refine : whether the model is asked
        client : a name of this stroke; a second stroke of the same name is the same one, and not taken again

        Raises
        ------
        DataError
            If it cannot be taken.
        """
        began = perf_counter()
        with self._writing:
            if client in self._clients:
                return self._clients[client]
            worker = self._require_started()
            require_drawable(stroke, self.view.shape)
            event = self._written(*prompt_entry(stroke, refine=refine, client=client))
            self._clients[client] = event.number
            self._queue_stroke(worker, event.number, stroke, refine, began)
        return event.number

    def undo(self) -> None:
        """Have the last change undone, once the strokes before are answered; nothing happens if there is none."""
        self._queue(Worker.undo)

    def redo(self) -> None:
        """Have the change redone that was undone last; nothing happens if there is none."""
        self._queue(Worker.redo)

    def keep_stroke(self) -> None:
        """Have the last change replaced by its stroke alone; nothing happens if it is no more than that."""
        self._queue(Worker.keep)

    def refine(self) -> None:
        """Have all strokes answered of which the model was not asked yet, and those after them anew."""
        self._queue(Worker.refine)

    def seen(self, cell: int, right: bool = True) -> int:
        """Log that a place looks right, or no longer; return the number of the event; undone in its turn.

        Raises
        ------
        DataError
            If there is no such place, or nothing can be written.
        """
        with self._writing:
            worker = self._require_started()
            regions = worker.places.regions
            if not 0 <= cell < len(regions):
                raise AnnotateError(f"{self.view.name} has no place {cell}; there are {len(regions)}, counted from 0")
            event = self._written("seen", {"cell": cell, "region": regions[cell].to_json(), "right": right})
            self._put(worker, partial(worker.mark, event.number, regions[cell], right))
        return event.number

    def settle(self, cells: list[int] | None, *, wanted: bool) -> None:
        """Have a proposed redrawing taken over, or refused, in some places or in all (None); undone as one change."""
        self._queue(lambda worker, began: worker.settle(cells, wanted))

    @property
    def teaching(self) -> Teaching:
        """What lets the models learn from this mirror; raises AnnotateError where none learns."""
        self._require_started()
        if self._models.learner is None:
            raise AnnotateError(NO_BASE)
        return Teaching(self.view, self._models.learner, self._on_worker)

    def looks_right(self, cell: int) -> bool:
        """Whether a person has said that a place looks right, as far as that was published."""
        places = self._require_started().places_state.state
        return cell < len(places) and places[cell] == SEEN

    def close(self) -> None:
        """Keep a snapshot and close the log; strokes that are not answered yet wait there for the next opening."""
        with self._writing:
            if self._closed:
                return
            self._closed = True
        self._forget_models()
        self._commands.close(PATIENCE_S)
        self._copies.wait()
        try:
            if not self.log.read_only:
                self.log.mend(ends=True)
            if self._worker and not self._trouble.problem:
                self._worker.snapshot()
        except DataError:  # without a snapshot opening it takes longer, no more
            logging.getLogger(__name__).exception("closing %s", self.view.name)
        finally:
            self.log.close()

    def _begin(self, *, answers: bool, version: Version | None = None) -> None:
        """Go on from what the log came to; ``answers``: the strokes that wait are answered.

        ``version``: what the mirror is begun with, if that had been learned on others.
        """
        self._forget_models()
        state = replayed(self.log)
        worker = Worker(self.view, self.log, state, self._models, self._subscribers, lambda: self._closed)
        self._clients, self._worker = dict(state.clients), worker
        if version is not None:
            worker.inherit(version)
        for number in state.waiting if answers else ():
            if mark := state.marks.get(number):
                self._put(worker, partial(worker.mark, number, mark.region, mark.right))
            else:
                self._queue_stroke(worker, number, state.prompts[number], state.refine[number], perf_counter())
        self._forget_models = self._models.when_loaded(lambda: self._commands.put(worker.models_loaded))

    def _recover(self) -> None:
        if not self._trouble.recovered(self._go_on) and self.log.read_only:
            self._follow()

    def _follow(self) -> None:
        """Show what another program has drawn meanwhile."""
        with self._writing:
            before, self.log = self.log, read_again(self.log, self.view)
            shown = self._worker.logged.event if self._worker else 0
            if self.log.last > shown or (self.log.last and self.log is not before):
                self._begin(answers=False)
                self._subscribers.publish(StartedMessage(event=self._status.event))

    def _go_on(self) -> tuple[int, str | None]:
        """Open the log anew; return the last event in the drawing, and what had to be mended."""
        with self._writing:
            log, mended = writable_again(self.log, self.view)
            if log is not self.log or mended:
                self._copies.wait()
                self.log, self._copies = log, Copies(log)  # earlier copies may be lost as well: one is made anew
            if log.last:
                self._begin(answers=True)
        return self._status.event, mended

    def _queue_stroke(self, worker: Worker, number: int, prompt: Prompt, refine: bool, began: float) -> None:
        worker.waiting.add(number)
        self._put(worker, partial(worker.answer, number, prompt, refine, began))

    def _rest(self) -> bool:
        if self._worker is None or (self._trouble.problem and not self.log.read_only):
            return False
        more = self._worker.rest()
        if not more and not self._trouble.problem:
            self._copies.make_if_due(self.log.last)
        return more
