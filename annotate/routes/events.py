"""The event stream of a mirror: what happens there, told to every tab that shows it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from annotate.messages import Hello, Message
from annotate.routes import MIRROR, Bench, OpenDesk, View, refusals
from annotate.routes.feed import Feed, encoded

TOLD: dict[int | str, dict[str, Any]] = {200: {"model": Message, "description": "each data: one message, in JSON"}}

router = APIRouter(prefix=MIRROR, tags=["events"])


class EventStream(StreamingResponse):
    """Server-sent events."""

    media_type = "text/event-stream"


async def _feed(request: Request, view: View, desk: OpenDesk, bench: Bench) -> AsyncIterator[Feed]:
    feed, feeds = Feed(), request.app.state.feeds
    feeds.add(feed)
    ends = [desk.listen(feed.put), bench.jobs.listen(view.name, feed.put)]
    try:
        yield feed
    finally:
        feeds.discard(feed)
        for end in ends:
            end()


@router.get("/events", response_class=EventStream, responses=TOLD | refusals(404, 409))
async def events(desk: OpenDesk, feed: Annotated[Feed, Depends(_feed)]) -> EventStream:
    """Tell what happens, as JSON messages; the first is ``hello``, then come the jobs that are under way."""
    hello = Hello(event=(await run_in_threadpool(desk.state))["event"])

    async def sent() -> AsyncIterator[bytes]:
        yield encoded(hello.model_dump())
        async for part in feed.sent():
            yield part

    return EventStream(sent(), headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
