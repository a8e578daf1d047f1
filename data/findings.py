"""What is found wrong with raw views: an inspection of each view, and how one is made by preparing it unwritten."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from data.errors import DataError
from data.preparing.source import Recalling, Source
from data.preparing.streaming_statistics import MapRows, Mask
from data.preparing.writing import ViewWriter
from data.regions import Shape

ABSENT, PRESENT = "-", "yes"  # where there is nothing, or no detail

Result = TypeVar("Result")


@dataclass
class Inspection:
    """One line of the table, and the faults and remarks below it."""

    view: str
    shape: Shape | None = None
    pixels_per_mm: float | None = None
    maps: dict[str, str] = field(default_factory=dict)  # encodings by channel
    drawing: str = ABSENT  # encoding
    mask: str = ABSENT
    faults: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)  # what hinders nothing, but should be read
    resolution_source: str | None = None  # who says the resolution

    @property
    def verdict(self) -> str:
        """``ok``, what the view is good for without a drawing, or that it cannot be used."""
        if self.faults:
            return "UNUSABLE"
        return "predict only" if self.drawing == ABSENT else "ok"

    def attempt(self, action: Callable[[], Result]) -> Result | None:
        """Return what an action returns; where it raises DataError, add that to the faults, each only once."""
        try:
            return action()
        except DataError as error:
            if str(error) not in self.faults:
                self.faults.append(str(error))
            return None

    def row(self) -> list[str]:
        """Return the table's cells."""
        size = ABSENT if self.shape is None else f"{self.shape[0]} x {self.shape[1]}"
        resolution = ABSENT if self.pixels_per_mm is None else f"{self.pixels_per_mm:.1f}"
        maps = ", ".join(f"{channel} {encoding}" for channel, encoding in self.maps.items())
        return [self.view, self.verdict, size, resolution, self.drawing, self.mask, maps or ABSENT]


@dataclass(frozen=True)
class Findings:
    """What was found below a root.

    Parameters
    ----------
    names : of the views
    inspections : of each view
    strays : files and folders that belong to none of them
    in_full : whether all files were decoded, asked for or not
    unusual : files that are taken though they are not called as usual, by what they are
    notes : sentences about all of them
    """

    names: Sequence[str]
    inspections: Iterable[Inspection]
    strays: Sequence[Path] = ()
    in_full: bool = False
    unusual: Mapping[str, Sequence[Path]] = field(default_factory=dict)
    notes: Sequence[str] = ()


class NoWriter(ViewWriter):
    """Computes what a ``ViewWriter`` would write, and writes nothing."""

    def __init__(self) -> None:
        super().__init__(folder=Path(), scale=1)

    def planes(self, channel: str, prepared: MapRows, mask: Mask) -> dict[str, Any]:
        """Keep nothing of a channel."""
        return {}

    def mask(self, name: str, mask: Mask) -> None:
        """Keep nothing of a mask."""


def rehearse(inspection: Inspection, source: Source) -> None:
    """Prepare each part of a view without writing it, so that the faults of all of them come out, and the remarks."""
    if isinstance(source, Recalling):
        with suppress(DataError):  # which comes out below, from the part that it is of
            source = source.decided()
    for part in inspection.attempt(lambda: source.parts) or ():
        prepared = inspection.attempt(partial(source.prepare, [part], NoWriter()))
        if prepared:
            inspection.shape = prepared.shape
            inspection.maps |= prepared.encodings
            for notes in prepared.notes.values():
                inspection.remarks += [note for note in notes if note not in inspection.remarks]


def inspect_sources(sources: Sequence[Source], strays: Sequence[Path] = ()) -> Findings:
    """Find all that is wrong with raw views of any kind, by preparing each without writing it."""

    def inspected(source: Source) -> Inspection:
        present = {True: PRESENT, False: ABSENT}
        inspection = Inspection(source.view, drawing=present[source.drawn], mask=present[source.masked])
        rehearse(inspection, source)
        return inspection

    return Findings([source.view for source in sources], map(inspected, sources), strays, in_full=True)
