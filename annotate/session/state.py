"""The state of an open mirror, as the page gets it, without pictures."""

from __future__ import annotations

from typing import cast

from annotate.library.model_service import ModelService
from annotate.messages import DrawingStatus, LineShowing, Pen, SessionState, Source
from annotate.session.sources import sources_of
from annotate.session.worker import Worker
from data.line_statistics import LineStatistics
from data.storage import PreparedView


def session_state(
    view: PreparedView,
    lines: LineStatistics,
    models: ModelService,
    worker: Worker | None,
    status: DrawingStatus,
    read_only: str | None,
    *,
    previews: list[Source],
    showing: LineShowing | None,
) -> SessionState:
    """Return the state of an open mirror at once, without waiting for the worker.

    Parameters
    ----------
    view : the mirror
    lines : how wide drawn lines are
    models : what draws and refines
    worker : what carries out its commands; None before the start
    status : of its drawing
    read_only : why nothing can be drawn now; None: it can
    previews : sources of which there is a picture
    showing : how lines of photographs are shown to models; None for mirrors
    """
    return SessionState(
        **dict(status),
        waiting=len(worker.waiting) if worker else 0,
        refused=worker.refused if worker else {},
        name=view.name,
        object=view.object,
        shape=view.shape,
        model_shape=view.model_shape,
        scale=view.scale,
        pixels_per_mm=view.pixels_per_mm,
        has_truth=view.has_truth,
        started=worker is not None,
        source=cast(Source, worker.source) if worker else None,
        sources=sources_of(view, models),
        previews=previews,
        pen=Pen(radius_px=lines.mean, deviation_px=lines.deviation),
        showing=showing,
        refines=models.refines(view),
        model_ready=models.ready,
        model_problem=models.problem_with(view),
        read_only=read_only,
        places=worker.places_state if worker else None,
        learning=worker.learning.state if worker and worker.learning else None,
    )


def status_before_start(event: int) -> DrawingStatus:
    """Return the status of a mirror without a drawing; ``event`` is the last one of its log."""
    return DrawingStatus(
        event=event, strokes=0, can_undo=False, can_redo=False, can_keep=False, pending_refine=0, off_object=0
    )
