"""Whole drawings: the base model's, and any drawing at the scan's size; band by band, so that no size is too large."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from data.enlarging import scan_bands
from data.io.png import write_drawing_bands
from data.storage import PreparedView
from models.checkpoints import TrainedModel
from models.prediction import Planes, Predictor, predict_bands
from runs.predicting.channels import channels_for, require_scale

WINDOWS_AT_ONCE = 8  # given to the predictor, which cuts them into its own batches

Progress = Callable[[float], None]


def initial_drawing(
    view: PreparedView, base: TrainedModel, predictor: Predictor, progress: Progress = lambda share: None
) -> NDArray[np.float32]:
    """Let the base model draw a whole view.

    Parameters
    ----------
    view : what to draw
    base : the model
    predictor : what computes it
    progress : called with the share that is done

    Returns
    -------
    (H, W) float32 in [0, 1], at model scale, zero off the object

    Raises
    ------
    ModelError
        If the view lacks a channel that the model sees, or shows lines otherwise than the model learned them.
    """
    drawing, top = np.empty(view.model_shape, np.float32), 0
    for band in _initial_bands(view, base, predictor, progress):
        drawing[top : top + len(band)] = band
        top += len(band)
    return drawing


def draw(
    path: Path,
    view: PreparedView,
    base: TrainedModel,
    predictor: Predictor,
    progress: Progress = lambda share: None,
) -> None:
    """Let the base model draw a view into a PNG of the scan's size, see ``data.io.png.write_drawing``.

    Some rows at a time are predicted, enlarged and written: memory does not grow with the scan's height.

    Raises
    ------
    ModelError
        If the view lacks a channel that the model sees, or shows lines otherwise than the model learned them.
    """
    bands = scan_bands(_initial_bands(view, base, predictor, progress), view)
    write_drawing_bands(path, view.shape, bands, view.pixels_per_mm)


def _initial_bands(
    view: PreparedView, base: TrainedModel, predictor: Predictor, progress: Progress
) -> Iterator[Planes]:
    require_scale(view, base)
    return predict_bands(
        view,
        view.model_shape,
        predictor,
        channels=channels_for(base.task, view),
        scale=view.scale,
        patch=base.task.patch,
        batch=WINDOWS_AT_ONCE,
        valid_mask=view.mask,
        progress=progress,
    )
