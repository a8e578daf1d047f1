"""Versions: weights that were learned online, kept as differences to the models that they began from.

A version is small, holds tensors and text only (safetensors, no pickle), and names the weights that it belongs to by
their hash, so that a log can hold it and a later run make the same networks of it again, bit for bit.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from models.checkpoints import TrainedModel
from models.errors import ModelError

SHIPPED = "shipped"  # the candidate of a version that changes nothing
KINDS = BASE, INTERACTIVE = "base", "interactive"
MAX_BYTES = 64_000_000  # of a version in a log; a slim decoder's has 2.5 MB

Difference = Mapping[str, Tensor]


@dataclass(frozen=True, eq=False)
class Version:
    """The difference between weights that were learned and those that they began from.

    Parameters
    ----------
    parent : SHA-256 of the weights that it is a difference to, see ``parent_of``
    candidate : what made it: ``shipped``, or names in ``runs.training.online.CANDIDATES`` with ``+``, one a network
    base, interactive : differences in half precision, by the names of the network's weights; empty where a network
        stays as it was
    lessons : numbers of the log's events whose lessons it learned from, 0 where nothing was logged
    """

    parent: str
    candidate: str = SHIPPED
    base: Difference = field(default_factory=dict, repr=False)
    interactive: Difference = field(default_factory=dict, repr=False)
    lessons: tuple[int, ...] = ()

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the parent's hash and the differences, in hexadecimal."""
        return self._hash(KINDS)

    @cached_property
    def base_sha256(self) -> str:
        """The same of the base model's difference alone: versions that agree in it draw the same."""
        return self._hash((BASE,))

    @cached_property
    def interactive_sha256(self) -> str:
        """The same of the interactive model's difference alone: versions that agree in it answer the same."""
        return self._hash((INTERACTIVE,))

    @property
    def changes_nothing(self) -> bool:
        """Whether it is the shipped weights themselves."""
        return not self.base and not self.interactive

    def to_bytes(self) -> bytes:
        """Return it as a safetensors file, for a log's blob or a file."""
        tensors = {f"{kind}/{name}": tensor.contiguous() for kind, name, tensor in self._tensors()}
        about = {"parent": self.parent, "candidate": self.candidate, "lessons": list(self.lessons)}
        return save(tensors, {"version": json.dumps(about, sort_keys=True)})

    @classmethod
    def from_bytes(cls, content: bytes) -> Version:
        """Read what ``to_bytes`` wrote.

        Raises
        ------
        ModelError
            If it is damaged, too large, or no version.
        """
        if len(content) > MAX_BYTES:
            raise ModelError(f"a version of {len(content)} bytes, more than {MAX_BYTES}; the log is damaged")
        try:
            tensors = load(content)
            length = int.from_bytes(content[:8], "little")
            about = json.loads(json.loads(content[8 : 8 + length])["__metadata__"]["version"])
            parts: dict[str, dict[str, Tensor]] = {kind: {} for kind in KINDS}
            for name, tensor in tensors.items():
                kind, _, weight = name.partition("/")
                parts[kind][weight] = tensor
            numbers = tuple(int(number) for number in about["lessons"])
            return cls(str(about["parent"]), str(about["candidate"]), parts["base"], parts["interactive"], numbers)
        except (SafetensorError, KeyError, TypeError, ValueError) as error:
            raise ModelError(f"no version of this project, or a damaged one ({error})") from error

    def applied(self, trained: TrainedModel, kind: str) -> TrainedModel:
        """Return a copy of a model with this version's weights; the model itself where they are its own.

        Parameters
        ----------
        trained : the model that the version began from
        kind : ``base`` or ``interactive``, whichever it is

        Raises
        ------
        ModelError
            If the differences don't fit the network.
        """
        difference = self.base if kind == "base" else self.interactive
        if not difference:
            return trained
        network = copy.deepcopy(trained.network)
        state = network.state_dict()
        for name, change in difference.items():
            if name not in state or state[name].shape != change.shape:
                raise ModelError(f"{trained.path}: a version does not fit its {name}; it is of another network")
            state[name] = state[name] + change.to(state[name].device, state[name].dtype)
        network.load_state_dict(state)
        network.eval()
        return replace(trained, network=network, version=self.sha256)

    def _hash(self, kinds: Collection[str]) -> str:
        digest = hashlib.sha256(self.parent.encode())
        for kind, name, tensor in self._tensors():
            if kind in kinds:
                digest.update(f"{kind}/{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
                digest.update(tensor.contiguous().numpy().tobytes())
        return digest.hexdigest()

    def _tensors(self) -> list[tuple[str, str, Tensor]]:
        parts = {"base": self.base, "interactive": self.interactive}
        return [(kind, name, parts[kind][name]) for kind in KINDS for name in sorted(parts[kind])]


def parent_of(base: TrainedModel, interactive: TrainedModel | None) -> str:
    """Return the hash that versions of a pair of models have as their parent."""
    names = [base.sha256, interactive.sha256 if interactive else ""]
    return hashlib.sha256(" ".join(names).encode()).hexdigest()


def difference_between(old: Mapping[str, Tensor], new: Mapping[str, Tensor], share: float = 1.0) -> dict[str, Tensor]:
    """Return how far weights moved, in half precision; weights that stayed, and whole numbers, are left out.

    Parameters
    ----------
    old, new : weights by name, of one network
    share : of the way from old to new that is kept; 0.5 is the mean of both

    Raises
    ------
    ModelError
        If a difference is not finite in half precision.
    """
    moved = {}
    for name, before in old.items():
        if not before.is_floating_point() or torch.equal(before, new[name]):
            continue
        half = (share * (new[name].detach() - before)).to("cpu", torch.float16).contiguous()
        if not torch.isfinite(half).all():
            raise ModelError(f"{name}: learned weights are beyond half precision; nothing was learned")
        if half.any():
            moved[name] = half
    return moved
