"""Networks as functions on arrays: predict batches, or whole canvases by blended windows from top to bottom."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from data.canvas import Canvas
from data.regions import Region, Shape, padded, sliding_windows
from metrics.masks import Mask
from models.networks import LineNetwork

Planes = NDArray[np.float32]
MIN_BLEND_WEIGHT = 1e-3  # so that no pixel is left without a prediction


class Predictor(Protocol):
    """A function from input planes to line probabilities, independent of the backend."""

    def __call__(self, *inputs: Planes) -> Planes:
        """Return (B, H, W) probabilities for inputs (B, C, H, W), in the network's own order."""


class TorchPredictor:
    """A network computed by PyTorch in batches of one fixed size, so that no result depends on the rest of its batch.

    Parameters
    ----------
    network : moved to the device and set to evaluation
    device : where to compute
    batch : samples computed at once; a last, smaller batch is filled up
    threads : on a CPU; by default as many as PyTorch has. The last bits of results depend on it, and on the batch
    """

    name = "torch"

    def __init__(self, network: LineNetwork, device: torch.device, batch: int = 1, threads: int | None = None) -> None:
        self.network = network.to(device, memory_format=torch.channels_last).eval()  # type: ignore[call-overload]
        self.device, self.batch, self.threads = device, batch, threads

    def __call__(self, *inputs: Planes) -> Planes:
        """See ``Predictor``."""
        before = torch.get_num_threads()
        torch.set_num_threads(self.threads or before)
        try:
            return self._predicted(inputs)
        finally:
            torch.set_num_threads(before)

    @torch.inference_mode()
    def _predicted(self, inputs: tuple[Planes, ...]) -> Planes:
        predictions = []
        for start in range(0, len(inputs[0]), self.batch):
            part = [planes[start : start + self.batch] for planes in inputs]
            real = len(part[0])
            filled = [np.concatenate([planes, planes[:1].repeat(self.batch - real, 0)]) for planes in part]
            tensors = [torch.from_numpy(planes).to(self.device, torch.float32) for planes in filled]
            logits = self.network(*(tensor.contiguous(memory_format=torch.channels_last) for tensor in tensors))
            predictions.append(torch.sigmoid(logits.float())[:real, 0].cpu().numpy())
        return np.concatenate(predictions)


def predict_bands(
    canvas: Canvas,
    shape: Shape,
    predictor: Predictor,
    *,
    channels: Sequence[str],
    scale: float,
    patch: int,
    step: int | None = None,
    batch: int = 8,
    valid_mask: Mask | None = None,
    progress: Callable[[float], None] = lambda share: None,
) -> Iterator[Planes]:
    """Predict a whole canvas by overlapping, blended windows; yield it from top to bottom.

    A window's weight falls towards its edge as a Hann window does, and is nowhere zero. Only the rows of one window
    are held at a time, so memory grows with the canvas's width and not with its height.

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
    valid_mask : where a prediction is wanted, bool of ``shape``; windows without any of it are not predicted
    progress : told the share that is done

    Yields
    ------
    (h, W) float32 in [0, 1]: the next rows, ``patch`` at most; 0 where ``valid_mask`` is not set
    """
    windows = [
        window
        for window in sliding_windows(shape, patch, step or max(1, patch // 2))
        if valid_mask is None or valid_mask[window.slices].any()
    ]

    def predicted() -> Iterator[tuple[Region, Planes]]:
        for start in range(0, len(windows), batch):
            part = windows[start : start + batch]
            images = np.stack([padded(canvas.read(window, channels, scale), patch) for window in part])
            yield from zip(part, predictor(images), strict=True)
            progress((start + len(part)) / len(windows))

    rows = _Rows(shape, patch)
    for window, probability in predicted():
        yield from rows.finished(window.top, valid_mask)  # no later window reaches above this one
        rows.add(window, probability)
    yield from rows.finished(shape[0], valid_mask)
    if not windows:
        progress(1.0)


class _Rows:
    """Weighted sums of the windows so far, for as many rows as one window has."""

    def __init__(self, shape: Shape, patch: int) -> None:
        held = min(patch, shape[0]), shape[1]
        self._top = 0
        self._total, self._weight = np.zeros(held, np.float32), np.zeros(held, np.float32)
        self._blend = _blend_weights(patch)

    def add(self, window: Region, probability: Planes) -> None:
        """Add a window; its top row is the first that is held."""
        at = np.s_[: window.height, window.left : window.right]
        weight = self._blend[: window.height, : window.width]
        self._total[at] += probability[: window.height, : window.width] * weight
        self._weight[at] += weight

    def finished(self, bottom: int, valid_mask: Mask | None) -> Iterator[Planes]:
        """Hand out the rows above ``bottom``, to which nothing will be added, and hold those that follow."""
        while self._top < bottom:
            count = min(len(self._total), bottom - self._top)
            chosen = self._weight[:count] > 0
            if valid_mask is not None:
                chosen &= valid_mask[self._top : self._top + count]
            band = np.zeros(chosen.shape, np.float32)
            yield np.divide(self._total[:count], self._weight[:count], out=band, where=chosen)
            for held in (self._total, self._weight):
                held[:-count] = held[count:]
                held[-count:] = 0
            self._top += count


def _blend_weights(size: int) -> Planes:
    rise = 0.5 - 0.5 * np.cos(2 * np.pi * (np.arange(size) + 0.5) / size)
    return np.maximum(rise[:, None] * rise, MIN_BLEND_WEIGHT).astype(np.float32)
