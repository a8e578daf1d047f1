"""One open mirror with its worker thread: what is asked is logged and queued, by any thread, and done in turn."""

from __future__ import annotations

import threading
from abc import abstractmethod
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from time import perf_counter
from typing import Any

from annotate.errors import AnnotateError, NotWrittenError
from annotate.library.model_service import ModelService
from annotate.session.command_queue import Command, CommandQueue
from annotate.session.open_mirror import OpenMirror
from annotate.session.teaching import Result
from annotate.session.worker import Stopped, Worker
from data.errors import DataError
from data.storage import PreparedView
from interaction.log.log import Event, Log

PATIENCE_S = 0.2  # between looks at whether what one waits for can still come


class CommandedMirror(OpenMirror):
    """A mirror whose worker takes commands. Safe to use from several threads.

    Parameters
    ----------
    view : the mirror
    log : its log
    models : what draws and answers
    problem : why the log is open to be read only; None: it can be written
    """

    def __init__(self, view: PreparedView, log: Log, models: ModelService, problem: str | None) -> None:
        super().__init__(view, log, models, problem)
        self._writing = threading.Lock()  # held while something is logged and queued, so that both have one order
        self._closed = False
        self._commands = CommandQueue(f"session {view.name}", idle=self._rest, failed=self._fail)

    def wait(self) -> None:
        """Wait until all that is queued is done; not for the worker's own thread."""
        self._commands.wait()

    @abstractmethod
    def _rest(self) -> bool:
        """Do what can wait, on the worker's thread; return whether more is left."""

    def _require_writable(self) -> None:
        self._trouble.require_none()
        if self._closed:
            raise NotWrittenError(f"{self.view.name}: closed; open it again")

    def _require_started(self) -> Worker:
        self._require_writable()
        return self._require_worker()

    def _written(self, kind: str, body: dict[str, Any], blob: bytes | None = None) -> Event:
        """Write an event down; where that fails, nothing can be drawn any more."""
        try:
            return self.log.append(kind, body, blob)
        except DataError as error:
            self._fail(error)
            raise NotWrittenError(str(error)) from error

    def _queue(self, command: Callable[[Worker, float], None]) -> None:
        with self._writing:
            worker = self._require_started()
            self._put(worker, partial(command, worker, perf_counter()))

    def _on_worker(self, command: Callable[[Worker], Result], progress: Callable[[float], None]) -> Result:
        """See ``annotate.session.teaching.OnWorker``."""
        done: Future[Result] = Future()
        with self._writing:
            worker = self._require_started()
            self._put(worker, partial(_put_result, done, partial(command, worker)))
        while True:
            try:
                return done.result(PATIENCE_S)
            except TimeoutError:
                progress(0)  # ends the waiting when the server ends
                self._require_writable()
                if self._worker is not worker:
                    raise NotWrittenError(f"{self.view.name}: opened anew meanwhile; try again") from None

    def _put(self, worker: Worker, command: Command) -> None:
        """Queue what changes the drawing."""

        def unless_in_trouble() -> None:
            if self._trouble.problem is None and self._worker is worker:  # else it came while a trouble began
                command()

        self._commands.put(unless_in_trouble)

    def _fail(self, error: Exception) -> None:
        """Change nothing any more: what is in memory is on disk, and strokes that wait are answered at reopening."""
        if isinstance(error, Stopped):
            self._commands.drop()  # those behind it came later, and reckon with it
        elif self._trouble.meet(error):
            self._commands.put(self._trouble.tell)


def _put_result(done: Future[Result], command: Callable[[], Result]) -> None:
    """Hand over what a command returns or raises; of a log that cannot be written the queue is told as well."""
    try:
        done.set_result(command())
    except Exception as error:
        done.set_exception(error)
        if isinstance(error, DataError) and not isinstance(error, AnnotateError):
            raise
