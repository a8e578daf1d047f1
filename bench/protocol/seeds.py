"""The cost of the published protocol, extrapolated from a short one: seeds side by side as in the evaluation."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from bench.measure import peak_mib
from bench.networks import AUTO, computed_by, untrained
from bench.protocol.interaction import answers_at_once, timed
from bench.protocol.scenes import Subject, mirror_scene
from interaction.session import LINE
from metrics.scorecard import scorecard
from models.networks import InteractiveNetwork
from runs.errors import RunError
from runs.evaluation.context import process_truths
from runs.jobs import Job, run_jobs

ANNOTATOR = "best-answer"  # of the published code; asks for two answers
MIRRORS, RUNS, INTERACTIONS = 3, 30, 28_200  # of the published protocol: ten seeds a mirror, all to convergence
SCORECARDS = 3  # at the end of a run: of the initial drawing, the refined and the manual one


@dataclass(frozen=True)
class Run:
    """The beginning of one seed's run.

    Parameters
    ----------
    process : number of the process that it ran in
    peak_mib : the most memory that this process had held by then
    aside : seconds of the steps that a run does once: converting the network, the first counts, the last scores
    interaction : seconds of an interaction, mean
    """

    process: int
    peak_mib: float
    aside: float
    interaction: float


@dataclass(frozen=True)
class ShortProtocol:
    """The runs of some seeds.

    Parameters
    ----------
    runs : one a seed
    peak_mib : the sum of all processes' peaks, that of the one that started them too; what they share counts in each
    """

    runs: tuple[Run, ...]
    peak_mib: float

    @property
    def processes(self) -> int:
        """How many worked side by side."""
        return len({run.process for run in self.runs})

    @property
    def aside(self) -> float:
        """Seconds of what a run does once, mean. The first runs of a process weigh the truth, the next find it kept."""
        return float(np.mean([run.aside for run in self.runs]))

    @property
    def interactions_a_second(self) -> float:
        """Of all processes together, once they are at work."""
        return self.processes / float(np.mean([run.interaction for run in self.runs]))

    def published_hours(self, drawing_seconds: float) -> float:
        """Extrapolate to the published protocol, each of whose initial drawings takes so many seconds."""
        aside = RUNS * self.aside / self.processes
        return (MIRRORS * drawing_seconds + aside + INTERACTIONS / self.interactions_a_second) / 3600


def side_by_side(subject: Subject, seeds: int, interactions: int, workers: int | None) -> ShortProtocol:
    """Run seeds as jobs of the evaluation, in as many processes as there are cores, unless a number is given."""
    jobs = [Job(f"seed {seed}", run, (subject, interactions, seed)) for seed in range(seeds)]
    results, skipped = run_jobs(jobs, workers=workers, scheduler=None, report=print)
    if skipped:
        raise RunError(f"the short protocol came to no end: {'; '.join(skipped)}")
    return together([results[job.name] for job in jobs], peak_mib())


def run(subject: Subject, interactions: int, seed: int, report: Callable[[str], None]) -> Run:
    """Begin a run as the evaluation does."""
    model, scene = untrained(InteractiveNetwork, subject.arch, subject.encoder), mirror_scene(subject.storage)
    started = perf_counter()
    predictor = computed_by(AUTO, model, subject.device, answers_at_once(ANNOTATOR))
    aside = perf_counter() - started
    timing = timed(predictor, scene, ANNOTATOR, interactions, seed=seed)
    drawing = scene.initial(np.random.default_rng(seed)) > LINE
    truths = process_truths()
    started = perf_counter()
    for _ in range(SCORECARDS):
        scorecard(drawing, scene.truth, scene.valid, truths)
    aside += timing.start + perf_counter() - started
    return Run(os.getpid(), peak_mib(), aside, float(timing.laps[:, 0].mean()))


def together(runs: Sequence[Run], starter_mib: float) -> ShortProtocol:
    """Sum runs up.

    Parameters
    ----------
    runs : in any processes
    starter_mib : the most memory that this process held, which had them run
    """
    peaks = {os.getpid(): starter_mib}
    for run in runs:
        peaks[run.process] = max(peaks.get(run.process, 0.0), run.peak_mib)
    return ShortProtocol(tuple(runs), sum(peaks.values()))
