"""A queue of commands that one thread executes in turn, with short tasks for the time between."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

Command = Callable[[], None]


class CommandQueue:
    """A queue of commands and the thread that executes them in their order.

    Parameters
    ----------
    name : of the thread
    idle : called while no command waits, again and again as long as it returns True: short work that may wait
    failed : called, on that thread, with what a command or ``idle`` raised; the next command is taken nevertheless
    """

    def __init__(self, name: str, *, idle: Callable[[], bool], failed: Callable[[Exception], None]) -> None:
        self._idle, self._failed = idle, failed
        self._waiting: deque[Command] = deque()
        self._changed = threading.Condition()
        self._busy, self._rested, self._closed = False, False, False
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def put(self, command: Command) -> None:
        """Add a command behind the others; after ``close`` it is dropped."""
        with self._changed:
            if not self._closed:
                self._waiting.append(command)
                self._rested = False
                self._changed.notify_all()

    def drop(self) -> None:
        """Forget the commands that wait."""
        with self._changed:
            self._waiting.clear()

    def wait(self) -> None:
        """Wait until there is nothing left to do; not to be called by a command."""
        with self._changed:
            self._changed.wait_for(lambda: not self._waiting and not self._busy and (self._rested or self._closed))

    def close(self, patience_s: float) -> None:
        """Take no more commands, go on for so many seconds with those that wait, and forget the others."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._waiting and not self._busy, patience_s)
            self._waiting.clear()
        self._thread.join()

    def _work(self) -> None:
        while (command := self._next()) is not None:
            try:
                command()
            except Exception as error:  # whatever it is: the thread must live on to take the other commands
                self._failed(error)
        with self._changed:
            self._busy = False
            self._changed.notify_all()

    def _next(self) -> Command | None:
        """Wait for a command; None at the end."""
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
