"""Photographs with masks of their lines, such as cracks or pen strokes; each is prepared at its own size."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from data.channels import GREY, RGB
from data.errors import DataError
from data.findings import Findings, inspect_sources
from data.images import mask_findings, read_marks, read_photograph, read_picture_header
from data.io.orientation import QUARTER_TURNS, UPRIGHT
from data.kinds import Kind, RawData
from data.paths import composed
from data.photographs import Photograph, list_photographs
from data.preparing.channels import Prepared
from data.preparing.source import Part, PreparationReport, require_shape
from data.preparing.writing import ViewWriter

_PLANES: dict[str, Literal[1, 3]] = {GREY.name: 1, RGB.name: 3}


@dataclass(frozen=True)
class LineSource:
    """A photograph, and a mask of its lines if there is one."""

    image: Path
    mask: Path | None
    channels: tuple[str, ...]
    faults: tuple[str, ...] = ()
    pixels_per_mm = None
    masked = False

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
        image = Part((self.image,))
        parts = dict.fromkeys((*self.channels, "mask"), image)
        return parts | {"truth": Part((self.mask, self.image))} if self.mask else parts

    def keeping(self, channels: Collection[str], pixels_per_mm: float | None) -> LineSource:
        """See ``Source``; a photograph has no resolution."""
        both = dict.fromkeys([*self.channels, *(name for name in channels if name in _PLANES)])
        return replace(self, channels=tuple(both))

    def prepare(self, parts: Collection[str], writer: ViewWriter) -> PreparationReport:
        """See ``Source``."""
        channels = [name for name in parts if name in _PLANES]
        shape = read_picture_header(self.image).shape
        everywhere = np.ones(shape, bool)
        report = PreparationReport(shape)
        for name in channels:
            photograph = read_photograph(self.image, _PLANES[name])
            report.statistics[name] = writer.planes(name, _unchanged(photograph.planes), everywhere)
            report.encodings[name] = f"of {self.image.suffix.removeprefix('.').lower()}"
            report.notes[name] = list(photograph.notes)
        if "mask" in parts:
            writer.mask("mask", everywhere)
        if "truth" in parts and self.mask:
            marked = read_marks(self.mask, "lines")
            require_shape(self.mask, marked.mask.shape, shape, "its image")
            writer.mask("truth", marked.mask)
            report.notes["truth"] = [*mask_findings(self.mask, marked, "lines"), *_turned_apart(self.image, self.mask)]
        return report


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
    findings = inspect_sources([_source(photograph, raw) for photograph in folder.photographs], folder.strays)
    return replace(findings, unusual=folder.unusual)


def _source(photograph: Photograph, raw: RawData) -> LineSource:
    return LineSource(photograph.image, photograph.mask, raw.channels, photograph.faults)


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
    channels=(GREY, RGB),
    default_channels=(GREY.name,),
    model_scale=1.0,
    sources=line_sources,
    inspect=inspect_lines,
)
