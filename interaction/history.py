"""The history of undo and redo: the one class that the session, the replay of a log and the list of images use."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from typing import Generic, TypeVar

Entry = TypeVar("Entry")


class History(Generic[Entry]):
    """Entries that hold, and entries that were undone and can be redone.

    Parameters
    ----------
    done : entries that can be undone, in the order in which they were made
    undone : entries that can be redone, the next one last
    limit : how many entries can be undone; older ones are forgotten. None: all
    """

    def __init__(self, done: Iterable[Entry] = (), undone: Iterable[Entry] = (), limit: int | None = None) -> None:
        self._done, self._undone = deque(done, limit), list(undone)

    @property
    def done(self) -> tuple[Entry, ...]:
        """The entries that can be undone, in the order in which they were made."""
        return tuple(self._done)

    @property
    def undone(self) -> tuple[Entry, ...]:
        """The entries that can be redone, the next one last."""
        return tuple(self._undone)

    @property
    def limit(self) -> int | None:
        """How many entries can be undone; None: all."""
        return self._done.maxlen

    @property
    def last(self) -> Entry | None:
        """The entry that would be undone next; None if there is none."""
        return self._done[-1] if self._done else None

    @property
    def next(self) -> Entry | None:
        """The entry that would be redone next; None if there is none."""
        return self._undone[-1] if self._undone else None

    def add(self, entry: Entry) -> None:
        """Add an entry; what was undone can no longer be redone."""
        self._undone.clear()
        self._done.append(entry)

    def undo(self) -> Entry:
        """Move the last entry to those that were undone and return it; raises IndexError if there is none."""
        self._undone.append(self._done.pop())
        return self._undone[-1]

    def redo(self) -> Entry:
        """Move the entry that was undone last back and return it; raises IndexError if there is none."""
        self._done.append(self._undone.pop())
        return self._done[-1]

    def replace(self, entries: Sequence[Entry]) -> None:
        """Put entries in the place of as many that were made last.

        Raises
        ------
        ValueError
            If there are fewer than that.
        """
        if len(entries) > len(self._done):
            raise ValueError(f"{len(entries)} entries cannot replace the last of {len(self._done)}")
        for _ in entries:
            self._done.pop()
        self._done.extend(entries)

    def copy(self) -> History[Entry]:
        """Return a history of the same entries that goes its own way."""
        return History(self._done, self._undone, self.limit)
