"""The options and the folder of a training, whether it is new or resumed."""

from __future__ import annotations

import os
import re
import secrets
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from data.errors import some
from models.schedules import COSINE
from runs.errors import RunError
from runs.provenance import RECORD, read_record
from runs.training.options import TrainOptions, refuse_interactive, require_random_crops

RESUMABLE = {"max_epochs", "max_minutes", "batch_val", "device", "gpu", "precision", "workers", "debug"}
RUN_NAME = re.compile(r"\w([\w.+= -]*\w)?")  # a folder below the project, and what Weights & Biases takes
RUN_ID = "RETRACE_RUN_ID"  # how the processes of one distributed training agree on where to write


def chosen_options(options: TrainOptions, ckpt: str | None, project: Path, given: set[str]) -> TrainOptions:
    """Return the options that a training runs with.

    Parameters
    ----------
    options : as given, or the defaults
    ckpt : run id of a training to go on with; None: one begins
    project : where runs lie
    given : names of the options that were given

    Raises
    ------
    ModelError, RunError
        If options were given that are not for such a training, or the run or the weights that they name are not there.
    """
    if ckpt is not None:
        return resumed_options(options, ckpt, project, given)
    if not options.is_interactive:
        refuse_interactive(given - ({"strokes"} if isinstance(options.strokes, str) else set()))
    require_random_crops(options, given)
    if not options.start_from:
        return options
    from runs.training.pretrained import with_network_of_start

    return with_network_of_start(options, given, project)


def resumed_options(options: TrainOptions, run: str, project: Path, given: set[str]) -> TrainOptions:
    """Return a run's own options, with those given anew on the command line.

    Raises
    ------
    RunError
        If no such run has been recorded, or an option is given anew that would make it another run; with a
        cosine, whose learning rate falls to 0 at ``max_epochs``, that is one of them.
    """
    record = read_record(project / run / RECORD)
    if not record:
        raise RunError(
            f"{project / run}: no training recorded there; --ckpt takes the run id of one to go on with; "
            "weights alone are for --base_model and --start_from"
        )
    fixed = sorted(given - RESUMABLE)
    if fixed:
        raise RunError(f"--{fixed[0]}: a training goes on with its own; only {', '.join(sorted(RESUMABLE))} may change")
    config = record["config"]
    epochs = config.get("max_epochs")
    if config.get("schedule") == COSINE and "max_epochs" in given and options.max_epochs != epochs:
        raise RunError(
            f"--max_epochs: a cosine ends at the {epochs} that it began with; to learn more, start another training"
        )
    if unknown := config.keys() - asdict(options).keys():
        names = some(sorted(unknown))
        raise RunError(f"{project / run / RECORD}: of another version, it has {names}; start another training")
    return replace(options, **{name: value for name, value in config.items() if name not in given})


def finished(run: str, options: TrainOptions, project: Path) -> tuple[str, float | None] | None:
    """Return why nothing is left of a training to go on with, and its best score; None if something is.

    Parameters
    ----------
    run : its run id
    options : that it goes on with
    project : where runs lie
    """
    from models.checkpoints import LAST, read_checkpoint

    state = project / run / "checkpoints" / LAST
    if options.debug or not state.is_file():
        return None
    content = read_checkpoint(state)
    epochs, callbacks = content["epoch"] + 1, content.get("callbacks", {})
    minutes = callbacks.get("Timer", {}).get("time_elapsed", {}).get("train", 0.0) / 60
    if epochs >= options.max_epochs:
        more = "to learn more, start another training" if options.schedule == COSINE else "to go on, give a larger one"
        why = f"{run} has learned for {epochs} epochs, which --max_epochs {options.max_epochs} ends; {more}"
    elif options.max_minutes is not None and minutes >= options.max_minutes:
        why = f"{run} has learned for {minutes:.1f} minutes, which --max_minutes {options.max_minutes:g} ends; "
        why += "to go on, give a larger one"
    elif patience := next((one["patience"] for one in callbacks.values() if _has_waited(one)), None):
        why = f"{run} has learned for {epochs} epochs, the last {patience} without a better validation, which ends it; "
        why += "to learn more, start another training"
    else:
        return None
    scores = [one.get("best_model_score") for one in callbacks.values() if one.get("monitor")]
    return why, next((float(score) for score in scores if score is not None), None)


def _has_waited(callback: dict[str, Any]) -> bool:
    """Whether the state of a callback is that of an early stopping that has stopped its training."""
    return bool("patience" in callback and callback["wait_count"] >= callback["patience"])


def new_run_id(options: TrainOptions, project: Path) -> str:
    """Choose where to write: the run's name, or eight letters; further processes of one training find the first's.

    Raises
    ------
    RunError
        If the name cannot be a folder's, or there is a run of that name.
    """
    if "LOCAL_RANK" in os.environ and RUN_ID in os.environ:
        return os.environ[RUN_ID]
    if options.name and not RUN_NAME.fullmatch(options.name):
        raise RunError(
            f"--name {options.name!r}: cannot name a folder in {project}/; "
            "use letters and digits, with . _ - + = or blanks between"
        )
    run_id = options.name or secrets.token_hex(4)
    if (project / run_id / RECORD).exists():
        raise RunError(
            f"{project / run_id}: a run of that name is there; choose another --name, or --ckpt {run_id} to go on"
        )
    os.environ[RUN_ID] = run_id
    return run_id
