"""Find checkpoints by name and load networks from them. Loading runs no code: files hold tensors and plain values."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import torch

from data.errors import some
from data.io.files import file_hash
from data.paths import composed, entry
from models.errors import ModelError
from models.networks import NETWORKS, LineNetwork, NetworkConfig
from models.task import Task
from models.unpickling import HoldsCodeError, read_plain
from models.weights import SUFFIX, read_weights, shipped, shipped_names

LAST = "last.ckpt"
NETWORK = "network."  # what the names of a network's weights begin with in a checkpoint of its training
CONVERT = "weights as the method's authors release them become one by `python -m models.convert`"


@dataclass(frozen=True)
class TrainedModel:
    """A network with its weights and its task."""

    network: LineNetwork
    task: Task
    path: Path
    trained_on: tuple[str, ...]  # views
    validated_on: tuple[str, ...]
    version: str = ""  # SHA-256 of the version that its weights are of, see ``models.versions``; "": the file's own

    @cached_property
    def sha256(self) -> str:
        """The hash of its file, in hexadecimal; of weights learned since, that of their version."""
        return self.version or file_hash(self.path)


def find_checkpoint(name: str, project: Path, *, last: bool = False) -> Path:
    """Return the file that a name stands for: a path, a training's run id, or weights that came with the program.

    Parameters
    ----------
    name : ``some/where.ckpt``, or ``RUN_ID`` of ``project/RUN_ID/checkpoints``, or ``NAME`` of
        ``weights/NAME.safetensors`` beside the code; the first of these that is there
    project : where runs lie
    last : the last state of a run instead of its best

    Raises
    ------
    ModelError
        If there is nothing of that name; the message lists the runs and the weights that are there.
    """
    if Path(name).is_file():
        return Path(name)
    folder = entry(project, name) / "checkpoints"
    found = [path for path in folder.glob(LAST if last else "epoch=*.ckpt") if path.is_file()]
    if found:
        return max(found, key=lambda path: path.stat().st_mtime)  # an older one was the best only until then
    weights = shipped_names()
    if name in weights and not last:
        return shipped(name)
    runs = sorted({path.parent.parent.name for path in project.glob("*/checkpoints/*.ckpt")})
    there = f"give a file, or one of the runs there: {some(runs)}" if runs else "train one by `python -m train`"
    nor = f" nor weights that came with the program ({some(weights)})" if weights else ""
    raise ModelError(f"no checkpoint {name!r}: neither a file nor a run in {project}/{nor}; {there}")


def read_checkpoint(path: Path) -> dict[str, Any]:
    """Read a checkpoint without unpickling code, or weights from a safetensors file, which can hold none.

    Raises
    ------
    ModelError
        If the file is missing, damaged, holds anything but tensors and plain values, or is no checkpoint of this
        project.
    """
    try:
        content = read_weights(path) if path.suffix == SUFFIX else read_plain(path)
    except HoldsCodeError as error:
        raise ModelError(f"{error}; {CONVERT}") from error
    if not _is_ours(content):
        raise ModelError(f"{path}: not a checkpoint of this project; they are written by `python -m train`; {CONVERT}")
    return dict(content)


def _is_ours(content: Any) -> bool:
    if not isinstance(content, dict) or not isinstance(content.get("state_dict"), dict):
        return False
    fields = content.get("hyper_parameters")
    if not isinstance(fields, dict) or not {"kind", "lr"} <= fields.keys():
        return False
    plain = (fields.get("network"), fields.get("task"), fields.get("views", {}))
    return all(isinstance(part, dict) for part in plain)


def load_model(path: Path, kind: str) -> TrainedModel:
    """Load a trained network, ready to predict.

    Parameters
    ----------
    path : of a checkpoint, or of weights
    kind : ``base`` or ``interactive``, whichever is needed

    Raises
    ------
    ModelError
        If it cannot be read, is of the other kind, or its weights do not fit the network it names or are not finite.
    """
    content = read_checkpoint(path)
    hyper_parameters = content["hyper_parameters"]
    if hyper_parameters["kind"] != kind:
        raise ModelError(
            f"{path}: this is the {hyper_parameters['kind']} model; the {kind} one is needed here, "
            f"which `python -m train` makes with --is_interactive {kind == 'interactive'}"
        )
    network, task = _built(path, hyper_parameters)
    try:
        network.load_state_dict({name.removeprefix(NETWORK): plane for name, plane in content["state_dict"].items()})
    except RuntimeError as error:
        raise ModelError(
            f"{path}: its weights don't fit the network it names, a {network.config.encoder}; "
            "the file was changed or damaged: copy it again, or train again"
        ) from error
    if not all(torch.isfinite(values).all() for values in (*network.parameters(), *network.buffers())):
        raise ModelError(f"{path}: weights are not finite; train again, with a lower --lr")
    network.eval()
    views = hyper_parameters.get("views", {})
    learned, validated = (tuple(map(composed, views.get(part, ()))) for part in ("train", "validation"))
    return TrainedModel(network, task, path, learned, validated)


def _built(path: Path, hyper_parameters: dict[str, Any]) -> tuple[LineNetwork, Task]:
    """Build the network that a checkpoint describes, without the training libraries, whose import takes seconds."""
    try:
        config = NetworkConfig.from_dict(hyper_parameters["network"])
        return NETWORKS[hyper_parameters["kind"]](config), Task.from_dict(hyper_parameters["task"])
    except (AttributeError, KeyError, TypeError, ValueError, RuntimeError) as error:
        reason = f"{error} is missing" if isinstance(error, KeyError) else error
        raise ModelError(
            f"{path}: names a network that this version cannot build: {reason}; "
            "use the version that it was trained with, or train again"
        ) from error
