"""Networks as functions on arrays: batches of one size, and whole canvases by blended windows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from data.regions import Shape, padded, sliding_windows
from data.storage import Canvas
from models.networks import LineNetwork

Planes = NDArray[np.float32]
MIN_BLEND_WEIGHT = 1e-3  # so that no pixel is left without a prediction


class Predictor(Protocol):
    """Turns input planes into line probabilities, whatever computes them."""

    def __call__(self, *inputs: Planes) -> Planes:
        """Return (B, H, W) probabilities for inputs (B, C, H, W), in the network's own order."""


class TorchPredictor:
    """A network run by PyTorch in batches of one fixed size, so that a result never depends on its neighbours.

    Parameters
    ----------
    network : moved to the device and set to evaluation
    device : where to compute
    batch : samples computed at once; a last, smaller batch is filled up
    """

    def __init__(self, network: LineNetwork, device: torch.device, batch: int = 1) -> None:
        self.network = network.to(device, memory_format=torch.channels_last).eval()  # type: ignore[call-overload]
        self.device, self.batch = device, batch

    @torch.inference_mode()
    def __call__(self, *inputs: Planes) -> Planes:
        """See ``Predictor``."""
        answers = []
        for start in range(0, len(inputs[0]), self.batch):
            part = [planes[start : start + self.batch] for planes in inputs]
            real = len(part[0])
            filled = [np.concatenate([planes, planes[:1].repeat(self.batch - real, 0)]) for planes in part]
            tensors = [torch.from_numpy(planes).to(self.device, torch.float32) for planes in filled]
            logits = self.network(*(tensor.contiguous(memory_format=torch.channels_last) for tensor in tensors))
            answers.append(torch.sigmoid(logits.float())[:real, 0].cpu().numpy())
        return np.concatenate(answers)


def predict_whole(
    canvas: Canvas,
    shape: Shape,
    predictor: Predictor,
    *,
    channels: Sequence[str],
    scale: float,
    patch: int,
    step: int | None = None,
    batch: int = 8,
    progress: Callable[[float], None] = lambda share: None,
) -> Planes:
    """Predict a whole canvas by windows that overlap and blend.

    A window's weight falls towards its edge as a Hann window does, and is nowhere zero.

    Parameters
    ----------
    canvas : what to read from
    shape : rows and columns of the result, in model pixels
    predictor : the base model
    channels : what it sees
    scale : model pixels a scan pixel
    patch : side of a window, in model pixels
    step : between windows, in model pixels; half a window by default
    batch : windows predicted at once
    progress : told the share that is done

    Returns
    -------
    (H, W) float32 in [0, 1]
    """
    windows = list(sliding_windows(shape, patch, step or max(1, patch // 2)))
    total, weight = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    blend = _blend_weights(patch)
    for start in range(0, len(windows), batch):
        part = windows[start : start + batch]
        images = np.stack([padded(canvas.read(window, channels, scale), patch) for window in part])
        for window, probability in zip(part, predictor(images), strict=True):
            here = blend[: window.height, : window.width]
            total[window.slices] += probability[: window.height, : window.width] * here
            weight[window.slices] += here
        progress(min(1.0, (start + batch) / len(windows)))
    return total / weight


def _blend_weights(size: int) -> Planes:
    rise = 0.5 - 0.5 * np.cos(2 * np.pi * (np.arange(size) + 0.5) / size)
    return np.maximum(rise[:, None] * rise, MIN_BLEND_WEIGHT).astype(np.float32)
