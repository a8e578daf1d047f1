"""The objects of an open mirror that its worker thread owns: the logged session, the places, and published copies."""

from __future__ import annotations

import logging
from collections.abc import Callable
from time import perf_counter
from typing import TYPE_CHECKING

from annotate.library.annotation_progress import PLACES, write_count
from annotate.library.model_service import ModelService
from annotate.library.places import CELL, Places
from annotate.library.taught import Taught
from annotate.messages import JobMessage, LearningState, PlacesCount
from annotate.session.first_strokes import FirstStrokes
from annotate.session.logged_session import LoggedSession
from annotate.session.mirror_learning import MirrorLearning, Taken
from annotate.session.outcomes import MarkOutcome, Outcome, RedrawOutcome
from annotate.session.publishing import PublishedDrawing, Subscribers, change_message, redrawn_message
from annotate.session.sources import MODELS
from annotate.stream_messages import LearningMessage, MarkedMessage, PlacesMessage, RefusedMessage
from data.errors import DataError
from data.regions import Region
from data.storage import PreparedView
from interaction.log.log import Log
from interaction.log.replay import Replayed
from interaction.prompts import Prompt
from runs.predicting.channels import channels_for

if TYPE_CHECKING:
    from interaction.refiners import NetworkRefiner
    from models.versions import Version

SNAPSHOT_EVERY = 200  # changes
PATIENCE_S = 0.1  # between looks at whether the session is being closed


class Stopped(Exception):  # no error: the session is being closed
    """Raised by a command that would delay the closing of the session; nothing has changed."""


class Worker:
    """Carries out the commands of one mirror. One thread calls its methods; ``published`` and the like serve any.

    Each command raises AnnotateError if it cannot be logged, and Stopped if the session is being closed and it would
    take long; nothing has changed then.

    Parameters
    ----------
    view : the mirror
    log : which begins with a start
    state : what the log came to
    models : what answers strokes
    subscribers : get the messages
    closing : whether the session is being closed, so that nobody should wait for models
    """

    def __init__(
        self,
        view: PreparedView,
        log: Log,
        state: Replayed,
        models: ModelService,
        subscribers: Subscribers,
        closing: Callable[[], bool],
    ) -> None:
        self.logged = LoggedSession(view, log, state)
        self.places = Places(self.logged.session, view.mask, CELL, None, state.seen)
        self.places_state = self.places.state()  # as it was published last
        self.published = PublishedDrawing(self.logged, view.mask)
        self.source, self._base_model = state.source, state.base_model
        self.learning = None  # what is learned from this mirror, where there is a model that learns
        if models.learner is not None:
            given = view, self.logged, self.places, log, state, models.learner
            self.learning = MirrorLearning(*given, self._publish_learning)
        self.waiting: set[int] = set()  # strokes that are not answered yet
        self.refused = dict(state.refused)  # why strokes could not be answered, by number; replaced, never changed
        self._view, self._log, self._models, self._closing = view, log, models, closing
        self._publish = subscribers.publish
        self._first_strokes = FirstStrokes(view, len(state.prompts))
        self._models_awaited = False
        self._places_changed = False
        self._count: PlacesCount | None = None  # as it was written down last
        self._unsaved = 0  # changes since the last snapshot

    def answer(self, number: int, prompt: Prompt, refine: bool, began: float) -> None:
        """Answer a prompt.

        Parameters
        ----------
        number : of its event
        prompt : as it was given
        refine : whether the model is asked
        began : when it came, in seconds of ``perf_counter``
        """
        if message := self.logged.session.problem_with(prompt):
            event = self._log.append("refused", {"stroke": number, "message": message})
            self.refused = {**self.refused, number: message}
            self.waiting.discard(number)
            self._publish(RefusedMessage(event=event.number, stroke=number, message=message))
            return
        if refine:
            self._await_models()
        outcome = self.logged.answer(number, prompt, refine, lambda: _ms_since(began))
        self.waiting.discard(number)
        self.places.drawn(prompt)
        self._publish_changes([outcome], began, self._first_strokes.drawn(prompt))

    def mark(self, number: int, place: Region, right: bool) -> None:
        """Mark a place as right, or as no longer right; ``number`` is that of the event that holds the word."""
        self._publish_mark(self.logged.mark(number, place, right))

    def undo(self, began: float) -> None:
        """Take the last change or mark back, if there is one."""
        self._publish_moved(self.logged.undo(), -1, began)

    def redo(self, began: float) -> None:
        """Redo the change or mark that was undone last, if there is one."""
        self._publish_moved(self.logged.redo(), 1, began)

    def keep(self, began: float) -> None:
        """Replace the last change by its stroke alone."""
        self._publish_changes(self.logged.keep(), began)

    def refine(self, began: float) -> None:
        """Have strokes answered of which the model was not asked yet."""
        self._await_models()
        self._publish_changes(self.logged.refine(self._report_refining), began)

    def models_loaded(self) -> None:
        """Begin to estimate quality, where the initial drawing is a model's, and go on with what was learned."""
        if self.source in MODELS:  # only a model's probabilities say how good a drawing is
            self.places.estimate_with(self._models.calibration_of(self._base_model))
        if self.learning is not None and self._models.base is not None and not self._models.problem_with(self._view):
            self.learning.begin()
            self._versions_changed(self.learning)

    def learned(self, taken: Taken, taught: Taught, refiner: NetworkRefiner | None, packed: bytes) -> None:
        """Take note of what was learned from this mirror; see ``MirrorLearning.learned``."""
        if self.learning is not None:
            self.learning.learned(taken, taught, refiner, packed)
            self._versions_changed(self.learning)

    def inherit(self, version: Version) -> None:
        """The mirror was begun with what had been learned on others."""
        if self.learning is not None:
            self.learning.inherit(version)

    def forget_learned(self) -> None:
        """Let strokes be answered by the models as they came."""
        if self.learning is not None:
            self.learning.forget()
            self._versions_changed(self.learning)

    def settle(self, cells: list[int] | None, wanted: bool) -> None:
        """Take a proposed redrawing over in some places, or in all (None), or refuse it there."""
        if self.learning is None:
            return
        outcome = self.learning.settle(cells, wanted=wanted)
        if outcome is not None:
            self._publish_redraw(outcome)

    def rest(self) -> bool:
        """Do what can wait, a little at a time; return whether more is left."""
        if self.places.estimate():
            self._places_changed = True
            return True
        if self._places_changed:
            self._places_changed = False
            self.places_state = self.places.state()
            self._publish(PlacesMessage(places=self.places_state))
            if self.learning is not None:
                self.learning.refresh()
            self._write_count(self.places_state.count, again=False)
        if self._unsaved >= SNAPSHOT_EVERY:
            self.snapshot()
        return False

    def snapshot(self) -> None:
        """Keep the drawing as it is, if it has changed since it was kept last, so that it opens faster.

        So is the count of its places, for the list of mirrors.
        """
        self._write_count(self.places_state.count)
        if self._unsaved:
            self._log.snapshot(self.logged.event, self.logged.session.current, self.logged.session.begun)
            self._unsaved = 0

    def _write_count(self, count: PlacesCount, *, again: bool = True) -> None:
        """Write down how far the places are; ``again`` also if the expected wrong pixels alone are others."""
        if self._log.read_only:
            return
        unknown = self.source in MODELS and count.expected is None  # as models are being loaded: it was known before
        before = self._count
        if unknown or count == before:
            return
        if before and not again and (count.right, count.corrected) == (before.right, before.corrected):
            return
        self._count = count
        try:
            write_count(self._log.path.with_name(PLACES), count, self.logged.event)
        except (DataError, OSError):  # made again at the next opening
            logging.getLogger(__name__).exception("writing the count of places of %s", self._view.name)

    def _await_models(self) -> None:
        """Wait for the models, and have strokes answered by them if there are any."""
        if self._models_awaited:
            return
        while not self._models.wait(PATIENCE_S):
            self._stop_if_closing()
        model, learned = self._models.interactive, self.learning.refiner() if self.learning else None
        refiner, version = learned or (self._models.refiner(self._view), None)
        if refiner is not None and model is not None:
            name, channels = self._models.merge_name, channels_for(model.task, self._view)
            merge = self._models.merge
            self.logged.ask(refiner, merge, channels, merge_name=name, model=model.sha256, version=version)
        self._models_awaited = True

    def _publish_moved(self, outcome: Outcome | MarkOutcome | RedrawOutcome | None, times: int, began: float) -> None:
        """Publish what undo (times -1) or redo (1) came to."""
        if isinstance(outcome, MarkOutcome):
            self._publish_mark(outcome)
        elif isinstance(outcome, RedrawOutcome):
            self._publish_redraw(outcome)
        elif outcome is not None:
            self.places.drawn(outcome.change.prompt, times)
            self._publish_changes([outcome], began)

    def _publish_mark(self, outcome: MarkOutcome) -> None:
        self.published.update(self.logged, [])
        self.places.marked()
        if self.learning is not None:
            self.learning.changed(outcome.mark.region)
        cell, waiting = self.places.number_of(outcome.mark.region), len(self.waiting)
        status = dict(self.published.status)
        self._publish(MarkedMessage(**status, waiting=waiting, cause=outcome.cause, cell=cell))
        self._places_changed = True

    def _publish_redraw(self, outcome: RedrawOutcome) -> None:
        region = outcome.redraw.region
        self.published.update(self.logged, [region])
        self._publish(redrawn_message(outcome, self.published, len(self.waiting)))
        self._changed(region)
        self._places_changed = True
        self._unsaved += 1

    def _publish_changes(self, outcomes: list[Outcome], began: float, says: str | None = None) -> None:
        """Publish what a command came to, and what else is to be said; places are estimated anew when there is time."""
        before = self.published.status.off_object
        self.published.update(self.logged, [outcome.region for outcome in outcomes])
        went_off = self.published.status.off_object > before
        for outcome in outcomes:
            given = outcome, self.published, len(self.waiting), _ms_since(began)
            message = change_message(*given, went_off=went_off, says=says)
            self._publish(message)
            self._changed(outcome.region)
        self._places_changed = self._places_changed or bool(outcomes)
        self._unsaved += len(outcomes)

    def _versions_changed(self, learning: MirrorLearning) -> None:
        """Have strokes answered by the version in use; before one draws, the least sure places come first."""
        self._models_awaited = False
        self.places.learned_from = not learning.draws_better
        self._places_changed = True

    def _changed(self, region: Region) -> None:
        self.places.changed(region)
        if self.learning is not None:
            self.learning.changed(region)

    def _publish_learning(self, state: LearningState) -> None:
        self._publish(LearningMessage(learning=state))

    def _stop_if_closing(self) -> None:
        if self._closing():
            raise Stopped

    def _report_refining(self, share: float) -> None:
        self._stop_if_closing()
        self._publish(JobMessage(job="refine", share=share, done=share == 1))


def _ms_since(began: float) -> float:
    """Return the milliseconds since then."""
    return 1000 * (perf_counter() - began)
