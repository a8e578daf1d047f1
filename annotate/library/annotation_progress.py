"""The progress of the annotation of a mirror, from its log and the count that lies beside: no drawing is unpacked.

A log tells which places a person marked. What else is done hangs on a model's estimates; an open mirror writes down how
many there are, beside its log, and the list shows what was written last.
"""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path

from pydantic import ValidationError

from annotate.library.places import grid_of
from annotate.messages import PlacesCount
from data.io.files import write_json
from data.regions import Region
from data.storage import PreparedView
from interaction.history import History
from interaction.log.log import Event, Log

PLACES = "places.json"  # beside a log


def write_count(path: Path, count: PlacesCount, event: int) -> None:
    """Write down how far the places of a mirror are, and the last event of the log that is in that."""
    write_json(path, {"event": event, **count.model_dump()})


def read_count(path: Path, last: int) -> PlacesCount | None:
    """Read what was written down last; None if that is missing, damaged, or of another log.

    Parameters
    ----------
    path : of the file
    last : the last event of the log beside
    """
    try:
        content = json.loads(path.read_bytes())
        return PlacesCount(**content) if content.pop("event") <= last else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ValidationError):
        return None  # the log alone says less, and nothing wrong


class AnnotationProgress:
    """The progress of a mirror in the list of images; ``read`` continues after the last event that was read.

    Parameters
    ----------
    view : the mirror's scan

    Attributes
    ----------
    started : whether there is a drawing to correct
    changed : when something was last logged, ISO 8601 in UTC; None: never
    last : number of the last event that was read
    """

    def __init__(self, view: PreparedView) -> None:
        self._view = view
        self.started, self.last = False, 0
        self.changed: str | None = None
        self._history: History[int] = History()  # of the events of prompts, a person's words of places, and redrawings
        self._redraws: set[int] = set()
        self._words: dict[int, tuple[Region, bool]] = {}  # places, and whether they look right, by event
        self._seen: set[Region] = set()  # marked before marks could be undone

    @property
    def strokes(self) -> int:
        """How many prompts are in the drawing; those that were undone are not."""
        return sum(number not in self._words and number not in self._redraws for number in self._history.done)

    @property
    def count(self) -> PlacesCount | None:
        """The places that a person marked as right; what else is done is not known. None before the start."""
        if not self.started:
            return None
        words = dict.fromkeys(self._seen, True) | dict(
            self._words[number] for number in self._history.done if number in self._words
        )
        right = sum(words.get(place, False) for place in self._grid)
        return PlacesCount(of=len(self._grid), right=right, corrected=None, expected=None)

    def read(self, path: Path) -> None:
        """Read on in a log; raises what ``Log.read`` raises."""
        with Log.read(path) as log:
            for event in log.events(self.last, blobs=False):
                self._take(event)

    @cached_property
    def _grid(self) -> list[Region]:
        return grid_of(self._view.mask)

    def _take(self, event: Event) -> None:
        body = event.body
        match event.kind:
            case "start":
                self.started = True
            case "change":
                self._history.add(body["stroke"])
            case "mark":
                self._history.add(body["seen"])
            case "redraw":
                self._history.add(event.number)
                self._redraws.add(event.number)
            case "undo":
                self._history.undo()
            case "redo":
                self._history.redo()
            case "seen" if "right" in body:
                self._words[event.number] = Region(*body["region"]), bool(body["right"])
            case "seen":
                self._seen.add(Region(*body["region"]))
        self.changed, self.last = event.time, event.number
