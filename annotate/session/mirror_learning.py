"""What the models have learned from one mirror: which places, which version is in use, and what it would draw anew."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from annotate.library.collection_learner import CollectionLearner
from annotate.library.places import Places
from annotate.library.taught import Taught
from annotate.messages import LearningState
from annotate.session.logged_session import LoggedSession
from annotate.session.outcomes import RedrawOutcome
from annotate.session.proposal import Moment, Proposal
from annotate.session.sources import MODELS
from data.errors import DataError
from data.regions import Region, whole
from data.storage import PreparedView
from interaction.log.learning_events import Learned, dismiss_entry, learn_entry
from interaction.log.log import Log
from interaction.log.packing import pack_difference
from interaction.log.replay import Replayed
from interaction.steps import marks_of

if TYPE_CHECKING:
    from interaction.refiners import NetworkRefiner
    from models.versions import Version
    from runs.training.online import Lesson

INHERITED = "Begun with what was learned on other images."
SHIPPED_AGAIN = "What was learned is forgotten: the models are as they came."


@dataclass(frozen=True, eq=False)
class Taken:
    """Lessons that were read from a mirror.

    Parameters
    ----------
    lessons : of the places that are done and were not learned from yet, as far as they were read
    gone : numbers of earlier lessons, in the learner, whose places are done no longer, or were corrected since
    taught : number and event of the lesson of each place that is learned from now
    wanted : places that are to be read, each with the event that says that it is done
    """

    lessons: list[Lesson]
    gone: list[int]
    taught: dict[int, tuple[int, int]]
    wanted: dict[int, int]


class MirrorLearning:
    """The learning of one mirror. Its worker's thread calls it; any may read ``state`` and ``proposal``, never changed.

    Parameters
    ----------
    view : the mirror
    logged, places, log : what the worker owns
    state : what the log came to
    learner : of all mirrors
    publish : called when ``state`` has changed
    """

    def __init__(
        self,
        view: PreparedView,
        logged: LoggedSession,
        places: Places,
        log: Log,
        state: Replayed,
        learner: CollectionLearner,
        publish: Callable[[LearningState], None],
    ) -> None:
        self._view, self._logged, self._places, self._log = view, logged, places, log
        self._learner, self._publish, self._begun = learner, publish, state.source
        self._logs_last = max(state.versions.values(), key=lambda learned: learned.event, default=None)
        self._taught: dict[int, tuple[int, int]] = {}  # in the learner; a program that starts anew has none there
        self._logs_taught: list[int] = []
        self._collection = learner.collection
        self.newest: Version | None = None  # what can be previewed; None: nothing was learned
        self._used: Version | None = None  # None: the shipped one
        self._refiner: NetworkRefiner | None = None  # of the version in use, once it was made
        self._says: str | None = None
        self.proposal: Proposal | None = None
        self.state: LearningState | None = None  # None until the models are there

    def begin(self) -> None:
        """The models are loaded: go on with the version that the log says was in use."""
        last = self._logs_last
        if last is not None and last.candidate != self._learner.shipped.candidate:
            self._go_on_from(last)
        self._tell()

    @property
    def newest_is_used(self) -> bool:
        """Whether what can be previewed has proved better."""
        return self.newest is not None and self._used is not None and self.newest.sha256 == self._used.sha256

    @property
    def draws_better(self) -> bool:
        """Whether a version that was learned is in use, and not for answers to strokes alone."""
        return self._used is not None and bool(self._used.base)

    def refiner(self) -> tuple[NetworkRefiner | None, str] | None:
        """Return what answers strokes instead of the models as they came, and its version; None if those do."""
        if self._used is None:
            return None
        self._refiner = self._refiner or self._learner.refiner(self._used, self._view)
        return self._refiner, self._used.sha256

    def take(self) -> Taken:
        """Return what is to be learned: the places that are done and were not learned from, yet to be read."""
        if self._collection != self._learner.collection:
            self._taught = {}  # it was made to forget, from another mirror
        done = {cell: self._event_of(cell) for cell in self._done}
        gone = [number for cell, (number, event) in self._taught.items() if done.get(cell) != event]
        known = {cell: at for cell, at in self._taught.items() if done.get(cell) == at[1]}
        return Taken([], gone, known, {cell: event for cell, event in done.items() if cell not in known})

    def read(self, taken: Taken, cell: int) -> None:
        """Read the lesson of one place, some tens of milliseconds; none if it has changed since it was ``taken``."""
        if cell not in self._done or self._event_of(cell) != taken.wanted[cell]:
            return
        given = self._logged.session, self._view, self._places.regions[cell], self._reference
        number, lesson = self._learner.lesson(*given)
        taken.lessons.append(lesson)
        taken.taught[cell] = number, taken.wanted[cell]

    def learned(self, taken: Taken, taught: Taught, refiner: NetworkRefiner | None, packed: bytes) -> None:
        """Log what came of lessons, and use it if it has proved better.

        Parameters
        ----------
        taken : the lessons
        taught : what came of them
        refiner : answers strokes, if it is used
        packed : its difference, of ``pack_difference``
        """
        self._taught, self._logs_taught, self._collection = taken.taught, [], self._learner.collection
        version = taught.version
        self._write(version, taught.record | {"says": taught.says}, taught.proved, packed)
        self.newest, self._used = taught.shown, version if taught.proved else None
        self._says, self.proposal, self._refiner = taught.says, None, refiner
        self._tell()

    def unchanged(self, says: str) -> None:
        """Say why nothing was learned."""
        self._says = says
        self._tell()

    def inherit(self, version: Version) -> None:
        """The mirror was begun with what was learned on others: log it, and let it answer strokes."""
        self._write(version, {"says": INHERITED}, True, pack_difference(version.to_bytes()))
        self.newest = self._used = version
        self._says = INHERITED

    def forget(self) -> None:
        """Go back to the models as they came; what was drawn stays."""
        self._taught, self._logs_taught = {}, []
        shipped = self._learner.shipped
        self._write(shipped, {"says": SHIPPED_AGAIN}, False, pack_difference(shipped.to_bytes()))
        self.newest = self._used = self._refiner = self.proposal = None
        self._says = SHIPPED_AGAIN
        self._tell()

    @property
    def done(self) -> tuple[Region, ...]:
        """The places that are as they should be: what they hold was or will be learned, and is not drawn anew."""
        return tuple(self._places.regions[cell] for cell in self._done)

    def propose(self, proposal: Proposal, moment: Moment) -> None:
        """Show what a version would draw anew, if that is anything; ``moment``: when that was reckoned."""
        session = self._logged.session
        if (session.history.done, self.done) != (moment.entries, moment.done):
            proposal.changed(session, whole(session.shape), self.done)
        self.proposal = proposal if proposal.changes else None
        if self.proposal is None:
            self._says = f"{proposal.words} would draw no line otherwise."
        self._tell()

    def settle(self, cells: Collection[int] | None, *, wanted: bool) -> RedrawOutcome | None:
        """Take the proposal over in some places, or all, or not; None if the drawing stays as it is.

        Raises
        ------
        AnnotateError
            If it cannot be logged.
        """
        proposal = self.proposal
        if proposal is None:
            return None
        chosen = [cell for cell in (proposal.changes if cells is None else cells) if cell in proposal.changes]
        session, regions = self._logged.session, self._places.regions
        outcome = None
        if wanted:
            redraw = proposal.redraw(session, regions, None if cells is None else chosen, self.done)
            outcome = self._logged.redraw(redraw) if 0 not in redraw.region.shape else None
        else:
            self._log.append(*dismiss_entry(proposal.version, [regions[cell].to_json() for cell in chosen]))
        self.proposal = None if cells is None else proposal.settled(session, regions, chosen, self.done)
        self._tell()
        return outcome

    def changed(self, region: Region) -> None:
        """Reckon with a drawing, or with what is said of it, that has changed in a region."""
        if self.proposal is not None:
            self.proposal.changed(self._logged.session, region, self.done)

    def refresh(self) -> None:
        """Tell which places can be learned from, if they are others than were told."""
        if self.state is not None and (self.state.untaught, self.state.taught) != self._places_told():
            self._tell()

    @property
    def _done(self) -> list[int]:
        done = self._places.right | self._places.corrected
        return [int(cell) for cell in done.nonzero()[0]]

    @property
    def _reference(self) -> Any:
        """The drawing that the mirror was begun with where it is not a model's, without what was drawn anew since."""
        return None if self._begun in MODELS else self._logged.session.begun

    def _event_of(self, cell: int) -> int:
        """Return the event that says last that a place is as it should be; 0: one of earlier versions of the log."""
        region, session = self._places.regions[cell], self._logged.session
        mark = marks_of(session.history.done).get(region)
        if mark is not None and mark.right:
            return mark.asked_event
        return max((step.event for step in session.done if step.region.overlaps(region)), default=0)

    def _write(self, version: Version, record: dict[str, Any], proved: bool, packed: bytes) -> None:
        learned = self._taught
        places = [self._places.regions[cell].to_json() for cell in learned]
        numbers = [number for number, _ in learned.values()]
        of = {"collection": self._learner.collection, "numbers": numbers}
        body = record | {"proved": proved, "places": places, **of}
        lessons = [event for _, event in learned.values()]
        parts = version.sha256, version.parent, version.candidate
        kind, entry, _ = learn_entry(*parts, lessons=lessons, record=body, difference=b"")  # which is packed already
        self._log.append(kind, entry, packed)

    def _go_on_from(self, last: Learned) -> None:
        self._says = last.record.get("says")
        numbers = (self._places.number_of(Region(*box)) for box in last.record.get("places", ()))
        places = [number for number in numbers if number is not None]
        self._logs_taught = sorted(places)
        kept = last.record.get("collection") == self._learner.collection and len(places) == len(last.lessons)
        if kept:  # the learner remembers them
            known = zip(places, last.record["numbers"], last.lessons, strict=True)
            self._taught, self._logs_taught = {place: (number, event) for place, number, event in known}, []
        try:
            self.newest = self._learner.of_log(last.difference)
        except DataError as error:  # it is damaged, or other models were chosen this time, which know nothing of it
            self._says = str(error)
            return
        self._used = self.newest if last.record.get("proved") else None

    def _places_told(self) -> tuple[list[int], list[int]]:
        known = {cell for cell, (_, event) in self._taught.items() if self._event_of(cell) == event}
        known |= set(self._logs_taught)
        return [cell for cell in self._done if cell not in known], sorted(known)

    def _tell(self) -> None:
        untaught, taught = self._places_told()
        used = self._used or self._learner.shipped
        self.state = LearningState(
            version=self._learner.words(used),
            learned=self._used is not None,
            says=self._says,
            taught=taught,
            untaught=untaught,
            previewable=self.newest is not None and bool(self.newest.base),
            redrawing=self.proposal.state() if self.proposal else None,
        )
        self._publish(self.state)
