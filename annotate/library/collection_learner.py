"""The learner of all mirrors of a server: what a person puts right in one is used in the rest and in the next ones."""

from __future__ import annotations

import itertools
import json
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from annotate.errors import AnnotateError, reason
from data.errors import DataError, explain
from data.io.files import write_whole
from data.regions import Region
from data.storage import PreparedView
from interaction.refiners import NetworkRefiner
from interaction.session import RefinementSession
from runs.errors import MENDABLE
from runs.predicting.channels import channels_for

if TYPE_CHECKING:
    from models.versions import Version
    from runs.predicting.loaded_models import LoadedBase, LoadedInteractive
    from runs.training.online import Lesson, OnlineLearner

LEARNED = "learned.safetensors"  # in the folder of annotations: the version that the next mirror begins with
NO_BASE = "no base model was chosen, so nothing can be learned"
SEED = 0
MAX_HEADER = 1000  # bytes of the line before a state
Progress = Callable[[float], None]


@dataclass(frozen=True, eq=False)
class Taught:
    """What came of lessons.

    Parameters
    ----------
    version : the one that is in use for the mirror from now on, if ``proved``; else one to expect something of
    proved : whether it drew better than what was used before on lessons that it had not learned from
    says : that in words, for people
    record : that in numbers, for the log
    """

    version: Version
    proved: bool
    says: str
    record: dict[str, Any]


class CollectionLearner:
    """Owns the learner. Any thread may call; who teaches keeps the others waiting for some seconds.

    Parameters
    ----------
    models : returns the models that are loaded
    kept : file of the version that the next mirror begins with, also after a restart; the state lies beside it

    Attributes
    ----------
    collection : a name of all that is remembered; another one once it was forgotten
    for_next : what the next mirror can begin with; None: the models as they came
    """

    def __init__(self, models: Callable[[], tuple[LoadedBase | None, LoadedInteractive | None]], kept: Path) -> None:
        self._models, self._kept, self._state = models, kept, kept.with_suffix(".state")
        self.collection = uuid4().hex
        self._turn = Lock()
        self._made: OnlineLearner | None = None
        self._shipped: Version | None = None
        self._numbers = itertools.count(1)
        self._remembered = False  # whether the file of the state holds this collection
        self.for_next: Version | None = None

    def begin(self) -> None:
        """The models are loaded: read what an earlier run kept for the next mirror. The learner is made when needed."""
        from models.versions import Version, parent_of

        base, interactive = self._models()
        if base is not None:
            self._shipped = Version(parent_of(base.trained, interactive.trained if interactive else None))
            self.for_next = self._read_kept()
            self._read_header()

    def lesson(
        self, session: RefinementSession, view: PreparedView, region: Region, reference: NDArray[np.float32] | None
    ) -> tuple[int, Lesson]:
        """Read a lesson from a finished place of a session, on the session's thread; see ``lesson_of``.

        Returns
        -------
        int, Lesson
            The lesson and its number among those of all mirrors: events of several logs have the same numbers.
        """
        from runs.training.online.lessons import lesson_of

        base, number = self._models()[0], next(self._numbers)
        if base is None:
            raise AnnotateError(NO_BASE)
        channels = channels_for(base.trained.task, view)
        lesson = lesson_of(session, view.name, region, channels=channels, reference=reference, event=number)
        return number, lesson

    def teach(self, view: str, lessons: Sequence[Lesson], gone: Sequence[int], progress: Progress) -> Taught | None:
        """Learn from lessons; None if there is nothing to learn from.

        Parameters
        ----------
        view : the mirror that they are of
        lessons : places that were finished
        gone : numbers of earlier lessons of this mirror that hold no longer
        progress : called with the share that is done; what it raises ends the learning

        Raises
        ------
        AnnotateError
            If the learner fails.
        """
        with self._turn:
            learner = self._learner()
            for number in gone:
                learner.forget(number)
            try:
                for lesson in lessons:
                    _forget_place(learner, lesson)
                    learner.add(lesson)
                proposed = learner.learn(progress)
            except BaseException as error:
                for lesson in lessons:  # or they would be there twice when they are given again
                    learner.forget(lesson.event)
                if isinstance(error, MENDABLE):
                    raise AnnotateError(explain(error)) from error
                raise
            used = learner.in_use(view)
            version = proposed if used.changes_nothing else used
            taught = None if version is None else _taught(learner, version, view, proved=version is used)
            try:
                self._keep(learner.in_use(None), learner.state())
            except DataError as error:  # it is used nevertheless
                return taught and replace(taught, says=f"{taught.says} {error}")
            return taught

    def drawing(self, version: Version, view: PreparedView, progress: Progress) -> NDArray[np.float32]:
        """Let a version draw a whole view, (H, W) float32 in [0, 1]; raises AnnotateError where it cannot."""
        with self._turn:
            base = self._learner().base(version)
        try:
            return base.drawing(view, _drop, progress)
        except MENDABLE as error:
            raise AnnotateError(explain(error)) from error

    def refiner(self, version: Version, view: PreparedView) -> NetworkRefiner | None:
        """Return what answers strokes by a version, ready to answer at once; None if nothing does."""
        with self._turn:
            interactive = self._learner().interactive(version)
        return None if interactive is None else interactive.refiner(view.scale, _drop)

    @property
    def shipped(self) -> Version:
        """The version that changes nothing."""
        if self._shipped is None:
            raise AnnotateError("nothing can be learned before the models are loaded")
        return self._shipped

    def of_log(self, content: bytes) -> Version:
        """Return a version that a log holds.

        Raises
        ------
        AnnotateError
            If it is damaged, or of other models than these.
        """
        from models.versions import Version

        try:
            version = Version.from_bytes(content)
        except MENDABLE as error:
            raise AnnotateError(explain(error)) from error
        if version.parent != self.shipped.parent:
            raise AnnotateError("what was learned belongs to other models; choose those, or go on without it")
        return version

    def forget(self) -> None:
        """Begin anew with the models as they came, for this mirror and the next ones.

        Raises
        ------
        DataError
            If what was kept cannot be removed.
        """
        with self._turn:
            self._made, self.collection = None, uuid4().hex
            self._keep(None, None)

    def words(self, version: Version) -> str:
        """Return the name of a version, for people: ``small-base + 3 places``."""
        base = self._models()[0]
        name = base.trained.path.stem if base else "no model"
        places = len(version.lessons)
        return name if version.changes_nothing else f"{name} + {places} place{'' if places == 1 else 's'}"

    def _learner(self) -> OnlineLearner:
        """Return the learner, made now if need be, which takes a moment; with the turn."""
        if self._made is None:
            from runs.training.online import OnlineLearner

            base, interactive = self._models()
            if base is None:
                raise AnnotateError(NO_BASE)
            made = OnlineLearner(base, interactive, seed=SEED)
            if self._remembered:
                self._restore(made)
            self._made = made
        return self._made

    def _restore(self, learner: OnlineLearner) -> None:
        try:
            learner.restore(self._state.read_bytes().partition(b"\n")[2])
        except (OSError, *MENDABLE) as error:
            raise AnnotateError(f"{self._state}: {explain(error)}; remove it, and go on without it") from error

    def _keep(self, version: Version | None, state: bytes | None) -> None:
        """Keep a version for the next mirror, and the learner's state, over a restart; None: nothing.

        The state is written behind a line that says of which collection and models it is.
        """
        self.for_next = None if version is None or version.changes_nothing else version
        self._numbers = itertools.count(number := next(self._numbers))
        header = {"collection": self.collection, "next": number, "parent": self.shipped.parent}
        written = None if state is None else json.dumps(header).encode() + b"\n" + state
        _write_or_remove(self._kept, self.for_next.to_bytes() if self.for_next else None)
        _write_or_remove(self._state, written)
        self._remembered = written is not None

    def _read_header(self) -> None:
        """Go on with what an earlier run remembered, if it is of these models; it is restored when it is needed."""
        with suppress(OSError, ValueError, KeyError), self._state.open("rb") as file:
            header = json.loads(file.readline(MAX_HEADER))
            if header["parent"] == self.shipped.parent:
                self._numbers = itertools.count(int(header["next"]))
                self.collection, self._remembered = str(header["collection"]), True

    def _read_kept(self) -> Version | None:
        """Read what an earlier run kept; what these models cannot use is left alone, and said on the console."""
        with suppress(FileNotFoundError):
            try:
                return self.of_log(self._kept.read_bytes())
            except DataError as error:
                logging.getLogger(__name__).warning("%s: %s", self._kept, reason(error))
        return None


def _write_or_remove(path: Path, content: bytes | None) -> None:
    try:
        if content is None:
            path.unlink(missing_ok=True)
        else:
            write_whole(path, lambda file: file.write(content))
    except OSError as error:
        raise DataError(f"{path}: {error.strerror}; what was learned is kept until the program ends") from error


def _forget_place(learner: OnlineLearner, lesson: Lesson) -> None:
    """Forget an earlier lesson of the same place, and what learned from it: that would be tested on what it knows.

    The session knows of it no longer where a learning was cut off before the log told of it.
    """
    for earlier in learner.lessons:
        if (earlier.view, earlier.region) == (lesson.view, lesson.region):
            learner.forget(earlier.event)


def _taught(learner: OnlineLearner, version: Version, view: str, *, proved: bool) -> Taught:
    verdict = learner.verdict(version.candidate, view)
    count = len(version.lessons)
    learned = f"Learned from {count} place{'' if count == 1 else 's'}."
    record = {"proved": proved, "tests": verdict.tests, "gain": verdict.gain, "low": verdict.low}
    return Taught(version, proved, f"{learned} {_says(verdict.tests, verdict.gain, proved)}", record)


def _says(tests: int, gain: float, proved: bool) -> str:
    """Say what tests have shown; ``gain`` in pFM, a fraction of 1."""
    on = f"{tests} place{'' if tests == 1 else 's'} that it had not seen"
    if proved:
        return f"It is used from now on: on {on} it drew better, by {100 * gain:.0f} points."
    if not tests:
        return "It is not used yet, as no place that it has not seen shows what it is worth: finish another one."
    return f"It is not used yet: on {on} it was not surely better ({100 * gain:+.0f} points). Finish another one."


def _drop(message: str) -> None:
    """Drop a message about backends: it was reported when the model was loaded."""
