"""Prepared arrays of one view, written strip by strip at both scales."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from data.channels import channel_named
from data.errors import DataError
from data.io.files import whole_file, write_array
from data.preparing.channels import halve, halve_mask
from data.preparing.resampling import Resampling, resampled_mask, resampled_mask_rows
from data.preparing.streaming_statistics import MapRows, Mask, Planes, strips
from data.regions import Shape


@dataclass(frozen=True)
class ViewWriter:
    """Writes the arrays of a prepared view; see ``data.storage`` for their layout.

    Parameters
    ----------
    folder : of the view
    scale : model pixels a scan pixel; at 1 both scales are equal and stored once
    stored_as : what files call a channel, where that is not its name
    """

    folder: Path
    scale: float
    stored_as: Mapping[str, str] = field(default_factory=dict)

    def planes(self, channel: str, prepared: MapRows, mask: Mask) -> dict[str, Any]:
        """Write a channel, (C, H, W) in [0, 1].

        Returns
        -------
        dict
            Number of object pixels, and mean and deviation of each plane over them, at model scale.
        """
        _, height, width = prepared.shape
        if self.scale not in (1, 0.5):
            return self._resampled(channel, prepared, mask)
        step = 2 if self._both else 1
        declared, statistics = channel_named(channel), _Statistics()
        with ExitStack() as files:
            model = self._begin(channel, "model", (-(-height // step), -(-width // step)), files)
            scan = self._begin(channel, "scan", (height, width), files) if self._both else None
            for top, bottom in strips(height):
                values, on_object = prepared.rows(top, bottom), mask[top:bottom]
                if scan:
                    scan.write(top, declared.encoded(values))
                    values, on_object = halve(values), halve_mask(on_object)
                stored = declared.encoded(values)
                model.write(top // step, stored)
                statistics.add(declared.decoded(stored), on_object)
        return statistics.as_dict()

    def mask(self, name: str, mask: Mask) -> None:
        """Write the object's mask or the truth, (H, W) bool."""
        if self._both:
            write_array(self._path(name, "scan"), np.packbits(mask, axis=1))
            mask = halve_mask(mask) if self.scale == 0.5 else resampled_mask(mask, self.scale)
        write_array(self._path(name, "model"), mask)

    def sizes(self, name: str) -> list[int]:
        """Return the bytes of the files of a channel, of the mask or of the truth; -1 of one that is not there."""
        return [path.stat().st_size if path.is_file() else -1 for path in self.paths(name)]

    def paths(self, name: str) -> list[Path]:
        """Return where these files lie."""
        levels = ("scan", "model") if self._both else ("model",)
        return [self._path(name, level) for level in levels]

    @property
    def _both(self) -> bool:
        return self.scale != 1

    def _resampled(self, channel: str, prepared: MapRows, mask: Mask) -> dict[str, Any]:
        """Write a channel at a scale that is neither the scan's nor half of it."""
        shape = mask.shape[0], mask.shape[1]
        smooth, of_mask = Resampling(shape, self.scale), Resampling(shape, self.scale, "linear")
        declared, statistics = channel_named(channel), _Statistics()
        with ExitStack() as files:
            scan, model = (
                self._begin(channel, "scan", shape, files),
                self._begin(channel, "model", smooth.target, files),
            )
            for top, bottom in strips(shape[0]):
                scan.write(top, declared.encoded(prepared.rows(top, bottom)))
            for top, bottom in strips(smooth.target[0]):
                stored = declared.encoded(smooth.strip(prepared, top, bottom))
                model.write(top, stored)
                statistics.add(declared.decoded(stored), resampled_mask_rows(of_mask, mask, top, bottom))
        return statistics.as_dict()

    def _begin(self, name: str, level: str, shape: Shape, files: ExitStack) -> _ArrayFile:
        return _ArrayFile(files.enter_context(whole_file(self._path(name, level))), shape)

    def _path(self, name: str, level: str) -> Path:
        return self.folder / f"{self.stored_as.get(name, name)}_{level}.npy"


@dataclass
class _ArrayFile:
    """An ``.npy`` file of uint16 (C, H, W), written some rows at a time; the first strip says how many planes."""

    file: IO[bytes]
    shape: Shape
    _start: int = 0

    def write(self, top: int, strip: NDArray[np.uint16]) -> None:
        """Write the rows from ``top`` on, (C, h, W)."""
        height, width = self.shape
        if not self._start:
            header = {"descr": "<u2", "fortran_order": False, "shape": (len(strip), height, width)}
            np.lib.format.write_array_header_1_0(self.file, header)
            self._start = self.file.tell()
        for number, plane in enumerate(strip):
            self.file.seek(self._start + 2 * width * (number * height + top))
            self.file.write(np.ascontiguousarray(plane, "<u2").data)


@dataclass
class _Statistics:
    """Sums over the object's pixels, from which mean and deviation follow."""

    pixels: int = 0
    totals: list[NDArray[np.float64]] = field(default_factory=list)

    def add(self, values: Planes, mask: Mask) -> None:
        """Add the masked pixels of (C, h, w)."""
        picked = values[:, mask].astype(np.float64)
        self.pixels += picked.shape[1]
        self.totals.append(np.stack([picked.sum(axis=1), np.einsum("cn,cn->c", picked, picked)]))

    def as_dict(self) -> dict[str, Any]:
        """Return what a manifest holds; raises DataError if no pixel was added."""
        if not self.pixels:
            raise DataError("nothing of the object is left at the size that networks see; paint it larger in its mask")
        mean, square = np.sum(self.totals, axis=0) / self.pixels
        deviation = np.sqrt(np.maximum(square - mean**2, 0))
        return {"pixels": self.pixels, "mean": mean.round(6).tolist(), "deviation": deviation.round(6).tolist()}
