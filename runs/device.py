"""The choice of the device: a GPU if there is one, unless a device is named."""

from __future__ import annotations

import ctypes
import ctypes.util
from typing import Any

import torch

from runs.errors import RunError


def torch_device(device: str) -> str:
    """Return PyTorch's name of a device.

    Parameters
    ----------
    device : auto, cpu or gpu

    Raises
    ------
    RunError
        If a GPU is asked for and none is there.
    """
    return "cuda" if training_devices(device, "")[0] == "gpu" else "cpu"


def training_devices(device: str, gpu: str) -> tuple[str, Any]:
    """Return Lightning's accelerator and devices.

    Parameters
    ----------
    device : auto, cpu or gpu
    gpu : numbers of the GPUs with commas, or how many processes on a CPU; empty: one of either

    Raises
    ------
    RunError
        If a GPU is asked for and none is there, or ``gpu`` holds no numbers.
    """
    there = torch.cuda.is_available()
    if not there and (device == "gpu" or (gpu and device != "cpu")):
        raise RunError("PyTorch finds no GPU here; leave --device and --gpu out, or use --device cpu")
    try:
        numbers = [int(number) for number in gpu.split(",")] if gpu else [0]
    except ValueError as error:
        raise RunError(f"--gpu {gpu}: give the GPUs' numbers with commas between") from error
    if device == "cpu" or not there:
        return "cpu", numbers[0] or 1
    return "gpu", numbers


def keep_freed_memory() -> None:
    """Let a CPU training reuse its memory; does nothing where the C library is not glibc.

    glibc hands large blocks back to the system when they are freed, and every training step gets its own anew, page by
    page, which takes about as long as a small network's step itself.
    """
    trim_threshold, top_pad, mmap_max = -1, -2, -4  # the names M_... of glibc's malloc.h
    mallopt = getattr(ctypes.CDLL(ctypes.util.find_library("c")), "mallopt", None)
    if mallopt:
        mallopt(mmap_max, 0)
        mallopt(trim_threshold, 2**31 - 1)
        mallopt(top_pad, 2**26)
