"""Routes of the list of mirrors, and of opening and starting one."""

from __future__ import annotations

from fastapi import APIRouter

from annotate.images.layers import layers_of
from annotate.images.pyramid import TILE
from annotate.messages import Mirror, Nothing, Problem, ShowingRequest, StartRequest, State, Tiles
from annotate.routes import MIRROR, Session, Sessions, View, refusals
from annotate.session.annotation_session import AnnotationSession
from annotate.session.open_sessions import OpenSessions

router = APIRouter(tags=["mirrors"])


@router.get("/api/mirrors", responses={503: {"model": Problem}})  # once by its model, so that the schema has it
def mirrors(sessions: Sessions) -> list[Mirror]:
    """List the mirrors that can be opened, and how far each is."""
    return sessions.image_list.mirrors()


@router.get(MIRROR, responses=refusals(404, 409))
def state(view: View, session: Session, sessions: Sessions) -> State:
    """Open a mirror; return its state without pictures."""
    return state_of(session, sessions)


def state_of(session: AnnotationSession, sessions: OpenSessions) -> State:
    """Return the whole state of an open mirror; its jobs are read before what they make, so that no end is missed."""
    view, jobs = session.view, sessions.jobs.of(session.view.name)
    pyramid = sessions.pyramid(view.name)
    return State(
        **dict(session.state()),
        version=pyramid.version,
        layers=layers_of(view),
        tiles=Tiles(ready=pyramid.ready, size=TILE, levels=pyramid.levels),
        jobs=jobs,
    )


@router.post(f"{MIRROR}/start", status_code=202, responses=refusals(404, 409))
def start(request: StartRequest, view: View, session: Session, sessions: Sessions) -> Nothing:
    """Have the initial drawing made; progress and completion follow as events."""
    session.require_startable(request.source)
    sessions.start(view.name, request.source)
    return Nothing()


@router.post(f"{MIRROR}/previews", status_code=202, responses=refusals(404, 409))
def draw_previews(view: View, sessions: Sessions) -> Nothing:
    """Have drawn what a mirror can be begun from; progress follows as events, and pictures are ready at the end."""
    sessions.preview(view.name)
    return Nothing()


@router.post(f"{MIRROR}/showing", status_code=202, responses=refusals(404, 409))
def show_lines(request: ShowingRequest, view: View, sessions: Sessions) -> Nothing:
    """Have all images of the mirror's set prepared anew, with lines of another width or polarity; none can be drawn on.

    Progress follows as events of every mirror, then ``hello`` with another version.
    """
    sessions.show_lines(view.name, request.line_width, request.polarity)
    return Nothing()
