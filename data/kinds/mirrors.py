"""A photometric-stereo scan of a mirror, and how it becomes a prepared view."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from data.errors import DataError
from data.io.pictures import read_drawing, read_mask, require_lines
from data.io.tiffs import (
    MM_PER_INCH,
    PLANES,
    MapHeader,
    open_map,
    read_header,
    require_channels,
    require_resolution,
)
from data.kinds.scans import SUFFIX, ScanFiles, find_scans, object_of
from data.kinds.source import Facts, Part, require_shape
from data.preparing.channels import (
    Prepared,
    halve_mask,
    prepare_albedo,
    prepare_depth,
    prepare_normals,
    prepare_published_depth,
)
from data.preparing.streaming_statistics import MapError, MapRows, Mask
from data.preparing.writing import ViewWriter

MODEL_SCALE = 0.5  # networks see mirrors at half the scan's resolution


@dataclass(frozen=True)
class MirrorSource:
    """A photometric-stereo scan, stored at scan scale and at half of it."""

    scan: ScanFiles
    channels: tuple[str, ...]
    dpi: float | None  # for scans whose files don't say it
    scale = MODEL_SCALE

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

    def prepare(self, parts: Collection[str], writer: ViewWriter) -> Facts:
        """See ``Source``; channels are prepared one after the other, so that one map at a time is in memory."""
        mask = self._mask()
        truth = self._truth(mask) if "truth" in parts else None  # sooner found wanting than maps
        facts = Facts((mask.shape[0], mask.shape[1]))
        for channel in (name for name in parts if name in PLANES):
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
            facts.statistics[channel] = statistics | {"filled_share": prepared.filled_share}
            facts.encodings[channel] = read_header(path, channel).encoding
        if truth is not None:
            writer.mask("truth", truth)
        if "mask" in parts:
            writer.mask("mask", mask)
        return facts

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


def mirror_sources(
    root: Path, drawings: Path, masks: Path, channels: Sequence[str], dpi: float | None
) -> list[MirrorSource]:
    """List the scans below a root.

    Raises
    ------
    DataError
        If there are none, or a channel's name is unknown.
    """
    require_channels(channels)
    require_resolution(dpi)
    return [MirrorSource(scan, tuple(channels), dpi) for scan in find_scans(root, drawings, masks)]


def _prepare_channel(channel: str, raw: MapRows, mask: Mask, resolution: float) -> Prepared:
    if channel == "depth":
        return prepare_depth(raw, mask, resolution)
    if channel == "published_depth":
        return prepare_published_depth(raw, resolution)
    return prepare_normals(raw, mask, resolution) if channel == "normals" else prepare_albedo(raw, mask, resolution)
