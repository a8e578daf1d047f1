"""What a model sees of a view: the channels that it learned, or those that stand for them on another kind of data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.channels import DEPTH, RELIEF
from data.storage import PreparedView
from models.errors import ModelError

if TYPE_CHECKING:  # so that the page can ask without waiting for PyTorch
    from models.checkpoints import TrainedModel
    from models.task import Task

STANDS_FOR = {"lines": {DEPTH.name: RELIEF.name}, "mirrors": {RELIEF.name: DEPTH.name}}
"""By kind of data, the channel that takes the place of one that this kind has not, but another one."""


def channels_on(task: Task, dataset: str) -> tuple[str, ...]:
    """Return the channels that a model is shown of a kind of data: its own, or on another kind what stands for them."""
    if task.dataset == dataset:
        return task.channels
    stands_for = STANDS_FOR.get(dataset, {})
    return tuple(stands_for.get(name, name) for name in task.channels)


def channels_for(task: Task, view: PreparedView) -> tuple[str, ...]:
    """Return the channels of a view that a model is shown: on photographs ``relief`` takes the place of ``depth``.

    Parameters
    ----------
    task : of the model
    view : that is read

    Raises
    ------
    ModelError
        If the view is not prepared with them.
    """
    channels = channels_on(task, view.dataset)
    missing = [name for name in channels if name not in view.channels]
    if not missing:
        return channels
    if missing == [RELIEF.name]:
        advice = f"run `python -m data.setup --dataset {view.dataset}` again, which prepares it"
    else:
        advice = f"run `python -m data.setup --dataset {view.dataset}` with that channel, or choose another model"
    raise ModelError(f"the model sees {', '.join(missing)}, which {view.name} is not prepared with; {advice}")


def require_scale(view: PreparedView, model: TrainedModel) -> None:
    """Raise ModelError unless a view is shown at the scale that a model learned, or its lines as wide as it learned."""
    problem = scale_problem(view, model.task)
    if problem:
        raise ModelError(f"{model.path}: {problem}")


def scale_problem(view: PreparedView, task: Task) -> str | None:
    """Return why a model cannot be used at the scale of a view; None if it can."""
    if task.dataset == view.dataset and task.scale == view.scale:
        return None
    learned, shown = task.shown_line_width, view.line_width
    trained = f"trained on {task.dataset} at scale {task.scale}"
    if learned is None or shown is None:
        if task.scale == view.scale:
            return None
        return (
            f"{trained}, but {view.name} is prepared at {view.scale}; use a model trained on such data, or run "
            f"`python -m data.setup --dataset {view.dataset}` again"
            + (", with --line_width 6.19 if images are to stay as they are" if task.scale == 1 else "")
        )
    if task.widths_agree(shown):
        return None
    return (
        f"{trained}, with lines {learned:.1f} model pixels wide, but those of {view.name} are shown {shown:.1f} wide; "
        f"use a model trained on such data, or prepare it with --line_width"
    )
