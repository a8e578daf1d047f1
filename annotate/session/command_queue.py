"""Commands taken in turn by one thread, and what it does while there are none."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

Order = Callable[[], None]


class CommandQueue:
    """A queue of orders and the thread that takes them, one after the other, in the order of their coming.

    Parameters
    ----------
    name : of the thread
    idle : called while no order waits, again and again as long as it returns True: a short piece of work that may wait
    failed : told, on that thread, what an order or ``idle`` raised; the next order is taken nevertheless
    """

    def __init__(self, name: str, *, idle: Callable[[], bool], failed: Callable[[Exception], None]) -> None:
        self._idle, self._failed = idle, failed
        self._waiting: deque[Order] = deque()
        self._changed = threading.Condition()
        self._busy, self._rested, self._closed = False, False, False
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def put(self, order: Order) -> None:
        """Add an order behind the others; after ``close`` it is dropped."""
        with self._changed:
            if not self._closed:
                self._waiting.append(order)
                self._rested = False
                self._changed.notify_all()

    def drop(self) -> None:
        """Forget the orders that wait."""
        with self._changed:
            self._waiting.clear()

    def wait(self) -> None:
        """Wait until there is nothing left to do; not to be called by an order."""
        with self._changed:
            self._changed.wait_for(lambda: not self._waiting and not self._busy and (self._rested or self._closed))

    def close(self, patience_s: float) -> None:
        """Take no more orders, go on for so many seconds with those that wait, and forget the others."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._waiting and not self._busy, patience_s)
            self._waiting.clear()
        self._thread.join()

    def _work(self) -> None:
        while (order := self._next()) is not None:
            try:
                order()
            except Exception as error:  # whatever it is: the thread must live on to take the other orders
                self._failed(error)
        with self._changed:
            self._busy = False
            self._changed.notify_all()

    def _next(self) -> Order | None:
        """Wait for an order; None at the end."""
        with self._changed:
            self._busy = False
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._waiting or self._closed or not self._rested)
            if not self._waiting and self._closed:
                return None
            self._busy = True
            return self._waiting.popleft() if self._waiting else self._rest

    def _rest(self) -> None:
        more = False
        try:
            more = self._idle()
        finally:
            with self._changed:
                self._rested = not more and not self._waiting
