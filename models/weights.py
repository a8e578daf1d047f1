"""Published weights: safetensors files, which hold tensors and text only, in ``weights/`` beside the code.

The text has two entries of JSON: ``hyper_parameters``, as in a checkpoint, and ``origin``, the source of the weights. A
file holds no optimizer state, so a training cannot be resumed from it.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Literal

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from data.errors import explain
from data.io.files import write_whole
from models.errors import ModelError

SHIPPED = Path(__file__).parents[1] / "weights"
SUFFIX = ".safetensors"
CALIBRATION = ".calibration.json"  # of a base model, in place of its own suffix: see runs.calibration
MAX_BYTES = 30_000_000  # of a file, since they lie in the repository
NAME = re.compile(r"\w[\w-]*")

Precision = Literal["half", "full"]


def shipped(name: str) -> Path:
    """Return the path that distributed weights of a name have; the file may be absent."""
    return SHIPPED / f"{name}{SUFFIX}"


def shipped_names() -> list[str]:
    """List the names of the weights that are distributed with the program."""
    return sorted(path.stem for path in SHIPPED.glob(f"*{SUFFIX}"))


def write_weights(
    path: Path,
    state: dict[str, Tensor],
    hyper_parameters: dict[str, Any],
    origin: dict[str, Any],
    precision: Precision = "half",
) -> None:
    """Write weights whole or not at all.

    Parameters
    ----------
    path : of the file, whose folder is made if there is none
    state : tensors by name
    hyper_parameters, origin : JSON values
    precision : half: kernels, tensors of two axes and more, in float16; scales, shifts and statistics, which are few,
        stay in float32. full: everything in float32

    Raises
    ------
    ModelError
        If a value is beyond float16's range, or the file would be larger than ``MAX_BYTES``.
    OSError
        If it cannot be written.
    """
    stored = {name: _stored(name, tensor, precision) for name, tensor in state.items()}
    metadata = {"format": "pt", "hyper_parameters": json.dumps(hyper_parameters), "origin": json.dumps(origin)}
    content = save(stored, metadata)
    if len(content) > MAX_BYTES:
        smaller = "a smaller --arch or --enc_str" if precision == "half" else "--precision half"
        raise ModelError(
            f"{path}: would have {len(content) / 1e6:.1f} MB, more than the {MAX_BYTES / 1e6:.0f} MB that a repository "
            f"should hold in one file; take {smaller}"
        )
    write_whole(path, lambda file: file.write(content))


def read_weights(path: Path) -> dict[str, Any]:
    """Read weights as what a checkpoint holds: ``state_dict``, floats in float32, ``hyper_parameters`` and ``origin``.

    Raises
    ------
    ModelError
        If the file cannot be read, is damaged, or is not of this project.
    """
    try:
        with path.open("rb"):  # safetensors names no file when there is none
            pass
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118, it is no dict
    except OSError as error:
        raise ModelError(explain(error, path)) from error
    except SafetensorError as error:
        raise ModelError(f"{path}: damaged, or no safetensors file ({error}); copy it again") from error
    try:
        plain = {name: json.loads(metadata[name]) for name in ("hyper_parameters", "origin")}
    except (KeyError, ValueError) as error:
        raise ModelError(
            f"{path}: not weights of this project; they are written by `python -m models.publish`"
        ) from error
    widened = {name: tensor.float() if tensor.is_floating_point() else tensor for name, tensor in state.items()}
    return {"state_dict": widened, **plain}


def _stored(name: str, tensor: Tensor, precision: Precision) -> Tensor:
    plain = tensor.detach().cpu().contiguous()
    if not plain.is_floating_point():
        return plain
    stored = plain.to(torch.float16 if precision == "half" and plain.ndim > 1 else torch.float32)
    if not torch.isfinite(stored).all():
        raise ModelError(f"{name}: {plain.abs().max():.3g} is beyond half precision; publish with --precision full")
    return stored.clone()  # tensors that share their memory cannot be written
