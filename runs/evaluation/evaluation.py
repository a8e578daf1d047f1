"""The evaluation of an interactive model: initial drawings and corrections, each of them a job.

::

    DIR_EVAL/<MIRROR>/initial_<KEY>.npy      the drawing that corrections begin with; one for all seeds
    DIR_EVAL/<MIRROR>/initials.json          the scores of the base model's drawing, and of classical binarizations
    DIR_EVAL/<MIRROR>/<MIRROR>_<seed>.csv    a run: its table, and a folder of the same name, see ``recorded_run``
    DIR_EVAL/<MIRROR>/manual/                the independent manual runs of the headline mode
    DIR_EVAL/<CONDITIONS>/<MIRROR>/          both likewise, under other conditions, such as another annotator
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import torch

from data.io.files import write_json
from data.storage import PreparedSet
from interaction.merging import merge_named
from interaction.refiners import ManualRefiner
from interaction.session import LINE
from metrics.scorecard import scorecard
from models.backends import chosen_backend
from models.classical import CLASSICAL
from runs.calibration import calibrated
from runs.device import torch_device
from runs.errors import RunError
from runs.evaluation.context import RunContext
from runs.evaluation.kept_models import KeptModels
from runs.jobs import Job, Reporter, run_jobs
from runs.options import BASE, EvalOptions
from runs.predicting.channels import require_scale
from runs.report.results import INITIALS, read_initials
from simulation.annotators import chosen_annotators
from user_config import Settings

MODELS = KeptModels()  # of this process, be it a worker or the only one: the jobs that it does share them


def chosen_runs(
    options: Mapping[str, Any], seeds: int | None, config: Settings, report: Callable[[str], None]
) -> list[EvalOptions]:
    """Return a run for each mirror, seed and annotator of the options of ``python -m eval``.

    Parameters
    ----------
    options : the fields of ``EvalOptions``, of which ``mirror``, ``seed`` and ``annotator`` hold several values each
    seeds : how many seeds, from 0, in place of those of ``options``; None: those of ``options``
    config : where things lie
    report : prints which backend is used, where it is not the one asked for

    Raises
    ------
    DataError, ModelError, RunError
        If there is no such mirror, annotator, merge rule, backend or device.
    """
    if options["merge"]:
        merge_named(options["merge"])
    device = torch_device(options["device"])
    backend = chosen_backend(options["backend"], torch.device(device), report)
    annotators = chosen_annotators(options["annotator"])
    mirrors = expanded(options["mirror"], options["dataset"], config)
    numbers = dict.fromkeys(range(seeds) if seeds else options["seed"])
    shared = {**options, "device": device, "backend": backend}
    return [
        EvalOptions(**{**shared, "mirror": mirror, "seed": seed, "annotator": annotator})
        for annotator, mirror, seed in product(annotators, mirrors, numbers)
    ]


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
    report: Callable[[str], None],
    verbose: bool = False,
) -> tuple[dict[EvalOptions, Path], list[str]]:
    """Run evaluations side by side; runs that were finished earlier are not repeated.

    Parameters
    ----------
    evaluations : in the order of the result
    config : where things lie
    workers, scheduler : who shares the work, see ``runs.jobs.run_jobs``
    report : prints how it goes
    verbose : whether each row of a run's table is printed too

    Returns
    -------
    tables, skipped
        The tables of those that came to their end, and why the others could not.

    Raises
    ------
    ModelError, RunError
        If a model cannot be used, or the scheduler cannot be reached.
    """
    for options in {(options.base_model, options.ckpt): options for options in evaluations}.values():
        MODELS.pair(options, config.project)  # one message now rather than one for each job
    jobs = _planned(evaluations, config)
    results, skipped = run_jobs(jobs, workers=workers, scheduler=scheduler, report=report, verbose=verbose)
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
        needs = [drawing]
        if options.mode == "headline":
            needs.append(f"{options.manual.title}, manual")
            jobs.setdefault(needs[-1], Job(needs[-1], correct_manually, (options.manual, config), needs=(drawing,)))
        if options.needs_calibration:
            needs.append(f"{options.base_model}, calibration")
            jobs.setdefault(needs[-1], Job(needs[-1], calibrate, (options, config)))
        jobs[options.title] = Job(options.title, correct, (options, config), needs=tuple(needs))
    return list(jobs.values())


def draw_initial(options: EvalOptions, config: Settings, report: Reporter) -> Path:
    """Make the drawing that a mirror's corrections begin with, unless it is there; return its file."""
    return _context(options, config, report).initial_path()


def compare_initials(options: EvalOptions, config: Settings, report: Reporter) -> Path:
    """Score the base model's drawing of a mirror beside the classical binarizations; return the file."""
    context = _context(replace(options, initial=BASE), config, report)
    path, hashes = context.common / INITIALS, context.hashes
    if path.exists():
        there = read_initials(path)
        if {"base": there.base, "data": there.data} == hashes:
            return path
    valid_mask, scores = context.view.mask, {}
    for method in (BASE, *(CLASSICAL if context.flat_channel else ())):
        drawing = context.initial() if method == BASE else context.classical_drawing(method)
        scores[method] = scorecard(drawing > LINE, context.view.truth & valid_mask, valid_mask, context.truths)
    write_json(path, {**hashes, "scores": scores})
    return path


def calibrate(options: EvalOptions, config: Settings, report: Reporter) -> Path:
    """Fit the calibration of the base model's probabilities, unless it is there; return its file."""
    context = _context(options, config, report)
    return calibrated(context.models.base, context.prepared, report)


def correct_manually(options: EvalOptions, config: Settings, report: Reporter) -> Path:
    """Have the simulated user correct a mirror without a model; return the run's table."""
    context = _context(options, config, report)
    return context.manual_run().run(lambda: context.correction_loop(ManualRefiner(context.view.scale)))


def correct(options: EvalOptions, config: Settings, report: Reporter) -> Path:
    """Have the simulated user correct a mirror with the interactive model; return the run's table.

    Raises
    ------
    DataError, ModelError, RunError
        If what is asked for does not exist, does not fit, or its place is taken by another run.
    """
    context = _context(options, config, report)
    view, base, interactive = context.view, context.base, context.interactive
    require_scale(view, interactive)
    if view.name in (*base.trained_on, *interactive.trained_on):
        report(f"{view.name}: a model was trained on this view, so its scores are no test")
    return context.refined_run().run(lambda: context.correction_loop(context.network_refiner()), context.manual())


def _context(options: EvalOptions, config: Settings, report: Reporter) -> RunContext:
    return RunContext(options, config, report, MODELS.pair(options, config.project))
