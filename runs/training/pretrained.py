"""The models that a training builds on: the base model to correct, and the model whose weights it starts from."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

from data.kinds import kind_named
from data.line_statistics import LineStatistics
from models.checkpoints import TrainedModel, find_checkpoint, load_model
from models.errors import ModelError
from models.networks import widens
from models.task import Task
from runs.errors import RunError
from runs.predicting.channels import channels_on
from runs.training.options import TrainOptions


def load_base(name: str, project: Path, task: Task) -> TrainedModel:
    """Load the base model that an interactive one will correct.

    Parameters
    ----------
    name : as ``models.checkpoints.find_checkpoint`` takes it
    project : where runs lie
    task : of the interactive model

    Raises
    ------
    RunError
        If no name is given.
    ModelError
        If it cannot be found or loaded, or its input is not the one that the task says.
    """
    if not name:
        raise RunError("the interactive model corrects a base model: name it with --base_model RUN_ID")
    base = load_model(find_checkpoint(name, project), "base")
    if not base.task.sees_as(task):
        raise ModelError(f"{base.path}: trained for {base.task}, which is not {task}; give the same options to both")
    return base


def load_start(options: TrainOptions, project: Path, task: Task) -> TrainedModel | None:
    """Load the model with whose weights a training begins, base or interactive as its own; patch and window may differ.

    It may have been trained on another kind of data, with other channels of as many planes. On the same kind its
    channels and its scale have to be those of the training; of photographs it is enough if lines are about as wide.

    Parameters
    ----------
    options : of the training
    project : where runs lie
    task : of the model that begins

    Returns
    -------
    TrainedModel or None
        None if the options name none.

    Raises
    ------
    ModelError
        If it cannot be found or loaded, or its input is another.
    """
    if not options.start_from:
        return None
    start = _loaded_start(options, project)
    if start.task.dataset == task.dataset:
        same_width = bool(task.line_width) and start.task.widths_agree(task.line_width)
        for field in ("channels", *(() if same_width else ("scale",))):
            if getattr(start.task, field) != getattr(task, field):
                raise ModelError(
                    f"{start.path}: trained for {field} {getattr(start.task, field)}, not {getattr(task, field)}; "
                    "give the same options to both"
                )
    seen = start.network.config.prompts
    if options.is_interactive and not widens(options.prompts, seen):
        raise ModelError(
            f"{start.path}: sees {seen} prompts, whose planes --prompts {options.prompts} does not begin with"
        )
    return start


def with_network_of_start(options: TrainOptions, given: Collection[str], project: Path) -> TrainOptions:
    """Return options with architecture and encoder of the weights that a training begins with, unless they are given.

    Likewise the channels, where photographs have one that stands for what these weights, or the base model that is
    corrected, have learned to see. A training on logs takes the channels of these weights on any kind of data.

    Raises
    ------
    ModelError
        If those weights cannot be found or loaded.
    """
    if not options.start_from:
        return options
    start = _loaded_start(options, project)
    network = start.network.config
    own: dict[str, Any] = {"arch": network.arch, "enc_str": network.encoder}
    if isinstance(options.strokes, str):  # what a person put right was drawn by these weights on these channels
        own["channels"] = ",".join(channels_on(start.task, options.dataset))
    elif start.task.dataset != options.dataset:
        corrects = options.is_interactive and options.base_model
        shown = load_model(find_checkpoint(options.base_model, project), "base") if corrects else start
        seen = channels_on(shown.task, options.dataset)
        own |= {"channels": ",".join(seen)} if {*seen} <= _channels_of(options.dataset) else {}
    return replace(options, **{name: value for name, value in own.items() if name not in given})


def start_described(start: TrainedModel, name: str, task: Task, lines: LineStatistics) -> str:
    """Return one line: which weights a training begins with, and where their input differs from its own.

    Parameters
    ----------
    start : the model that has these weights
    name : what the user calls it
    task : of the model that begins
    lines : of the set that it learns on
    """
    network, theirs, ours = start.network.config, _input(start.task), _input(task)
    text = f"Starts from the weights of {name} ({network.encoder}, {network.arch}), trained on {theirs}"
    if theirs == ours:
        return text
    text += f"; the input here is {ours}"
    if start.task.scale != task.scale:
        text += f", at {task.scale:g} instead of {start.task.scale:g} model pixels a pixel"
    text += f"; the mean radius of its lines is {lines.mean * task.scale:.1f} model pixels"
    learned = kind_named(start.task.dataset).published_lines
    return f"{text}, not {learned.mean * start.task.scale:.1f}" if learned else text


def _channels_of(dataset: str) -> set[str]:
    return {channel.name for channel in kind_named(dataset).channels}


def _loaded_start(options: TrainOptions, project: Path) -> TrainedModel:
    kind = "interactive" if options.is_interactive else "base"
    return load_model(find_checkpoint(options.start_from, project), kind)


def _input(task: Task) -> str:
    return f"{task.dataset}/{','.join(task.channels)}"
