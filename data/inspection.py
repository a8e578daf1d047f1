"""Inspection of raw views: what their files hold and what is wrong with them, without preparing anything."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from data.errors import DataError
from data.kinds import RawData, kind_named
from data.preparing.source import Source
from data.preparing.streaming_statistics import MapRows, Mask
from data.preparing.writing import ViewWriter
from data.progress import ProgressBar
from data.regions import Shape

ABSENT, PRESENT = "-", "yes"  # where there is nothing, or no detail
COLUMNS = {"verdict": 12, "rows x columns": 14, "px/mm": 5, "drawing": 18, "mask": 18, "maps": 0}  # widths

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
    remarks: list[str] = field(default_factory=list)  # faults of channels that were not asked for

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
    """What was found below a root: names of views, an inspection of each, and files that belong to none of them."""

    names: Sequence[str]
    inspections: Iterable[Inspection]
    strays: Sequence[Path] = ()


class NoWriter(ViewWriter):
    """Computes what a ``ViewWriter`` would write, and writes nothing."""

    def __init__(self) -> None:
        super().__init__(folder=Path(), halved=True)

    def planes(self, channel: str, prepared: MapRows, mask: Mask) -> dict[str, Any]:
        """Keep nothing of a channel."""
        return {}

    def mask(self, name: str, mask: Mask) -> None:
        """Keep nothing of a mask."""


def inspect_all(dataset: str, raw: RawData, full: bool, report: Callable[[str], object]) -> int:
    """Inspect all views below a root, and report a table, each line as soon as it is known.

    Parameters
    ----------
    dataset : name of their kind
    raw : where they lie; channels are required of each view
    full : decode everything and try to prepare it, instead of reading headers only
    report : called with each line of the table

    Returns
    -------
    int
        How many views cannot be used.

    Raises
    ------
    DataError
        If nothing is found, or an option cannot be used.
    """
    kind = kind_named(dataset)
    findings = kind.inspect(raw, full) if kind.inspect else inspect_sources(kind.sources(raw))
    done = _tabulate(findings, report)
    if findings.strays:
        report("Files that belong to no view, perhaps misnamed:")
        for path in findings.strays:
            report(f"  {path}")
    unusable = sum(bool(one.faults) for one in done)
    undrawn = sum(one.verdict == "predict only" for one in done)
    unmasked = sum(one.mask == ABSENT for one in done) if kind.has_object_masks else 0
    report(
        f"{raw.root}: {len(done)} views, {unusable} unusable, {undrawn} without a drawing (for predict only), "
        f"{unmasked} without a mask (the whole image counts as object), {len(findings.strays)} files that belong to "
        "none"
    )
    if kind.inspect and not full:
        report("Only headers were read; --full decodes the files too.")
    return unusable


def inspect_sources(sources: Sequence[Source]) -> Findings:
    """Find all that is wrong with raw views of any kind, by preparing each without writing it."""

    def inspected(source: Source) -> Inspection:
        present = {True: PRESENT, False: ABSENT}
        inspection = Inspection(source.view, drawing=present[source.drawn], mask=present[source.masked])
        rehearse(inspection, source)
        return inspection

    return Findings([source.view for source in sources], map(inspected, sources))


def rehearse(inspection: Inspection, source: Source) -> None:
    """Prepare each part of a view without writing it, so that the faults of all of them come out."""
    for part in inspection.attempt(lambda: source.parts) or ():
        prepared = inspection.attempt(partial(source.prepare, [part], NoWriter()))
        if prepared:
            inspection.shape = prepared.shape
            inspection.maps |= prepared.encodings


def _tabulate(findings: Findings, report: Callable[[str], object]) -> list[Inspection]:
    """Report the table's head and, for each view, its line and its faults."""
    widths = [max(map(len, findings.names)), *COLUMNS.values()]
    numbers = list(map(str, range(len(findings.names))))  # two views may bear one name

    def line(cells: Sequence[str]) -> str:
        return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()

    report(line(["view", *COLUMNS]))
    done = []
    with ProgressBar(numbers, report, unit="views") as progress:
        for number, inspection in zip(numbers, findings.inspections, strict=True):
            faults = [f"  - {fault}" for fault in inspection.faults + inspection.remarks]
            progress.echo("\n".join([line(inspection.row()), *faults]))
            progress.end(number)
            done.append(inspection)
    return done
