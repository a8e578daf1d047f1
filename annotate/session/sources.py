"""The sources of an initial drawing: a model's prediction, the drawing that came with the scan, or nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotate.errors import AnnotateError
from annotate.library.model_service import ModelService
from annotate.messages import Source
from data.storage import PreparedView

MODEL: Source = "model"
DRAWING: Source = "drawing"
EMPTY: Source = "empty"


def sources_of(view: PreparedView, models: ModelService) -> list[Source]:
    """Return the possible sources of a view's initial drawing."""
    modelled = models.draws and models.problem_with(view) is None
    there = {MODEL: modelled, DRAWING: view.has_truth, EMPTY: True}
    return [source for source, is_there in there.items() if is_there]


def require_source(source: str, view: PreparedView, models: ModelService) -> None:
    """Raise AnnotateError if a view cannot be started from this source."""
    sources = sources_of(view, models)
    if source not in sources:
        raise AnnotateError(f"{view.name}: cannot start from {source!r}; take {' or '.join(sources)}")


def provenance(source: Source, models: ModelService) -> dict[str, Any]:
    """Return the provenance of an initial drawing, as the log stores it."""
    base = models.base if source == MODEL else None
    return {
        "source": source,
        "base_model": base.sha256 if base else None,
        "made_by": base.path.name if base else source,
    }


def initial_drawing(
    source: str, view: PreparedView, models: ModelService, progress: Callable[[float], None]
) -> NDArray[np.float32]:
    """Make the initial drawing, which may take minutes.

    Returns
    -------
    (H, W) float32 in [0, 1], at model scale

    Raises
    ------
    AnnotateError
        If the view cannot be begun from that, or the model fails.
    """
    require_source(source, view, models)
    if source == MODEL:
        return models.initial(view, progress)
    if source == DRAWING:
        return (view.truth & view.mask).astype(np.float32)
    return np.zeros(view.model_shape, np.float32)
