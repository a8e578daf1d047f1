"""The least time that a device allows for an answer: a network's work over measured rates.

An answer takes its floating-point operations at the rate of a large matrix product, or its bytes at the rate of a
copy, whichever takes longer; the product is as exact as convolutions are by default: float32, on a GPU TF32. Bytes
count as if everything else were fused into the convolutions: each reads its input and weights once and writes its
result once. Convolutions that do with fewer multiplications (Winograd's) can beat the first limit.
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

from bench.networks import PATCH, untrained
from bench.protocol.scenes import Subject
from models.networks import InteractiveNetwork, LineNetwork

GIGA = 1e9
MATRIX_SIDE = {"cpu": 2048, "cuda": 8192}
COPIED_MIB = 256
REPEATS = 20  # of which the best counts: the device can do that


@dataclass(frozen=True)
class Rates:
    """Operations and bytes of the device a second; of a CPU, with all its cores."""

    flops: float  # of a matrix product
    bytes: float  # read and written by a copy


@dataclass(frozen=True)
class Work:
    """The work of one prediction of a patch.

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


def measured_rates(device: str) -> Rates:
    """Measure a device, by PyTorch's name of it; seconds long. To be called in a process of its own."""
    if device == "cuda":
        torch.set_float32_matmul_precision("high")  # TF32
    side = MATRIX_SIDE[device]
    left, right = torch.rand(2, side, side, device=device)
    product = torch.empty_like(left)
    source = torch.zeros(COPIED_MIB * 2**20, dtype=torch.uint8, device=device)
    target = torch.ones_like(source)
    return Rates(
        2 * side**3 / _best_seconds(lambda: torch.mm(left, right, out=product), device),
        2 * source.numel() / _best_seconds(lambda: target.copy_(source), device),
    )


def work(subject: Subject) -> dict[str, Work]:
    """Count the work of the base model, and of the interactive one."""
    plane = torch.zeros(1, 1, PATCH, PATCH)
    return {
        "base": counted(untrained(LineNetwork, subject.arch, subject.encoder).network, plane),
        "interactive": counted(
            untrained(InteractiveNetwork, subject.arch, subject.encoder).network, plane, plane, plane, plane
        ),
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


def _best_seconds(call: Callable[[], Any], device: str) -> float:
    wait = torch.cuda.synchronize if device == "cuda" else lambda: None  # a GPU goes on after a call has returned
    seconds = []
    for _ in range(REPEATS):
        wait()
        started = perf_counter()
        call()
        wait()
        seconds.append(perf_counter() - started)
    return min(seconds)
