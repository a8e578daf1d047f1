"""Photographs with masks of their lines, such as cracks or pen strokes; ``data.showing`` says how networks see them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from data.channels import BLUE, GREEN, GREY, RED, RELIEF, RGB
from data.errors import DataError
from data.findings import Findings, inspect_sources
from data.images import mask_findings, read_marks, read_photograph, read_picture_header, require_object
from data.io.orientation import QUARTER_TURNS, UPRIGHT
from data.kinds import Kind, RawData
from data.marking import Marks, Of
from data.paths import composed
from data.photographs import Photograph, list_photographs
from data.preparing.appearance import showing_of
from data.preparing.channels import Prepared
from data.preparing.looking import GRAIN, relief_of
from data.preparing.resampling import Resampling, resampled_mask_rows, shape_at
from data.preparing.source import Part, PreparationReport, require_shape
from data.preparing.streaming_statistics import Mask, Planes
from data.preparing.writing import ViewWriter
from data.regions import shape_of
from data.showing import COLOURS, Showing

_CHANNELS = (GREY, RED, GREEN, BLUE, RGB, RELIEF)


@dataclass(frozen=True)
class LineSource:
    """A photograph, and a mask of its lines if there is one."""

    image: Path
    mask: Path | None
    channels: tuple[str, ...]
    faults: tuple[str, ...] = ()
    valid: Path | None = None
    showing: Showing | None = None
    pixels_per_mm = None

    @property
    def view(self) -> str:
        """The image's name without its suffix."""
        return composed(self.image.stem)

    @property
    def object(self) -> str:
        """Each image is an object of its own."""
        return self.view

    @property
    def drawn(self) -> bool:
        """See ``Source``."""
        return self.mask is not None

    @property
    def parts(self) -> dict[str, Part]:
        """See ``Source``."""
        if self.faults:
            raise DataError("; ".join(self.faults))
        if RELIEF.name in self.channels and self.showing is None:
            raise DataError(
                f"{self.view}: was prepared by an earlier version, at its own size and without relief; run `python -m "
                "data.setup --dataset lines` again"
            )
        valid = (self.valid,) if self.valid else ()
        scale = {"model_scale": self.showing.scale} if self.showing and self.showing.scale != 1 else {}
        parts = dict.fromkeys((*self.channels, "mask"), Part((self.image, *valid), scale))
        if self.showing and RELIEF.name in self.channels:
            seen = {name: value for name, value in self.showing.as_json().items() if name != "given"}
            seen["grain"] = round(GRAIN, 3)
            parts[RELIEF.name] = Part((self.image, *valid), scale | seen)
        return parts | {"truth": Part((self.mask, self.image, *valid), scale)} if self.mask else parts

    @property
    def masked(self) -> bool:
        """See ``Source``."""
        return self.valid is not None

    def keeping(self, channels: Collection[str], pixels_per_mm: float | None) -> LineSource:
        """See ``Source``; a photograph has no resolution."""
        known = [channel.name for channel in _CHANNELS]
        both = dict.fromkeys([*self.channels, *(name for name in channels if name in known)])
        return replace(self, channels=tuple(both))

    def as_shown(self, showing: Showing | None) -> LineSource:
        """See ``Shown``; relief is always prepared, and with it something that a person knows the image by."""
        if showing is None:
            return replace(self, showing=None)
        visible = [] if {GREY.name, RGB.name} & {*self.channels} else [GREY.name]
        both = dict.fromkeys([*self.channels, *visible, RELIEF.name])
        return replace(self, showing=showing, channels=tuple(both))

    def planes(self, channel: str) -> Planes:
        """Return one of its channels but relief, (C, H, W); raises DataError if the image cannot be read."""
        return self._read(channel)[0]

    def lines(self) -> Mask:
        """Return its lines, (H, W) bool; raises DataError if there is no mask, or none that fits."""
        if self.faults or self.mask is None:
            raise DataError("; ".join(self.faults) or f"{self.view}: no mask of its lines")
        return self._marked(self.mask, "lines").mask & self.object_mask()

    def object_mask(self) -> Mask:
        """Return the object, (H, W) bool: all of the image, unless a mask says it; raises DataError likewise."""
        if self.valid is None:
            return np.ones(read_picture_header(self.image).shape, bool)
        marked = self._marked(self.valid, "object")
        require_object(self.valid, marked.mask)
        return marked.mask

    def prepare(self, parts: Collection[str], writer: ViewWriter) -> PreparationReport:
        """See ``Source``."""
        mask = self.object_mask()
        report = PreparationReport((mask.shape[0], mask.shape[1]))
        for name in (channel.name for channel in _CHANNELS if channel.name in parts):
            prepared, made_of, notes = self._prepared(name, mask)
            report.statistics[name] = writer.planes(name, prepared, mask)
            report.encodings[name] = f"of {made_of}"
            report.notes[name] = [] if notes in report.notes.values() else notes
        if "mask" in parts:
            writer.mask("mask", mask)
            found = self._marked(self.valid, "object") if self.valid else None
            report.notes["mask"] = mask_findings(self.valid, found, "object") if self.valid and found else []
        if "truth" in parts and self.mask:
            marked = self._marked(self.mask, "lines")
            writer.mask("truth", marked.mask & mask)
            report.notes["truth"] = [*mask_findings(self.mask, marked, "lines"), *_turned_apart(self.image, self.mask)]
        return report

    def _prepared(self, channel: str, mask: Mask) -> tuple[Prepared, str, list[str]]:
        """Return a channel ready for networks, what it is made of, and what a user should know of how that was read.

        Relief is never prepared alone, and the channel beside it says the latter.
        """
        if channel == RELIEF.name and self.showing:
            of = self.showing.channel
            return relief_of(self._read(of)[0], mask, self.showing.line_width, self.showing.polarity), of, []
        planes, notes = self._read(channel)
        return _unchanged(planes), self.image.suffix.removeprefix(".").lower(), notes

    def _read(self, channel: str) -> tuple[Planes, list[str]]:
        """Return the planes of a channel but relief, and what a user should know of how they were read."""
        photograph = read_photograph(self.image, 1 if channel == GREY.name else 3)
        planes = photograph.planes
        return planes[COLOURS[channel], None] if channel in COLOURS else planes, list(photograph.notes)

    def _marked(self, path: Path, of: Of) -> Marks:
        """Read a mask of the image's size, or of the size at which networks see the image, as drawings have it."""
        marked, shape = read_marks(path, of), read_picture_header(self.image).shape
        found, scale = shape_of(marked.mask), self.showing.scale if self.showing else 1.0
        if found != shape and found == shape_at(shape, scale):
            to_image = Resampling(found, 1 / scale, "linear", shape)
            return replace(marked, mask=resampled_mask_rows(to_image, marked.mask, 0, shape[0]))
        require_shape(path, found, shape, "its image")
        return marked


def line_sources(raw: RawData) -> list[LineSource]:
    """List the photographs in ``root/images`` with their masks in ``root/masks``; see ``data.photographs``.

    Raises
    ------
    DataError
        If there are none.
    """
    return [_source(photograph, raw) for photograph in list_photographs(raw.root).photographs]


def inspect_lines(raw: RawData, full: bool) -> Findings:
    """Find what is wrong with all photographs below a root, by preparing each without writing it, ``full`` or not."""
    folder = list_photographs(raw.root)
    sources = [_source(photograph, raw) for photograph in folder.photographs]
    showing = showing_of(raw, sources, (), None)
    if RELIEF.name in raw.channels:  # which shows no fault that its plane does not
        sources = [source.as_shown(showing) for source in sources]
    else:
        sources = [replace(source, showing=showing) for source in sources]
    findings = inspect_sources(sources, folder.strays)
    return replace(findings, unusual=folder.unusual, notes=showing.notes)


def _source(photograph: Photograph, raw: RawData) -> LineSource:
    return LineSource(photograph.image, photograph.mask, raw.channels, photograph.faults, photograph.valid)


def _turned_apart(image: Path, mask: Path) -> list[str]:
    """Return a remark if only the image states an orientation, and the sizes cannot show whether the mask fits."""
    found, of_mask = read_picture_header(image), read_picture_header(mask)
    height, width = found.shape
    if found.orientation == UPRIGHT or of_mask.orientation != UPRIGHT:
        return []
    if found.orientation in QUARTER_TURNS and height != width:
        return []
    return [
        f"{image}: stored turned or mirrored, and shown upright; {mask.name} says nothing of that, so see if it fits"
    ]


def _unchanged(image: NDArray[np.float32]) -> Prepared:
    return Prepared(image.shape, lambda top, bottom: image[:, top:bottom], 0.0)


KIND = Kind(
    name="lines",
    title="photographs with masks of their lines: images/<VIEW>.jpg (or .png, .tif, …) and masks/<VIEW>.png",
    called="photographs",
    channels=_CHANNELS,
    default_channels=(GREY.name,),
    model_scale=1.0,
    sources=line_sources,
    inspect=inspect_lines,
    showing=showing_of,
)
