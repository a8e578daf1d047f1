"""The HTTP routes, by resource. A route that is not ``async`` may block, and runs in a thread."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import Depends, Path, Request

from annotate.session.annotation_session import AnnotationSession
from annotate.session.open_sessions import OpenSessions
from data.storage import PreparedView

MIRROR = "/api/mirrors/{name}"  # what all routes of one mirror begin with


_PROBLEM = {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Describe, for OpenAPI, with which statuses a route may refuse, beside those that every route may.

    A refusal is JSON whatever the route answers with otherwise; FastAPI's own ``model`` would have it otherwise.
    """
    return {status: {"content": _PROBLEM} for status in statuses}


def gives(*media_types: str) -> dict[int | str, dict[str, Any]]:
    """Describe, for OpenAPI, a response that is not JSON."""
    return {200: {"content": {media_type: {} for media_type in media_types}}}


async def _open_sessions(request: Request) -> OpenSessions:
    sessions: OpenSessions = request.app.state.open_sessions
    return sessions


Sessions = Annotated[OpenSessions, Depends(_open_sessions)]


async def _view(name: Annotated[str, Path(description="a mirror of the list")], sessions: Sessions) -> PreparedView:
    return sessions.image_list.view(name)


View = Annotated[PreparedView, Depends(_view)]


def _session(view: View, sessions: Sessions) -> Iterator[AnnotationSession]:
    with sessions.session(view.name) as session:
        yield session


Session = Annotated[AnnotationSession, Depends(_session)]  # stays open until the answer is sent, to its last byte
