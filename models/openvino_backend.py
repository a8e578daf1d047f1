"""Networks computed by OpenVINO: faster on a CPU, with results that depend on the input alone.

Every sample is a request of its own that one thread computes. A library that splits a sample between threads adds
numbers in another order when the number of threads changes; OpenVINO does so too (measured: MobileNetV4 at batch 1).
Samples side by side keep as many cores busy, are a little faster, and suffer far less from other processes.
"""

# ruff: noqa: E402 - openvino_telemetry is blocked before openvino is imported

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager

# Importing openvino reports it to a server, unless the module that does so is not there.
sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]

import numpy as np
import openvino
import torch
from numpy.typing import NDArray
from openvino import opset13 as opset
from openvino.frontend import (
    FrontEndManager,
    GeneralFailure,
    InitializationFailure,
    NotImplementedFailure,
    OpConversionFailure,
    OpValidationFailure,
)
from openvino.frontend.pytorch import ConversionExtension
from openvino.frontend.pytorch.ts_decoder import TorchScriptPythonDecoder
from torch import Tensor, nn

from models.networks import LineNetwork
from models.prediction import Planes

WEIGHT = "self.network."  # what the names of converted weights begin with: those of ``_Probabilities``
FAILURES = (  # what converting and compiling raise
    RuntimeError,
    GeneralFailure,
    InitializationFailure,
    NotImplementedFailure,
    OpConversionFailure,
    OpValidationFailure,
)


class OpenVinoPredictor:
    """A network run on a CPU in float32, each sample by one thread; see ``models.prediction.Predictor``.

    A result is the same to the last bit whatever is computed beside it and however many threads there are. It holds a
    copy of the weights, so that later changes of the network don't reach it. It cannot be pickled, nor used after a
    fork: a process makes its own.

    Parameters
    ----------
    network : moved to the CPU and set to evaluation
    patch : rows and columns of every input
    threads : samples computed side by side; by default as many as PyTorch has threads
    like : computes a network of the same shape with other weights, which are put in place of its own: converting a
        network takes seconds, this a fraction of one. It goes on answering meanwhile

    Raises
    ------
    one of ``FAILURES``
        If OpenVINO cannot convert or compile the network.
    """

    name = "openvino"

    def __init__(
        self, network: LineNetwork, patch: int, threads: int | None = None, like: OpenVinoPredictor | None = None
    ) -> None:
        planes = (len(network.config.mean), *(1 for _ in network.inputs))
        self._shapes = [(channels, patch, patch) for channels in planes]
        threads = threads or torch.get_num_threads()
        with _signal_stack_kept():
            self._model: openvino.Model = self._like(like, network) or _converted(network, self._shapes)
            compiled = openvino.Core().compile_model(
                self._model,
                "CPU",
                {
                    "INFERENCE_PRECISION_HINT": "f32",  # the default is bfloat16 where the CPU has it
                    "INFERENCE_NUM_THREADS": threads,
                    "NUM_STREAMS": threads,
                    "ENABLE_CPU_PINNING": False,  # or every process would sit on the same cores
                },
            )
        self._requests = openvino.AsyncInferQueue(compiled)
        self._requests.set_callback(_keep_prediction)

    def _like(self, other: OpenVinoPredictor | None, network: LineNetwork) -> openvino.Model | None:
        return _with_weights(other._model, network) if other and other._shapes == self._shapes else None

    def __call__(self, *inputs: Planes) -> Planes:
        """See ``Predictor``.

        Raises
        ------
        ValueError
            If the inputs are not of the shapes that the network was compiled for.
        """
        shapes = [planes.shape[1:] for planes in inputs]
        if shapes != self._shapes:
            raise ValueError(f"inputs of {shapes}; the network was compiled for {self._shapes}")
        predictions = np.empty((len(inputs[0]), *self._shapes[0][1:]), np.float32)
        for index, prediction in enumerate(predictions):
            sample = [np.ascontiguousarray(planes[index : index + 1], np.float32) for planes in inputs]
            self._requests.start_async(sample, prediction)
        self._requests.wait_all()
        return predictions


def _keep_prediction(request: openvino.InferRequest, prediction: NDArray[np.float32]) -> None:
    prediction[:] = request.get_output_tensor().data[0]


class _Stack(ctypes.Structure):
    """``stack_t`` of Linux's signal.h."""

    _fields_ = (("address", ctypes.c_void_p), ("flags", ctypes.c_int), ("size", ctypes.c_size_t))


def signal_stack() -> tuple[int | None, int, int]:
    """Return address, flags and size of the stack that this thread's signals have for themselves, on Linux."""
    stack = _Stack()
    ctypes.CDLL(None).sigaltstack(None, ctypes.byref(stack))
    return stack.address, stack.flags, stack.size


@contextmanager
def _signal_stack_kept() -> Iterator[None]:
    """Give signals back the stack that they had.

    On CPUs with AMX, OpenVINO gives this thread's signals a stack of its own and frees it with the network, after which
    any signal that Python handles, such as the end of a child process, ends the process.
    """
    if sys.platform != "linux":
        yield
        return
    before = _Stack(*signal_stack())
    try:
        yield
    finally:
        ctypes.CDLL(None).sigaltstack(ctypes.byref(before), None)


class _Probabilities(nn.Module):
    def __init__(self, network: LineNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, *inputs: Tensor) -> Tensor:
        return torch.sigmoid(self.network(*inputs))[:, 0]


def _converted(network: LineNetwork, shapes: list[tuple[int, int, int]]) -> openvino.Model:
    examples = tuple(torch.zeros(1, *shape) for shape in shapes)
    with torch.no_grad():
        traced = TorchScriptPythonDecoder(
            _Probabilities(network.to("cpu")),
            example_input=examples,
            shared_memory=False,  # or some weights would change with the network's
            trace_kwargs={"check_trace": False},  # it would compute everything once more
        )
    front = FrontEndManager().load_by_framework("pytorch")
    front.add_extension(ConversionExtension("aten::logit", _logit))
    model = front.convert(front.load(traced))
    model.reshape({port: tuple(example.shape) for port, example in zip(model.inputs, examples, strict=True)})
    return model


def _with_weights(model: openvino.Model, network: LineNetwork) -> openvino.Model | None:
    """Return a copy of a converted network with the weights of another one; None if it does not name them all.

    The conversion names each constant after the weight that it holds.
    """
    state = {f"{WEIGHT}{name}": tensor for name, tensor in network.state_dict().items() if tensor.is_floating_point()}
    fresh = model.clone()
    constants = {node.get_friendly_name(): node for node in fresh.get_ops() if node.get_type_name() == "Constant"}
    if not state.keys() <= constants.keys():
        return None
    for name, tensor in state.items():
        old = constants[name]
        if tuple(old.get_output_shape(0)) != tuple(tensor.shape):
            return None
        values = tensor.detach().cpu().contiguous().numpy().astype(np.float32)
        new = opset.constant(values)
        new.set_friendly_name(name)  # so that the copy can be a model for others
        old.output(0).replace(new.output(0))
    return fresh


def _logit(node: openvino.frontend.NodeContext) -> list[openvino.Output]:
    """Convert PyTorch's logit of a probability kept ``eps`` from 0 and 1, which OpenVINO does not know."""
    eps = np.float32(node.get_values_from_const_input(1))
    probability = opset.clamp(node.get_input(0), float(eps), float(np.float32(1) - eps))
    one = opset.constant(np.float32(1))
    return opset.log(opset.divide(probability, opset.subtract(one, probability))).outputs()
