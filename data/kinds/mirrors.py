"""Photometric-stereo scans of engraved mirrors, with drawings and masks; see ``data.scans.layout`` for the files."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from data.channels import ALBEDO, DEPTH, NORMALS, PUBLISHED_DEPTH
from data.errors import DataError
from data.findings import Findings, Inspection, rehearse
from data.images import read_drawing, read_mask, require_lines
from data.io.tiffs import MM_PER_INCH, MapHeader, open_map, read_header, require_resolution
from data.kinds import Kind, RawData
from data.line_statistics import MIRROR_LINES
from data.preparing.channels import (
    Prepared,
    halve_mask,
    prepare_albedo,
    prepare_depth,
    prepare_normals,
    prepare_published_depth,
)
from data.preparing.source import Part, PreparationReport, require_shape
from data.preparing.streaming_statistics import MapError, MapRows, Mask
from data.preparing.writing import ViewWriter
from data.scans.inspection import decode_files, inspect_headers
from data.scans.layout import SUFFIX, ScanFiles, find_scans, list_folder, object_of


@dataclass(frozen=True)
class MirrorSource:
    """A photometric-stereo scan, with its drawing and its mask if they exist."""

    scan: ScanFiles
    channels: tuple[str, ...]
    dpi: float | None  # for scans whose files don't say it

    @property
    def view(self) -> str:
        """See ``Source``."""
        return self.scan.view

    @property
    def object(self) -> str:
        """See ``Source``."""
        if self.scan.faults:
            raise DataError("; ".join(self.scan.faults))
        return object_of(self.view)

    @property
    def drawn(self) -> bool:
        """See ``Source``."""
        return self.scan.drawing is not None

    @property
    def masked(self) -> bool:
        """See ``Source``."""
        return self.scan.mask is not None

    @cached_property
    def pixels_per_mm(self) -> float:
        """See ``Source``."""
        found = self._first.pixels_per_mm
        if found is not None:
            return found
        if self.dpi is None:
            raise DataError(f"{self._map(self.channels[0])}: no usable resolution in the file; give it with --dpi")
        return self.dpi / MM_PER_INCH

    @property
    def parts(self) -> dict[str, Part]:
        """See ``Source``."""
        mask = (self.scan.mask,) if self.scan.mask else ()
        extent = {} if mask else {"shape": list(self._first.shape)}  # without a mask, the object is all of it
        resolution = {"pixels_per_mm": self.pixels_per_mm}
        parts = {channel: Part((self._map(channel), *mask), resolution | extent) for channel in self.channels}
        parts["mask"] = Part(mask, extent)
        if self.scan.drawing:
            parts["truth"] = Part((self.scan.drawing, *mask), extent)
        return parts

    def keeping(self, channels: Collection[str], pixels_per_mm: float | None) -> MirrorSource:
        """See ``Source``."""
        both = dict.fromkeys([*self.channels, *(name for name in channels if name in self.scan.maps)])
        known = None if pixels_per_mm is None else pixels_per_mm * MM_PER_INCH
        return replace(self, channels=tuple(both), dpi=self.dpi or known)

    def prepare(self, parts: Collection[str], writer: ViewWriter) -> PreparationReport:
        """See ``Source``; channels are prepared one after the other, so that one map at a time is in memory."""
        mask = self._mask()
        truth = self._truth(mask) if "truth" in parts else None  # first, since it is read sooner than maps are
        report = PreparationReport((mask.shape[0], mask.shape[1]))
        for channel in (name for name in parts if name in SUFFIX):
            path = self._map(channel)
            raw = open_map(path, channel)
            require_shape(path, raw.shape[1:], mask.shape, "the mask" if self.masked else "the first map")
            if SUFFIX[channel] == SUFFIX["depth"]:
                raw = raw.from_level(mask)
            try:
                prepared = _prepare_channel(channel, raw, mask, self.pixels_per_mm)
            except MapError as error:
                raise DataError(f"{path}: {error}") from error
            statistics = writer.planes(channel, prepared, mask)
            report.statistics[channel] = statistics | {"filled_share": prepared.filled_fraction}
            report.encodings[channel] = read_header(path, channel).encoding
        if truth is not None:
            writer.mask("truth", truth)
        if "mask" in parts:
            writer.mask("mask", mask)
        return report

    @cached_property
    def _first(self) -> MapHeader:
        """What the first channel's file says, which stands for all of the scan."""
        return read_header(self._map(self.channels[0]), self.channels[0])

    def _mask(self) -> Mask:
        if not self.scan.mask:
            return np.ones(self._first.shape, bool)
        mask = read_mask(self.scan.mask)
        if not halve_mask(mask).any():
            raise DataError(f"{self.scan.mask}: no object of any size in it; paint it white, or remove the file")
        return mask

    def _truth(self, mask: Mask) -> Mask:
        path = self.scan.drawing
        assert path is not None  # or there would be no such part
        drawing = read_drawing(path)
        require_shape(path, drawing.shape, mask.shape, "the scan")
        require_lines(path, drawing)
        drawing &= mask
        if not drawing.any():
            raise DataError(f"{path}: no line of it lies on the object; check that drawing and mask are of one view")
        return drawing

    def _map(self, channel: str) -> Path:
        if channel not in self.scan.maps:
            there = ", ".join(dict.fromkeys(path.name for path in self.scan.maps.values()))
            raise DataError(f"{self.view}: no {channel} map beside {there}; export it, or leave it out of --channels")
        return self.scan.maps[channel]


def mirror_sources(raw: RawData) -> list[MirrorSource]:
    """List the scans below a root.

    Raises
    ------
    DataError
        If there are none, or the resolution given is none that a scan has.
    """
    require_resolution(raw.dpi)
    return [MirrorSource(scan, raw.channels, raw.dpi) for scan in find_scans(raw.root, raw.drawings, raw.masks)]


def inspect_mirrors(raw: RawData, full: bool) -> Findings:
    """Find what is wrong with all scans below a root; raises as ``mirror_sources`` does."""
    require_resolution(raw.dpi)
    folder = list_folder(raw.root, raw.drawings, raw.masks)
    inspections = (_inspected(scan, raw, full) for scan in folder.scans)
    return Findings([scan.view for scan in folder.scans], inspections, folder.strays)


def _inspected(scan: ScanFiles, raw: RawData, full: bool) -> Inspection:
    inspection = inspect_headers(scan, raw.channels, raw.dpi)
    if full and inspection.faults:
        decode_files(inspection, scan, raw.channels)
    elif full:
        rehearse(inspection, MirrorSource(scan, raw.channels, raw.dpi))
    return inspection


def _prepare_channel(channel: str, raw: MapRows, mask: Mask, resolution: float) -> Prepared:
    if channel == "depth":
        return prepare_depth(raw, mask, resolution)
    if channel == "published_depth":
        return prepare_published_depth(raw, resolution)
    return prepare_normals(raw, mask, resolution) if channel == "normals" else prepare_albedo(raw, mask, resolution)


KIND = Kind(
    name="mirrors",
    title="photometric-stereo scans: <OBJ>/PS/<VIEW>_{N,RHO,U}.tif, drawings/<VIEW>_drawings.png and "
    "masks/<VIEW>_mask.png, VIEW being <OBJ>_R or <OBJ>_V",
    called="mirrors",
    channels=(DEPTH, NORMALS, ALBEDO, PUBLISHED_DEPTH),
    default_channels=(DEPTH.name,),
    model_scale=0.5,
    sources=mirror_sources,
    inspect=inspect_mirrors,
    object_of=object_of,
    test_views=("ANSA-VI-1700_R", "ANSA-VI-1701_R", "wels-11944_R"),  # kept for testing by the method's authors
    published_lines=MIRROR_LINES,
    has_object_masks=True,
)
