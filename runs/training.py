"""A training run, from options to a checkpoint."""

from __future__ import annotations

import os
import re
import secrets
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import EarlyStopping, ModelCheckpoint
from pytorch_lightning.loggers import Logger

from data.errors import some
from data.module import MIN_BATCHES, LineData, Split, input_statistics, split_views
from data.storage import PreparedSet
from models.checkpoints import LAST, TrainedModel
from models.errors import ModelError
from models.modules import COSINE, MODULES, LineModule
from models.networks import CELL, STROKE, InteractiveNetwork, NetworkConfig, Task
from runs.device import keep_freed_memory, training_devices
from runs.errors import RunError
from runs.logged import Logged, LoggedStrokes, read_logged, split_with
from runs.logs import EpochLines, PictureLog, finish_logs, make_loggers, quiet_lightning
from runs.parents import load_base, load_start
from runs.record import RECORD, data_hash, read_record, write_record
from simulation.annotators import annotator_named, chosen_annotators
from simulation.merging import merge_named
from simulation.refinement import Merge
from simulation.rounds import SimulatedPerson
from simulation.strokes import Brush
from user_config import Settings

STOP_PATIENCE, CLIP_NORM = 10, 2.0  # epochs without a better validation; gradient norm; both as published
RESUMABLE = {"max_epochs", "max_minutes", "batch_val", "device", "gpu", "precision", "workers", "debug"}
RUN_NAME = re.compile(r"\w([\w.+= -]*\w)?")  # a folder below the project, and what Weights & Biases takes
RUN_ID = "RETRACE_RUN_ID"  # how the processes of one distributed training agree on where to write


@dataclass(frozen=True)
class TrainOptions:
    """The options of ``python -m train``; see its help."""

    dataset: str
    channels: str
    is_interactive: bool
    base_model: str
    start_from_base: bool
    start_from: str
    arch: str
    enc_str: str
    prompts: str
    patch_size: int
    batch_train: int
    batch_val: int
    lr: float
    schedule: str
    loss: str
    augment: bool
    strokes: int | str  # how many, or logs of real ones
    annotators: str
    window: str
    window_size: int
    merge: str
    crops: int | None
    val_share: float
    max_epochs: int
    max_minutes: float | None
    seed: int
    name: str
    device: str
    gpu: str
    precision: str
    workers: int
    debug: bool


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


def train(options: TrainOptions, config: Settings, resume: str | None = None) -> tuple[str, float | None]:
    """Train a model.

    Parameters
    ----------
    options : what and how
    config : where things lie
    resume : run id of a training to go on with

    Returns
    -------
    run_id, score
        The run's name for other commands, and its validation score, the best one or, with a cosine, the last: pFM of
        the base model, gain of pFM over manual of the interactive one; None if nothing was kept.

    Raises
    ------
    DataError, ModelError, RunError
        If what is asked for does not exist or does not fit.
    """
    if options.start_from and not options.is_interactive:
        raise RunError("--start_from is for the interactive model; leave it out, or add --is_interactive True")
    if isinstance(options.strokes, str) and not options.is_interactive:
        raise RunError("--strokes LOG is for the interactive model; leave it out, or add --is_interactive True")
    people, merge = chosen_annotators([options.annotators]), merge_named(options.merge)
    run_id = resume or _new_run_id(options, config.project)
    folder = config.project / run_id
    quiet_lightning()
    keep_freed_memory()
    pl.seed_everything(options.seed, workers=True, verbose=False)
    prepared = PreparedSet.open(config.storage, options.dataset)
    task = _task(options, prepared)
    base = load_base(options.base_model, config.project, task) if options.is_interactive else None
    start = load_start(options.start_from, config.project, task, options.prompts) if options.start_from else None
    validation = base.validated_on if base else ()  # what the base model has learnt tells nothing of its errors
    split = split_views(prepared, share=options.val_share, seed=options.seed, validation=validation)
    logged = None
    if isinstance(options.strokes, str):
        logged = read_logged(options.strokes, prepared, _side(task), around_stroke=task.window == STROKE)
        split = split_with(split, logged)
    module = _module(options, split, task, base, start)
    data = _data(options, split, task, logged)
    keep: dict[str, Any] = {"dirpath": folder / "checkpoints", "enable_version_counter": False}
    annealed = options.schedule == COSINE  # its last state is what it has been heading for
    best = ModelCheckpoint(filename="{epoch}", monitor=None if annealed else module.monitor, mode="max", **keep)
    last = ModelCheckpoint(filename="last", **keep)
    callbacks: list[pl.Callback] = [EpochLines()]
    if not annealed:
        callbacks.append(EarlyStopping(module.monitor, mode="max", patience=STOP_PATIENCE))
    if base:
        person = _person(options, people, merge, base, task, Brush(prepared.lines, task.scale))
        callbacks.insert(0, person)  # before those that look at what it puts into the batch
    if not options.debug:
        callbacks += [PictureLog(folder / "pictures"), best, last]  # the last state knows of the best one
    trainer = _trainer(options, callbacks, make_loggers(config, run_id, asdict(options)), folder)
    hashes = _hashes(split, task, base=base, start_from=start) | ({"strokes": logged.sha256} if logged else {})
    if resume and read_record(folder / RECORD)["hashes"] != hashes:
        raise RunError(f"{folder}: its views or a model that it builds on changed since; start another training")
    if trainer.is_global_zero and not resume and not options.debug:
        write_record(folder / RECORD, asdict(options), **hashes)
    state = folder / "checkpoints" / LAST
    try:  # a training that was killed before its first checkpoint begins again
        trainer.fit(module, datamodule=data, ckpt_path=state if resume and state.exists() else None, weights_only=True)
    finally:
        finish_logs()
    score = trainer.callback_metrics.get(module.monitor) if annealed else best.best_model_score
    return run_id, None if score is None or options.debug else float(score)


def _trainer(options: TrainOptions, callbacks: list[pl.Callback], loggers: list[Logger], folder: Path) -> pl.Trainer:
    accelerator, devices = training_devices(options.device, options.gpu)
    several = (devices if isinstance(devices, int) else len(devices)) > 1
    precision: Any = options.precision
    if precision == "auto":
        mixed = (
            "bf16-mixed"
            if torch.cuda.is_available() and torch.cuda.is_bf16_supported(including_emulation=False)
            else "16-mixed"
        )
        precision = mixed if accelerator == "gpu" else "32-true"
    return pl.Trainer(
        accelerator=accelerator,
        devices=devices,
        strategy="ddp" if several else "auto",
        precision=precision,
        max_epochs=options.max_epochs,
        max_time=timedelta(minutes=options.max_minutes) if options.max_minutes else None,
        callbacks=callbacks,
        logger=loggers,
        gradient_clip_val=CLIP_NORM,
        reload_dataloaders_every_n_epochs=1,
        num_sanity_val_steps=0,
        log_every_n_steps=1,
        fast_dev_run=2 if options.debug else False,
        default_root_dir=folder,
        enable_model_summary=False,
        enable_progress_bar=sys.stdout.isatty(),
    )


def _person(
    options: TrainOptions, people: Sequence[str], merge: Merge, base: TrainedModel, task: Task, brush: Brush
) -> SimulatedPerson:
    annotators = [annotator_named(name, brush) for name in people]
    return SimulatedPerson(
        base.network,
        brush,
        annotators=annotators,
        rounds=options.strokes if isinstance(options.strokes, int) else 1,
        merge=merge,
        window=_side(task) if options.window == STROKE else None,
        seed=options.seed,
    )


def _side(task: Task) -> int:
    """Return the side of what the network is shown in training, in model pixels."""
    return min(task.side, task.patch)


def _data(options: TrainOptions, split: Split, task: Task, logged: Logged | None) -> LineData:
    drawn: Any = {"seed": options.seed, "count": options.crops, "least": MIN_BATCHES * options.batch_train}
    return LineData(
        split,
        channels=task.channels,
        patch=task.patch,
        batch_train=options.batch_train,
        batch_val=options.batch_val,
        augment=options.augment,
        crops=options.crops,
        seed=options.seed,
        workers=options.workers,
        samples=LoggedStrokes(logged.corrections, task.channels, _side(task), **drawn) if logged else None,
    )


def _hashes(split: Split, task: Task, **models: TrainedModel | None) -> dict[str, str]:
    hashes = {"data": data_hash([*split.train, *split.validation], task.channels)}
    return hashes | {name: model.sha256 for name, model in models.items() if model}


def _module(
    options: TrainOptions, split: Split, task: Task, base: TrainedModel | None, start: TrainedModel | None
) -> LineModule:
    mean, deviation = input_statistics(split.train, task.channels)
    if known := start or base:  # weights expect what they have learned on
        mean, deviation = list(known.network.config.mean), list(known.network.config.deviation)
    network = NetworkConfig(options.arch, options.enc_str, tuple(mean), tuple(deviation), options.prompts)
    try:
        views = {
            "train": [view.name for view in split.train],
            "validation": [view.name for view in split.validation],
        }
        kind = MODULES["interactive" if base else "base"]
        module = kind(
            network.as_dict(), task.as_dict(), options.lr, views, schedule=options.schedule, loss=options.loss
        )
        first = start or (base if options.start_from_base else None)
        if first and isinstance(module.network, InteractiveNetwork):
            module.network.start_from(first.network)
    except (ValueError, RuntimeError) as error:  # RuntimeError: an encoder that timm does not know
        raise ModelError(str(error)) from error
    return module


def _task(options: TrainOptions, prepared: PreparedSet) -> Task:
    sizes = {"--patch_size": options.patch_size, "--window_size": options.window_size or options.patch_size}
    patch, window = (round(size * prepared.model_scale) for size in sizes.values())
    for name, side in zip(sizes, (patch, window), strict=True):
        if side < 32 or side % 32:
            raise RunError(f"{name} {sizes[name]} is {side} pixels for the network; it needs a multiple of 32")
    if window != patch and options.window == CELL:
        raise RunError("--window_size is for --window stroke; a cell is a patch")
    channels = tuple(options.channels.replace(" ", "").split(","))
    size = 0 if window == patch else window
    return Task(options.dataset, channels, prepared.model_scale, patch, options.window, options.merge, size)


def _new_run_id(options: TrainOptions, project: Path) -> str:
    """Choose where to write: the run's name, or eight letters; further processes of one training find the first's."""
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
