"""The events of a log that tell what was learned from it: versions of the models, and the drawings that they made anew.

``learn``
    A version was made: its SHA-256 and its parent's, which candidate it is, the events of the lessons that it learned
    from, and its record; the blob is the difference of its weights to its parent's.
``redraw``
    A version's redrawing was taken over; the blob holds the pixels. It is undone and redone as a change is.
``dismiss``
    A version's redrawing was shown to the person, who did not want it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from interaction.log.events import Entry, Event
from interaction.log.packing import pack_difference, pack_step
from interaction.steps import Redraw


@dataclass(frozen=True, eq=False)
class Learned:
    """A version of the models, as a log tells of it.

    Parameters
    ----------
    version : its SHA-256
    parent : that of the version that it was made from; None: of the models that the program came with
    candidate : what made it, in the learner's words
    lessons : numbers of the events that it learned from
    record : how well it did, JSON values
    load : returns the difference of its weights to its parent's, in bytes that the learner understands
    event : number of its event; 0 where nothing is logged
    """

    version: str
    parent: str | None
    candidate: str
    lessons: tuple[int, ...]
    record: dict[str, Any]
    load: Callable[[], bytes]
    event: int = 0

    @property
    def difference(self) -> bytes:
        """The difference of its weights to its parent's; raises what ``load`` raises."""
        return self.load()


def learn_entry(
    version: str,
    parent: str | None,
    candidate: str,
    *,
    lessons: Sequence[int],
    record: dict[str, Any],
    difference: bytes,
) -> Entry:
    """Return the event of a version that was made, for ``Log.append``; see ``Learned``."""
    body = {
        "version": version,
        "parent": parent,
        "candidate": candidate,
        "lessons": [int(number) for number in lessons],
        "record": record,
    }
    return "learn", body, pack_difference(difference)


def redraw_entry(redraw: Redraw) -> Entry:
    """Return the event of a redrawing, for ``Log.append``; it is logged before it is committed."""
    return "redraw", {"version": redraw.version, "region": redraw.region.to_json()}, pack_step(redraw)


def dismiss_entry(version: str, places: Sequence[Sequence[int]] = ()) -> Entry:
    """Return the event of a redrawing that the person did not want, for ``Log.append``.

    Parameters
    ----------
    version : the SHA-256 of the version that drew it
    places : regions that it was refused in, as top, left, height and width in model pixels; none: all of it
    """
    return "dismiss", {"version": version, "regions": [[int(side) for side in place] for place in places]}, None


def learned_of(event: Event, load: Callable[[], bytes]) -> Learned:
    """Return the version of a ``learn`` event; raises LookupError, TypeError or ValueError if it tells of none.

    ``load`` returns the difference of its weights.
    """
    body, parent = event.body, event.body["parent"]
    lessons = tuple(int(number) for number in body["lessons"])
    version, record = str(body["version"]), dict(body["record"])
    return Learned(
        version, None if parent is None else str(parent), str(body["candidate"]), lessons, record, load, event.number
    )
