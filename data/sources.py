"""Raw data and how it becomes a prepared view: a scanned mirror, or a photograph with a mask of its lines."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from data.errors import DataError
from data.pictures import read_drawing, read_grey, read_line_mask, read_mask, require_lines
from data.preparation import (
    MapError,
    MapRows,
    Prepared,
    halve_mask,
    prepare_albedo,
    prepare_depth,
    prepare_normals,
    prepare_published_depth,
)
from data.regions import Shape
from data.scans import SUFFIX, ScanFiles, find_scans, listed, object_of
from data.tiffs import MM_PER_INCH, PLANES, MapHeader, open_map, read_header, require_channels
from data.writing import ViewWriter

MIRROR_SCALE = 0.5  # networks see mirrors at half the scan's resolution
LINES_SCALE = 1.0  # and photographs as they are
IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".tif", ".tiff")

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Part:
    """One of the arrays that a view is made of: the files and parameters that it depends on."""

    files: tuple[Path, ...]
    parameters: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Facts:
    """What preparing a view has shown; of channels, those that were prepared."""

    shape: Shape
    encodings: dict[str, str] = field(default_factory=dict)
    statistics: dict[str, Any] = field(default_factory=dict)


class Source(Protocol):
    """The raw files of one view."""

    @property
    def view(self) -> str:
        """The view's name."""

    @property
    def object(self) -> str:
        """The object that it shows; raises DataError if the view's name does not say."""

    @property
    def scale(self) -> float:
        """Model pixels a scan pixel."""

    @property
    def pixels_per_mm(self) -> float | None:
        """Resolution of the scan, None for a photograph; raises DataError if it has to be given."""

    @property
    def parts(self) -> dict[str, Part]:
        """What there is to prepare, by name: channels, ``mask``, and ``truth`` where there is a drawing.

        Raises
        ------
        DataError
            If a file is missing, or does not say what it should.
        """

    @property
    def masked(self) -> bool:
        """Whether a mask says where the object is."""

    def keeping(self, channels: Collection[str], pixels_per_mm: float | None) -> Source:
        """Return the same with those channels beside its own that there are, and a resolution if nothing says one."""

    def prepare(self, parts: Collection[str], writer: ViewWriter) -> Facts:
        """Read, prepare and write some of the parts.

        Raises
        ------
        DataError
            If a file cannot be used.
        """


@dataclass(frozen=True)
class MirrorSource:
    """A photometric-stereo scan, stored at scan scale and at half of it."""

    scan: ScanFiles
    channels: tuple[str, ...]
    dpi: float | None  # for scans whose files don't say it
    scale = MIRROR_SCALE

    @property
    def view(self) -> str:
        """See ``Source``."""
        return self.scan.view

    @property
    def object(self) -> str:
        """See ``Source``."""
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
            raise DataError(f"{self._map(self.channels[0])}: no resolution in the file; give it with --dpi")
        return self.dpi / MM_PER_INCH

    @property
    def parts(self) -> dict[str, Part]:
        """See ``Source``."""
        if self.scan.faults:
            raise DataError("; ".join(self.scan.faults))
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
        facts = Facts((mask.shape[0], mask.shape[1]))
        for channel in (name for name in parts if name in PLANES):
            path = self._map(channel)
            raw = open_map(path, channel)
            _require_shape(path, raw.shape[1:], mask.shape, "the mask" if self.masked else "the first map")
            if SUFFIX[channel] == SUFFIX["depth"]:
                raw = raw.from_level(mask)
            try:
                prepared = _prepare_channel(channel, raw, mask, self.pixels_per_mm)
            except MapError as error:
                raise DataError(f"{path}: {error}") from error
            statistics = writer.planes(channel, prepared, mask)
            facts.statistics[channel] = statistics | {"filled_share": prepared.filled_share}
            facts.encodings[channel] = read_header(path, channel).encoding
        if "truth" in parts:
            writer.mask("truth", self._truth(mask))
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
            raise DataError(f"{self.scan.mask}: no object in it (the object is what is not black); redraw or remove it")
        return mask

    def _truth(self, mask: Mask) -> Mask:
        path = self.scan.drawing
        assert path is not None  # or there would be no such part
        drawing = read_drawing(path)
        _require_shape(path, drawing.shape, mask.shape, "the scan")
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


@dataclass(frozen=True)
class LineSource:
    """A photograph and a mask of its lines; the grey image takes the depth's place, at 1:1 pixels."""

    image: Path
    mask: Path | None
    scale = LINES_SCALE
    pixels_per_mm = None
    masked = False

    @property
    def view(self) -> str:
        """The image's name without its suffix."""
        return self.image.stem

    @property
    def object(self) -> str:
        """Each image is an object of its own."""
        return self.view

    @property
    def parts(self) -> dict[str, Part]:
        """See ``Source``."""
        image = Part((self.image,))
        parts = {"depth": image, "mask": image}
        return parts | {"truth": Part((self.mask, self.image))} if self.mask else parts

    def keeping(self, channels: Collection[str], pixels_per_mm: float | None) -> LineSource:
        """A photograph has no further channel, and no resolution."""
        return self

    def prepare(self, parts: Collection[str], writer: ViewWriter) -> Facts:
        """See ``Source``."""
        grey = read_grey(self.image)
        everywhere = np.ones(grey.shape, bool)
        facts = Facts((grey.shape[0], grey.shape[1]))
        if "depth" in parts:
            as_it_is = Prepared((1, *facts.shape), lambda top, bottom: grey[None, top:bottom], 0.0)
            facts.statistics["depth"] = writer.planes("depth", as_it_is, everywhere)
            facts.encodings["depth"] = f"grey of {self.image.suffix.removeprefix('.').lower()}"
        if "mask" in parts:
            writer.mask("mask", everywhere)
        if "truth" in parts and self.mask:
            lines = read_line_mask(self.mask)
            _require_shape(self.mask, lines.shape, grey.shape, "its image")
            writer.mask("truth", lines)
        return facts


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
    return [MirrorSource(scan, tuple(channels), dpi) for scan in find_scans(root, drawings, masks)]


def line_sources(root: Path) -> list[LineSource]:
    """List the photographs in ``root/images`` with their masks, of the same stem, in ``root/masks``.

    Raises
    ------
    DataError
        If there are none.
    """
    images, masks = _pictures_by_name(root / "images"), _pictures_by_name(root / "masks")
    if not images:
        raise DataError(f"{root}: no images/ folder with pictures in it; a line set is images/ and masks/ side by side")
    return [LineSource(image, masks.get(name)) for name, image in images.items()]


def _pictures_by_name(folder: Path) -> dict[str, Path]:
    """Return the pictures in a folder by their names without suffix; raises DataError where two share one."""
    paths = sorted(listed(folder, IMAGE_SUFFIXES), key=lambda path: path.stem)
    twice = [two for one, two in pairwise(paths) if one.stem == two.stem]
    if twice:
        raise DataError(f"{twice[0]}: another image is called {twice[0].stem} too; rename or remove one of them")
    return {path.stem: path for path in paths}


def _prepare_channel(channel: str, raw: MapRows, mask: Mask, resolution: float) -> Prepared:
    if channel == "depth":
        return prepare_depth(raw, mask, resolution)
    if channel == "published_depth":
        return prepare_published_depth(raw, resolution)
    return prepare_normals(raw, mask, resolution) if channel == "normals" else prepare_albedo(raw, mask, resolution)


def _require_shape(path: Path, found: tuple[int, ...], expected: tuple[int, ...], of: str) -> None:
    if found != expected:
        raise DataError(
            f"{path}: {found[0]} x {found[1]} pixels, but {of}: {expected[0]} x {expected[1]}; export both alike"
        )
