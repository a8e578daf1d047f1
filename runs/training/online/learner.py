"""The learner: it is given lessons, makes versions of the models of them, and says which version is to be used."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from data.regions import Region
from data.storage import PreparedView
from interaction.session import RefinementSession
from metrics.masks import Mask
from models.errors import ModelError
from models.networks import LineNetwork
from models.versions import Version, difference_between, parent_of
from runs.predicting.channels import channels_for
from runs.predicting.loaded_models import LoadedBase, LoadedInteractive
from runs.training.online.decoder import Decoder
from runs.training.online.guard import Test, Verdict, gains, paired, verdict_for
from runs.training.online.lessons import Lesson, lesson_of
from runs.training.online.living import Learned, Living, encoded, one_thread, revived, tested
from runs.training.online.memory import LESSONS, Held, Memory, padded_image
from runs.training.online.replay import replay_images
from runs.training.online.state import State

Progress = Callable[[float], None]
Weights = dict[str, Tensor]
Task = tuple[Sequence[Held], Sequence[Held] | None]  # what is learned from, and what it is tested on

CANDIDATES = {"decoder-half": 0.5, "decoder": 1.0}  # share of the way from the shipped weights to the learned ones
DECODER = Decoder()
TESTS = 512  # that are remembered
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
    candidates : names in ``CANDIDATES`` that are tried side by side, the most cautious first
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
        self._base, self._interactive, self._seed, self._workers = base, interactive, seed, workers
        self._candidates = {name: CANDIDATES[name] for name in candidates}
        self.shipped = Version(parent_of(base.trained, interactive.trained if interactive else None))
        self._network = copy.deepcopy(base.trained.network).cpu().eval().requires_grad_(False)
        self._memory = Memory(seed, memory)
        self._count = 0  # lessons so far
        self._news = False
        self._living: dict[str, Living] = {}  # by candidate
        self._tests: list[Test] = []
        self._loaded: dict[str, LoadedBase] = {}
        if replay is None:
            replay = replay_images() if len(base.trained.network.config.mean) == 1 else ()
        with one_thread():
            self._replay = [encoded(self._network, image[None]) for image in replay]

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
        """Test each version on a lesson that it has not seen, then remember the lesson."""
        with one_thread():
            held = self._held(lesson)
            for name, living in self._living.items():
                self._tests.append(tested(name, living, held, folded=False))
        self._memory.add(held)
        self._news = True

    def learn(self, progress: Progress = lambda share: None) -> Version | None:
        """Let each candidate learn from the lessons that are remembered.

        Of two lessons or more on which no version was tested, each half is also learned from to be tested on the other.

        Parameters
        ----------
        progress : told the share that is done

        Returns
        -------
        Version or None
            The version in use on the image of the newest lesson or, where none has proved better yet, the newest of the
            most cautious candidate: a proposal. None if there is nothing to learn from that was not learned from
            before.
        """
        held = list(self._memory)
        if not self._news or not any(one.lesson.line for one in held):
            return None
        self._drop_losers(held[-1].lesson.view)
        tasks: list[Task] = [(held, None), *self._folds(held)]
        for (seen, apart), network in zip(tasks, self._taught(tasks, progress), strict=True):
            for name, living in self._made(seen, network).items():
                if apart is None:
                    self._living[name] = living
                else:
                    self._tests += [tested(name, living, one, folded=True) for one in apart]
        self._tests = self._tests[-TESTS:]
        self._news = False
        chosen = self.in_use(held[-1].lesson.view)
        return next(iter(self._living.values())).version if chosen.changes_nothing else chosen

    def in_use(self, view: str | None = None) -> Version:
        """Return the version that is to draw an image: ``shipped`` until another one has proved better.

        Of several that are better, it is the most cautious, unless another one is better than that.

        Parameters
        ----------
        view : name of the image; None: one of which nothing is known yet, such as the next of a collection
        """
        chosen = None
        for name in self._living:
            if self.verdict(name, view).better and (chosen is None or self._outdoes(name, chosen, view)):
                chosen = name
        return self._living[chosen].version if chosen else self.shipped

    def verdict(self, candidate: str, view: str | None = None) -> Verdict:
        """Return what tests say of the newest version of a candidate, for an image or for the next one."""
        living = self._living.get(candidate)
        cautious = living is not None and self._candidates[candidate] < 1
        learned = living.seen.get(view, 0.0) if living and cautious and view is not None else 0.0
        return verdict_for(self._tests_of(candidate), view, learned)

    def base(self, version: Version) -> LoadedBase:
        """Return the base model with the weights of a version, ready to draw; the last two are kept."""
        if not version.base:
            return self._base
        if version.sha256 not in self._loaded:
            trained = version.applied(self._base.trained, "base")
            self._loaded[version.sha256] = LoadedBase(trained, self._base.device, self._base.backend, self._base)
            while len(self._loaded) > 2:
                del self._loaded[next(iter(self._loaded))]
        return self._loaded[version.sha256]

    def interactive(self, version: Version) -> LoadedInteractive | None:
        """Return the interactive model with the weights of a version; None if the learner was given none."""
        return self._interactive

    def forget(self, event: int) -> None:
        """Forget the lessons of an event that was undone, and each version that learned from them."""
        numbers = {held.number for held in self._memory.forget(event)}
        self._tests = [test for test in self._tests if test.number not in numbers]
        self._living = {name: living for name, living in self._living.items() if not living.lessons & numbers}
        self._news = True

    def state(self) -> bytes:
        """Return all that it knows, for a file: a killed run, or the next image, goes on from it."""
        lessons = [(held.number, held.lesson) for held in self._memory]
        told = State(self.shipped.parent, self._count, self._news, lessons, self._tests, self._living)
        return told.to_bytes()

    def restore(self, state: bytes) -> None:
        """Go on from a state; what was known is forgotten. Raises ModelError if it is damaged, or of other models."""
        told = State.from_bytes(state)
        if told.parent != self.shipped.parent:
            raise ModelError("this was learned from other weights; begin to learn anew, or load the models of then")
        self._memory = Memory(self._seed, self._memory.most)
        with one_thread():
            for number, lesson in told.lessons:
                self._memory.add(Held(number, lesson, *encoded(self._network, padded_image(lesson))))
        self._living = {
            name: revived(self._network, self._base.trained, one)
            for name, one in told.living.items()
            if name in self._candidates
        }
        self._count, self._news, self._tests = told.count, told.news, list(told.tests)

    def _tests_of(self, candidate: str) -> list[Test]:
        return [test for test in self._tests if test.candidate == candidate]

    def _outdoes(self, name: str, chosen: str, view: str | None) -> bool:
        mine, other = self._tests_of(name), self._tests_of(chosen)
        at = [[test for test in tests if view is None or test.view == view] for tests in (mine, other)]
        return paired(*at).better

    def _drop_losers(self, view: str) -> None:
        """Let candidates that have lost begin again from the shipped weights."""
        for name in list(self._living):
            if self.verdict(name, view).worse:
                del self._living[name]

    def _folds(self, held: Sequence[Held]) -> list[tuple[list[Held], list[Held]]]:
        """Return what to learn from and what to test on, twice, where lessons came faster than versions."""
        seen = {test.number for test in self._tests}
        fresh = [one for one in held if one.number not in seen and one.lesson.line]
        if len(fresh) < 2:
            return []
        halves = [fresh[0::2], fresh[1::2]]
        return [([one for one in held if one not in half], half) for half in halves]

    def _taught(self, tasks: Sequence[Task], progress: Progress) -> list[LineNetwork]:
        """Let networks learn, side by side; a fold takes half the steps."""
        done = [0.0] * len(tasks)

        def teach(place: int) -> LineNetwork:
            def tell(share: float) -> None:
                done[place] = share
                progress(sum(done) / len(done))

            held, apart = tasks[place]
            network = copy.deepcopy(self._network)
            if apart is None:
                network.load_state_dict(self._start())
            DECODER.learned(network, held, self._replay, self._seed, tell, 1.0 if apart is None else 0.5)
            return network

        # Threads that set and reset the number of threads beside each other would leave it at 1 for the whole program.
        with one_thread(), ThreadPoolExecutor(self._workers, "learning", torch.set_num_threads, (1,)) as pool:
            return list(pool.map(teach, range(len(tasks))))

    def _start(self) -> Weights:
        """Return the weights that learning goes on from: those of the newest version that goes all the way."""
        for name, living in self._living.items():
            if self._candidates[name] == 1.0:
                return dict(living.network.state_dict())
        return dict(self._network.state_dict())

    def _made(self, held: Sequence[Held], network: LineNetwork) -> dict[str, Living]:
        """Make the versions of all candidates of what a network has learned."""
        shipped, learned = self._network.state_dict(), network.state_dict()
        return {
            name: self._alive(name, difference_between(shipped, learned, share), held)
            for name, share in self._candidates.items()
        }

    def _alive(self, name: str, moved: Weights, held: Sequence[Held]) -> Living:
        events = tuple(one.lesson.event for one in held)
        version = Version(self.shipped.parent, name, base=moved, lessons=events)
        learned = Learned(version, frozenset(one.number for one in held), {one.lesson.view: 0.0 for one in held})
        living = revived(self._network, self._base.trained, learned)
        for view in living.seen:
            own = [one for one in held if one.lesson.view == view][-LOOKED_AT:]
            living.seen[view] = float(gains([tested(name, living, one, folded=True) for one in own]).mean())
        return living

    def _held(self, lesson: Lesson) -> Held:
        """Compute what the shipped network makes of a lesson, once."""
        self._count += 1
        return Held(self._count - 1, lesson, *encoded(self._network, padded_image(lesson)))
