"""Which run a training is, and with which options one goes on that was begun before."""

from __future__ import annotations

import os
import re
import secrets
from dataclasses import asdict, replace
from pathlib import Path

from data.errors import some
from models.modules import COSINE
from runs.errors import RunError
from runs.options import TrainOptions
from runs.provenance import RECORD, read_record

RESUMABLE = {"max_epochs", "max_minutes", "batch_val", "device", "gpu", "precision", "workers", "debug"}
RUN_NAME = re.compile(r"\w([\w.+= -]*\w)?")  # a folder below the project, and what Weights & Biases takes
RUN_ID = "RETRACE_RUN_ID"  # how the processes of one distributed training agree on where to write


def resumed_options(options: TrainOptions, run: str, project: Path, given: set[str]) -> TrainOptions:
    """Return a run's own options, with those given anew on the command line.

    Raises
    ------
    RunError
        If no such run has been recorded, or an option is given anew that would make it another run; of a cosine, whose
        learning rate falls to nothing at ``max_epochs``, that is one too.
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
