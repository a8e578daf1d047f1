"""Exports of a log: CSV for spreadsheets; JSON with everything, from which the drawing can be replayed."""

from __future__ import annotations

import base64
import binascii
import csv
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from data.errors import DataError, explain
from data.io.files import whole_file, write_text
from interaction.log.events import LEARNING
from interaction.log.log import KINDS, Event, Log
from interaction.log.prompt_events import prompt_of, prompts_in_force
from interaction.prompts import PROMPTS, Stroke

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from interaction.log.replay import Recorded

FORMAT = "retrace annotation log"
VERSION = 1  # of the JSON; a program reads no newer one
MAX_BYTES = 1 << 30  # of a JSON that is read: thousands of strokes on the largest mirror take a tenth
COLUMNS = (
    "event", "time", "kind", "of", "sign", "refine", "bare", "ms", "model", "merge",
    "row_px", "column_px", "length_px", "length_mm", "radius_px", "points",
    "top", "left", "height", "width", "message", "path_px", "in_drawing",
)  # fmt: skip


class Recording:
    """The events of a log that was exported as JSON; ``interaction.log.replay.replayed`` takes it like a log.

    Parameters
    ----------
    path : of the file
    about : what the log is about
    events : all of them
    """

    def __init__(self, path: Path, about: dict[str, Any], events: list[Event]) -> None:
        self.path, self.about = path, about
        self._events = events

    @property
    def last(self) -> int:
        """The number of the last event; 0 if there is none."""
        return len(self._events)

    def events(self, after: int = 0, *, blobs: bool = True) -> Iterator[Event]:
        """Yield the events behind a number, in their order; their pixels are there either way."""
        yield from self._events[after:]

    def event(self, number: int) -> Event:
        """Return one event; raises DataError if there is no such."""
        if not 1 <= number <= self.last:
            raise DataError(f"{self.path}: event {number} is missing; export the log again")
        return self._events[number - 1]

    def latest_snapshot(self, initial: NDArray[np.float32]) -> None:
        """Return None: a recording has no snapshots, its events say all."""


def write_json_log(path: Path, log: Recorded) -> None:
    """Write a log as JSON with all its pixels, an event a line, whole or not at all.

    ``blob`` is the event's pixels, in base64, as ``packing`` packs them; of ``start`` the drawing that was
    begun with, of ``change`` the pixels that changed, their values before and after.
    """
    head = {"format": FORMAT, "version": VERSION, "about": log.about}
    with whole_file(path) as file:
        file.write(json.dumps(head, ensure_ascii=False)[:-1].encode() + b', "events": [')
        for place, event in enumerate(log.events()):
            blob = None if event.blob is None else base64.b64encode(event.blob).decode()
            row = {"number": event.number, "time": event.time, "kind": event.kind, "body": event.body, "blob": blob}
            file.write(b",\n" if place else b"\n")
            file.write(json.dumps(row, ensure_ascii=False).encode())
        file.write(b"\n]}\n")


def read_json(path: Path) -> Recording:
    """Read what ``write_json_log`` wrote.

    Raises
    ------
    DataError
        If the file cannot be read, is too large, of a newer version, damaged, or something else.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise DataError(explain(error, path)) from error
    if len(content) > MAX_BYTES:
        raise DataError(f"{path}: more than {MAX_BYTES:,} bytes; give a log that this program exported")
    try:
        fields = json.loads(content, parse_constant=_refused)
        if fields["format"] != FORMAT:
            raise ValueError("another format")
        version = int(fields["version"])
        if version <= VERSION:
            about, rows = fields["about"], fields["events"]
            if not isinstance(about, dict) or not isinstance(rows, list):
                raise TypeError("neither about nor events")
            return Recording(path, about, [_event(row, place) for place, row in enumerate(rows, 1)])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise DataError(f"{path}: no log that this program exported, or damaged; export it again") from error
    raise DataError(
        f"{path}: of a newer version of this program (log version {version}, this one knows {VERSION}); update it"
    )


@contextmanager
def open_recorded(path: Path) -> Iterator[Recorded]:
    """Open a log to be read, or read one that was exported as JSON, by the suffix of its name.

    Raises
    ------
    DataError
        If it is neither, damaged, or of a newer version.
    """
    if path.suffix.lower() == ".json":
        yield read_json(path)
    else:
        with Log.read(path) as log:
            yield log


def strokes_of(log: Recorded) -> Iterator[Stroke]:
    """Yield the strokes that are in the drawing, in their order, without clicks and what was undone.

    Raises DataError if one is malformed.
    """
    in_force = set(prompts_in_force(log.events(blobs=False)))
    for event in log.events(blobs=False):
        if event.kind == Stroke.kind and event.number in in_force:
            try:
                yield Stroke.from_json(event.body["stroke"])
            except (ValueError, KeyError, TypeError) as error:
                raise DataError(
                    f"{log.path}: event {event.number} is no stroke; restore the log from a copy"
                ) from error


def write_csv(path: Path, log: Recorded) -> None:
    """Write a table of a log's events, one a row, whole or not at all.

    ``of`` is the event that one answers (of a change its prompt, of a mark the word)
    or concerns (of undo and redo the change, mark or redrawing). ``model`` is the SHA-256 of the model that answered,
    of the version of it that did, or that was learned, redrew or was not wanted to; ``message`` says how one was
    learned. Positions,
    lengths and radii are in pixels of the scan, ``radius_px`` is the mean, and empty for a click; top, left, height and
    width are the changed region in model pixels. ``path_px`` is the pen's way, or a click's one point: row and column
    of each point, with semicolons between points. ``in_drawing`` is 1 for the prompts that the drawing holds in the end
    and 0 for those that were undone, or have no answer yet.
    """
    text = io.StringIO()
    table = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\n")
    table.writeheader()
    in_force = set(prompts_in_force(log.events(blobs=False)))
    for event in log.events(blobs=False):
        row = _row(event, log.about.get("pixels_per_mm"))
        table.writerow(row | ({"in_drawing": int(event.number in in_force)} if event.kind in PROMPTS else {}))
    write_text(path, text.getvalue())


def _event(row: dict[str, Any], number: int) -> Event:
    """Make an event from its JSON values; raises ValueError, KeyError or TypeError if they do not form one."""
    time, kind, body, blob = (row[name] for name in ("time", "kind", "body", "blob"))
    if row["number"] != number or kind not in KINDS or not isinstance(time, str) or not isinstance(body, dict):
        raise ValueError(f"event {number}")
    try:
        pixels = None if blob is None else base64.b64decode(blob, validate=True)
    except binascii.Error as error:
        raise ValueError(f"event {number}") from error
    return Event(number, time, kind, body, pixels)


def _row(event: Event, pixels_per_mm: float | None) -> dict[str, Any]:
    body = event.body
    row: dict[str, Any] = {"event": event.number, "time": event.time, "kind": event.kind}
    if event.kind in PROMPTS:
        row |= {"refine": int(bool(body["refine"])), **_prompt_fields(event, pixels_per_mm)}
    elif event.kind == "change":
        row |= {"of": body["stroke"], "bare": int(bool(body["bare"])), "ms": body["ms"]}
        row |= {"model": body.get("version") or body["model"] or "", "merge": body["merge"]}
    elif event.kind in ("undo", "redo"):
        row["of"] = body["change"]
    elif event.kind in LEARNING:
        row |= {"model": body["version"], "message": body.get("candidate", "")}
    elif event.kind == "mark":
        row["of"] = body["seen"]
    elif event.kind == "refused":
        row |= {"of": body["stroke"], "message": body["message"]}
    elif event.kind == "start":
        row |= {"message": body["source"], "model": body.get("base_model") or ""}
    if "region" in body:
        row |= dict(zip(("top", "left", "height", "width"), body["region"], strict=True))
    return row


def _prompt_fields(event: Event, pixels_per_mm: float | None) -> dict[str, Any]:
    prompt = prompt_of(event)
    length = float(np.linalg.norm(np.diff(prompt.path_px, axis=0), axis=1).sum())
    row, column = prompt.centre_px
    return {
        "sign": prompt.sign,
        "row_px": f"{row:.1f}",
        "column_px": f"{column:.1f}",
        "length_px": f"{length:.1f}",
        "length_mm": f"{length / pixels_per_mm:.2f}" if pixels_per_mm else "",
        "radius_px": f"{prompt.radius_px.mean():.2f}" if isinstance(prompt, Stroke) else "",
        "points": len(prompt.path_px),
        "path_px": ";".join(f"{row:g} {column:g}" for row, column in prompt.path_px.round(2)),
    }


def _refused(name: str) -> float:
    raise ValueError(f"{name} is no number of JSON")
