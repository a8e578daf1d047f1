"""The evaluation of an interactive model: which drawings and corrections it takes, and each of them as a job.

::

    DIR_EVAL/<MIRROR>/initial_<KEY>.npy      the drawing that corrections begin with; one for all seeds
    DIR_EVAL/<MIRROR>/initials.json          how the base model's scores, beside classical binarizations
    DIR_EVAL/<MIRROR>/<MIRROR>_<seed>.csv    a run: its table, and a folder of the same name, see ``runs.replay``
    DIR_EVAL/<MIRROR>/manual/                the independent manual runs of the headline mode
    DIR_EVAL/<CONDITIONS>/<MIRROR>/          both likewise, under another annotator, initial drawing or operation
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from data.files import write_json, write_whole
from data.regions import whole
from data.storage import PreparedSet, PreparedView
from metrics.scorecard import scorecard
from models.classical import CLASSICAL
from runs.drawings import WINDOWS_AT_ONCE, initial_drawing, require_scale
from runs.errors import RunError
from runs.found import INITIALS, SCORECARDS, read_cards, read_initials
from runs.jobs import Job, Voice, run_jobs
from runs.pairs import load_pair
from runs.predictors import predictor_of
from runs.record import data_hash
from runs.replay import Manual, Replay
from runs.table import read_curves
from simulation.annotators import annotator_named
from simulation.annotators.person import Annotator, Only
from simulation.correction import Correction
from simulation.merging import merge_named
from simulation.refinement import LINE, RefinementSession, Refiner, whole_window
from simulation.refiners import ManualRefiner, NetworkRefiner
from simulation.strokes import ADD, ERASE, Brush
from user_config import Settings

BASE = "base"  # the initial drawing that is the base model's; the others are names in CLASSICAL
OPERATIONS = {"both": None, "add": ADD, "erase": ERASE}


@dataclass(frozen=True)
class EvalOptions:
    """The options of one run of ``python -m eval``; see its help."""

    mirror: str
    seed: int
    ckpt: str
    base_model: str
    dataset: str = "mirrors"
    mode: str = "headline"
    annotator: str = "longer"
    initial: str = BASE
    operations: str = "both"
    merge: str = ""  # in place of what the interactive model was trained for
    backend: str = "auto"
    record_every: int = 10
    picture_every: int = 100
    device: str = "cpu"
    group: str = ""  # folder below DIR_EVAL for one of several models; their manual runs lie where they lie without it

    @property
    def conditions(self) -> str:
        """The folder of runs under these conditions, below DIR_EVAL; empty for the usual ones."""
        usual = (("annotator", "longer"), ("initial", BASE), ("operations", "both"), ("merge", ""))
        return "-".join(getattr(self, name) for name, value in usual if getattr(self, name) != value)

    @property
    def title(self) -> str:
        """How messages call the run."""
        return ", ".join(filter(None, [f"{self.mirror} seed {self.seed}", self.group or self.conditions]))


def expanded(mirrors: Sequence[str], dataset: str, config: Settings) -> list[str]:
    """Return each mirror once, in place of ``test`` all drawn ones that were kept for testing.

    Raises
    ------
    DataError, RunError
        If ``test`` is asked for and nothing is prepared, or no drawn view was kept.
    """
    if "test" not in mirrors:
        return list(dict.fromkeys(mirrors))
    prepared = PreparedSet.open(config.storage, dataset)
    drawn = [name for name in prepared.test if name in prepared.members and prepared.view(name).has_truth]
    if not drawn:
        raise RunError("no drawn view was kept for testing; prepare again with `python -m data.setup --test VIEW`")
    return list(dict.fromkeys([*drawn, *(name for name in mirrors if name != "test")]))


def evaluate(
    evaluations: Sequence[EvalOptions],
    config: Settings,
    *,
    workers: int | None,
    scheduler: str | None,
    say: Callable[[str], None],
) -> tuple[dict[EvalOptions, Path], list[str]]:
    """Run evaluations side by side; what was finished earlier is not repeated.

    Parameters
    ----------
    evaluations : in the order of the result
    config : where things lie
    workers, scheduler : who shares the work, see ``runs.jobs.run_jobs``
    say : told how it goes

    Returns
    -------
    tables, skipped
        The tables of those that came to their end, and why the others could not.

    Raises
    ------
    ModelError, RunError
        If a model cannot be used, or the scheduler cannot be reached.
    """
    for base_model, ckpt in dict.fromkeys((options.base_model, options.ckpt) for options in evaluations):
        load_pair(base_model, ckpt, config.project)  # one message now rather than one for each job
    results, skipped = run_jobs(_planned(evaluations, config), workers=workers, scheduler=scheduler, say=say)
    return {options: results[options.title] for options in evaluations if options.title in results}, skipped


def _planned(evaluations: Sequence[EvalOptions], config: Settings) -> list[Job]:
    """Return the jobs of some evaluations, each once: initial drawings, then manual runs, then the models' own.

    The result of a job of ``evaluations`` is its table; its name is the evaluation's ``title``.
    """
    jobs: dict[str, Job] = {}
    for options in evaluations:
        drawing = f"{options.mirror}, initial drawing: {options.initial}"
        jobs.setdefault(drawing, Job(drawing, draw_initial, (options, config)))
        compared = f"{options.mirror}, initial drawings compared"
        jobs.setdefault(compared, Job(compared, compare_initials, (options, config), needs=(drawing,)))
        needs = drawing
        if options.mode == "headline":
            manual = replace(options, group="", merge="")
            needs = f"{manual.title}, manual"
            jobs.setdefault(needs, Job(needs, correct_manually, (manual, config), needs=(drawing,)))
        jobs[options.title] = Job(options.title, correct, (options, config), needs=(needs,))
    return list(jobs.values())


def draw_initial(options: EvalOptions, config: Settings, say: Voice) -> Path:
    """Make the drawing that a mirror's corrections begin with, unless it is there; return its file."""
    return _Setting(options, config, say).initial_path()


def compare_initials(options: EvalOptions, config: Settings, say: Voice) -> Path:
    """Score the base model's drawing of a mirror beside the classical binarizations; return the file."""
    setting = _Setting(replace(options, initial=BASE), config, say)
    path, hashes = setting.common / INITIALS, setting.hashes
    if path.exists():
        there = read_initials(path)
        if {"base": there.base, "data": there.data} == hashes:
            return path
    inside, scores = setting.view.mask, {}
    for method in (BASE, *(CLASSICAL if setting.flat_channel else ())):
        drawing = setting.initial() if method == BASE else setting.classical_drawing(method)
        scores[method] = scorecard(drawing > LINE, setting.view.truth & inside, inside)
    write_json(path, {**hashes, "scores": scores})
    return path


def correct_manually(options: EvalOptions, config: Settings, say: Voice) -> Path:
    """Let the person correct a mirror alone; return the run's table."""
    setting = _Setting(options, config, say)
    return setting.manual_replay().run(lambda: setting.correction(ManualRefiner(setting.view.scale)))


def correct(options: EvalOptions, config: Settings, say: Voice) -> Path:
    """Let the person correct a mirror with the interactive model; return the run's table.

    Raises
    ------
    DataError, ModelError, RunError
        If what is asked for does not exist, does not fit, or its place is taken by another run.
    """
    setting = _Setting(options, config, say)
    view, base, interactive = setting.view, setting.base, setting.interactive
    require_scale(view, interactive)
    if view.name in (*base.trained_on, *interactive.trained_on):
        say(f"{view.name}: a model was trained on this view, so its scores are no test")
    return setting.replay().run(lambda: setting.correction(setting.network_refiner()), setting.manual())


class _Setting:
    """What the jobs of one run share: the mirror, the models, and where things lie."""

    def __init__(self, options: EvalOptions, config: Settings, voice: Voice) -> None:
        self.options = options
        pair = load_pair(options.base_model, options.ckpt, config.project)
        self.base, self.interactive = pair.base, pair.interactive
        self.prepared = PreparedSet.open(config.storage, options.dataset)
        self.view: PreparedView = self.prepared.view(options.mirror)
        _ = self.view.truth  # refused at once if there is none
        self.voice = voice
        self.common = config.eval / options.mirror
        self.home = config.eval / (options.group or options.conditions) / options.mirror
        self.manual_home = config.eval / replace(options, merge="").conditions / options.mirror / "manual"
        self.hashes = {"base": self.base.sha256, "data": data_hash([self.view], self.base.task.channels)}

    def replay(self) -> Replay:
        """Return the run with the interactive model, to be gone through."""
        options = self.options
        config, hashes = asdict(options), {**self.hashes, "interactive": self.interactive.sha256}
        if options.mode == "headline":
            config["manual"] = os.path.relpath(self.manual_home, self.home)
        return Replay(options.title, self.home, self.view, config, hashes, self.voice)

    def manual_replay(self) -> Replay:
        """Return the manual run, to be gone through."""
        title = f"{self.options.title}, manual"
        return Replay(title, self.manual_home, self.view, asdict(self.options), self.hashes, self.voice)

    def correction(self, refiner: Refiner) -> Correction:
        """Return a correction that has not begun."""
        options, view = self.options, self.view
        session = RefinementSession(
            view,
            self.initial(),
            refiner,
            scale=view.scale,
            channels=self.base.task.channels,
            merge=whole_window if isinstance(refiner, ManualRefiner) else merge_named(self.merge),
            undoable=0,
        )
        published = options.mode == "published"
        patch = self.base.task.patch
        return Correction(
            session, view.truth, view.mask, self._annotator(), patch=patch, seed=options.seed, published=published
        )

    def network_refiner(self) -> NetworkRefiner:
        """Return who answers with the interactive model, as many strokes in a batch as the person tries at once."""
        interactive = self.interactive
        batch = max(1, self._annotator().previews)
        predictor = predictor_of(
            interactive, self.options.device, self.options.backend, self.voice, batch=batch, repeatable=True
        )
        task = interactive.task
        return NetworkRefiner(
            predictor,
            task.patch,
            self.view.scale,
            inputs=interactive.network.inputs,
            around_stroke=task.window == "stroke",
        )

    @property
    def merge(self) -> str:
        """What is taken over of the interactive model's answers, see ``simulation.merging``."""
        return self.options.merge or self.interactive.task.merge

    def manual(self) -> Manual | None:
        """Return what the independent manual run came to; None in the published mode, which has none."""
        if self.options.mode == "published":
            return None
        name = f"{self.view.name}_{self.options.seed}"
        cards = read_cards(self.manual_home / name / SCORECARDS, ("refined",))
        return Manual(read_curves(self.manual_home / f"{name}.csv"), cards["refined"])

    def initial(self) -> NDArray[np.float32]:
        """Return the drawing that corrections begin with."""
        path = self.initial_path()
        try:
            return np.asarray(np.load(path), np.float32)
        except (ValueError, EOFError) as error:
            raise RunError(f"{path}: damaged; remove it, and it is drawn again") from error

    def initial_path(self) -> Path:
        """Return the file of the drawing that corrections begin with, made if need be."""
        method, key = self.options.initial, self.hashes["data"][:12]
        if method == BASE:
            key = f"{self.options.backend}_{self.hashes['base'][:12]}_{key}"
        path = self.common / f"initial_{method}_{key}.npy"
        if not path.exists():
            drawing = self._drawn() if method == BASE else self.classical_drawing(method)
            write_whole(path, lambda file: np.save(file, drawing))
        return path

    def _drawn(self) -> NDArray[np.float32]:
        self.voice(f"{self.view.name}: drawing with the base model")
        options = self.options
        predictor = predictor_of(
            self.base, options.device, options.backend, self.voice, batch=WINDOWS_AT_ONCE, repeatable=True
        )
        return initial_drawing(self.view, self.base, predictor, self.voice.share)

    @property
    def flat_channel(self) -> str | None:
        """The first channel of one plane that the base model sees, if there is one."""
        return next((channel for channel in self.base.task.channels if channel != "normals"), None)

    def classical_drawing(self, method: str) -> NDArray[np.float32]:
        """Return the drawing by a method of ``CLASSICAL``, of what the base model sees."""
        if self.flat_channel is None:
            raise RunError(f"--initial {method}: the base model sees normals only; this needs depth or albedo")
        (image,) = self.view.read(whole(self.view.model_shape), [self.flat_channel], self.view.scale)
        return CLASSICAL[method](image, self.view.mask).astype(np.float32)

    def _annotator(self) -> Annotator:
        chosen = annotator_named(self.options.annotator, Brush(self.prepared.lines, scale=self.view.scale))
        sign = OPERATIONS[self.options.operations]
        return chosen if sign is None else Only(chosen, sign)
