"""Photometric-stereo scans of engraved mirrors, with drawings and masks; see ``data.scans.layout`` for the files."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from data.channels import ALBEDO, DEPTH, NORMALS, PUBLISHED_DEPTH
from data.errors import DataError
from data.findings import Findings, Inspection, rehearse
from data.images import mask_findings, read_marks, require_lines, require_object
from data.io.tiffs import MapHeader, read_header, require_resolution
from data.kinds import Kind, RawData
from data.line_statistics import MIRROR_LINES
from data.marking import Of
from data.preparing.channels import Prepared, halve_mask
from data.preparing.sign import CLEARLY, PERHAPS, line_contrast, turned
from data.preparing.source import Part, PreparationReport, require_shape
from data.preparing.streaming_statistics import Mask, described
from data.preparing.writing import ViewWriter
from data.scans.inspection import decode_files, inspect_headers
from data.scans.layout import SUFFIX, ScanFiles, find_scans, list_folder, object_of
from data.scans.maps import RELIEF, prepared_map
from data.scans.resolution import Resolution, resolution_of

DEPTH_SIGNS = {1: "height", -1: "depth"}  # as ``--depth_sign`` calls them


@dataclass(frozen=True)
class _Marked:
    """What a drawing or a mask marks, (H, W) bool, and what a user should know of how it was read."""

    mask: Mask
    findings: list[str]


@dataclass(frozen=True)
class MirrorSource:
    """A photometric-stereo scan, with its drawing and its mask if they exist."""

    scan: ScanFiles
    channels: tuple[str, ...]
    dpi: float | None  # as given; it goes before what files say
    depth_sign: int | None = None  # as given; see ``RawData``
    before: float | None = None  # pixels a millimetre of an earlier preparation, for files that don't say it
    earlier: bool = False  # whether ``dpi`` was given to an earlier preparation
    sign: int = 1  # as given or decided
    contrast: float = 0.0  # by how much drawn lines are darker than the ground, if depth is taken for height
    maps: dict[str, Prepared] = field(default_factory=dict, compare=False, repr=False)  # that were read to decide
    marked: dict[Of, _Marked] = field(default_factory=dict, compare=False, repr=False)  # pictures that were read

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

    @property
    def pixels_per_mm(self) -> float:
        """See ``Source``."""
        if self._resolution.pixels_per_mm is None:
            raise DataError(f"{self._map(self.channels[0])}: no usable resolution in the file; give it with --dpi")
        return self._resolution.pixels_per_mm

    @property
    def given(self) -> dict[str, Any]:
        """See ``Recalling``."""
        dpi = {"dpi": self.dpi} if self.dpi is not None else {}
        return dpi | ({"depth_sign": DEPTH_SIGNS[self.depth_sign]} if self.depth_sign else {})

    @property
    def parts(self) -> dict[str, Part]:
        """See ``Source``."""
        mask = (self.scan.mask,) if self.scan.mask else ()
        extent = {} if mask else {"shape": list(self._first.shape)}  # without a mask, the object is all of it
        resolution = {"pixels_per_mm": self.pixels_per_mm}
        turned = {"depth_sign": -1} if self.sign < 0 else {}
        parts = {
            channel: Part((self._map(channel), *mask), resolution | extent | (turned if channel in RELIEF else {}))
            for channel in self.channels
        }
        parts["mask"] = Part(mask, extent)
        if self.scan.drawing:
            parts["truth"] = Part((self.scan.drawing, *mask), extent)
        return parts

    def keeping(self, channels: Collection[str], pixels_per_mm: float | None) -> MirrorSource:
        """See ``Source``."""
        both = dict.fromkeys([*self.channels, *(name for name in channels if name in self.scan.maps)])
        return replace(self, channels=tuple(both), before=pixels_per_mm, marked={})

    def recalling(self, given: dict[str, Any], parameters: dict[str, dict[str, Any]]) -> MirrorSource:
        """See ``Recalling``; a sign that was decided holds until files change."""
        signs = [parameters[channel].get("depth_sign", 1) for channel in RELIEF if channel in parameters]
        numbers = {name: number for number, name in DEPTH_SIGNS.items()}
        depth_sign = numbers.get(given.get("depth_sign", ""), 0) if self.depth_sign is None else self.depth_sign
        return replace(
            self,
            dpi=given.get("dpi") if self.dpi is None else self.dpi,
            earlier=self.dpi is None and "dpi" in given,
            depth_sign=depth_sign,
            sign=depth_sign or next(iter(signs), 1),
        )

    def decided(self) -> MirrorSource:
        """See ``Recalling``: without ``depth_sign``, a drawing shows the sign; without a drawing, depth is height."""
        if self.depth_sign or self._relief is None or not self.drawn:
            return replace(self, sign=self.depth_sign or 1)
        truth, prepared = self._truth, self._prepared(self._relief)
        contrast = line_contrast(prepared, truth, self._mask, self.pixels_per_mm)
        sign = -1 if contrast < -CLEARLY else 1
        return replace(self, sign=sign, contrast=contrast, maps={self._relief: prepared})

    def prepare(self, parts: Collection[str], writer: ViewWriter) -> PreparationReport:
        """See ``Source``; channels are prepared one after the other, so that one map at a time is in memory."""
        mask = self._mask
        truth = self._truth if "truth" in parts else None  # first, since it is read sooner than maps are
        report = PreparationReport((mask.shape[0], mask.shape[1]))
        for channel in (name for name in parts if name in SUFFIX):
            prepared = self._prepared(channel)
            statistics = writer.planes(channel, turned(prepared) if self._is_turned(channel) else prepared, mask)
            report.statistics[channel] = statistics | _filling(prepared)
            report.encodings[channel] = read_header(self._map(channel), channel).encoding
            report.notes[channel] = self._notes(channel, prepared)
            self.maps.pop(channel, None)
        if truth is not None:
            writer.mask("truth", truth)
            report.notes["truth"] = self.marked["lines"].findings
        if "mask" in parts:
            writer.mask("mask", mask)
            report.notes["mask"] = self.marked["object"].findings if self.masked else []
        return report

    def _notes(self, channel: str, prepared: Prepared) -> list[str]:
        """Return what a user should read about a channel."""
        path = self._map(channel)
        notes = [*read_header(path, channel).notes]
        if channel == self.channels[0]:
            notes += [*self.scan.remarks, *self._resolution.remarks]
        if prepared.missing:
            notes.append(f"{path.name}: filled as missing: {described(prepared.missing)}")
        if channel in RELIEF:
            notes += self._sign_notes(path, channel)
        return notes

    def _sign_notes(self, path: Path, channel: str) -> list[str]:
        if self.depth_sign or channel != self._relief:
            return []
        brighter = f"{path.name}: drawn lines are higher than the ground around them"
        if self.contrast < -CLEARLY:
            return [f"{brighter}, so the map grows inwards and is turned; --depth_sign height keeps it as it is"]
        if self.contrast < -PERHAPS:
            return [f"{brighter}, though engraved lines are lower; if the map grows inwards, give --depth_sign depth"]
        return []

    def _is_turned(self, channel: str) -> bool:
        return channel in RELIEF and self.sign < 0

    def _prepared(self, channel: str) -> Prepared:
        """Return a channel as if depth were height."""
        of = "the mask" if self.masked else "the first map"
        known = self.maps.get(channel)
        return known or prepared_map(self._map(channel), channel, self._mask, self.pixels_per_mm, of)

    @property
    def _relief(self) -> str | None:
        """The channel that shows the sign of the depth map."""
        return next((channel for channel in RELIEF if channel in self.channels), None)

    @cached_property
    def _first(self) -> MapHeader:
        """What the first channel's file says, which stands for all of the scan."""
        return read_header(self._map(self.channels[0]), self.channels[0])

    @cached_property
    def _resolution(self) -> Resolution:
        headers = {self._map(channel): read_header(self._map(channel), channel) for channel in self.channels}
        return resolution_of(headers, self.dpi, self.before, earlier=self.earlier)

    @cached_property
    def _mask(self) -> Mask:
        if not self.scan.mask:
            return np.ones(self._first.shape, bool)
        mask = self._marked(self.scan.mask, "object")
        require_object(self.scan.mask, mask)
        if not halve_mask(mask).any():
            raise DataError(f"{self.scan.mask}: no object of any size in it; paint it white, or remove the file")
        return mask

    @cached_property
    def _truth(self) -> Mask:
        path, mask = self.scan.drawing, self._mask
        assert path is not None  # or there would be no such part
        drawing = self._marked(path, "lines")
        require_shape(path, drawing.shape, mask.shape, "the scan")
        require_lines(path, drawing)
        drawing = drawing & mask
        if not drawing.any():
            raise DataError(f"{path}: no line of it lies on the object; check that drawing and mask are of one view")
        return drawing

    def _marked(self, path: Path, of: Of) -> Mask:
        """Return what a drawing or a mask marks; its file, which may be large, is decoded once."""
        if of not in self.marked:
            found = read_marks(path, of)
            self.marked[of] = _Marked(found.mask, mask_findings(path, found, of))
        return self.marked[of].mask

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
    return [_source(scan, raw) for scan in find_scans(raw.root, raw.drawings, raw.masks)]


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
        rehearse(inspection, _source(scan, raw))
    return inspection


def _source(scan: ScanFiles, raw: RawData) -> MirrorSource:
    return MirrorSource(scan, raw.channels, raw.dpi, raw.depth_sign, sign=raw.depth_sign or 1)


def _filling(prepared: Prepared) -> dict[str, Any]:
    """Return what a manifest says of the pixels that were filled."""
    share = {"filled_share": prepared.filled_fraction}
    return share | ({"missing": [asdict(one) for one in prepared.missing]} if prepared.missing else {})


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
