"""Raw data and how it becomes a prepared view: a scanned mirror, or a photograph with a mask of its lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from data.errors import DataError
from data.preparation import MapError, Prepared, halve, halve_mask, prepare_albedo, prepare_depth, prepare_normals
from data.scans import (
    MM_PER_INCH,
    PLANES,
    ScanFiles,
    encoding,
    find_scans,
    object_of,
    pixels_per_mm,
    read_drawing,
    read_grey,
    read_line_mask,
    read_map,
    read_mask,
)
from data.storage import FULL_SCALE

MIRROR_SCALE = 0.5  # networks see mirrors at half the scan's resolution
LINES_SCALE = 1.0  # and photographs as they are
IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".tif", ".tiff")

Write = Callable[[str, NDArray[Any]], None]  # takes a name such as depth_scan, and the array to store under it


class Source(Protocol):
    """The raw files of one view."""

    @property
    def view(self) -> str:
        """The view's name."""

    @property
    def files(self) -> list[Path]:
        """All files that are read; a change in one of them asks for a new preparation."""

    @property
    def parameters(self) -> dict[str, Any]:
        """What else the result depends on, as JSON."""

    def prepare(self, write: Write) -> dict[str, Any]:
        """Read, prepare and write all arrays; return the manifest's facts.

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

    @property
    def view(self) -> str:
        """The view's name."""
        return self.scan.view

    @property
    def files(self) -> list[Path]:
        """The maps of the channels, the drawing and the mask."""
        maps = [self.scan.maps[channel] for channel in self.channels if channel in self.scan.maps]
        return maps + [path for path in (self.scan.drawing, self.scan.mask) if path]

    @property
    def parameters(self) -> dict[str, Any]:
        """Channels and resolution, if given."""
        return {"channels": list(self.channels), "dpi": self.dpi}

    def prepare(self, write: Write) -> dict[str, Any]:
        """See ``Source``; channels are prepared one after the other, so that one map at a time is in memory."""
        object_name = object_of(self.view)
        resolution = self._pixels_per_mm()
        mask: NDArray[np.bool_] | None = read_mask(self.scan.mask) if self.scan.mask else None
        statistics = {}
        for channel in self.channels:
            raw = read_map(self._map(channel), channel)
            if mask is None:
                mask = np.ones(raw.shape[1:], bool)
            _require_shape(self._map(channel), raw.shape[1:], mask.shape, "the mask or the maps before it")
            try:
                prepared = _prepare_channel(channel, raw, mask, resolution)
            except MapError as error:
                raise DataError(f"{self._map(channel)}: {error}") from error
            del raw
            half = halve(prepared.values)
            write(f"{channel}_scan", _to_storage(prepared.values))
            write(f"{channel}_model", _to_storage(half))
            statistics[channel] = _statistics(half, halve_mask(mask)) | {"filled_share": prepared.filled_share}
        assert mask is not None  # there is at least one channel
        _write_masks(write, "mask", mask)
        if self.scan.drawing:
            drawing = read_drawing(self.scan.drawing)
            _require_shape(self.scan.drawing, drawing.shape, mask.shape, "the scan")
            if not drawing.any():
                raise DataError(
                    f"{self.scan.drawing}: no line in it (lines are the alpha channel); remove or redraw it"
                )
            _write_masks(write, "truth", drawing & mask)
        return {
            "object": object_name,
            "shape": list(mask.shape),
            "pixels_per_mm": resolution,
            "model_scale": MIRROR_SCALE,
            "drawing": self.scan.drawing is not None,
            "mask": self.scan.mask is not None,
            "encodings": {channel: encoding(self._map(channel)) for channel in self.channels},
            "statistics": statistics,
        }

    def _map(self, channel: str) -> Path:
        if channel not in self.scan.maps:
            there = ", ".join(path.name for path in self.scan.maps.values())
            raise DataError(f"{self.view}: no {channel} map beside {there}; export it, or leave it out of --channels")
        return self.scan.maps[channel]

    def _pixels_per_mm(self) -> float:
        path = self._map(self.channels[0])
        found = pixels_per_mm(path)
        if found is None and self.dpi is None:
            raise DataError(f"{path}: no resolution in the file; give it with --dpi")
        return self.dpi / MM_PER_INCH if found is None else found  # type: ignore[operator]


@dataclass(frozen=True)
class LineSource:
    """A photograph and a mask of its lines; the grey image takes the depth's place, at 1:1 pixels."""

    image: Path
    mask: Path | None

    @property
    def view(self) -> str:
        """The image's name without its suffix."""
        return self.image.stem

    @property
    def files(self) -> list[Path]:
        """The image and its mask."""
        return [self.image] + ([self.mask] if self.mask else [])

    @property
    def parameters(self) -> dict[str, Any]:
        """Nothing else."""
        return {}

    def prepare(self, write: Write) -> dict[str, Any]:
        """See ``Source``."""
        grey = read_grey(self.image)
        everywhere = np.ones(grey.shape, bool)
        write("depth_model", _to_storage(grey[None]))
        write("mask_model", everywhere)
        if self.mask:
            lines = read_line_mask(self.mask)
            _require_shape(self.mask, lines.shape, grey.shape, "its image")
            write("truth_model", lines)
        return {
            "object": self.view,
            "shape": list(grey.shape),
            "pixels_per_mm": None,
            "model_scale": LINES_SCALE,
            "drawing": self.mask is not None,
            "mask": False,
            "encodings": {"depth": f"grey of {self.image.suffix.removeprefix('.').lower()}"},
            "statistics": {"depth": _statistics(grey[None], everywhere)},
        }


def mirror_sources(
    root: Path, drawings: Path, masks: Path, channels: Sequence[str], dpi: float | None
) -> list[MirrorSource]:
    """List the scans below a root.

    Raises
    ------
    DataError
        If there are none, or a channel's name is unknown.
    """
    unknown = [channel for channel in channels if channel not in PLANES]
    if unknown:
        raise DataError(f"no channel {unknown[0]!r}; there are: {', '.join(PLANES)}")
    return [MirrorSource(scan, tuple(channels), dpi) for scan in find_scans(root, drawings, masks)]


def line_sources(root: Path) -> list[LineSource]:
    """List the photographs in ``root/images`` with their masks, of the same stem, in ``root/masks``.

    Raises
    ------
    DataError
        If there are none.
    """
    images = sorted(
        (path for path in (root / "images").glob("*") if path.suffix.lower() in IMAGE_SUFFIXES),
        key=lambda path: path.stem,
    )
    if not images:
        raise DataError(f"{root}: no images/ folder with pictures in it; a line set is images/ and masks/ side by side")
    twice = [two for one, two in pairwise(images) if one.stem == two.stem]
    if twice:
        raise DataError(f"{twice[0]}: another image is called {twice[0].stem} too; rename or remove one of them")
    masks = {path.stem: path for path in sorted((root / "masks").glob("*")) if path.suffix.lower() in IMAGE_SUFFIXES}
    return [LineSource(image, masks.get(image.stem)) for image in images]


def _prepare_channel(channel: str, raw: NDArray[np.float32], mask: NDArray[np.bool_], resolution: float) -> Prepared:
    if channel == "depth":
        return prepare_depth(raw, mask, resolution)
    return prepare_normals(raw, mask) if channel == "normals" else prepare_albedo(raw, mask)


def _require_shape(path: Path, found: tuple[int, ...], expected: tuple[int, ...], of: str) -> None:
    if found != expected:
        raise DataError(
            f"{path}: {found[0]} x {found[1]} pixels, but {of}: {expected[0]} x {expected[1]}; export both alike"
        )


def _write_masks(write: Write, name: str, mask: NDArray[np.bool_]) -> None:
    write(f"{name}_scan", mask)
    write(f"{name}_model", halve_mask(mask))


def _to_storage(values: NDArray[np.float32]) -> NDArray[np.uint16]:
    return (values * FULL_SCALE + 0.5).astype(np.uint16)


def _statistics(values: NDArray[np.float32], mask: NDArray[np.bool_]) -> dict[str, Any]:
    on_object = values[:, mask].astype(np.float64)
    return {
        "pixels": int(mask.sum()),
        "mean": [round(float(plane.mean()), 6) for plane in on_object],
        "deviation": [round(float(plane.std()), 6) for plane in on_object],
    }
