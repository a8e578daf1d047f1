"""The queue of one tab: it takes messages from a mirror's threads into the event loop, as server-sent events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress

from annotate.messages import Message

MOST_WAITING = 300  # messages; a tab that reads none of so many is dropped, and comes back by itself
KEEP_ALIVE_S = 15.0


class Feed:
    """A queue of messages between threads that publish them and the one stream that sends them.

    Made in the event loop; ``put`` is for any thread.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._messages: asyncio.Queue[Message | None] = asyncio.Queue()
        self._ended = False

    def put(self, message: Message) -> None:
        """Queue a message; nothing happens once the event loop has ended."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._put, message)

    def end(self) -> None:
        """Send no more, not even what waits; to be called in the event loop."""
        self._ended = True
        while not self._messages.empty():
            self._messages.get_nowait()
        self._messages.put_nowait(None)

    async def sent(self) -> AsyncIterator[bytes]:
        """Give messages as they come, as server-sent events, and a comment where none has come for a while."""
        while True:
            try:
                message = await asyncio.wait_for(self._messages.get(), KEEP_ALIVE_S)
            except TimeoutError:
                yield b": still here\n\n"
                continue
            if message is None:
                return
            yield encoded(message)

    def _put(self, message: Message) -> None:
        if self._messages.qsize() >= MOST_WAITING:
            self.end()
        elif not self._ended:
            self._messages.put_nowait(message)


def encoded(message: Message) -> bytes:
    """Write a message as a server-sent event: JSON, which holds no line end, and the log's event as its id."""
    content = message.model_dump()
    number = f"id: {content['event']}\n" if "event" in content else ""
    return f"{number}data: {json.dumps(content, allow_nan=False)}\n\n".encode()
