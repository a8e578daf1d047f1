"""Checkpoints by name, and networks from them. Nothing that is loaded runs code: tensors and plain values only."""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from models.errors import ModelError
from models.modules import MODULES
from models.networks import LineNetwork, Task

LAST = "last.ckpt"


@dataclass(frozen=True)
class TrainedModel:
    """A network with its weights, and what it was trained for."""

    network: LineNetwork
    task: Task
    path: Path
    trained_on: tuple[str, ...]  # views
    validated_on: tuple[str, ...]


def find_checkpoint(name: str, project: Path, *, last: bool = False) -> Path:
    """Return the file that a name stands for: a path, or the run id of a training below ``project``.

    Parameters
    ----------
    name : ``some/where.ckpt``, or ``RUN_ID`` of ``project/RUN_ID/checkpoints``
    project : where runs lie
    last : the last state of a run instead of its best

    Raises
    ------
    ModelError
        If there is no such file or run; the message lists the runs that are there.
    """
    if Path(name).is_file():
        return Path(name)
    folder = project / name / "checkpoints"
    found = [path for path in folder.glob(LAST if last else "epoch=*.ckpt") if path.is_file()]
    if found:
        return max(found, key=lambda path: path.stat().st_mtime)  # an older one was the best only until then
    runs = sorted(path.parent.name for path in project.glob("*/checkpoints"))
    raise ModelError(
        f"no checkpoint {name!r}: neither a file nor a run in {project}/; runs: {', '.join(runs) or 'none'}"
    )


def read_checkpoint(path: Path) -> dict[str, Any]:
    """Read a checkpoint without unpickling code.

    Raises
    ------
    ModelError
        If the file is damaged, holds anything but tensors and plain values, or is no checkpoint of this project.
    """
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise ModelError(f"{path}: holds more than tensors and plain values, so it is not loaded") from error
    except (OSError, RuntimeError, EOFError, ValueError, KeyError) as error:
        raise ModelError(
            f"{path}: damaged or no checkpoint at all ({type(error).__name__}); train or copy it again"
        ) from error
    if not isinstance(content, dict) or "network" not in content.get("hyper_parameters", {}):
        raise ModelError(f"{path}: not a checkpoint of this project; they are written by `python -m train`")
    return content


def load_model(path: Path, kind: str) -> TrainedModel:
    """Load a trained network, ready to predict.

    Parameters
    ----------
    path : of a checkpoint
    kind : ``base`` or ``interactive``, whichever is needed

    Raises
    ------
    ModelError
        If it cannot be read, is of the other kind, or its weights do not fit the network it names.
    """
    content = read_checkpoint(path)
    hyper_parameters = content["hyper_parameters"]
    if hyper_parameters["kind"] != kind:
        raise ModelError(f"{path}: this is the {hyper_parameters['kind']} model; the {kind} one is needed here")
    task = hyper_parameters["task"]
    module = MODULES[kind](hyper_parameters["network"], task, hyper_parameters["lr"])
    try:
        module.load_state_dict(content["state_dict"])
    except RuntimeError as error:
        raise ModelError(f"{path}: its weights don't fit the {module.network.config.encoder} it names") from error
    module.network.eval()
    views = (tuple(hyper_parameters.get("views", {}).get(part, ())) for part in ("train", "validation"))
    return TrainedModel(module.network, Task.from_dict(task), path, *views)
