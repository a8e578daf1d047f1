"""Whole drawings: the base model's, and any drawing at the scan's size; band by band, so that no size is too large."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from data.images import write_drawing_bands
from data.regions import Region
from data.storage import PreparedView
from metrics.masks import Mask
from models.checkpoints import TrainedModel
from models.errors import ModelError
from models.prediction import Planes, Predictor, predict_bands
from simulation.refinement import LINE

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
    progress : told the share that is done

    Returns
    -------
    (H, W) float32 in [0, 1], at model scale, zero off the object

    Raises
    ------
    ModelError
        If the model was trained at another scale than the view is prepared for.
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
    """Let the base model draw a view into a PNG of the scan's size, see ``data.images.write_drawing``.

    Some rows at a time are predicted, enlarged and written: memory does not grow with the scan's height.

    Raises
    ------
    ModelError
        If the model was trained at another scale than the view is prepared for.
    """
    write_drawing_bands(path, view.shape, _scan_bands(_initial_bands(view, base, predictor, progress), view))


def require_scale(view: PreparedView, model: TrainedModel) -> None:
    """Raise ModelError unless the model was trained at the scale that the view is prepared for."""
    if model.task.scale != view.scale:
        raise ModelError(
            f"{model.path}: trained on {model.task.dataset} at scale {model.task.scale}, "
            f"but {view.name} is prepared at {view.scale}; use a model trained on such data"
        )


def at_scan_size(probability: NDArray[np.float32], view: PreparedView) -> Mask:
    """Return a drawing (H, W) at model scale as lines at scan scale, on the object only."""
    return np.concatenate(list(_scan_bands([probability], view)))


def _initial_bands(
    view: PreparedView, base: TrainedModel, predictor: Predictor, progress: Progress
) -> Iterator[Planes]:
    require_scale(view, base)
    return predict_bands(
        view,
        view.model_shape,
        predictor,
        channels=base.task.channels,
        scale=base.task.scale,
        patch=base.task.patch,
        batch=WINDOWS_AT_ONCE,
        inside=view.mask,
        progress=progress,
    )


def _scan_bands(bands: Iterable[Planes], view: PreparedView) -> Iterator[Mask]:
    """Turn bands at model scale, from top to bottom, into lines at scan scale, on the object only."""
    height, width = view.shape
    top = 0
    for band in _enlarged(bands, round(1 / view.scale)):
        kept = band[: height - top, :width]  # an odd length was rounded up when the scan was halved
        yield (kept > LINE) & view.scan_mask(Region(top, 0, *kept.shape))
        top += len(kept)


def _enlarged(bands: Iterable[Planes], times: int) -> Iterator[Planes]:
    """Enlarge bands of a map a whole number of times, bilinearly, just as the whole map would be in one piece."""
    waiting: Planes | None = None  # a band below the row above it; it needs the row below it too
    for band in bands:
        if waiting is None:
            waiting = band[:1]
        else:
            yield _inner_enlarged(np.concatenate([waiting, band[:1]]), times)
            waiting = waiting[-1:]
        waiting = np.concatenate([waiting, band])
    if waiting is not None:
        yield _inner_enlarged(np.concatenate([waiting, waiting[-1:]]), times)


def _inner_enlarged(rows: Planes, times: int) -> Planes:
    """Enlarge rows, and leave out what the first and the last of them became."""
    if times == 1:
        return rows[1:-1]
    height, width = rows.shape
    large = cv2.resize(rows, (width * times, height * times), interpolation=cv2.INTER_LINEAR)
    return np.asarray(large[times:-times], np.float32)
