"""Whole drawings: the base model's, and any drawing at the scan's size."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from data.storage import PreparedView
from metrics.masks import Mask
from models.checkpoints import TrainedModel
from models.errors import ModelError
from models.prediction import TorchPredictor, predict_whole
from simulation.refinement import LINE

PREDICTION_BATCH = 8


def initial_drawing(
    view: PreparedView, base: TrainedModel, device: str, progress: Callable[[float], None] = lambda share: None
) -> NDArray[np.float32]:
    """Let the base model draw a whole view.

    Returns
    -------
    (H, W) float32 in [0, 1], at model scale, zero off the object

    Raises
    ------
    ModelError
        If the model was trained at another scale than the view is prepared for.
    """
    require_scale(view, base)
    probability = predict_whole(
        view,
        view.model_shape,
        TorchPredictor(base.network, torch.device(device), PREDICTION_BATCH),
        channels=base.task.channels,
        scale=base.task.scale,
        patch=base.task.patch,
        batch=PREDICTION_BATCH,
        progress=progress,
    )
    probability[~view.mask] = 0
    return probability


def require_scale(view: PreparedView, model: TrainedModel) -> None:
    """Raise ModelError unless the model was trained at the scale that the view is prepared for."""
    if model.task.scale != view.scale:
        raise ModelError(
            f"{model.path}: trained on {model.task.dataset} at scale {model.task.scale}, "
            f"but {view.name} is prepared at {view.scale}; use a model trained on such data"
        )


def at_scan_size(probability: NDArray[np.float32], view: PreparedView) -> Mask:
    """Return a drawing (H, W) at model scale as lines at scan scale, on the object only."""
    if view.scale != 1:
        times = round(1 / view.scale)
        height, width = probability.shape
        large = cv2.resize(probability, (width * times, height * times), interpolation=cv2.INTER_LINEAR)
        probability = np.asarray(large[: view.shape[0], : view.shape[1]], np.float32)
    return np.asarray((probability > LINE) & view.scan_mask())
