"""The progress of the annotation of a mirror, from the events of its log alone: no drawing is unpacked."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from annotate.library.places import corrected_by, grid_of
from data.regions import Region
from data.storage import PreparedView
from interaction.history import History
from interaction.log.log import Event, Log
from interaction.log.prompt_events import prompt_of
from interaction.prompts import PROMPTS


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
        self._corrected: dict[int, list[int]] = {}  # places, by the event of the prompt
        self._history: History[int] = History()  # of the prompts' events
        self._seen: set[Region] = set()

    @property
    def strokes(self) -> int:
        """How many prompts are in the drawing; those that were undone are not."""
        return len(self._history.done)

    @property
    def progress(self) -> float | None:
        """The share of places that were looked at and left, or corrected; None before the start."""
        if not self.started:
            return None
        places = {number for number, place in enumerate(self._grid) if place in self._seen}
        places.update(*(self._corrected[number] for number in self._history.done))
        return len(places) / len(self._grid) if self._grid else 1.0

    def read(self, path: Path) -> None:
        """Read on in a log; raises what ``Log.read`` raises."""
        with Log.read(path) as log:
            for event in log.events(self.last, blobs=False):
                self._take(event)

    @cached_property
    def _grid(self) -> list[Region]:
        return grid_of(self._view.mask)

    def _take(self, event: Event) -> None:
        if event.kind == "start":
            self.started = True
        elif event.kind in PROMPTS:
            self._corrected[event.number] = corrected_by(self._grid, prompt_of(event), self._view.scale)
        elif event.kind == "change":
            self._history.add(event.body["stroke"])
        elif event.kind == "undo":
            self._history.undo()
        elif event.kind == "redo":
            self._history.redo()
        elif event.kind == "seen":
            self._seen.add(Region(*event.body["region"]))
        self.changed, self.last = event.time, event.number
