"""The learner: it is given lessons, makes versions of the models of them, and says which version is to be used."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from data.regions import Region
from interaction.session import RefinementSession
from metrics.masks import Mask
from models.checkpoints import TrainedModel
from models.networks import LineNetwork
from models.versions import Version, difference_between, parent_of
from runs.predicting.loaded_models import LoadedBase, LoadedInteractive
from runs.training.online.candidates import CANDIDATES, METHODS
from runs.training.online.decoder import decoded
from runs.training.online.guard import Score, Test, Verdict, gains, score_of, verdict_of
from runs.training.online.lessons import Lesson, lesson_of
from runs.training.online.memory import LESSONS, Held, Memory, padded_image

Progress = Callable[[float], None]
Weights = dict[str, Tensor]


@dataclass(eq=False)
class _Living:
    """The newest version that a candidate has made, ready to draw."""

    version: Version
    network: LineNetwork
    encoder_stays: bool
    lessons: frozenset[int]  # numbers of those that it has learned from
    views: frozenset[str]
    seen: dict[str, float] = field(default_factory=dict)  # gain on the lessons that it learned from, by image


class OnlineLearner:
    """Learns from what a person has put right, while the person goes on; see docs/learning.md.

    It is not bound to an image: lessons of several images make it a learner of a collection. It is not thread-safe:
    one thread at a time calls it. Everything is computed by one thread, which is fastest beside other work, and results
    depend on lessons and seed alone.

    Parameters
    ----------
    base : the model that versions begin from
    interactive : likewise, if it is to learn, too
    seed : what chance depends on
    candidates : names in ``CANDIDATES`` that are tried side by side
    memory : lessons that are remembered at most

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
    ) -> None:
        self._base, self._interactive, self._seed = base, interactive, seed
        self._candidates = {name: CANDIDATES[name] for name in candidates}
        self.shipped = Version(parent_of(base.trained, interactive.trained if interactive else None))
        self._network = copy.deepcopy(base.trained.network).cpu().eval().requires_grad_(False)
        self._memory = Memory(seed, memory)
        self._count = 0  # lessons so far
        self._news = False
        self._trainees: dict[str, tuple[Weights, frozenset[int]]] = {}  # by method: raw weights, and what they know
        self._living: dict[str, _Living] = {}  # by candidate
        self._tests: list[Test] = []
        self._loaded: dict[str, LoadedBase] = {}

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
        channels = self._base.trained.task.channels
        return lesson_of(session, view, region, channels=channels, known=known, reference=reference, event=event)

    def add(self, lesson: Lesson) -> None:
        """Test each version on a lesson that it has not seen, then remember the lesson."""
        with _one_thread():
            held = self._held(lesson)
            before = self._before(held)
            for name, living in self._living.items():
                score = self._score(living.network, held, living.encoder_stays)
                at_home = lesson.view in living.views
                sha256 = living.version.sha256
                self._tests.append(Test(held.number, lesson.view, name, sha256, score, before, at_home))
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
            The one of them to expect most of, whether or not it is ``in_use`` yet: a proposal. None if there is nothing
            to learn from that was not learned from before.
        """
        held = list(self._memory)
        if not self._news or not any(one.lesson.line for one in held):
            return None
        methods = dict.fromkeys(candidate.method for candidate in self._candidates.values())
        with _one_thread():
            for place, method in enumerate(methods):
                self._teach(method, held, _part(progress, place, len(methods)))
        self._news = False
        best = max(self._living, key=lambda name: self.verdict(name, held[-1].lesson.view).gain)
        return self._living[best].version

    def in_use(self, view: str | None = None) -> Version:
        """Return the version that is to draw an image: ``shipped`` until another one has proved better.

        Parameters
        ----------
        view : name of the image; None: one of which nothing is known yet, such as the next of a collection
        """
        verdicts = {name: self.verdict(name, view) for name in self._living}
        better = {name: verdict.gain for name, verdict in verdicts.items() if verdict.better}
        return self._living[max(better, key=lambda name: better[name])].version if better else self.shipped

    def verdict(self, candidate: str, view: str | None = None) -> Verdict:
        """Return what tests say of the newest version of a candidate, for an image or for the next one."""
        tests = [test for test in self._tests if test.candidate == candidate]
        return verdict_of(gains(tests).tolist())

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
        self._trainees = {name: known for name, known in self._trainees.items() if not known[1] & numbers}
        self._news = True

    def _held(self, lesson: Lesson) -> Held:
        """Compute what the shipped network makes of a lesson, once."""
        image = torch.from_numpy(padded_image(lesson))
        with torch.no_grad():
            features = self._network.unet.encoder(self._network.standardise(image))
            logits = decoded(self._network.unet, features)
        self._count += 1
        return Held(self._count - 1, lesson, tuple(plane.half() for plane in features), logits)

    def _before(self, held: Held) -> Score:
        """Score what would be used without learning: the better of the shipped drawing and the lesson's reference."""
        lesson = held.lesson
        scores = [score_of(_probability(held.logits, lesson), lesson.truth, lesson.known)]
        if lesson.reference is not None:
            scores.append(score_of(lesson.reference, lesson.truth, lesson.known))
        return min(scores, key=lambda score: score.loss)

    @torch.no_grad()
    def _score(self, network: LineNetwork, held: Held, encoder_stays: bool) -> Score:
        lesson = held.lesson
        if encoder_stays:
            logits = decoded(network.unet, [plane.float() for plane in held.features])
        else:
            logits = network(torch.from_numpy(padded_image(lesson)))
        return score_of(_probability(logits, lesson), lesson.truth, lesson.known)

    def _teach(self, method: str, held: Sequence[Held], progress: Progress) -> None:
        """Let a method learn, and make the versions of all candidates that go its way."""
        shipped = self._network.state_dict()
        network = copy.deepcopy(self._network)
        METHODS[method].learned(network, held, self._seed, progress)
        learned = network.state_dict()
        for name, candidate in self._candidates.items():
            if candidate.method == method:
                moved = difference_between(shipped, learned, candidate.share)
                self._living[name] = self._alive(name, moved, held, METHODS[method].encoder_stays)

    def _alive(self, name: str, moved: Weights, held: Sequence[Held], encoder_stays: bool) -> _Living:
        events = tuple(one.lesson.event for one in held)
        version = Version(self.shipped.parent, name, base=moved, lessons=events)
        network = version.applied(_as_trained(self._base, self._network), "base").network.requires_grad_(False)
        numbers, views = (
            frozenset(part) for part in zip(*((one.number, one.lesson.view) for one in held), strict=True)
        )
        return _Living(version, network, encoder_stays, numbers, views)


def _as_trained(base: LoadedBase, network: LineNetwork) -> TrainedModel:
    trained = base.trained
    return TrainedModel(network, trained.task, trained.path, trained.trained_on, trained.validated_on)


def _probability(logits: Tensor, lesson: Lesson) -> NDArray[np.float32]:
    height, width = lesson.truth.shape
    return torch.sigmoid(logits)[0, 0, :height, :width].numpy()


def _part(progress: Progress, place: int, count: int) -> Progress:
    return lambda share: progress((place + share) / count)


@contextmanager
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
