"""The learner of all mirrors of a server: what a person puts right in one is used in the rest and in the next ones."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from annotate.errors import AnnotateError, reason
from annotate.library.background import in_background
from annotate.library.kept_learning import KeptLearning, Remembered
from annotate.library.taught import Taught
from data.errors import DataError, explain
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
REMEMBERED = 16  # lessons: with what networks compute of it, one of a place of 256 pixels takes about 35 MB
Progress = Callable[[float], None]


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
        self._models, self._kept = models, KeptLearning(kept)
        self.collection = uuid4().hex
        self._turn = Lock()
        self._made: OnlineLearner | None = None
        self._shipped: Version | None = None
        self._numbers = itertools.count(1)
        self._remembered = False  # whether the file of the state holds this collection
        self.for_next: Version | None = None

    def begin(self) -> None:
        """The models are loaded: read what an earlier run kept for the next mirror. The learner is made when needed."""
        import runs.training.online  # noqa: F401 - now, as it takes a second, which the first lesson would wait
        from models.versions import Version, parent_of

        base, interactive = self._models()
        if base is not None:
            self._shipped = Version(parent_of(base.trained, interactive.trained if interactive else None))
            self.for_next = self._read_kept()
            self._go_on()

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
                proposed = in_background(lambda: _learned(learner, lessons, progress))
            except BaseException as error:
                for lesson in lessons:  # or they would be there twice when they are given again
                    learner.forget(lesson.event)
                if isinstance(error, MENDABLE):
                    raise AnnotateError(explain(error)) from error
                raise
            used = learner.in_use(view)
            version = proposed if used.changes_nothing else used
            taught = None if version is None else Taught.of(learner, version, view, proved=version is used)
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
            made = OnlineLearner(base, interactive, seed=SEED, memory=REMEMBERED)
            if self._remembered:
                self._restore(made)
            self._made = made
        return self._made

    def _restore(self, learner: OnlineLearner) -> None:
        try:
            learner.restore(self._kept.state())
        except (OSError, *MENDABLE) as error:
            raise AnnotateError(
                f"{self._kept.state_path}: {explain(error)}; remove it, and go on without it"
            ) from error

    def _keep(self, version: Version | None, state: bytes | None) -> None:
        """Keep a version for the next mirror, and the learner's state, over a restart; None: nothing."""
        self.for_next = None if version is None or version.changes_nothing else version
        self._numbers = itertools.count(number := next(self._numbers))
        remembered = Remembered(self.collection, number, self.shipped.parent)
        self._kept.write(self.for_next.to_bytes() if self.for_next else None, state, remembered)
        self._remembered = state is not None

    def _go_on(self) -> None:
        """Go on with what an earlier run remembered, if it is of these models; it is restored when it is needed."""
        remembered = self._kept.remembered()
        if remembered is not None and remembered.parent == self.shipped.parent:
            self._numbers = itertools.count(remembered.next)
            self.collection, self._remembered = remembered.collection, True

    def _read_kept(self) -> Version | None:
        """Read what an earlier run kept; what these models cannot use is left alone, and said on the console."""
        content = self._kept.version()
        try:
            return None if content is None else self.of_log(content)
        except DataError as error:
            logging.getLogger(__name__).warning("%s: %s", self._kept.path, reason(error))
            return None


def _learned(learner: OnlineLearner, lessons: Sequence[Lesson], progress: Progress) -> Version | None:
    """Test each version on lessons, and learn from these."""
    for lesson in lessons:
        _forget_place(learner, lesson)
        learner.add(lesson)
    return learner.learn(progress)


def _forget_place(learner: OnlineLearner, lesson: Lesson) -> None:
    """Forget an earlier lesson of the same place, and what learned from it: that would be tested on what it knows.

    The session knows of it no longer where a learning was cut off before the log told of it.
    """
    for earlier in learner.lessons:
        if (earlier.view, earlier.region) == (lesson.view, lesson.region):
            learner.forget(earlier.event)


def _drop(message: str) -> None:
    """Drop a message about backends: it was reported when the model was loaded."""
