"""One open mirror: strokes come from any thread, are logged at once, and answered in turn by one worker."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotate.errors import AnnotateError, NotWrittenError, reason
from annotate.library.model_service import ModelService
from annotate.limits import require_drawable
from annotate.messages import DrawingStatus, SessionState, Source, StartedMessage, Subscriber, TroubleMessage, Which
from annotate.session.command_queue import Command, CommandQueue
from annotate.session.publishing import Grey, Subscribers, as_grey
from annotate.session.sources import initial_drawing, provenance, require_source
from annotate.session.state import session_state, status_before_start
from annotate.session.worker import Stopped, Worker
from data.errors import DataError
from data.paths import entry
from data.storage import PreparedSet, PreparedView
from interaction.log import LOG
from interaction.log.log import Event, Log
from interaction.log.packing import pack_drawing
from interaction.log.prompt_events import prompt_entry
from interaction.log.replay import replayed
from interaction.prompts import Prompt, Stroke
from user_config import Settings

PATIENCE_S = 0.2  # of a caller that closes a session while commands wait


class AnnotationSession:
    """A mirror that is being corrected. Safe to use from several threads; opened by ``AnnotationSession.open``.

    Parameters
    ----------
    view : the mirror
    log : its log, open for writing
    models : what draws and answers
    """

    def __init__(self, view: PreparedView, log: Log, models: ModelService) -> None:
        self.view, self.log = view, log
        self._models, self._subscribers = models, Subscribers()
        self._lines = PreparedSet.open(view.folder.parent.parent, view.folder.parent.name).lines
        self._writing = threading.Lock()  # held while something is logged and queued, so that both have one order
        self._starting = threading.Lock()
        self._problem: str | None = None  # why nothing can be drawn any more
        self._closed = False
        self._clients: dict[str, int] = {}  # strokes by the names that their pages gave them
        self._worker: Worker | None = None  # from the start on
        self._forget_models: Callable[[], None] = lambda: None
        self._commands = CommandQueue(f"session {view.name}", idle=self._rest, failed=self._fail)

    @classmethod
    def open(cls, view: PreparedView, config: Settings, models: ModelService) -> AnnotationSession:
        """Open a mirror as its log has it; strokes that wait for an answer are answered first.

        Raises
        ------
        DataError
            If the log cannot be used, or another program has the mirror open.
        """
        with ExitStack() as undo:
            log = Log.open(entry(config.annotations, view.name) / LOG, view)
            undo.callback(log.close)
            session = cls(view, log, models)
            undo.callback(session.close)  # its thread would live on
            if log.last:
                session._begin()
            undo.pop_all()
        return session

    @property
    def started(self) -> bool:
        """Whether there is a drawing to correct."""
        return self._worker is not None

    @property
    def in_trouble(self) -> bool:
        """Whether nothing can be drawn any more, before it is opened anew."""
        return self._problem is not None

    @property
    def waiting(self) -> int:
        """How many strokes wait for an answer."""
        return len(self._worker.waiting) if self._worker else 0

    def start(self, source: Source, progress: Callable[[float], None] = lambda share: None) -> None:
        """Make the initial drawing; may take minutes.

        Parameters
        ----------
        source : model, drawing (the one that came with the scan), or empty
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
            initial = initial_drawing(source, self.view, self._models, progress)
            with self._writing:
                event = self._written("start", provenance(source, self._models), pack_drawing(initial))
                self._begin()
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

    def seen(self, cell: int) -> int:
        """Log that a place was looked at and left as it is; return the number of the event.

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
            event = self._written("seen", {"cell": cell, "region": regions[cell].to_json()})
            self._commands.put(partial(worker.look, cell))
        return event.number

    def state(self) -> SessionState:
        """Return all that a page has to know, but the layers and tiles; takes no time and waits for nobody."""
        return session_state(self.view, self._lines, self._models, self._worker, self._status, self._problem)

    def drawing(self, which: Which) -> tuple[int, Grey]:
        """Return a drawing in 8 bits, (H, W) at model scale, and the number of the last event that is in it.

        Raises
        ------
        DataError
            If there is none of that kind.
        """
        if which == "truth":
            if not self.view.has_truth:
                raise AnnotateError(f"{self.view.name}: nobody has drawn it before; there is no truth")
            return self._status.event, np.where(self.view.truth, np.uint8(255), np.uint8(0))
        worker = self._require_worker()
        if which == "initial":
            return self._status.event, as_grey(worker.logged.session.initial)
        return worker.published.drawing()

    def exact(self) -> tuple[int, NDArray[np.float32]]:
        """Return the number of the last event in the current drawing, and a copy of that: (H, W) float32."""
        return self._require_worker().logged.exact()

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Send messages from now on, on the worker's thread; return what ends that."""
        return self._subscribers.add(subscriber)

    def wait(self) -> None:
        """Wait until all that is queued is done; not for the worker's own thread."""
        self._commands.wait()

    def close(self) -> None:
        """Keep a snapshot and close the log; strokes that are not answered yet wait there for the next opening."""
        with self._writing:
            if self._closed:
                return
            self._closed = True
        self._forget_models()
        self._commands.close(PATIENCE_S)
        try:
            if self._worker and not self._problem:
                self._worker.snapshot()
        except DataError:  # all is in the log: opening it takes longer, no more
            logging.getLogger(__name__).exception("closing %s", self.view.name)
        finally:
            self.log.close()

    @property
    def _status(self) -> DrawingStatus:
        return self._worker.published.status if self._worker else status_before_start(self.log.last)

    def _begin(self) -> None:
        """Go on from what the log came to."""
        state = replayed(self.log)
        worker = Worker(self.view, self.log, state, self._models, self._subscribers, lambda: self._closed)
        self._clients, self._worker = dict(state.clients), worker
        for number in state.waiting:
            self._queue_stroke(worker, number, state.prompts[number], state.refine[number], perf_counter())
        self._forget_models = self._models.when_loaded(lambda: self._commands.put(worker.models_loaded))

    def _require_writable(self) -> None:
        if self._problem:
            raise NotWrittenError(self._problem)
        if self._closed:
            raise NotWrittenError(f"{self.view.name}: closed; open it again")

    def _require_started(self) -> Worker:
        self._require_writable()
        return self._require_worker()

    def _require_worker(self) -> Worker:
        if self._worker is None:
            raise AnnotateError(f"{self.view.name}: not started; start from a model, a drawing, or empty")
        return self._worker

    def _written(self, kind: str, body: dict[str, Any], blob: bytes | None = None) -> Event:
        """Write an event down; where that fails, nothing can be drawn any more."""
        try:
            return self.log.append(kind, body, blob)
        except DataError as error:
            self._fail(error)
            raise NotWrittenError(str(error)) from error

    def _queue_stroke(self, worker: Worker, number: int, prompt: Prompt, refine: bool, began: float) -> None:
        worker.waiting.add(number)
        self._put(partial(worker.answer, number, prompt, refine, began))

    def _queue(self, command: Callable[[Worker, float], None]) -> None:
        with self._writing:
            self._put(partial(command, self._require_started(), perf_counter()))

    def _put(self, command: Command) -> None:
        """Queue what changes the drawing."""

        def unless_in_trouble() -> None:
            if self._problem is None:  # or what came while the trouble began would be done
                command()

        self._commands.put(unless_in_trouble)

    def _rest(self) -> bool:
        return self._worker.rest() if self._worker and not self._problem else False

    def _fail(self, error: Exception) -> None:
        """Change nothing any more: what is in memory is on disk, and strokes that wait are answered at reopening."""
        if isinstance(error, Stopped):
            self._commands.drop()  # those behind it came later, and reckon with it
        if isinstance(error, Stopped) or self._problem is not None:
            return
        self._problem = reason(error)
        self._commands.put(partial(self._subscribers.publish, TroubleMessage(message=self._problem)))
