"""The long work of learning from a mirror, on a thread of its own, while its worker goes on answering strokes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from annotate.errors import AnnotateError
from annotate.library.collection_learner import CollectionLearner
from annotate.session.mirror_learning import MirrorLearning, Taken
from annotate.session.proposal import Moment, Proposal
from annotate.session.worker import Worker
from data.storage import PreparedView
from interaction.log.packing import pack_difference

if TYPE_CHECKING:
    from models.versions import Version

Progress = Callable[[float], None]
Result = TypeVar("Result")
NOTHING_NEW = "Nothing new was learned: there is no line in the places that are done, or they are all known."
LEARNS = 0.5  # share of the work that is learning; the rest is drawing anew


class OnWorker(Protocol):
    """Has something done by a mirror's worker in its turn, and waits for what comes of it."""

    def __call__(self, command: Callable[[Worker], Result], progress: Progress) -> Result:
        """Return what the command returns; ``progress`` may raise to end the waiting."""


class Teaching:
    """Lets the models learn from one mirror. One thread at a time calls it.

    Parameters
    ----------
    view : the mirror
    learner : of all mirrors
    on_worker : reaches the mirror's worker
    """

    def __init__(self, view: PreparedView, learner: CollectionLearner, on_worker: OnWorker) -> None:
        self._view, self._learner, self._on_worker = view, learner, on_worker

    def learn(self, progress: Progress) -> None:
        """Learn from the places that are done, and show what a version that has proved better would draw anew.

        Raises
        ------
        DataError
            If nothing can be learned.
        """
        taken = self._on_worker(lambda worker: _learning(worker).take(), progress)
        for cell in taken.wanted:  # one after the other: strokes are answered between two of them
            self._on_worker(partial(_read, taken=taken, cell=cell), progress)
        taught = self._learner.teach(self._view.name, taken.lessons, taken.gone, _part(progress, 0, LEARNS))
        if taught is None and taken.gone:  # there is nothing left of what was learned
            self._on_worker(lambda worker: worker.forget_learned(), progress)
            return
        if taught is None:
            self._on_worker(lambda worker: _learning(worker).unchanged(NOTHING_NEW), progress)
            return
        refiner = self._learner.refiner(taught.version, self._view) if taught.proved else None  # takes seconds
        packed = pack_difference(taught.version.to_bytes())  # here, as it takes longer than a stroke may wait
        self._on_worker(lambda worker: worker.learned(taken, taught, refiner, packed), progress)
        if taught.proved and taught.version.base:  # what answers strokes draws nothing anew
            self._propose(taught.version, True, _part(progress, LEARNS, 1))

    def preview(self, progress: Progress) -> None:
        """Show what the newest version would draw anew, whether or not it has proved better; raises as ``learn``."""
        version, proved = self._on_worker(_newest, progress)
        self._propose(version, proved, progress)

    def forget(self, progress: Progress) -> None:
        """Go back to the models as they came, here and for the next mirrors; raises as ``learn``."""
        self._learner.forget()
        self._on_worker(lambda worker: worker.forget_learned(), progress)

    def _propose(self, version: Version, proved: bool, progress: Progress) -> None:
        drawing = self._learner.drawing(version, self._view, progress)
        moment, regions = self._on_worker(_moment, progress)  # answers go on while it is compared with the drawing
        words = self._learner.words(version)
        proposal = Proposal.made(moment, drawing, regions, version.sha256, words, proved)
        self._on_worker(lambda worker: _learning(worker).propose(proposal, moment), progress)


def _learning(worker: Worker) -> MirrorLearning:
    if worker.learning is None or worker.learning.state is None:
        raise AnnotateError("nothing can be learned here: there is no model that learns, or it is not loaded yet")
    return worker.learning


def _read(worker: Worker, taken: Taken, cell: int) -> None:
    _learning(worker).read(taken, cell)


def _newest(worker: Worker) -> tuple[Version, bool]:
    learning = _learning(worker)
    if learning.newest is None or not learning.newest.base:
        raise AnnotateError("nothing was learned yet that draws otherwise; put a place right, and learn from it")
    return learning.newest, learning.newest_is_used


def _moment(worker: Worker) -> tuple[Moment, Any]:
    return Moment.of(worker.logged.session, _learning(worker).done), worker.places.regions


def _part(progress: Progress, first: float, last: float) -> Progress:
    return lambda share: progress(first + share * (last - first))
