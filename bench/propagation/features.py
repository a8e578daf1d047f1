"""What is known of a piece of likely line before anybody says what it is."""

from __future__ import annotations

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from bench.propagation.pieces import LOW, Floats, Ints, LinePieces
from data.regions import padded, shape_of, sliding_windows
from data.storage import Canvas
from models.checkpoints import TrainedModel
from models.prediction import TorchPredictor

SURROUNDINGS = 21  # model pixels
SAFE = 1e-4  # probabilities are kept this far from 0 and 1


def logits(probability: NDArray[np.float32]) -> Floats:
    """Return the logit of probabilities, finite even for 0 and 1."""
    kept = np.clip(np.asarray(probability, np.float64), SAFE, 1 - SAFE)
    return np.log(kept) - np.log1p(-kept)


def own_features(pieces: LinePieces, probability: NDArray[np.float32]) -> Floats:
    """Describe each piece by its probability and shape, (P, 5); the first column is its mean logit."""
    logit = logits(probability)[tuple(pieces.pixels.T)]
    width = cv2.distanceTransform((probability > LOW).astype(np.uint8), cv2.DIST_L2, 5)
    extremes = [pieces.reduced(logit, how) for how in (np.minimum, np.maximum)]
    return np.column_stack([pieces.mean(logit), *extremes, np.log(pieces.lengths), pieces.along(width)])


def surface_features(pieces: LinePieces, probability: NDArray[np.float32], image: NDArray[np.float32]) -> Floats:
    """Describe the surface around each piece, (P, 4): level, contrast, roughness, how much is in doubt nearby."""
    around, square = (cv2.blur(plane, (SURROUNDINGS, SURROUNDINGS)) for plane in (image, image**2))
    roughness = np.sqrt(np.maximum(square - around**2, 0))
    unsure = ((probability > LOW) & (probability < 1 - LOW)).astype(np.float32)
    doubt = cv2.blur(unsure, (2 * SURROUNDINGS, 2 * SURROUNDINGS))
    planes = (around, cv2.blur(image, (5, 5)) - around, roughness, doubt)
    return np.column_stack([pieces.along(plane) for plane in planes])


def decoder_features(pieces: LinePieces, canvas: Canvas, base: TrainedModel) -> tuple[Floats, Floats]:
    """Pool over each piece what the base model's decoder gives at its pixels; windows are disjoint, not blended.

    Returns
    -------
    last, earlier
        Its last feature map, (P, C), and those of the two blocks before, (P, D).
    """
    blocks = list(base.network.unet.decoder.blocks)[-3:]
    given: dict[nn.Module, Tensor] = {}
    hooks = [block.register_forward_hook(lambda block, _, output: given.update({block: output})) for block in blocks]
    predictor = TorchPredictor(base.network, torch.device("cpu"), threads=1)
    patch = base.task.patch
    parts: list[list[NDArray[np.float32]]] = []
    numbers: list[Ints] = []
    for window in sliding_windows(shape_of(pieces.on), patch, patch):
        offset = pieces.pixels - (window.top, window.left)
        within = np.flatnonzero(((offset >= 0) & (offset < window.shape)).all(axis=1))
        if len(within):
            predictor(padded(canvas.read(window, base.task.channels, base.task.scale), patch)[None])
            parts.append([_at(given[block], offset[within], patch) for block in blocks])
            numbers.append(within)
    for hook in hooks:
        hook.remove()
    order = np.unique(np.concatenate(numbers), return_index=True)[1]  # a pixel of two windows counts once
    *earlier, last = (pieces.mean(np.concatenate(block)[order]) for block in zip(*parts, strict=True))
    return last, np.concatenate(earlier, axis=1)


def _at(output: Tensor, pixels: Ints, patch: int) -> NDArray[np.float32]:
    """Return a block's output (1, C, h, w) at pixels (N, 2) of its window, (N, C)."""
    stride = patch // output.shape[-1]
    row, column = (pixels // stride).T
    return np.asarray(output[0].numpy()[:, row, column].T)
