"""HTTP connections that end when the rest of a request does not come: uvicorn itself waits for it without end."""

from __future__ import annotations

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

WITHIN_S = {h11.IDLE: 10.0, h11.SEND_BODY: 40.0}  # a head, a body; the guard itself refuses a body before that


class PunctualProtocol(H11Protocol):
    """uvicorn's connection with limits of time for the head and the body of each request."""

    _awaited: object = None  # what has begun to come, as h11 names it
    _end_of_patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._wait_for(self.conn.their_state)

    def data_received(self, data: bytes) -> None:
        """Take what has come; what comes little by little gains no time by that."""
        super().data_received(data)
        self._wait_for(self.conn.their_state)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._wait_for(h11.CLOSED)
        super().connection_lost(exc)

    def _wait_for(self, awaited: object) -> None:
        if awaited is self._awaited:
            return
        self._awaited = awaited
        if self._end_of_patience is not None:
            self._end_of_patience.cancel()
            self._end_of_patience = None
        if awaited in WITHIN_S:
            self._end_of_patience = self.loop.call_later(WITHIN_S[awaited], self.transport.close)
