"""The two models of an evaluation: an interactive one, and the base model whose drawing it corrects."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from models.checkpoints import TrainedModel, find_checkpoint, load_model
from models.errors import ModelError


@dataclass(frozen=True)
class Pair:
    """Two models of one task."""

    base: TrainedModel
    interactive: TrainedModel


def load_pair(base_model: str, ckpt: str, project: Path) -> Pair:
    """Load two models; those loaded last are kept, as many a job asks for the same.

    Parameters
    ----------
    base_model, ckpt : run ids or checkpoints of the base and of the interactive model
    project : where runs lie

    Raises
    ------
    ModelError
        If one of them cannot be found or loaded, or they were trained for different tasks.
    """
    paths = find_checkpoint(base_model, project), find_checkpoint(ckpt, project)
    return _loaded(*paths, tuple(path.stat().st_mtime_ns for path in paths))


@lru_cache(maxsize=2)
def _loaded(base_path: Path, interactive_path: Path, modified_ns: tuple[int, ...]) -> Pair:
    base, interactive = load_model(base_path, "base"), load_model(interactive_path, "interactive")
    if not interactive.task.sees_as(base.task):
        raise ModelError(
            f"{interactive.path} and {base.path} were trained for different tasks: {interactive.task}, {base.task}; "
            "give the base model that the interactive one was trained with"
        )
    return Pair(base, interactive)
