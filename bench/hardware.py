"""The least time that this machine allows for an answer: a network's work over measured rates.

An answer takes its floating-point operations at the rate of a large float32 matrix product, or its bytes at the rate
of a copy, whichever takes longer. Bytes count as if everything else were fused into the convolutions: each reads its
input and weights once and writes its result once. Convolutions that do with fewer multiplications (Winograd's) can
beat the first limit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode

from bench.scenes import PATCH, Subject
from bench.untrained import base_model, interactive_model

GIGA = 1e9
MATRIX_SIDE = 2048
COPIED_MIB = 256
REPEATS = 20  # of which the best counts: the machine can do that


@dataclass(frozen=True)
class Rates:
    """What the machine does in a second, with all its cores."""

    flops: float  # of a float32 matrix product
    bytes: float  # read and written by a copy


@dataclass(frozen=True)
class Work:
    """What one answer to a patch of 256 x 256 takes.

    Parameters
    ----------
    flops : a multiplication and an addition are two
    bytes : to and from memory
    """

    flops: float
    bytes: float

    def least_seconds(self, rates: Rates) -> float:
        """The lower limit, see this module's docstring."""
        return max(self.flops / rates.flops, self.bytes / rates.bytes)


def measured_rates() -> Rates:
    """Measure this machine; seconds long."""
    left, right = torch.rand(2, MATRIX_SIDE, MATRIX_SIDE)
    product = torch.empty_like(left)
    source = torch.zeros(COPIED_MIB * 2**20, dtype=torch.uint8)
    target = torch.ones_like(source)
    return Rates(
        2 * MATRIX_SIDE**3 / _best_seconds(lambda: torch.mm(left, right, out=product)),
        2 * source.numel() / _best_seconds(lambda: target.copy_(source)),
    )


def work(subject: Subject) -> dict[str, Work]:
    """Count the work of the base model, and of the interactive one."""
    plane = torch.zeros(1, 1, PATCH, PATCH)
    return {
        "base": counted(base_model(subject).network, plane),
        "interactive": counted(interactive_model(subject).network, plane, plane, plane, plane),
    }


def counted(network: nn.Module, *planes: Tensor) -> Work:
    """Count the work of a network for some input planes."""
    with torch.no_grad(), FlopCounterMode(display=False) as flops, _Bytes() as traffic:
        network(*planes)
    return Work(float(flops.get_total_flops()), float(traffic.moved))


class _Bytes(TorchDispatchMode):
    """Counts what convolutions read and write while it is a context."""

    def __init__(self) -> None:
        super().__init__()
        self.moved = 0

    def __torch_dispatch__(self, operation: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = operation(*args, **(kwargs or {}))
        if operation.overloadpacket is torch.ops.aten.convolution:
            self.moved += sum(tensor.nbytes for tensor in (*args, result) if isinstance(tensor, Tensor))
        return result


def _best_seconds(call: Callable[[], Any]) -> float:
    seconds = []
    for _ in range(REPEATS):
        started = perf_counter()
        call()
        seconds.append(perf_counter() - started)
    return min(seconds)
