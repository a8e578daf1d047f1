"""The sources of an initial drawing: a model, a classical binarization, the drawing that came with it, or nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from annotate.errors import AnnotateError
from annotate.library.model_service import ModelService
from annotate.messages import Source
from data.channels import RGB, channel_named, is_declared
from data.preparing.looking import LUMA
from data.regions import whole
from data.showing import COLOURS
from data.storage import PreparedView
from interaction.session import LINE
from models.classical import CLASSICAL

if TYPE_CHECKING:
    from models.versions import Version

LEARNED: Source = "learned"
MODEL: Source = "model"
MODELS = (LEARNED, MODEL)  # whose values are probabilities
DRAWING: Source = "drawing"
EMPTY: Source = "empty"
LOCAL: Source = "sauvola"
BINARIZED: tuple[Source, ...] = ("otsu", LOCAL)  # by ``models.classical``; on clean pages they beat a foreign model
RELIEF = "relief"  # the channel of photographs in which lines are dark, whatever they are in the photograph


def sources_of(view: PreparedView, models: ModelService) -> list[Source]:
    """Return the possible sources of a view's initial drawing."""
    modelled = models.draws and models.problem_with(view) is None
    binarized = dict.fromkeys(BINARIZED, flat_channel(view) is not None)
    learned = modelled and models.learner is not None and models.learner.for_next is not None
    there = {LEARNED: learned, MODEL: modelled, **binarized, DRAWING: view.has_truth, EMPTY: True}
    return [source for source, is_there in there.items() if is_there]


def flat_channel(view: PreparedView) -> str | None:
    """Return the channel of one plane in which classical binarizations look for dark lines; None if there is none."""
    flat = [name for name in view.channels if is_declared(name) and channel_named(name).planes == 1]
    return RELIEF if RELIEF in flat else next(iter(flat), None)


def require_source(source: str, view: PreparedView, models: ModelService) -> None:
    """Raise AnnotateError if a view cannot be started from this source."""
    sources = sources_of(view, models)
    if source not in sources:
        raise AnnotateError(f"{view.name}: cannot start from {source!r}; take {' or '.join(sources)}")


def provenance(source: Source, models: ModelService, version: Version | None = None) -> dict[str, Any]:
    """Return the provenance of an initial drawing, as the log stores it; ``version``: what had been learned, if any."""
    base = models.base if source in MODELS else None
    body = {
        "source": source,
        "base_model": base.sha256 if base else None,
        "made_by": base.path.name if base else source,
    }
    return body if version is None else body | {"version": version.sha256}


def version_for(source: Source, models: ModelService) -> Version | None:
    """Return the version that a mirror is begun with from a source; None: the models as they came, or none at all."""
    return models.learner.for_next if source == LEARNED and models.learner else None


def initial_drawing(
    source: Source,
    view: PreparedView,
    models: ModelService,
    progress: Callable[[float], None],
    version: Version | None = None,
) -> NDArray[np.float32]:
    """Make the initial drawing, which may take minutes; ``version``: of ``version_for``.

    Returns
    -------
    (H, W) float32 in [0, 1], at model scale

    Raises
    ------
    AnnotateError
        If the view cannot be begun from that, or the model fails.
    """
    require_source(source, view, models)
    if version is not None and models.learner is not None:
        return models.learner.drawing(version, view, progress)
    if source == MODEL:
        return models.initial(view, progress)
    if source == DRAWING:
        return (view.truth & view.mask).astype(np.float32)
    if source in BINARIZED:
        return _binarized(source, view)
    return np.zeros(view.model_shape, np.float32)


def threshold_lines(view: PreparedView) -> NDArray[np.bool_]:
    """Return what one threshold marks as line, (H, W) bool at model scale; nothing where there is no channel for it."""
    return np.zeros(view.model_shape, bool) if flat_channel(view) is None else _binarized("otsu", view) > LINE


def _binarized(source: Source, view: PreparedView) -> NDArray[np.float32]:
    """Binarize a view; a threshold that is local itself looks at the photograph, and not at its relief."""
    channel, bright = flat_channel(view), False
    assert channel is not None  # or it would be no source
    if source == LOCAL and channel == RELIEF:
        made = view.manifest["parts"][RELIEF]["parameters"]
        channel, bright = made["channel"], made["polarity"] == "bright"
    image = _plane(view, channel)
    return CLASSICAL[source](1 - image if bright else image, view.mask).astype(np.float32)


def _plane(view: PreparedView, channel: str) -> NDArray[np.float32]:
    """Return a channel of one plane, (H, W) in [0, 1]; one that was not prepared is taken from the colours."""
    everywhere = whole(view.model_shape)
    if channel in view.channels or RGB.name not in view.channels:
        return view.read(everywhere, [channel], view.scale)[0]
    colours = view.read(everywhere, [RGB.name], view.scale)
    return colours[COLOURS[channel]] if channel in COLOURS else np.tensordot(LUMA, colours, 1).astype(np.float32)
