"""The replay of a log: the drawing, what can be undone and redone, and the prompts that wait for a prediction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from data.errors import DataError
from data.regions import Region
from interaction.history import History
from interaction.log.learning_events import Learned, learned_of
from interaction.log.log import Event
from interaction.log.packing import unpack_difference, unpack_drawing, unpack_line, unpack_pixels
from interaction.log.prompt_events import prompt_of
from interaction.prompts import PROMPTS, Prompt
from interaction.steps import Entry, Mark, Pixels, Redraw, Step
from metrics.masks import Mask


class Recorded(Protocol):
    """A log, or a recording that was exported from one: see ``Log``."""

    path: Path
    about: dict[str, Any]

    @property
    def last(self) -> int:
        """The number of the last event; 0 if there is none."""

    def event(self, number: int) -> Event:
        """Return one event."""

    def events(self, after: int = 0, *, blobs: bool = True) -> Iterator[Event]:
        """Yield the events behind a number, in their order."""

    def latest_snapshot(self, initial: NDArray[np.float32]) -> tuple[int, NDArray[np.float32]] | None:
        """Return an event and the drawing as it was after it; None if that is not kept."""


@dataclass
class Replayed:
    """The state that a log leads to.

    Parameters
    ----------
    source : what it was begun from: ``model``, ``drawing`` or ``empty``
    base_model : SHA-256 of the model that drew the initial drawing; None if none did
    begun : (H, W) float32, the initial drawing then
    initial, current : (H, W) float32, the initial drawing as it was redrawn since, and the drawing
    last : the event that ``current`` follows
    history : the changes, marks and redrawings that hold, and those that can be redone
    steps : every change that was ever made, by the number of its event
    prompts : every prompt that was ever given, by the number of its event
    refine : of each prompt, whether a refiner was to be asked
    clients : the prompt that a client's id stands for
    marks : every mark that was ever asked for, by the number of its event
    waiting : prompts and marks that have got neither their change or mark nor a refusal, in their order
    refused : why prompts could not be answered, by the numbers of their events
    seen : cells that were marked as right before marks could be undone, and when, in UTC; they hold for good
    versions : every version of the models that was learned, by its SHA-256, in their order
    redraws : every redrawing that was ever taken over, by the number of its event
    dismissed : versions whose redrawings the person did not want, by the numbers of the events that say so
    """

    source: str
    base_model: str | None
    begun: NDArray[np.float32]
    initial: NDArray[np.float32]
    current: NDArray[np.float32]
    last: int = 0
    history: History[Entry] = field(default_factory=History)
    steps: dict[int, Step] = field(default_factory=dict)
    prompts: dict[int, Prompt] = field(default_factory=dict)
    refine: dict[int, bool] = field(default_factory=dict)
    clients: dict[str, int] = field(default_factory=dict)
    marks: dict[int, Mark] = field(default_factory=dict)
    waiting: list[int] = field(default_factory=list)
    refused: dict[int, str] = field(default_factory=dict)
    seen: dict[int, str] = field(default_factory=dict)
    versions: dict[str, Learned] = field(default_factory=dict)
    redraws: dict[int, Redraw] = field(default_factory=dict)
    dismissed: dict[int, str] = field(default_factory=dict)


def replayed(log: Recorded, *, thorough: bool = False) -> Replayed:
    """Apply all events of a log.

    Parameters
    ----------
    log : of a drawing that was begun; it stays open as long as steps are undone, whose pixels are read from it
    thorough : make every change anew from the start, instead of those behind the newest snapshot; both come to the
        same drawing, bit for bit

    Raises
    ------
    DataError
        If nothing was begun; if the log is damaged, or an event does not follow from those before it.
    """
    if not log.last:
        raise DataError(f"{log.path}: the drawing has not been begun yet")
    first = log.event(1)
    with _naming_event(log, first):
        height, width = log.about["model_shape"]
        begun = unpack_drawing(first.blob or b"", (height, width))
        drawn_until, current = (not thorough and log.latest_snapshot(begun)) or (first.number, begun.copy())
        source, base_model = str(first.body["source"]), first.body["base_model"]
        state = Replayed(source, base_model, begun, begun.copy(), current, first.number)
    for event in log.events(first.number, blobs=False):
        with _naming_event(log, event):
            _follow(state, log, event, draws=event.number > drawn_until)
            state.last = event.number
    return state


def _follow(state: Replayed, log: Recorded, event: Event, draws: bool) -> None:
    """Apply one event of a log; ``draws`` is False if a snapshot already contains it."""
    body = event.body
    match event.kind:
        case kind if kind in PROMPTS:
            state.prompts[event.number] = prompt_of(event)
            state.refine[event.number] = bool(body["refine"])
            state.clients[str(body["client"])] = event.number
            state.waiting.append(event.number)
        case "change":
            step = _step(state, log, event)
            _do(state, step, draws)
            state.history.add(step)
            state.steps[step.event] = step
            _answered(state, step.prompt_event)
        case "redraw":
            redraw = _redraw(state, log, event)
            _do(state, redraw, draws)
            state.history.add(redraw)
            state.redraws[redraw.event] = redraw
        case "undo":
            entry = state.history.undo()
            _require_same(entry.event, body["change"])
            _undo(state, entry, draws)
        case "redo":
            entry = state.history.redo()
            _require_same(entry.event, body["change"])
            _do(state, entry, draws)
        case "learn":
            learned = learned_of(event, partial(_difference, log, event))
            state.versions[learned.version] = learned
        case "dismiss":
            state.dismissed[event.number] = str(body["version"])
        case "refused":
            _answered(state, body["stroke"])
            state.refused[body["stroke"]] = str(body["message"])
        case "seen" if "right" in body:
            region = _region(state, event)
            none = Mark.of(region, bool(body["right"]), np.zeros(region.shape, bool), asked_event=event.number)
            state.marks[event.number] = none
            state.waiting.append(event.number)
        case "seen":
            state.seen[int(body["cell"])] = event.time
        case "mark":
            asked = state.marks[body["seen"]]
            load = partial(_line, log, event, asked.region)
            state.history.add(replace(asked, load=load, event=event.number))
            _answered(state, asked.asked_event)
        case _:
            raise ValueError("it cannot come here")


def _step(state: Replayed, log: Recorded, event: Event) -> Step:
    region = _region(state, event)
    number, load = event.body["stroke"], partial(_pixels, log, event, region)
    return Step(state.prompts[number], region, bool(event.body["bare"]), load, event.number, number)


def _redraw(state: Replayed, log: Recorded, event: Event) -> Redraw:
    region = _region(state, event)
    return Redraw(region, str(event.body["version"]), partial(_pixels, log, event, region), event.number)


def _parts(state: Replayed, entry: Entry, draws: bool) -> list[tuple[Pixels, NDArray[np.float32]]]:
    """Return what an entry changes, each with the pixels: its region of the drawing, and of the initial drawing.

    None where a snapshot has the drawing already (``draws`` is False), and none for a mark.
    """
    drawings = ([state.initial] if isinstance(entry, Redraw) else []) + ([state.current] if draws else [])
    if isinstance(entry, Mark) or not drawings:
        return []
    pixels = entry.pixels
    return [(pixels, drawing[entry.region.slices]) for drawing in drawings]


def _region(state: Replayed, event: Event) -> Region:
    top, left, height, width = (int(length) for length in event.body["region"])
    region = Region(top, left, height, width)
    rows, columns = state.current.shape
    if min(top, left, height, width) < 0 or region.bottom > rows or region.right > columns:
        raise ValueError(f"its region lies outside a drawing of {rows} x {columns}")
    return region


def _line(log: Recorded, event: Event, region: Region) -> Mask:
    with _naming_event(log, event):
        return unpack_line(log.event(event.number).blob or b"", region.shape)


def _difference(log: Recorded, event: Event) -> bytes:
    with _naming_event(log, event):
        return unpack_difference(log.event(event.number).blob or b"")


def _pixels(log: Recorded, event: Event, region: Region) -> Pixels:
    with _naming_event(log, event):
        return unpack_pixels(log.event(event.number).blob or b"", region)


def _do(state: Replayed, entry: Entry, draws: bool) -> None:
    """Apply a step or a redrawing, after checking that the drawing is the one on which it was made."""
    for pixels, part in _parts(state, entry, draws):
        if not pixels.fit(part):
            raise ValueError("it was made on another drawing than the events before it lead to")
        pixels.do(part)


def _undo(state: Replayed, entry: Entry, draws: bool) -> None:
    for pixels, part in _parts(state, entry, draws):
        pixels.undo(part)


def _answered(state: Replayed, prompt: int) -> None:
    if prompt in state.waiting:
        state.waiting.remove(prompt)


def _require_same(number: int, named: int) -> None:
    if number != named:
        raise ValueError(f"it names change {named}, but {number} is next")


@contextmanager
def _naming_event(log: Recorded, event: Event) -> Iterator[None]:
    """Raise DataError that names the event, if it cannot be applied."""
    try:
        yield
    except (DataError, LookupError, TypeError, ValueError) as error:
        raise DataError(
            f"{log.path}: event {event.number} ({event.kind}) cannot be followed: {error}; restore the log from a copy"
        ) from error
