"""The cost of one interaction of the evaluation, scored every time.

Networks have random weights, since no time depends on weights; their predictions would be noise. Therefore a stand-in
runs the real network, drops its prediction and returns the initial drawing, as an interactive model does that was just
started from its base; the session then pastes the strokes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from bench.measure import Stopwatch
from bench.networks import CHANNELS, PATCH, computed_by, untrained
from bench.protocol.scenes import Scene, Subject, mirror_scene, scene_of_size
from interaction.changes import Probabilities
from interaction.prompts import Prompt
from interaction.refiners import NetworkRefiner
from interaction.session import RefinementSession
from metrics.masks import Mask
from metrics.registry import Tally
from models.encoders import StrokeEncoder
from models.networks import InteractiveNetwork
from runs.evaluation.context import process_truths
from simulation.annotators import ANNOTATORS, annotator_named
from simulation.correction_loop import CorrectionLoop
from simulation.simulated_user import History, SimulatedUser
from simulation.strokes import MIRROR_BRUSH

WARM_UP = 3  # interactions that are not timed
LAPS = ("whole", "network", "strokes")

Predicting = Callable[..., Probabilities]


@dataclass(frozen=True)
class Done:
    """An interaction that was committed.

    Parameters
    ----------
    stroke : that the simulated user made
    refined, manual : counts of the drawing now, and of the one with the same strokes only pasted
    """

    stroke: Prompt
    refined: Tally
    manual: Tally


@dataclass(frozen=True, eq=False)
class Timing:
    """The times of some interactions.

    Parameters
    ----------
    start : seconds from an initial drawing to its first attempt, mean
    laps : (N, 3) seconds of each interaction: its whole, what the network took of it, and the choice of strokes
    """

    start: float
    laps: NDArray[np.float64]

    @property
    def medians_ms(self) -> dict[str, float]:
        """Median milliseconds of an interaction and of its parts; the rest is scores, reading and pasting."""
        values = {name: float(np.median(self.laps[:, column])) for column, name in enumerate(LAPS)}
        values["rest"] = float(np.median(self.laps[:, 0] - self.laps[:, 1:].sum(axis=1)))
        return {name: 1e3 * seconds for name, seconds in values.items()}


class StandIn:
    """A predictor that asks the real one and gives the initial drawing, see this module's docstring."""

    def __init__(self, predictor: Predicting) -> None:
        self.predictor = predictor

    def __call__(self, image: Probabilities, initial: Probabilities, *strokes: Probabilities) -> Probabilities:
        """Return (B, H, W) probabilities for planes (B, C, H, W)."""
        self.predictor(image, initial, *strokes)
        return initial[:, 0]


class TimedUser:
    """An annotator whose time to choose is measured, without the time that it waits for predictions."""

    def __init__(self, annotator: SimulatedUser) -> None:
        self.annotator, self.previews, self.seconds = annotator, annotator.previews, 0.0

    def __call__(self, mask: Mask, truth: Mask, history: History, rng: np.random.Generator) -> Prompt | None:
        """See ``SimulatedUser``."""
        preview, started = Stopwatch(history.preview), perf_counter()
        stroke = self.annotator(mask, truth, replace(history, preview=preview), rng)
        self.seconds += perf_counter() - started - preview.seconds
        return stroke


def answers_at_once(name: str) -> int:
    """Return how many predictions an annotator asks for in one batch."""
    return max(1, ANNOTATORS[name](MIRROR_BRUSH).previews)


def interactions(subject: Subject, backend: str, name: str, count: int, megapixels: float | None = None) -> Timing:
    """Time interactions as the evaluation makes them, on the mirror or on a scene of a size; see ``timed``."""
    model = untrained(InteractiveNetwork, subject.arch, subject.encoder)
    predictor = computed_by(backend, model, subject.device, answers_at_once(name))
    scene = mirror_scene(subject.storage) if megapixels is None else scene_of_size(subject.storage, megapixels)
    return timed(predictor, scene, name, count)


def corrected(
    scene: Scene, initial: Probabilities, predictor: Predicting, annotator: SimulatedUser, seed: int
) -> Iterator[Done]:
    """Correct a drawing as the evaluation does by the published rule; yield after each committed stroke."""
    scale = scene.brush.scale
    refiner = NetworkRefiner(predictor, PATCH, scale, StrokeEncoder(PATCH))
    session = RefinementSession(scene.canvas, initial, refiner, scale=scale, channels=CHANNELS, undoable=0)
    loop = CorrectionLoop(
        session,
        scene.truth,
        scene.valid,
        annotator,
        patch=PATCH,
        seed=seed,
        published=True,
        truths=process_truths(),
    )

    def steps() -> Iterator[Done]:
        for progress in loop.run():
            assert progress.manual is not None  # the published rule keeps one
            yield Done(session.prompts[-1], progress.refined, progress.manual)

    return steps()


def timed(predictor: Predicting, scene: Scene, name: str, interactions: int, *, seed: int = 0) -> Timing:
    """Time interactions, after some that warm up; where a drawing has too few, another one follows.

    Parameters
    ----------
    predictor : of an interactive model
    scene : what is corrected
    name : of an annotator
    interactions : how many to time
    seed : of drawings and strokes

    Raises
    ------
    ValueError
        If the scene has no error that a stroke could correct.
    """
    network, annotator = Stopwatch(predictor), TimedUser(annotator_named(name, scene.brush))
    starts: list[float] = []
    laps: list[NDArray[np.float64]] = []
    while True:
        initial = scene.initial(np.random.default_rng(seed))
        started = perf_counter()
        steps = corrected(scene, initial, StandIn(network), annotator, seed)
        before = np.array([perf_counter(), network.seconds, annotator.seconds])
        starts.append(before[0] - started)
        for done in steps:
            _ = done.refined.scores, done.manual.scores
            now = np.array([perf_counter(), network.seconds, annotator.seconds])
            laps.append(now - before)
            before = now
            if len(laps) == interactions + WARM_UP:
                return Timing(float(np.mean(starts)), np.array(laps[WARM_UP:]))
        if not laps:
            raise ValueError(f"nothing to correct in a mirror of {scene.truth.shape} model pixels; make it larger")
        seed += 1
