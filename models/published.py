"""Conversion of weights that the method's authors release into checkpoints of this project.

Theirs are Lightning checkpoints around a U-Net of segmentation-models-pytorch::

    model.{encoder,decoder,segmentation_head}.*             the network
    model.classification_head.*                             not trained and not used; left out
    model_init.model.{encoder,decoder,segmentation_head}.*  in an interactive model: the frozen base it corrects

The first paper's code calls the network ``model_student``. A base model sees depth, an interactive one depth, the
base's logits and one signed stroke map, in this order. Names of weights need no translation: for a U-Net with
EfficientNet-B6, segmentation-models-pytorch 0.3.3, which the authors pin, and 0.6.0 have the same 1046 names and
shapes, and give the same predictions up to rounding.

References
----------
github.com/RafaelSterzinger/etmira-segmentation and etmira-interaction: models/unet.py, config.py, requirements.txt.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from data.errors import explain
from data.io.files import file_hash, write_whole
from models.errors import ModelError
from models.networks import PROMPTS, InteractiveNetwork, LineNetwork, NetworkConfig
from models.task import Task
from models.unpickling import StandIn, read_foreign

PATCH_SIZE, SAMPLE_SIZE = 512, 256  # side of a patch in scan pixels, and as the network sees it
TASK = Task("mirrors", ("published_depth",), SAMPLE_SIZE / PATCH_SIZE, SAMPLE_SIZE)
DEPTH_MEAN, DEPTH_DEVIATION = 0.5140, 0.1530
ARCH, ENCODER, LEARNING_RATE = "unet", "efficientnet-b6", 3e-4  # where a checkpoint doesn't say them

_NETWORKS = ("model.", "model_student.", "")  # before the names of the network's weights; "": none
_BASES = ("model_init.model.", "model_init.")  # likewise, of the base inside an interactive model
_BEFORE_ENCODER = re.compile(r"((?:.*?\.)?)encoder\.")
_PARTS = ("encoder.", "decoder.", "segmentation_head.")

Weights = dict[str, Tensor]


@dataclass(frozen=True)
class Converted:
    """The files that a foreign checkpoint was converted into.

    Parameters
    ----------
    base, interactive : the files that were written
    encoder : of their networks
    left_out : number of weights that no prediction depends on, by name
    """

    base: Path | None
    interactive: Path | None
    encoder: str
    left_out: dict[str, int]


def convert(old: Path, new: Path, encoder: str | None = None) -> Converted:
    """Convert a checkpoint; of an interactive one, its base too, as ``NEW-base``.

    Parameters
    ----------
    old : what the authors released; nothing in it is run
    new : the checkpoint to write, which must not be there
    encoder : a name in segmentation-models-pytorch; what the checkpoint says, or else EfficientNet-B6

    Raises
    ------
    ModelError
        If the old one cannot be read, is no such checkpoint, or does not fit the encoder; if a new one is there or
        cannot be written.
    """
    content = read_foreign(old)
    hyper_parameters = _hyper_parameters(content)
    if {"network", "task"} <= hyper_parameters.keys():
        raise ModelError(f"{old}: a checkpoint of this project already; use it as it is")
    state = _state(old, content)
    found = _networks(old, state)
    _require_published(old, hyper_parameters)
    encoder = encoder or _typed(hyper_parameters, "enc_str", str) or ENCODER
    main, *inner = found.values()
    networks = {_kind(old, main, bool(inner)): main, **({"base": inner[0]} if inner else {})}
    configs = {kind: _config(old, kind, encoder, weights) for kind, weights in networks.items()}
    files = {kind: new if weights is main else _beside(new) for kind, weights in networks.items()}
    for path in files.values():
        if path.exists():
            raise ModelError(f"{path}: is there already; give another name, or move it away")
    origin = {"file": old.name, "sha256": file_hash(old)}
    lr = _typed(hyper_parameters, "lr", float) or LEARNING_RATE
    for kind, path in files.items():
        _write(path, kind, networks[kind], configs[kind], lr, origin)
    unused = state.keys() - {prefix + name for prefix, weights in found.items() for name in weights}
    left_out = Counter(name.rsplit(".", 2)[0] for name in sorted(unused))
    return Converted(files.get("base"), files.get("interactive"), encoder, dict(left_out))


def _hyper_parameters(content: Any) -> dict[str, Any]:
    """Return the hyper-parameters that the checkpoint stores; none if it stores none."""
    hyper_parameters = content.get("hyper_parameters") if isinstance(content, dict) else None
    if isinstance(hyper_parameters, StandIn):  # a namespace, or another kind of dict
        hyper_parameters = hyper_parameters.fields
    return hyper_parameters if isinstance(hyper_parameters, dict) else {}


def _typed(hyper_parameters: dict[str, Any], name: str, kind: type) -> Any:
    return hyper_parameters[name] if isinstance(hyper_parameters.get(name), kind) else None


def _state(old: Path, content: Any) -> Weights:
    """Return the tensors by name, of a Lightning checkpoint or of a state dict alone."""
    state = content.get("state_dict", content) if isinstance(content, dict) else None
    named = state.items() if isinstance(state, dict) else ()
    tensors = {name: value for name, value in named if isinstance(value, Tensor)}
    if not tensors or not all(isinstance(name, str) for name in tensors):
        raise ModelError(f"{old}: holds no weights; give a checkpoint that the method's authors released")
    return tensors


def _networks(old: Path, state: Weights) -> dict[str, Weights]:
    """Return weights by the prefix of their network: the main one, then the base inside it, if there is one."""
    prefixes = {match[1] for match in map(_BEFORE_ENCODER.match, state) if match}
    main, base = prefixes & set(_NETWORKS), prefixes & set(_BASES)
    if len(main) != 1 or len(base) > 1 or prefixes - main - base:
        found = ", ".join(f"{prefix}encoder" for prefix in sorted(prefixes)) or ", ".join(list(state)[:3])
        raise ModelError(
            f"{old}: holds {found}, not model.encoder, and model_init.model.encoder if interactive, as the method's "
            "authors release them; give one of theirs"
        )
    return {prefix: _below(state, prefix) for prefix in (*main, *base)}


def _below(state: Weights, prefix: str) -> Weights:
    inside = {name.removeprefix(prefix): tensor for name, tensor in state.items() if name.startswith(prefix)}
    return {name: tensor for name, tensor in inside.items() if name.startswith(_PARTS)}


def _require_published(old: Path, hyper_parameters: dict[str, Any]) -> None:
    """Raise ModelError if a model was trained on other input than the published ones."""
    expected = {"arch": ARCH, "in_channels": 1, "out_channels": 1, "patch_size": PATCH_SIZE}
    for name, value in expected.items():
        trained = _typed(hyper_parameters, name, type(value))
        if trained not in (None, value):
            raise ModelError(
                f"{old}: trained with {name} {trained}; only {value} can be converted, as was published: "
                "give such a checkpoint"
            )


def _kind(old: Path, weights: Weights, holds_base: bool) -> str:
    """Return whether weights are of a base or an interactive model, by the input planes of the first convolution."""
    planes = next((tensor.shape[1] for tensor in weights.values() if tensor.ndim == 4), 0)
    if planes == 1 and not holds_base:
        return "base"
    if planes == 1 + PROMPTS["signed"]:
        return "interactive"
    raise ModelError(
        f"{old}: its first convolution sees {planes} planes; a base model's sees 1 (depth), "
        "an interactive model's 3 (depth, initial logits, strokes); give a checkpoint of one of these"
    )


def _config(old: Path, kind: str, encoder: str, weights: Weights) -> NetworkConfig:
    """Return the network that the weights fit, or refuse them."""
    config = NetworkConfig(ARCH, encoder, (DEPTH_MEAN,), (DEPTH_DEVIATION,))
    if kind == "interactive":
        config = replace(config, prompts="signed")
    try:
        with torch.device("meta"):  # shapes only
            network = InteractiveNetwork(config) if kind == "interactive" else LineNetwork(config)
    except (ValueError, RuntimeError) as error:  # RuntimeError: an encoder that timm does not know
        raise ModelError(f"{old}: {error}; name it with --enc_str") from error
    wanted = {name: tuple(tensor.shape) for name, tensor in network.unet.state_dict().items()}
    given = {name: tuple(tensor.shape) for name, tensor in weights.items()}
    wrong = [
        f"{name} is {given.get(name, 'missing')}, not {wanted.get(name, 'known')}"
        for name in dict.fromkeys([*wanted, *given])
        if given.get(name) != wanted.get(name)
    ]
    if wrong:
        raise ModelError(
            f"{old}: its {kind} model is no U-Net with {encoder}: {'; '.join(wrong[:3])}"
            f"{f'; and {len(wrong) - 3} more' if len(wrong) > 3 else ''}; name its encoder with --enc_str"
        )
    return config


def _beside(new: Path) -> Path:
    return new.with_name(f"{new.stem}-base{new.suffix}")


def _write(path: Path, kind: str, weights: Weights, config: NetworkConfig, lr: float, origin: dict[str, str]) -> None:
    content = {
        "state_dict": {f"network.unet.{name}": _plain(tensor) for name, tensor in weights.items()},
        "hyper_parameters": {
            "kind": kind,
            "network": config.as_dict(),
            "task": TASK.as_dict(),
            "lr": lr,
            "views": {},
            "origin": origin,
        },
    }
    try:
        write_whole(path, lambda file: torch.save(content, file))
    except OSError as error:
        raise ModelError(explain(error, path)) from error


def _plain(tensor: Tensor) -> Tensor:
    """Return a copy of a tensor's values, without the rest of its storage; floats as float32."""
    values = tensor.detach().float() if tensor.is_floating_point() else tensor.detach()
    return values.clone(memory_format=torch.contiguous_format)
