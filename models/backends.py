"""The backends that compute a network: PyTorch or, on a CPU, OpenVINO, which is optional and about twice as fast."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import torch

from models.networks import LineNetwork
from models.prediction import TorchPredictor

if TYPE_CHECKING:
    from models.openvino_backend import OpenVinoPredictor

_, TORCH, OPENVINO = BACKENDS = ("auto", "torch", "openvino")
INSTEAD = "PyTorch computes instead"

Report = Callable[[str], None]


def chosen_backend(backend: str, device: torch.device, report: Report) -> str:
    """Return the backend that will compute on a device: "torch" or "openvino".

    Parameters
    ----------
    backend : a name in ``BACKENDS``; "auto" takes OpenVINO on a CPU if it is installed, else PyTorch
    device : where
    report : called with one line if another backend is taken than the one that was asked for

    Raises
    ------
    ValueError
        If there is no such backend.
    """
    if backend not in BACKENDS:
        raise ValueError(f"no backend {backend!r}; there are: {', '.join(BACKENDS)}")
    if backend == TORCH:
        return TORCH
    if device.type != "cpu":
        if backend == OPENVINO:
            report(f"OpenVINO computes on the CPU, not on {device}: {INSTEAD}")
        return TORCH
    try:
        import models.openvino_backend  # noqa: F401
    except ModuleNotFoundError as error:
        if backend == OPENVINO or error.name != "openvino":
            report(f"OpenVINO is not installed ({error}; pip install -r requirements-cpu.txt): {INSTEAD}")
        return TORCH
    except ImportError as error:
        report(f"OpenVINO is installed but does not load ({error}): {INSTEAD}")
        return TORCH
    return OPENVINO


def make_predictor(
    network: LineNetwork,
    device: torch.device,
    *,
    backend: str,
    patch: int,
    batch: int = 1,
    repeatable: bool = False,
    report: Report,
    like: object = None,
) -> TorchPredictor | OpenVinoPredictor:
    """Return a network as a function on arrays; its ``name`` is the backend that computes it.

    With OpenVINO a result is the same bits however many threads there are. With PyTorch its last bits depend on their
    number, and on ``batch``.

    Parameters
    ----------
    network : moved to the device and set to evaluation
    device : where to compute
    backend : a name in ``BACKENDS``, see ``chosen_backend``
    patch : rows and columns of the inputs
    batch : samples that PyTorch computes at once; OpenVINO computes each by itself
    repeatable : whether results must be the same however many threads there are, for which PyTorch takes one
    report : called with one line if another backend is taken than the one that was asked for
    like : a predictor of a network of the same shape with other weights, from which this one is made faster; None: none

    Raises
    ------
    ValueError
        If there is no such backend.
    """
    if chosen_backend(backend, device, report) == OPENVINO:
        from models.openvino_backend import FAILURES, OpenVinoPredictor

        try:
            return OpenVinoPredictor(network, patch, like=like if isinstance(like, OpenVinoPredictor) else None)
        except FAILURES as error:
            report(f"OpenVINO cannot compute this network ({' '.join(str(error).split())}): {INSTEAD}")
    return TorchPredictor(network, device, batch, threads=1 if repeatable else None)
