"""Prepared views on disk: memory-mappable arrays with a manifest a view, and a manifest for the set they form.

::

    STORAGE/<kind>/set.json                          kind, source, scale, test views, line statistics
    STORAGE/<kind>/<VIEW>/manifest.json              sources and their checksums, parameters, statistics
    STORAGE/<kind>/<VIEW>/<CHANNEL>_{scan,model}.npy   named as the manifest's ``stored_as`` says, else as the channel
    STORAGE/<kind>/<VIEW>/{mask,truth}_{scan,model}.npy

Channels are uint16 (C, H, W), stored as ``data.channels`` declares them. Masks and truths are bool
(H, W) at model scale, and packed eight pixels to a byte, (H, ceil(W / 8)), at scan scale. An undrawn view has no truth.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.channels import channel_named, is_declared, recorded_name, with_current_names
from data.errors import DataError, some
from data.io.files import write_json
from data.io.mapped import load_mapped, mapped
from data.kinds import kind_named, names
from data.line_statistics import LineStatistics
from data.paths import composed, entry
from data.regions import Region, Shape, whole
from data.showing import Showing

FORMAT = 3  # of the prepared files; another one asks for a new preparation
SET_MANIFEST, VIEW_MANIFEST = "set.json", "manifest.json"


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
        """The view: ``<OBJ>_R`` or ``<OBJ>_V``, or an image's name; composed, see ``data.paths``."""
        return composed(str(self.manifest["view"]))

    @property
    def object(self) -> str:
        """The object that the view shows; views of one object never part between training and test."""
        return composed(str(self.manifest["object"]))

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
        """Model pixels a scan pixel: 0.5 for mirrors; what makes lines of photographs as wide as those of mirrors."""
        return float(self.manifest["model_scale"])

    @property
    def showing(self) -> Showing | None:
        """How a photograph was shown to networks; None for mirrors, and where an earlier version prepared it."""
        known = self.manifest.get("showing")
        return None if known is None else Showing.of_json(known)

    @property
    def line_width(self) -> float | None:
        """How wide lines are taken to be, edge to edge, in model pixels; None if nothing says it."""
        if self.showing:
            return self.showing.line_width * self.scale
        published = kind_named(self.dataset).published_lines if self.dataset in names() else None
        return 2 * published.mean * self.scale if published else None

    @property
    def model_shape(self) -> Shape:
        """Rows and columns, in model pixels."""
        height, width = self.mask.shape
        return height, width

    @property
    def has_truth(self) -> bool:
        """Whether somebody has drawn this view."""
        return bool(self.manifest["drawing"])

    @property
    def mask(self) -> NDArray[np.bool_]:
        """The object, (H, W) bool at model scale, memory-mapped."""
        return self._array("mask", "model")

    @property
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

    def scan_mask(self, region: Region | None = None) -> NDArray[np.bool_]:
        """Return the object in a region of the scan, (h, w) bool; without one, in all of it."""
        return self._marked("mask", region)

    def scan_truth(self, region: Region | None = None) -> NDArray[np.bool_]:
        """Return the annotator's drawing in a region of the scan, (h, w) bool; without one, all of it."""
        _ = self.truth  # refused if there is none
        return self._marked("truth", region)

    @property
    def dataset(self) -> str:
        """The kind of data that it is of."""
        return self.folder.parent.name

    @property
    def channels(self) -> tuple[str, ...]:
        """What it was prepared with."""
        return tuple(self.manifest["statistics"])

    def fingerprint(self, channels: Sequence[str]) -> str:
        """SHA-256 of what mask, truth and channels were made from and how: contents, wherever the files lie."""
        parts = {
            recorded_name(name, self.dataset): [part["parameters"], [file["sha256"] for file in part["files"]]]
            for name, part in self.manifest["parts"].items()
            if name in ("mask", "truth", *channels)
        }
        name = self.manifest.get("view_before", self.manifest["view"])  # as it was hashed from the first
        key = json.dumps([self.manifest["format"], name, parts], sort_keys=True)
        return hashlib.sha256(key.encode()).hexdigest()

    def read(self, region: Region, channels: Sequence[str], scale: float) -> NDArray[np.float32]:
        """Return (C, h, w) float32 in [0, 1]; the region lies on the grid of pixels at ``scale`` (1 or the model's)."""
        level = self._level(scale)
        planes = [channel_named(name).decoded(self._array(name, level)[:, *region.slices]) for name in channels]
        return planes[0] if len(planes) == 1 else np.concatenate(planes)

    def mapped(self, channel: str, scale: float) -> NDArray[np.uint16]:
        """Map a channel anew as it is stored, (C, H, W), at a scale as in ``read``.

        A map counts as memory as far as it has been read, as long as anybody holds it; nobody holds this one but the
        caller.
        """
        return self._loaded(channel, self._level(scale), load_mapped)

    def _marked(self, name: str, region: Region | None) -> NDArray[np.bool_]:
        region = region or whole(self.shape)
        if self.scale == 1:
            return np.array(self._array(name, "model")[region.slices])
        first = region.left // 8
        packed = self._array(name, "scan")[region.top : region.bottom, first : -(-region.right // 8)]
        bits = np.unpackbits(packed, axis=1, count=region.right - 8 * first)
        return bits[:, region.left - 8 * first :].view(np.bool_)

    def _level(self, scale: float) -> str:
        """Return how the files of a scale are called."""
        if scale not in (1.0, self.scale):
            raise ValueError(f"{self.name} is prepared at scales 1 and {self.scale}, not {scale}")
        return "model" if scale == self.scale else "scan"

    def _array(self, name: str, level: str) -> NDArray[Any]:
        return self._loaded(name, level, lambda path: mapped(path, self._opening))

    def _loaded(self, name: str, level: str, load: Callable[[Path], NDArray[Any]]) -> NDArray[Any]:
        path = self.folder / f"{self.manifest.get('stored_as', {}).get(name, name)}_{level}.npy"
        try:
            return load(path)
        except FileNotFoundError as error:
            raise DataError(f"{path}: not prepared; run `python -m data.setup` with the channel {name}") from error

    @cached_property
    def _opening(self) -> Any:
        return object()

    def __getstate__(self) -> dict[str, Any]:
        """Give the fields alone: maps are opened anew in another process."""
        return {"folder": self.folder, "manifest": self.manifest}


@dataclass(frozen=True)
class PreparedSet:
    """A set of prepared views that came from one root."""

    folder: Path
    kind: str  # a name in ``data.kinds``
    source: str
    model_scale: float
    members: tuple[str, ...]  # its views; what else lies in the folder was prepared for another purpose
    test: tuple[str, ...]  # those that no training sees
    lines: LineStatistics  # how wide the drawn lines are
    showing: Showing | None = None  # how photographs are shown to networks

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
            fields |= {name: tuple(map(composed, fields[name])) for name in ("members", "test")}
            fields |= {"lines": LineStatistics(**fields["lines"])}
            fields |= {"showing": Showing.of_json(fields["showing"]) if fields.get("showing") else None}
            return cls(folder=path.parent, **fields)
        except (ValueError, KeyError, TypeError) as error:
            raise DataError(
                f"{path}: not of this version; run `python -m data.setup --dataset {kind}` again"
            ) from error

    @property
    def test_objects(self) -> frozenset[str]:
        """The objects that test views show; a test view counts even if it could not be prepared."""
        return frozenset(map(kind_named(self.kind).object_of, self.test))

    def save(self) -> None:
        """Write the set's manifest."""
        fields = asdict(self)
        del fields["folder"], fields["showing"]
        fields |= {"showing": self.showing.as_json()} if self.showing else {}
        write_json(self.folder / SET_MANIFEST, fields)

    def views(self) -> list[PreparedView]:
        """Return all prepared views, by name; raises as ``view``."""
        return list(map(self.view, self.members))

    def view(self, name: str) -> PreparedView:
        """Return one view.

        Raises
        ------
        DataError
            If it has not been prepared; the message lists what has. Or if it is shown otherwise than the set, as where
            a preparation was cut off.
        """
        if composed(name) not in self.members:
            raise DataError(f"no prepared view {name!r} in {self.folder}; there are: {some(self.members)}")
        view = open_view(entry(self.folder, name))
        if self.showing and not (view.scale == self.model_scale and self.showing.has_signs_of(view.showing)):
            raise DataError(
                f"{view.folder}: prepared otherwise than the rest of its set, as where that was cut off; run `python "
                f"-m data.setup --dataset {self.kind}` again"
            )
        return view


def open_view(folder: Path) -> PreparedView:
    """Open a prepared view's folder.

    Raises
    ------
    DataError
        If it was not prepared to the end, or by another version, or its kind of data cannot be loaded.
    """
    if not (folder / VIEW_MANIFEST).exists():
        raise DataError(f"{folder}: not prepared, or not to the end; run `python -m data.setup` again")
    try:
        manifest = json.loads((folder / VIEW_MANIFEST).read_text())
        current = with_current_names(manifest, folder.parent.name) if manifest["format"] == FORMAT else None
    except (ValueError, KeyError, TypeError):
        current = None  # damaged, or not ours
    if current is None:
        raise DataError(f"{folder}: prepared by another version, or damaged; run `python -m data.setup` again")
    if folder.parent.name in names() and not all(map(is_declared, current["statistics"])):
        kind_named(folder.parent.name)  # the kind declares them
    return PreparedView(folder, current)
