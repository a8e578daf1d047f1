"""Faults of a photometric-stereo scan: names, headers that do not fit together, files that cannot be decoded."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from data.findings import PRESENT, Inspection
from data.images import read_drawing, read_mask, read_picture_header
from data.io.tiffs import MapHeader, open_map, read_header
from data.regions import Shape
from data.scans.layout import SUFFIX, ScanFiles, object_of
from data.scans.resolution import resolution_of


def inspect_headers(scan: ScanFiles, channels: Sequence[str], dpi: float | None) -> Inspection:
    """Find what the names and the headers of a scan's files show to be wrong.

    Parameters
    ----------
    scan : its files
    channels : required; what is wrong with others that lie beside them becomes a remark
    dpi : resolution, if it is given
    """
    inspection = Inspection(scan.view, faults=list(scan.faults), remarks=list(scan.remarks))
    if scan.maps:
        inspection.attempt(lambda: object_of(scan.view))
    shapes: dict[Path, Shape] = {}
    headers: dict[Path, MapHeader] = {}
    for channel in channels:
        _inspect_map(inspection, scan, channel, headers)
    shapes |= {path: header.shape for path, header in headers.items()}
    for kind, path in (("drawing", scan.drawing), ("mask", scan.mask)):
        if path:
            _inspect_picture(inspection, kind, path, shapes)
    inspection.shape = next(iter(shapes.values()), None)
    inspection.faults += _unlike(shapes)
    _inspect_others(
        inspection, scan, [name for name in scan.maps if name not in (*channels, "published_depth")], shapes
    )
    if headers:
        _inspect_resolution(inspection, headers, dpi)
    return inspection


def decode_files(inspection: Inspection, scan: ScanFiles, channels: Sequence[str]) -> None:
    """Decode every file of a scan that cannot be prepared, so that damaged files are reported too."""
    for channel in channels:
        if channel in scan.maps:
            inspection.attempt(partial(open_map, scan.maps[channel], channel))
    for path, read in ((scan.drawing, read_drawing), (scan.mask, read_mask)):
        if path:
            inspection.attempt(partial(read, path))


def _inspect_resolution(inspection: Inspection, headers: dict[Path, MapHeader], dpi: float | None) -> None:
    resolution = resolution_of(headers, dpi)
    inspection.pixels_per_mm, inspection.resolution_source = resolution.pixels_per_mm, resolution.source
    inspection.remarks += resolution.remarks
    if resolution.pixels_per_mm is None:
        inspection.faults.append(f"{next(iter(headers))}: no resolution in the file; give it with --dpi")


def _inspect_others(
    inspection: Inspection, scan: ScanFiles, channels: Sequence[str], shapes: dict[Path, Shape]
) -> None:
    """Add remarks about faults of maps that were not asked for."""
    beside = Inspection(scan.view, maps=dict(inspection.maps))
    headers: dict[Path, MapHeader] = {}
    for channel in channels:
        _inspect_map(beside, scan, channel, headers)
    others = dict(list(shapes.items())[:1]) | {path: header.shape for path, header in headers.items()}
    inspection.maps = beside.maps
    inspection.remarks += [
        f"{fault} (only for --channels {','.join(channels)})" for fault in beside.faults + _unlike(others)
    ]


def _inspect_map(inspection: Inspection, scan: ScanFiles, channel: str, headers: dict[Path, MapHeader]) -> None:
    if channel not in scan.maps:
        if scan.maps:  # otherwise a fault of the whole folder is known
            inspection.faults.append(f"{scan.view}: no {channel} map; export it as {scan.view}_{SUFFIX[channel]}.tif")
        return
    path = scan.maps[channel]
    if header := inspection.attempt(lambda: read_header(path, channel)):
        inspection.maps[channel], headers[path] = header.encoding, header
        inspection.remarks += header.notes


def _inspect_picture(inspection: Inspection, kind: str, path: Path, shapes: dict[Path, Shape]) -> None:
    setattr(inspection, kind, PRESENT)
    if header := inspection.attempt(lambda: read_picture_header(path)):
        setattr(inspection, kind, header.encoding)
        shapes[path] = header.shape


def _unlike(shapes: dict[Path, Shape]) -> list[str]:
    """Return faults that name the files whose size differs from the first one's."""
    if not shapes:
        return []
    (first, (height, width)), *others = shapes.items()
    return [
        f"{path}: {shape[0]} x {shape[1]} pixels, but {first.name}: {height} x {width}; export both alike"
        for path, shape in others
        if shape != (height, width)
    ]
