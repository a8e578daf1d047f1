"""The two models of an evaluation: an interactive one, and the base model whose drawing it corrects."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from models.checkpoints import TrainedModel, find_checkpoint, load_model
from models.errors import ModelError


@dataclass(frozen=True)
class Pair:
    """Two models of one task."""

    base: TrainedModel
    interactive: TrainedModel


def load_pair(base_model: str, ckpt: str, project: Path) -> Pair:
    """Load two models.

    Parameters
    ----------
    base_model, ckpt : run ids or checkpoints of the base and of the interactive model
    project : where runs lie

    Raises
    ------
    ModelError
        If one of them cannot be found or loaded, or they were trained for different tasks.
    """
    base = load_model(find_checkpoint(base_model, project), "base")
    interactive = load_model(find_checkpoint(ckpt, project), "interactive")
    if interactive.task != base.task:
        raise ModelError(
            f"{interactive.path} and {base.path} were trained for different tasks: {interactive.task}, {base.task}; "
            "give the base model that the interactive one was trained with"
        )
    return Pair(base, interactive)
