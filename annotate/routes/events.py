"""The event stream of a mirror: what happens there, sent to every tab that shows it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from annotate.messages import Hello, Message, PlacesMessage
from annotate.routes import MIRROR, Session, Sessions, View, refusals
from annotate.routes.feed import Feed, encoded

RESPONSES: dict[int | str, dict[str, Any]] = {200: {"model": Message, "description": "each data: one message, in JSON"}}

router = APIRouter(prefix=MIRROR, tags=["events"])


class EventStream(StreamingResponse):
    """Server-sent events."""

    media_type = "text/event-stream"


async def _feed(request: Request, view: View, session: Session, sessions: Sessions) -> AsyncIterator[Feed]:
    feed, feeds = Feed(), request.app.state.feeds
    feeds.add(feed)
    ends = [session.subscribe(feed.put), sessions.jobs.subscribe(view.name, feed.put)]
    try:
        yield feed
    finally:
        feeds.discard(feed)
        for end in ends:
            end()


@router.get("/events", response_class=EventStream, responses=RESPONSES | refusals(404, 409))
async def events(session: Session, feed: Annotated[Feed, Depends(_feed)]) -> EventStream:
    """Send what happens, as JSON messages; first ``hello`` and ``places``, then the jobs that are under way.

    A page reads the state before it listens, and quality may have been estimated in between: no event tells of that.
    """
    state = await run_in_threadpool(session.state)

    async def sent() -> AsyncIterator[bytes]:
        yield encoded(Hello(event=state.event))
        if state.places is not None:
            yield encoded(PlacesMessage(places=state.places))
        async for part in feed.sent():
            yield part

    return EventStream(sent(), headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
