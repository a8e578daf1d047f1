"""The models that a training builds on: the base model that it corrects, and another whose weights it begins with."""

from __future__ import annotations

from pathlib import Path

from models.checkpoints import TrainedModel, find_checkpoint, load_model
from models.errors import ModelError
from models.networks import Task, widens
from runs.errors import RunError


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
        If it cannot be found or loaded, or is shown something else than the task says.
    """
    if not name:
        raise RunError("the interactive model corrects a base model: name it with --base_model RUN_ID")
    base = load_model(find_checkpoint(name, project), "base")
    if not base.task.sees_as(task):
        raise ModelError(f"{base.path}: trained for {base.task}, which is not {task}; give the same options to both")
    return base


def load_start(name: str, project: Path, task: Task, prompts: str) -> TrainedModel:
    """Load the interactive model with whose weights another one begins; patches and windows may differ.

    Parameters
    ----------
    name : as ``models.checkpoints.find_checkpoint`` takes it
    project : where runs lie
    task, prompts : of the model that begins

    Raises
    ------
    ModelError
        If it cannot be found or loaded, or sees what the other does not.
    """
    start = load_model(find_checkpoint(name, project), "interactive")
    for field in ("dataset", "channels", "scale"):
        if getattr(start.task, field) != getattr(task, field):
            raise ModelError(
                f"{start.path}: trained for {field} {getattr(start.task, field)}, not {getattr(task, field)}; "
                "give the same options to both"
            )
    seen = start.network.config.prompts
    if not widens(prompts, seen):
        raise ModelError(f"{start.path}: sees {seen} prompts, which --prompts {prompts} does not begin with")
    return start
