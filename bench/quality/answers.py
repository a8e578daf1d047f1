"""What one answer takes, from a stroke to a drawing: with the network's input, the network and the merge."""

from __future__ import annotations

from time import perf_counter

import numpy as np

from data.progress import Update
from data.regions import cells
from interaction.prompts.strokes import Stroke
from runs.errors import RunError
from runs.evaluation.context import RunContext
from runs.evaluation.kept_models import KeptModels
from runs.jobs import Reporter
from runs.options import EvalOptions
from simulation.strokes import Brush, trace_false_negative
from user_config import Settings

WARM_UP, TIMED = 3, 30  # answers


def answer_ms(options: EvalOptions, config: Settings) -> float:
    """Time answers to single strokes in this process, with as many threads as it has; return the median milliseconds.

    There is a stroke on the line of every patch, whether it is missing or not: no time depends on that.

    Parameters
    ----------
    options : of a run
    config : where things lie

    Raises
    ------
    DataError, ModelError, RunError
        If mirror or model does not exist or does not fit, or the mirror's truth is empty.
    """
    setting = RunContext(options, config, Reporter(_unheard), KeptModels().pair(options, config.project))
    session = setting.correction_loop(setting.network_refiner()).session
    strokes = _strokes(setting)
    seconds = []
    for number in range(WARM_UP + TIMED):
        started = perf_counter()
        session.propose([strokes[number % len(strokes)]])
        seconds.append(perf_counter() - started)
    return 1e3 * float(np.median(seconds[WARM_UP:]))


def _strokes(setting: RunContext) -> list[Stroke]:
    view = setting.view
    brush, rng = Brush(setting.prepared.lines, view.scale), np.random.default_rng(0)
    strokes = []
    for cell in cells(view.model_shape, setting.base.task.patch):
        truth = view.truth[cell.slices]
        stroke = trace_false_negative(np.zeros_like(truth), truth, rng, brush)
        if stroke is not None:
            strokes.append(stroke.moved(cell.top / view.scale, cell.left / view.scale))
    if not strokes:
        raise RunError(f"{view.name}: nothing is drawn there, so no answer can be timed")
    return strokes


def _unheard(heard: Update) -> None:
    """Let nobody hear what a job would say."""
