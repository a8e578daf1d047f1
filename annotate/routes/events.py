"""The event streams: what happens to mirrors, sent to every browser that shows them.

A browser opens six connections to a server at most, for all its windows together. So its windows share one stream,
``/api/stream``, in which each message names its mirror.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager, suppress
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from annotate.errors import reason
from annotate.messages import JobMessage, State
from annotate.routes import MIRROR, Session, Sessions, View, refusals
from annotate.routes.feed import Feed
from annotate.routes.mirrors import state_of
from annotate.session.open_sessions import OpenSessions
from annotate.stream_messages import Envelope, Hello, Message, UnavailableMessage

MOST_MIRRORS = 100  # of one stream
AGAIN_S = 2.0  # until a mirror that could not be opened is tried again

router = APIRouter(tags=["events"])


class EventStream(StreamingResponse):
    """Server-sent events."""

    media_type = "text/event-stream"


class Subscription:
    """The messages about one mirror, put into a feed: first ``hello`` with its state, then what happens.

    Parameters
    ----------
    name : of the mirror
    feed : that gets its messages
    sessions : what opens it
    """

    def __init__(self, name: str, feed: Feed, sessions: OpenSessions) -> None:
        self._name, self._feed, self._sessions = name, feed, sessions
        self._renewed = asyncio.Event()  # set once the mirror may have been prepared anew: it has to be opened again
        self._held: list[Message] | None = None  # what happens before ``hello`` is said; None: it was

    async def last(self, over: asyncio.Event) -> None:
        """Subscribe until it is over; where the mirror cannot be opened, say why, once, and try again."""
        said = None
        while not over.is_set():
            with ExitStack() as ends:
                self._held = []
                try:
                    state = await run_in_threadpool(self._subscribe, ends)
                except Exception as error:  # whatever it is: the stream serves other mirrors too
                    if (why := reason(error)) != said:
                        self._feed.put_now(UnavailableMessage(message=why), self._name)
                    said = why
                else:
                    said = None
                    self._say_hello(state)
                    await _either(over, self._renewed)
                    if self._renewed.is_set():
                        self._renewed.clear()
                        continue
            with suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), AGAIN_S)

    def _subscribe(self, ends: ExitStack) -> State:
        """Listen to all that is told of the mirror, and only then read its state, so that nothing is missed between."""
        session = ends.enter_context(self._sessions.session(self._name))
        ends.callback(session.subscribe(self._heard))
        ends.callback(self._sessions.jobs.subscribe(self._name, self._heard))
        return state_of(session, self._sessions)

    def _heard(self, message: Message) -> None:
        """Take a message, on any thread."""
        self._feed.soon(self._take, message)

    def _take(self, message: Message) -> None:
        if isinstance(message, JobMessage) and message.job == "showing" and message.done:
            self._renewed.set()
        if self._held is None:
            self._feed.put_now(message, self._name)
        else:
            self._held.append(message)

    def _say_hello(self, state: State) -> None:
        held, self._held = self._held or [], None
        for message in (Hello(event=state.event, state=state), *held):
            self._feed.put_now(message, self._name)


async def _either(*events: asyncio.Event) -> None:
    """Wait until one of some events is set."""
    waiting = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()


@asynccontextmanager
async def _subscribed(request: Request, feed: Feed, names: Sequence[str], sessions: Sessions) -> AsyncIterator[Feed]:
    """Fill a feed with what happens to some mirrors."""
    feeds, over = request.app.state.feeds, asyncio.Event()
    feeds.add(feed)
    lasting = [asyncio.create_task(Subscription(name, feed, sessions).last(over)) for name in names]
    try:
        yield feed
    finally:
        feeds.discard(feed)
        over.set()
        await asyncio.gather(*lasting)


async def _own_feed(request: Request, view: View, session: Session, sessions: Sessions) -> AsyncIterator[Feed]:
    async with _subscribed(request, Feed(), [view.name], sessions) as feed:
        yield feed


Names = Annotated[
    list[str], Query(alias="mirror", min_length=1, max_length=MOST_MIRRORS, description="whose messages are sent")
]


async def _shared_feed(request: Request, names: Names, sessions: Sessions) -> AsyncIterator[Feed]:
    async with _subscribed(request, Feed(shared=True), list(dict.fromkeys(names)), sessions) as feed:
        yield feed


def _told(message: Any) -> dict[int | str, dict[str, Any]]:
    return {200: {"model": message, "description": "each data: one message, in JSON"}}


def _stream(feed: Feed) -> EventStream:
    return EventStream(feed.sent(), headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})


@router.get("/api/stream", response_class=EventStream, responses=_told(Envelope))
async def shared_events(feed: Annotated[Feed, Depends(_shared_feed)]) -> EventStream:
    """Send what happens to some mirrors, each message in an envelope that names its mirror; first ``hello`` of each.

    A mirror that cannot be opened is ``unavailable``, with the reason, until it can.
    """
    return _stream(feed)


@router.get(f"{MIRROR}/events", response_class=EventStream, responses=_told(Message) | refusals(404, 409))
async def events(feed: Annotated[Feed, Depends(_own_feed)]) -> EventStream:
    """Send what happens to one mirror, as JSON messages; the first is ``hello``."""
    return _stream(feed)
