"""The queue of one event stream: it takes messages from mirrors' threads into the event loop, as server-sent events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

from annotate.stream_messages import AliveMessage, Envelope, Message

MOST_WAITING = 300  # messages; a browser that reads none of so many is dropped, and comes back by itself
KEEP_ALIVE_S = 15.0


class Feed:
    """A queue of messages between threads that publish them and the one stream that sends them.

    Made in the event loop; ``put`` is for any thread.

    Parameters
    ----------
    shared : whether each message is sent in an envelope that names its mirror
    """

    def __init__(self, *, shared: bool = False) -> None:
        self._loop, self._shared = asyncio.get_running_loop(), shared
        self._messages: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._ended = False

    def put(self, message: Message, mirror: str | None = None) -> None:
        """Queue a message about a mirror."""
        self.soon(self.put_now, message, mirror)

    def soon(self, call: Callable[..., None], *arguments: object) -> None:
        """Have something called in the event loop, if that has not ended."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(call, *arguments)

    def put_now(self, message: Message, mirror: str | None = None) -> None:
        """Queue a message, in the event loop."""
        if self._messages.qsize() >= MOST_WAITING:
            self.end()
        elif not self._ended:
            self._messages.put_nowait(self._sent(message, mirror))

    def end(self) -> None:
        """Send no more, not even what waits; to be called in the event loop."""
        self._ended = True
        while not self._messages.empty():
            self._messages.get_nowait()
        self._messages.put_nowait(None)

    async def sent(self) -> AsyncIterator[bytes]:
        """Give messages as they come, as server-sent events, and one that says so where none has come for a while."""
        while True:
            try:
                part = await asyncio.wait_for(self._messages.get(), KEEP_ALIVE_S)
            except TimeoutError:
                part = self._sent(AliveMessage(), None)
            if part is None:
                return
            yield part

    def _sent(self, message: Message, mirror: str | None) -> bytes:
        return encoded(Envelope(mirror=mirror, message=message) if self._shared else message)


def encoded(message: Message | Envelope) -> bytes:
    """Write a message as a server-sent event: JSON, which holds no line end."""
    return f"data: {json.dumps(message.model_dump(), allow_nan=False)}\n\n".encode()
