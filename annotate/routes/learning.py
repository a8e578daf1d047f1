"""Routes of learning: from places that are done, drawing anew, and going back to the models as they came."""

from __future__ import annotations

from fastapi import APIRouter

from annotate.messages import LearnRequest, Nothing, PlacesRequest
from annotate.routes import MIRROR, Session, Sessions, View, refusals
from annotate.session.teaching import Teaching

router = APIRouter(prefix=MIRROR, tags=["learning"])


@router.post("/learn", status_code=202, responses=refusals(404, 409))
def learn(request: LearnRequest, view: View, session: Session, sessions: Sessions) -> Nothing:
    """Have the models learn from the places that are done; a place that is named looks right as it is drawn.

    Progress follows as events, then ``learning``.
    """
    _ = session.teaching  # refused where nothing can be learned
    if request.cell is not None and not session.looks_right(request.cell):
        session.seen(request.cell)
    sessions.teach(view.name, Teaching.learn)
    return Nothing()


@router.post("/redraw", status_code=202, responses=refusals(404, 409))
def redraw(view: View, session: Session, sessions: Sessions) -> Nothing:
    """Have shown what the newest version would draw anew; nothing changes before it is accepted."""
    _ = session.teaching  # refused where nothing can be learned
    sessions.teach(view.name, Teaching.preview)
    return Nothing()


@router.post("/forget", status_code=202, responses=refusals(404, 409))
def forget(view: View, session: Session, sessions: Sessions) -> Nothing:
    """Go back to the models as they came, for this mirror and the next ones; what is drawn stays."""
    _ = session.teaching  # refused where nothing can be learned
    sessions.teach(view.name, Teaching.forget)
    return Nothing()


@router.post("/redrawing/accept", status_code=202, responses=refusals(404, 409))
def accept(request: PlacesRequest, session: Session) -> Nothing:
    """Take a proposed redrawing over; ``redrawn`` follows as an event, and undo takes all of it back."""
    session.settle(request.cells, wanted=True)
    return Nothing()


@router.post("/redrawing/dismiss", status_code=202, responses=refusals(404, 409))
def dismiss(request: PlacesRequest, session: Session) -> Nothing:
    """Leave the drawing as it is where a redrawing was proposed."""
    session.settle(request.cells, wanted=False)
    return Nothing()
