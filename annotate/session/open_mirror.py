"""One open mirror as far as it can be looked at: its state, its drawings, and the messages about it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from annotate.errors import AnnotateError
from annotate.library.model_service import ModelService
from annotate.library.shown_lines import line_showing
from annotate.messages import DrawingStatus, SessionState, Which
from annotate.session.beginnings import Beginnings
from annotate.session.publishing import Grey, Subscribers, as_grey
from annotate.session.state import session_state, status_before_start
from annotate.session.trouble import Trouble
from annotate.session.worker import Worker
from annotate.stream_messages import Subscriber
from data.storage import PreparedSet, PreparedView
from interaction.log.log import Log


class OpenMirror:
    """A mirror that is shown. Safe to use from several threads.

    Parameters
    ----------
    view : the mirror
    log : its log
    models : what draws and answers
    problem : why the log is open to be read only; None: it can be written
    """

    def __init__(self, view: PreparedView, log: Log, models: ModelService, problem: str | None) -> None:
        self.view, self.log = view, log
        self._models, self._subscribers = models, Subscribers()
        prepared = PreparedSet.open(view.folder.parent.parent, view.dataset)
        prepared.view(view.name)  # refused where the set was not prepared to the end
        self._lines, self._showing = prepared.lines, line_showing(prepared)
        self.beginnings = Beginnings(view, models)
        self._trouble = Trouble(self._subscribers.publish, problem)
        self._worker: Worker | None = None  # from the start on

    @property
    def started(self) -> bool:
        """Whether there is a drawing to correct."""
        return self._worker is not None

    @property
    def in_trouble(self) -> bool:
        """Whether nothing can be drawn any more, before it is opened anew."""
        return self._trouble.problem is not None and not self._trouble.passing

    @property
    def waiting(self) -> int:
        """How many strokes wait for an answer."""
        return len(self._worker.waiting) if self._worker else 0

    def state(self) -> SessionState:
        """Return all that a page has to know, but the layers and tiles; takes no time and waits for nobody."""
        shown = self.beginnings.shown if self._worker is None else []
        given = self.view, self._lines, self._models, self._worker, self._status, self._trouble.problem
        return session_state(*given, previews=shown, showing=self._showing)

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
        if which == "proposed":
            proposal = worker.learning.proposal if worker.learning else None
            if proposal is None:
                raise AnnotateError(f"{self.view.name}: nothing is proposed to be drawn anew")
            return self._status.event, proposal.grey
        if which == "initial":
            return self._status.event, as_grey(worker.logged.session.initial)
        return worker.published.drawing()

    def exact(self) -> tuple[int, NDArray[np.float32]]:
        """Return the number of the last event in the current drawing, and a copy of that: (H, W) float32."""
        return self._require_worker().logged.exact()

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Send messages from now on, on the worker's thread; return what ends that."""
        return self._subscribers.add(subscriber)

    @property
    def _status(self) -> DrawingStatus:
        return self._worker.published.status if self._worker else status_before_start(self.log.last)

    def _require_worker(self) -> Worker:
        if self._worker is None:
            raise AnnotateError(f"{self.view.name}: not started; start from a model, a drawing, or empty")
        return self._worker
