"""A training run, from options to a checkpoint."""

from __future__ import annotations

import sys
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import EarlyStopping, ModelCheckpoint, TQDMProgressBar
from pytorch_lightning.loggers import Logger

from data.io.files import write_text
from data.kinds import kind_named
from data.module import Split, split_views
from data.storage import PreparedSet
from interaction.merging import merge_named
from lines.centre_lines import cached_centre_line
from models.checkpoints import LAST, TrainedModel
from models.schedules import COSINE
from models.task import STROKE, Task
from runs.configuration import as_config
from runs.device import keep_freed_memory, training_devices
from runs.errors import RunError
from runs.provenance import RECORD, changes, data_hash, read_record, write_record
from runs.training.annotated_places import Annotated, drawn_objects, read_annotated
from runs.training.annotation_samples import Logged, read_logged, split_with
from runs.training.builders import beside_of, data_of, module_of, prompting_of, require_deviation, task_of
from runs.training.logs import EpochLines, PictureLog, finish_logs, make_loggers, quiet_lightning
from runs.training.options import TrainOptions
from runs.training.pretrained import load_base, load_start, start_described
from runs.training.resumed import new_run_id
from simulation.annotators import chosen_annotators
from simulation.strokes import Brush
from user_config import Settings

CONFIG = "config.yaml"  # of a run: its options, for --config
STOP_PATIENCE, CLIP_NORM = 10, 2.0  # epochs without a better validation; gradient norm; both as published


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
        If data, models or options do not exist or do not fit each other.
    """
    annotators, merge = chosen_annotators([options.annotators]), merge_named(options.merge)
    channels = kind_named(options.dataset).chosen_channels(options.channels, note=click.echo)
    options = replace(options, channels=",".join(channels))
    run_id = resume or new_run_id(options, config.project)
    folder = config.project / run_id
    quiet_lightning()
    keep_freed_memory()
    pl.seed_everything(options.seed, workers=True, verbose=False)
    prepared = PreparedSet.open(config.storage, options.dataset)
    task = task_of(options, prepared)
    base = load_base(options.base_model, config.project, task) if options.is_interactive else None
    start = load_start(options, config.project, task)
    split, logged, annotated = _views(options, prepared, task, base)
    module = module_of(options, split, task, base, start)
    beside = beside_of(options, config.storage, task)
    data = data_of(options, split, task, logged, beside, annotated)
    require_deviation(module.network, task.side, data.smallest_batch(_processes(options)), options)
    keep: dict[str, Any] = {"dirpath": folder / "checkpoints", "enable_version_counter": False}
    annealed = options.schedule == COSINE  # its last state, at a learning rate of 0, is the result
    best = ModelCheckpoint(filename="{epoch}", monitor=None if annealed else module.monitor, mode="max", **keep)
    last = ModelCheckpoint(filename="last", **keep)
    callbacks: list[pl.Callback] = [EpochLines()]
    if not annealed:
        callbacks.append(EarlyStopping(module.monitor, mode="max", patience=STOP_PATIENCE))
    if base:
        brush = Brush(prepared.lines, task.scale, centre_line=cached_centre_line())
        prompting = prompting_of(options, annotators, merge, base, task, brush)
        callbacks.insert(0, prompting)  # before those that look at what it puts into the batch
    if not options.debug:
        callbacks += [PictureLog(folder / "pictures"), best, last]  # the last state knows of the best one
    trainer = _trainer(options, callbacks, make_loggers(config, run_id, asdict(options)), folder)
    hashes = _hashes(split, task, base=base, start_from=start)
    if told := logged or annotated:
        hashes["strokes"] = told.sha256
    if beside:
        hashes["also"] = data_hash(beside.views, beside.channels)
    if resume and (differing := changes(read_record(folder / RECORD)["hashes"], hashes)):
        raise RunError(
            f"{folder}: what it learns from or builds on changed since ({differing}); start another training"
        )
    if trainer.is_global_zero and not resume:
        if start:
            click.echo(start_described(start, options.start_from, task, prepared.lines))
        if not options.debug:
            write_record(folder / RECORD, asdict(options), **hashes)
            write_text(folder / CONFIG, as_config("train", asdict(options)))
    state = folder / "checkpoints" / LAST
    try:  # a training that was killed before its first checkpoint begins again
        trainer.fit(module, datamodule=data, ckpt_path=state if resume and state.exists() else None, weights_only=True)
    finally:
        finish_logs()
    score = trainer.callback_metrics.get(module.monitor) if annealed else best.best_model_score
    return run_id, None if score is None or options.debug else float(score)


def _views(
    options: TrainOptions, prepared: PreparedSet, task: Task, base: TrainedModel | None
) -> tuple[Split, Logged | None, Annotated | None]:
    """Choose the views to learn on and to validate on, and read what logs tell of them, if any are named.

    A base model learns from the places of logs that a person put right; an interactive one from their strokes, and it
    is validated on other drawn views or, where there are none, on those places.
    """
    told = isinstance(options.strokes, str)
    if told and base is None:
        annotated = read_annotated(str(options.strokes), prepared)
        return annotated.split, None, annotated
    # On views that the base model was trained on, its errors are not those of use.
    validation = base.validated_on if base else ()
    if not told:
        return split_views(prepared, share=options.val_share, seed=options.seed, validation=validation), None, None
    logged = read_logged(str(options.strokes), prepared, task.side, around_stroke=task.window == STROKE)
    if len(drawn_objects(prepared)) < 2:
        annotated = read_annotated(str(options.strokes), prepared)
        return annotated.split, logged, annotated
    split = split_views(prepared, share=options.val_share, seed=options.seed, validation=validation)
    return split_with(split, logged), logged, None


def _trainer(options: TrainOptions, callbacks: list[pl.Callback], loggers: list[Logger], folder: Path) -> pl.Trainer:
    accelerator, devices = training_devices(options.device, options.gpu)
    several = _processes(options) > 1
    on_terminal = sys.stdout.isatty()
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
        callbacks=[*callbacks, TQDMProgressBar()] if on_terminal else callbacks,  # echo_above knows of no other bar
        logger=loggers,
        gradient_clip_val=CLIP_NORM,
        reload_dataloaders_every_n_epochs=1,
        num_sanity_val_steps=0,
        log_every_n_steps=1,
        fast_dev_run=2 if options.debug else False,
        default_root_dir=folder,
        enable_model_summary=False,
        enable_progress_bar=on_terminal,
    )


def _processes(options: TrainOptions) -> int:
    """Return how many processes train together."""
    devices = training_devices(options.device, options.gpu)[1]
    return devices if isinstance(devices, int) else len(devices)


def _hashes(split: Split, task: Task, **models: TrainedModel | None) -> dict[str, str]:
    hashes = {"data": data_hash([*split.train, *split.validation], task.channels)}
    return hashes | {name: model.sha256 for name, model in models.items() if model}
