"""The time of one answer, from a stroke to the proposed change: the network's input, the network, the merge."""

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

    The strokes follow the true line of every patch, also where it is drawn already: no time depends on that.

    Parameters
    ----------
    options : of a run
    config : where things lie

    Raises
    ------
    DataError, ModelError, RunError
        If mirror or model does not exist or does not fit, or the mirror's truth is empty.
    """
    context = RunContext(options, config, Reporter(_drop), KeptModels().pair(options, config.project))
    session = context.correction_loop(context.network_refiner()).session
    strokes = _strokes(context)
    seconds = []
    for number in range(WARM_UP + TIMED):
        started = perf_counter()
        session.propose([strokes[number % len(strokes)]])
        seconds.append(perf_counter() - started)
    return 1e3 * float(np.median(seconds[WARM_UP:]))


def _strokes(context: RunContext) -> list[Stroke]:
    view = context.view
    brush, rng = Brush(context.prepared.lines, view.scale), np.random.default_rng(0)
    strokes = []
    for cell in cells(view.model_shape, context.base.task.patch):
        truth = view.truth[cell.slices]
        stroke = trace_false_negative(np.zeros_like(truth), truth, rng, brush)
        if stroke is not None:
            strokes.append(stroke.moved(cell.top / view.scale, cell.left / view.scale))
    if not strokes:
        raise RunError(f"{view.name}: nothing is drawn there, so no answer can be timed")
    return strokes


def _drop(update: Update) -> None:
    """Print no progress: the benchmark prints its own."""
