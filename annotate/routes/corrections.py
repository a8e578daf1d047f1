"""Routes of strokes, marks, undo, redo, refine and keep; their results are messages of the event stream."""

from __future__ import annotations

import numpy as np
from fastapi import APIRouter, HTTPException

from annotate.errors import AnnotateError
from annotate.limits import require_drawable
from annotate.messages import Accepted, Nothing, SeenRequest, StrokeRequest
from annotate.routes import MIRROR, Session, View, refusals
from data.storage import PreparedView
from interaction.prompts.strokes import Stroke

MOST_WAITING = 500  # strokes; about a minute's work

router = APIRouter(prefix=MIRROR, tags=["corrections"])


@router.post("/strokes", status_code=201, responses=refusals(404, 409, 429))
def draw(request: StrokeRequest, view: View, session: Session) -> Accepted:
    """Take a stroke. It is on disk when this responds; the model's answer to it follows as an event."""
    stroke = _stroke(request, view)
    if session.waiting >= MOST_WAITING:
        raise HTTPException(429, f"{MOST_WAITING} strokes wait to be answered; wait a moment and draw on")
    return Accepted(event=session.draw(stroke, refine=request.refine, client=str(request.client)))


@router.post("/undo", status_code=202, responses=refusals(404, 409))
def undo(session: Session) -> Nothing:
    """Undo the last change or mark."""
    session.undo()
    return Nothing()


@router.post("/redo", status_code=202, responses=refusals(404, 409))
def redo(session: Session) -> Nothing:
    """Make the change or mark again that was undone last."""
    session.redo()
    return Nothing()


@router.post("/refine", status_code=202, responses=refusals(404, 409))
def refine(session: Session) -> Nothing:
    """Ask the model about the strokes that it was not asked about."""
    session.refine()
    return Nothing()


@router.post("/keep", status_code=202, responses=refusals(404, 409))
def keep(session: Session) -> Nothing:
    """Of the last change keep the stroke alone."""
    session.keep_stroke()
    return Nothing()


@router.post("/seen", status_code=201, responses=refusals(404, 409))
def seen(request: SeenRequest, session: Session) -> Accepted:
    """Note that a place looks right, or no longer. It is on disk when this responds; ``marked`` follows as an event."""
    return Accepted(event=session.seen(request.cell, request.right))


def _stroke(request: StrokeRequest, view: PreparedView) -> Stroke:
    """Return the stroke of a request; raises HTTPException if it is none on this scan."""
    stroke = Stroke(np.array(request.path_px), np.array(request.radius_px), request.sign)
    try:
        require_drawable(stroke, view.shape)
    except AnnotateError as error:
        raise HTTPException(422, str(error)) from error
    if 0 in stroke.bounds(view.scale, view.model_shape).shape:
        raise HTTPException(422, f"the stroke lies outside the scan of {view.shape[0]} x {view.shape[1]} pixels")
    return stroke
