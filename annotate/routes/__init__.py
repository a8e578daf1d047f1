"""What can be asked for over HTTP, by concern; each route blocks, and so runs in a thread, unless it says ``async``."""

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
    """Describe, for OpenAPI, an answer that is no JSON."""
    return {200: {"content": {media_type: {} for media_type in media_types}}}


async def _workbench(request: Request) -> OpenSessions:
    bench: OpenSessions = request.app.state.workbench
    return bench


Bench = Annotated[OpenSessions, Depends(_workbench)]


async def _view(name: Annotated[str, Path(description="a mirror of the list")], bench: Bench) -> PreparedView:
    return bench.gallery.view(name)


View = Annotated[PreparedView, Depends(_view)]


def _desk(view: View, bench: Bench) -> Iterator[AnnotationSession]:
    with bench.desk(view.name) as desk:
        yield desk


OpenDesk = Annotated[AnnotationSession, Depends(_desk)]  # stays open until the answer is sent, to its last byte
