"""What raw files hold and what is wrong with them, found without preparing anything."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from data.errors import DataError
from data.io.pictures import read_drawing, read_mask, read_picture_header
from data.io.tiffs import MM_PER_INCH, open_map, read_header, require_channels, require_resolution
from data.kinds.lines import LineSource, line_sources
from data.kinds.mirrors import MirrorSource
from data.kinds.scans import SUFFIX, ScanFiles, object_of, survey
from data.kinds.source import Source
from data.preparing.streaming_statistics import MapRows, Mask
from data.preparing.writing import ViewWriter
from data.regions import Shape
from user_config import Settings

ABSENT, PRESENT = "-", "yes"  # where there is nothing, or nothing more to say
COLUMNS = {"verdict": 12, "rows x columns": 14, "px/mm": 5, "drawing": 18, "mask": 18, "maps": 0}  # widths

Found = TypeVar("Found")


@dataclass
class Inspection:
    """One line of the table, and what there is to say below it."""

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

    def attempt(self, action: Callable[[], Found]) -> Found | None:
        """Do something that may show a fault, and note the fault, each only once."""
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


class NoWriter(ViewWriter):
    """Stands where a preparation writes its arrays, and keeps nothing."""

    def __init__(self) -> None:
        super().__init__(folder=Path(), halved=True)

    def planes(self, channel: str, prepared: MapRows, mask: Mask) -> dict[str, Any]:
        """Keep nothing of a channel."""
        return {}

    def mask(self, name: str, mask: Mask) -> None:
        """Keep nothing of a mask."""


def report(
    config: Settings,
    dataset: str,
    root: Path,
    channels: Sequence[str],
    dpi: float | None,
    full: bool,
    say: Callable[[str], object],
) -> int:
    """Inspect all views below a root, with a line of a table each as soon as it is known.

    Parameters
    ----------
    config : where drawings and masks lie
    dataset : mirrors or lines
    root : absolute path of the raw data
    channels : required of each mirror; what is wrong with others that lie beside them is said, and does no harm
    dpi : resolution of scans whose files don't say it
    full : decode everything and try to prepare it, instead of reading headers only
    say : takes each line

    Returns
    -------
    int
        How many views cannot be used.

    Raises
    ------
    DataError
        If nothing is found, or a channel's name is unknown.
    """
    strays: list[Path] = []
    if dataset == "lines":
        sources = line_sources(root)
        names = [source.view for source in sources]
        inspections: Iterable[Inspection] = (inspect_photograph(source) for source in sources)
    else:
        require_channels(channels)
        require_resolution(dpi)
        folder = survey(root, root / config.gt_rel, root / config.masks_rel)
        strays, names = folder.strays, [scan.view for scan in folder.scans]
        inspections = (inspect_scan(scan, channels, dpi, full) for scan in folder.scans)
    done = _tabulate(inspections, max(map(len, names)), say)
    if strays:
        say("Files that belong to no view, perhaps misnamed:")
        for path in strays:
            say(f"  {path}")
    unusable = sum(bool(one.faults) for one in done)
    undrawn = sum(one.verdict == "predict only" for one in done)
    unmasked = sum(one.mask == ABSENT for one in done) if dataset == "mirrors" else 0
    say(
        f"{root}: {len(done)} views, {unusable} unusable, {undrawn} without a drawing (for predict only), "
        f"{unmasked} without a mask (the whole image counts as object), {len(strays)} files that belong to none"
    )
    if not full and dataset == "mirrors":
        say("Only headers were read; --full decodes the files too.")
    return unusable


def inspect_scan(scan: ScanFiles, channels: Sequence[str], dpi: float | None, full: bool) -> Inspection:
    """Find all that is wrong with a scan; see ``report``."""
    found = Inspection(scan.view, faults=list(scan.faults))
    if scan.maps:
        found.attempt(lambda: object_of(scan.view))
    shapes: dict[Path, Shape] = {}
    for channel in channels:
        _inspect_map(found, scan, channel, shapes)
    for kind, path in (("drawing", scan.drawing), ("mask", scan.mask)):
        if path:
            _inspect_picture(found, kind, path, shapes)
    found.shape = next(iter(shapes.values()), None)
    found.faults += _unlike(shapes)
    _inspect_others(found, scan, [name for name in scan.maps if name not in (*channels, "published_depth")], shapes)
    if found.pixels_per_mm is None and found.maps:
        found.pixels_per_mm = dpi and dpi / MM_PER_INCH
        if dpi is None:
            found.faults.append(f"{next(iter(shapes))}: no resolution in the file; give it with --dpi")
    if full and found.faults:
        _decode(found, scan, channels)
    elif full:
        _rehearse(found, MirrorSource(scan, tuple(channels), dpi))
    return found


def inspect_photograph(source: LineSource) -> Inspection:
    """Find all that is wrong with a photograph and the mask of its lines, by decoding both."""
    found = Inspection(source.view, drawing=PRESENT if source.mask else ABSENT)
    _rehearse(found, source)
    return found


def _inspect_others(found: Inspection, scan: ScanFiles, channels: Sequence[str], shapes: dict[Path, Shape]) -> None:
    """Note what is wrong with maps that were not asked for."""
    beside = Inspection(scan.view, maps=dict(found.maps))
    others: dict[Path, Shape] = dict(list(shapes.items())[:1])
    for channel in channels:
        _inspect_map(beside, scan, channel, others)
    found.maps = beside.maps
    found.remarks = [f"{fault} (only for --channels {','.join(channels)})" for fault in beside.faults + _unlike(others)]


def _inspect_map(found: Inspection, scan: ScanFiles, channel: str, shapes: dict[Path, Shape]) -> None:
    if channel not in scan.maps:
        if scan.maps:  # otherwise a fault of the whole folder is known
            found.faults.append(f"{scan.view}: no {channel} map; export it as {scan.view}_{SUFFIX[channel]}.tif")
        return
    path = scan.maps[channel]
    if header := found.attempt(lambda: read_header(path, channel)):
        first = not found.maps
        found.maps[channel], shapes[path] = header.encoding, header.shape
        if first:
            found.pixels_per_mm = header.pixels_per_mm


def _inspect_picture(found: Inspection, kind: str, path: Path, shapes: dict[Path, Shape]) -> None:
    setattr(found, kind, PRESENT)
    if header := found.attempt(lambda: read_picture_header(path)):
        setattr(found, kind, header.encoding)
        shapes[path] = header.shape


def _unlike(shapes: dict[Path, Shape]) -> list[str]:
    """Say which files are not of the first one's size."""
    if not shapes:
        return []
    (first, (height, width)), *others = shapes.items()
    return [
        f"{path}: {shape[0]} x {shape[1]} pixels, but {first.name}: {height} x {width}; export both alike"
        for path, shape in others
        if shape != (height, width)
    ]


def _rehearse(found: Inspection, source: Source) -> None:
    """Prepare each part of a view without writing it, so that the faults of all of them come out."""
    for part in found.attempt(lambda: source.parts) or ():
        facts = found.attempt(partial(source.prepare, [part], NoWriter()))
        if facts:
            found.shape = facts.shape
            found.maps |= facts.encodings


def _decode(found: Inspection, scan: ScanFiles, channels: Sequence[str]) -> None:
    """Decode each file for itself, of a scan that has faults already and so cannot be rehearsed."""
    for channel in channels:
        if channel in scan.maps:
            found.attempt(partial(open_map, scan.maps[channel], channel))
    for path, read in ((scan.drawing, read_drawing), (scan.mask, read_mask)):
        if path:
            found.attempt(partial(read, path))


def _tabulate(inspections: Iterable[Inspection], name_width: int, say: Callable[[str], object]) -> list[Inspection]:
    """Say the table's head, and each line with the faults below it."""
    widths = [name_width, *COLUMNS.values()]

    def line(cells: Sequence[str]) -> str:
        return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()

    say(line(["view", *COLUMNS]))
    done = []
    for found in inspections:
        say("\n".join([line(found.row()), *(f"  - {fault}" for fault in found.faults + found.remarks)]))
        done.append(found)
    return done
