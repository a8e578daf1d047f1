"""Prepared views on disk: memory-mappable arrays with a manifest a view, and a manifest for the set they form.

::

    STORAGE/<kind>/set.json                          kind, source, scale, test views, line statistics
    STORAGE/<kind>/<VIEW>/manifest.json              sources, parameters, statistics
    STORAGE/<kind>/<VIEW>/{depth,normals,albedo,mask,truth}_{scan,model}.npy

Channels are uint16 (C, H, W), [0, 1] scaled to 65535; masks and truths bool (H, W). An undrawn view has no truth.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from data.errors import DataError
from data.line_statistics import LineStatistics
from data.regions import Region, Shape

FULL_SCALE = 65535
SET_MANIFEST, VIEW_MANIFEST = "set.json", "manifest.json"


class Canvas(Protocol):
    """What a session draws on: a prepared scan, a photograph."""

    @property
    def shape(self) -> Shape:
        """Rows and columns, in scan pixels."""

    @property
    def pixels_per_mm(self) -> float | None:
        """Resolution of the scan; None where the canvas has none."""

    def read(self, region: Region, channels: Sequence[str], scale: float) -> NDArray[np.float32]:
        """Return (C, h, w) float32 in [0, 1]; the region lies on the grid of pixels at ``scale``."""


@dataclass(frozen=True)
class PreparedView:
    """One prepared view, read from memory maps: only the bytes of a region are touched.

    Parameters
    ----------
    folder : where its arrays lie
    manifest : what ``data.setup`` wrote beside them
    """

    folder: Path
    manifest: dict[str, Any]

    @property
    def name(self) -> str:
        """The view: ``<OBJ>_R`` or ``<OBJ>_V``, or an image's name."""
        return str(self.manifest["view"])

    @property
    def object(self) -> str:
        """The object that the view shows; views of one object never part between training and test."""
        return str(self.manifest["object"])

    @property
    def shape(self) -> Shape:
        """Rows and columns, in scan pixels."""
        height, width = self.manifest["shape"]
        return height, width

    @property
    def pixels_per_mm(self) -> float | None:
        """Resolution of the scan; None for a photograph."""
        value = self.manifest["pixels_per_mm"]
        return None if value is None else float(value)

    @property
    def scale(self) -> float:
        """Model pixels a scan pixel: 0.5 for mirrors, 1 for photographs."""
        return float(self.manifest["model_scale"])

    @property
    def model_shape(self) -> Shape:
        """Rows and columns, in model pixels."""
        height, width = self.mask.shape
        return height, width

    @property
    def has_truth(self) -> bool:
        """Whether somebody has drawn this view."""
        return bool(self.manifest["drawing"])

    @cached_property
    def mask(self) -> NDArray[np.bool_]:
        """The object, (H, W) bool at model scale, memory-mapped."""
        return self._array("mask", "model")

    @cached_property
    def truth(self) -> NDArray[np.bool_]:
        """The annotator's drawing, (H, W) bool at model scale, memory-mapped.

        Raises
        ------
        DataError
            If nobody has drawn this view.
        """
        if not self.has_truth:
            raise DataError(f"{self.name}: no drawing was found when it was prepared; only predict works without one")
        return self._array("truth", "model")

    def scan_mask(self) -> NDArray[np.bool_]:
        """The object, (H, W) bool at scan scale, memory-mapped."""
        return self._array("mask", "scan" if self.scale != 1 else "model")

    def read(self, region: Region, channels: Sequence[str], scale: float) -> NDArray[np.float32]:
        """Return (C, h, w) float32 in [0, 1]; the region lies on the grid of pixels at ``scale`` (1 or the model's)."""
        if scale not in (1.0, self.scale):
            raise ValueError(f"{self.name} is prepared at scales 1 and {self.scale}, not {scale}")
        level = "model" if scale == self.scale else "scan"
        planes = [self._array(channel, level)[:, *region.slices] for channel in channels]
        return np.concatenate(planes).astype(np.float32) / np.float32(FULL_SCALE)

    def _array(self, name: str, level: str) -> NDArray[Any]:
        path = self.folder / f"{name}_{level}.npy"
        if not path.exists():
            raise DataError(f"{path}: not prepared; run `python -m data.setup` with the channel {name}")
        return np.asanyarray(np.load(path, mmap_mode="r"))


@dataclass(frozen=True)
class PreparedSet:
    """A set of prepared views that came from one root."""

    folder: Path
    kind: str  # mirrors or lines
    source: str
    model_scale: float
    members: tuple[str, ...]  # its views; what else lies in the folder was prepared for another purpose
    test: tuple[str, ...]  # those that no training sees
    lines: LineStatistics  # how wide the drawn lines are

    @classmethod
    def open(cls, storage: Path, kind: str) -> PreparedSet:
        """Open a set under STORAGE.

        Raises
        ------
        DataError
            If none of that kind has been prepared, or another version has.
        """
        path = storage / kind / SET_MANIFEST
        if not path.exists():
            raise DataError(f"{path}: nothing prepared yet; run `python -m data.setup --dataset {kind}` first")
        try:
            fields = json.loads(path.read_text())
            fields |= {"members": tuple(fields["members"]), "test": tuple(fields["test"])}
            fields |= {"lines": LineStatistics(**fields["lines"])}
            return cls(folder=path.parent, **fields)
        except (ValueError, KeyError, TypeError) as error:
            raise DataError(
                f"{path}: not of this version; run `python -m data.setup --dataset {kind}` again"
            ) from error

    def save(self) -> None:
        """Write the set's manifest."""
        fields = asdict(self)
        del fields["folder"]
        write_json(self.folder / SET_MANIFEST, fields)

    def views(self) -> list[PreparedView]:
        """Return all prepared views, by name."""
        return [open_view(self.folder / name) for name in self.members]

    def view(self, name: str) -> PreparedView:
        """Return one view.

        Raises
        ------
        DataError
            If it has not been prepared; the message lists what has.
        """
        if name in self.members:
            return open_view(self.folder / name)
        raise DataError(f"no prepared view {name!r} in {self.folder}; there are: {', '.join(self.members[:8])}")


def open_view(folder: Path) -> PreparedView:
    """Open a prepared view's folder; raises DataError if it was not prepared to the end."""
    if not (folder / VIEW_MANIFEST).exists():
        raise DataError(f"{folder}: not prepared, or not to the end; run `python -m data.setup` again")
    return PreparedView(folder, json.loads((folder / VIEW_MANIFEST).read_text()))


def write_array(path: Path, array: NDArray[Any]) -> None:
    """Write an ``.npy`` file whole or not at all."""
    write_whole(path, lambda file: np.save(file, array))


def write_json(path: Path, content: Any) -> None:
    """Write a JSON file whole or not at all."""
    text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    write_whole(path, lambda file: file.write(text.encode()))


def write_whole(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Write a file aside and rename it, so that nobody ever reads half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with aside.open("wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
