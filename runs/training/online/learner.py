"""The learner: it is given lessons, makes versions of the models of them, and says which version is to be used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from data.regions import Region
from data.storage import PreparedView
from interaction.session import RefinementSession
from metrics.masks import Mask
from models.errors import ModelError
from models.networks import LineNetwork
from models.versions import BASE, Version, difference_between, parent_of
from runs.predicting.channels import channels_for
from runs.predicting.loaded_models import LoadedBase, LoadedInteractive
from runs.training.online.answering import Answering
from runs.training.online.applied import Applied
from runs.training.online.candidates import CANDIDATES
from runs.training.online.drawing import Drawing
from runs.training.online.guard import Record, Trial, Verdict, gains
from runs.training.online.lessons import Lesson, lesson_of
from runs.training.online.living import Learned, Living, one_thread, revived
from runs.training.online.memory import LESSONS, Held, Memory
from runs.training.online.pupils import Pupil
from runs.training.online.replay import replay_images
from runs.training.online.state import State
from runs.training.online.teaching import Progress, taught

LOOKED_AT = 4  # newest lessons of an image that a new version's gain on its own lessons is taken from


class OnlineLearner:
    """Learns from what a person has put right, while the person goes on; see docs/learning.md.

    It is not bound to an image: lessons of several images make it a learner of a collection. It is not thread-safe:
    one thread at a time calls it. Results depend on lessons and seed alone.

    Parameters
    ----------
    base : the model that versions begin from
    interactive : likewise, if it is to learn, too
    seed : what chance depends on
    candidates : names in ``CANDIDATES`` that are tried side by side, of each network the preferred one first
    memory : lessons that are remembered at most
    workers : threads that learn side by side, each computing by itself
    replay : images (C, h, w) on which the base model is held to what it drew before it learned; None: the made-up
        mirrors that came with the program, if it sees one plane as they have

    Attributes
    ----------
    shipped : the version that changes nothing
    """

    def __init__(
        self,
        base: LoadedBase,
        interactive: LoadedInteractive | None = None,
        *,
        seed: int,
        candidates: Sequence[str] = tuple(CANDIDATES),
        memory: int = LESSONS,
        workers: int = 2,
        replay: Sequence[NDArray[np.float32]] | None = None,
    ) -> None:
        self._base, self._seed, self._workers = base, seed, workers
        self._applied = Applied(base, interactive)
        self.shipped = Version(parent_of(base.trained, interactive.trained if interactive else None))
        self._memory = Memory(seed, memory)
        self._events: list[int] = []  # of all lessons so far
        self._news = False
        self._living: dict[str, Living] = {}  # by candidate
        self._record = Record()
        if replay is None:
            replay = replay_images() if len(base.trained.network.config.mean) == 1 else ()
        with one_thread():
            pupils: list[Pupil] = [Drawing(base.trained, replay)]
            if interactive:
                pupils.append(Answering(interactive.trained, seed))
        self._pupils = {pupil.kind: pupil for pupil in pupils}
        of_name = {name: CANDIDATES[name] for name in candidates}
        self._candidates = {name: candidate for name, candidate in of_name.items() if candidate.kind in self._pupils}

    @property
    def lessons(self) -> list[Lesson]:
        """The lessons that are remembered, oldest first."""
        return [held.lesson for held in self._memory]

    @property
    def versions(self) -> list[Version]:
        """The shipped version, and the newest one of each candidate."""
        return [self.shipped, *(living.version for living in self._living.values())]

    def lesson(
        self,
        session: RefinementSession,
        view: str,
        region: Region,
        known: Mask | None = None,
        event: int = 0,
        reference: NDArray[np.float32] | None = None,
    ) -> Lesson:
        """Read a lesson from a session as it is now; parameters and errors as of ``lesson_of``."""
        task, canvas = self._base.trained.task, session.canvas
        channels = channels_for(task, canvas) if isinstance(canvas, PreparedView) else task.channels
        return lesson_of(session, view, region, channels=channels, known=known, reference=reference, event=event)

    def add(self, lesson: Lesson) -> None:
        """Trial each version on a lesson that it has not seen, then remember the lesson."""
        held = Held(len(self._events), lesson, self._pupils)
        with one_thread():
            _ = held.prepared
            for name, living in self._living.items():
                self._record.add(self._tested(name, living, held))
        self._events.append(lesson.event)
        self._memory.add(held)
        self._news = True

    def learn(self, progress: Progress = lambda share: None) -> Version | None:
        """Let each candidate learn from the lessons that are remembered.

        Parameters
        ----------
        progress : told the share that is done

        Returns
        -------
        Version or None
            The version in use on the image of the newest lesson or, where none has proved better yet, the newest of the
            first candidate: a proposal. None if there is nothing to learn from that was not learned from
            before.
        """
        held = list(self._memory)
        if not self._news or not any(one.lesson.line for one in held):
            return None
        # Threads that set and reset the number of threads beside each other would leave it at 1 for the whole program.
        with one_thread():
            for one in held:  # those that were restored take a moment each
                progress(0.0)
                _ = one.prepared
            self._drop_losers(held[-1].lesson.view)
            kinds = [kind for kind in self._kinds if any(kind in one.prepared for one in held)]
            if not kinds:
                return None
            starts = {kind: start.network for kind in kinds if (start := self._start(kind)) is not None}
            pupils = [self._pupils[kind] for kind in kinds]
            for kind, network in taught(pupils, held, starts, self._seed, self._workers, progress).items():
                self._living |= self._versions_of(kind, held, network)
        self._news = False
        chosen = self.in_use(held[-1].lesson.view)
        return self._first(self._kinds) if chosen.changes_nothing else chosen

    def in_use(self, view: str | None = None) -> Version:
        """Return the version that is to be used on an image: ``shipped`` until another one has proved better.

        Of several candidates that are better it is the first, unless another one has proved better than that. The two
        networks are judged each by itself.

        Parameters
        ----------
        view : name of the image; None: one of which nothing is known yet, such as the next of a collection
        """
        chosen = [name for kind in self._kinds if (name := self._best(kind, view)) is not None]
        versions = [self._living[name].version for name in chosen]
        if len(versions) == 2:
            return self._applied.together(*versions)
        return versions[0] if versions else self.shipped

    def to_preview(self, view: str) -> Version:
        """Return the version in use or, where that draws as shipped, the same with what the base model learned."""
        used, base = self.in_use(view), self._first([BASE])
        if used.base or base is None:
            return used
        return base if used.changes_nothing else self._applied.together(base, used)

    def verdict(self, candidate: str, view: str | None = None) -> Verdict:
        """Return what is known of the newest version of a candidate, for an image or for the next one.

        Of a version of both networks, it is what is known of the base model's.
        """
        name = candidate.partition("+")[0]
        living = self._living.get(name)
        return self._record.verdict(name, view, living.seen if living else {}, self._candidates[name].prior)

    def base(self, version: Version) -> LoadedBase:
        """Return the base model with the weights of a version, ready to draw; the last two are kept."""
        return self._applied.base(version)

    def interactive(self, version: Version) -> LoadedInteractive | None:
        """Return the interactive model likewise; None if the learner was given none."""
        return self._applied.interactive(version)

    def forget(self, event: int) -> None:
        """Forget the lessons of an event that was undone, and each version that learned from them."""
        self._memory.forget(event)
        numbers = {number for number, of in enumerate(self._events) if of == event}
        self._record.forget(numbers)
        self._living = {name: living for name, living in self._living.items() if not living.lessons & numbers}
        self._news = True

    def state(self) -> bytes:
        """Return all that it knows, for a file: a killed run, or the next image, goes on from it."""
        lessons = [(held.number, held.lesson) for held in self._memory]
        return State(
            self.shipped.parent, self._events, self._news, lessons, self._record.tests, self._living
        ).to_bytes()

    def restore(self, state: bytes) -> None:
        """Go on from a state; what was known is forgotten. Raises ModelError if it is damaged, or of other models."""
        told = State.from_bytes(state)
        if told.parent != self.shipped.parent:
            raise ModelError("this was learned from other weights; begin to learn anew, or load the models of then")
        self._memory = Memory(self._seed, self._memory.most)
        for number, lesson in told.lessons:
            self._memory.add(Held(number, lesson, self._pupils))
        self._living = {
            name: revived(one, self._pupils[self._candidates[name].kind])
            for name, one in told.living.items()
            if name in self._candidates
        }
        self._events, self._news, self._record = list(told.events), told.news, Record(told.tests)

    @property
    def _kinds(self) -> list[str]:
        """The networks that learn, the base model first."""
        return list(dict.fromkeys(candidate.kind for candidate in self._candidates.values()))

    def _first(self, kinds: Sequence[str]) -> Version | None:
        """Return the newest version of the first candidate of some networks that has made one."""
        names = [name for name, candidate in self._candidates.items() if candidate.kind in kinds]
        return next((self._living[name].version for name in names if name in self._living), None)

    def _best(self, kind: str, view: str | None) -> str | None:
        """Return the candidate of a network that is to be used; None: the shipped weights are."""
        chosen = None
        for name, candidate in self._candidates.items():
            if name not in self._living or candidate.kind != kind or not self.verdict(name, view).better:
                continue
            if chosen is None or self._record.outdoes(name, chosen, view, candidate.prior):
                chosen = name
        return chosen

    def _drop_losers(self, view: str) -> None:
        """Let candidates that have lost begin again from the shipped weights."""
        for name in list(self._living):
            if self.verdict(name, view).worse:
                del self._living[name]

    def _start(self, kind: str) -> Living | None:
        """Return what a network goes on from: its newest version that goes all the way; None: the shipped weights."""
        whole = (living for name, living in self._living.items() if self._candidates[name].share == 1.0)
        return next((living for living in whole if self._candidates[living.version.candidate].kind == kind), None)

    def _versions_of(self, kind: str, held: Sequence[Held], network: LineNetwork) -> dict[str, Living]:
        """Make the versions of all candidates of a network that has learned."""
        shipped, learned = self._pupils[kind].network.state_dict(), network.state_dict()
        made, start, told = {}, self._start(kind), [one for one in held if kind in one.prepared]
        numbers = {one.number for one in told} | (start.lessons if start else set())
        for name, candidate in self._candidates.items():
            if candidate.kind == kind:
                moved = difference_between(shipped, learned, candidate.share)
                events = tuple(one.lesson.event for one in told)
                version = Version(self.shipped.parent, name, **{kind: moved}, lessons=events)
                made[name] = self._alive(name, Learned(version, frozenset(numbers), {}), held)
        return made

    def _alive(self, name: str, learned: Learned, held: Sequence[Held]) -> Living:
        living = revived(learned, self._pupils[self._candidates[name].kind])
        seen = {}
        for view in dict.fromkeys(one.lesson.view for one in held):
            own = [one for one in held if one.lesson.view == view][-LOOKED_AT:]
            found = [test for one in own for test in self._tested(name, living, one)]
            if found:  # else the network learned nothing from this image
                seen[view] = [float(gain) for gain in gains(found)]
        return replace(living, seen=seen)

    def _tested(self, name: str, living: Living, held: Held) -> list[Trial]:
        """Trial a version on a lesson; no test where its network can be asked nothing about that."""
        kind, lesson = self._candidates[name].kind, held.lesson
        if (prepared := held.prepared.get(kind)) is None:
            return []
        score = self._pupils[kind].score(living.network, lesson, prepared)
        at_home = lesson.view in living.seen
        return [Trial(held.number, lesson.view, name, living.version.sha256, score, prepared.before, at_home)]
