"""Maps in TIFF files, read alike whatever their number type, layout, byte order and compression.

The header is checked before anything is decoded, see ``data.io.tiff_file``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.channels import channel_named
from data.errors import DataError
from data.io.orientation import UPRIGHT, upright
from data.io.resolution import MM_PER_INCH as MM_PER_INCH
from data.io.resolution import require_resolution as require_resolution
from data.io.tiff_file import TiffPicture, is_no_value, opened

_GREY, _RGB = 1, 2  # the TIFF tag PhotometricInterpretation
_NORMALS_LOOKED_AT = 2**18  # pixels that decide how floating-point normals were stored


@dataclass(frozen=True)
class MapHeader:
    """The fields of a map's header, which are known before its values are read.

    Parameters
    ----------
    shape : rows and columns, once the map is upright
    encoding : ``float32``, ``uint16 x 3``
    pixels_per_mm : None where the file doesn't say it
    resolution_source : where the file says it: ``TIFF tag XResolution``, ``ImageJ``, ``OME PhysicalSizeX``
    notes : sentences that a user should read, such as which of several pages was taken
    """

    shape: tuple[int, int]
    encoding: str
    pixels_per_mm: float | None
    resolution_source: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class RawMap:
    """A map as its file stores it, upright, converted a few rows at a time.

    Parameters
    ----------
    stored : (C, H, W) of any integer or floating-point type, not always contiguous
    halved : whether the values are (n + 1) / 2 of signed components n
    level : subtracted from stored values whose type float32 would round
    no_value : stored value of pixels that have none, in all planes; they become NaN
    left_out : pixels that the file's own mask leaves out, (H, W) bool; likewise
    """

    stored: NDArray[Any]
    halved: bool
    level: float = 0.0
    no_value: float | None = None
    left_out: NDArray[np.bool_] | None = None

    @property
    def shape(self) -> tuple[int, int, int]:
        """Planes, rows and columns."""
        planes, height, width = self.stored.shape
        return planes, height, width

    def rows(self, start: int, stop: int) -> NDArray[np.float32]:
        """Return rows ``start`` to ``stop``, (C, h, W) float32, as ``read_map`` describes them; always a copy."""
        part, dtype = self.stored[:, start:stop], self.stored.dtype
        if self.level and not np.can_cast(dtype, np.float32):
            part = part - np.float64(self.level)
        with np.errstate(over="ignore"):  # what float32 cannot hold is infinite, hence without a value
            values = np.array(part, np.float32, order="C")
        if dtype.kind in "iu":
            values /= np.iinfo(dtype.str).max
        if self.halved:
            values *= 2
            values -= 1
        for missing in self.undefined(start, stop).values():
            values[:, missing] = np.nan
        return values

    def undefined(self, start: int, stop: int) -> dict[str, NDArray[np.bool_]]:
        """Return where the file itself says that rows have no value, (h, W) bool, by reason."""
        found: dict[str, NDArray[np.bool_]] = {}
        if self.no_value is not None:
            why = f"of the value {self.no_value:.9g} (GDAL_NODATA tag)"
            found[why] = np.asarray(is_no_value(self.stored[:, start:stop], self.no_value).all(axis=0))
        if self.left_out is not None:
            found["left out by the mask in the file"] = self.left_out[start:stop]
        return found

    def from_level(self, mask: NDArray[np.bool_]) -> RawMap:
        """Return the map less its first value on a mask, (H, W): far above zero, float32 would lose the relief."""
        for row, on_object in zip(self.stored[0], mask, strict=True):
            known = row[on_object & np.isfinite(row)]
            if self.no_value is not None:
                known = known[~is_no_value(known, self.no_value)]
            if known.size:
                return replace(self, level=float(known[0]))
        return self


def read_map(path: Path, channel: str) -> NDArray[np.float32]:
    """Read one map of a scan whole.

    Returns
    -------
    (C, H, W) float32
        Depth and albedo as stored (C = 1), floats kept and integers divided by their type's maximum;
        normals (C = 3) as signed unit-vector components, whichever way they were stored.
        Pixels with the value that the file declares to be none are NaN.

    Raises
    ------
    DataError
        If the file cannot be read, or is no map of that channel.
    """
    raw = open_map(path, channel)
    return raw.rows(0, raw.shape[1])


def open_map(path: Path, channel: str) -> RawMap:
    """Read one map of a scan, its values still of the type that the file stores; see ``read_map``.

    Unsigned normals are (n + 1) / 2 and signed integers n, both as shares of their type's maximum. Floating-point
    normals are n as well, unless all lie in [0, 1] and come nearer to unit length when taken for (n + 1) / 2.
    """
    with opened(path) as picture:
        _require_channel(picture, channel)
        declared = channel_named(channel)
        stored = upright(picture.values()[: declared.planes], picture.orientation, rows_axis=1)
        raw = RawMap(stored, halved=False, no_value=picture.no_value, left_out=picture.left_out())
    return replace(raw, halved=_is_halved(raw)) if declared.unit_vectors else raw


def read_header(path: Path, channel: str) -> MapHeader:
    """Return the header of a map's file without decoding it; raises DataError if the header shows a fault."""
    with opened(path) as picture:
        _require_channel(picture, channel)
        found = picture.resolution
        return MapHeader(
            picture.shape,
            picture.encoding,
            None if found is None else found.pixels_per_mm,
            None if found is None else found.source,
            picture.notes,
        )


def pixels_per_mm(path: Path) -> float | None:
    """Read the resolution that a TIFF states; None where it states none, or none that a scan can have."""
    with opened(path) as picture:
        return None if picture.resolution is None else picture.resolution.pixels_per_mm


def encoding(path: Path) -> str:
    """Return how a TIFF stores its values: ``float32``, ``uint16 x 3``."""
    with opened(path) as picture:
        return picture.encoding


def _require_channel(picture: TiffPicture, channel: str) -> None:
    """Raise DataError unless a picture can be the map of a channel."""
    path, page, dtype = picture.path, picture.page, picture.series.dtype
    if page.photometric not in (_GREY, _RGB) or dtype.kind not in "iuf":
        kind = getattr(page.photometric, "name", page.photometric)
        raise DataError(f"{path}: {dtype} values of the kind {kind}; export it as plain grey or RGB numbers")
    declared = channel_named(channel)
    if picture.planes - len(page.extrasamples) != declared.planes != picture.planes:
        height, width = picture.stored_shape
        raise DataError(
            f"{path}: {picture.planes} plane(s) of {height} x {width}; the {channel} map has {declared.planes}; "
            "export that map"
        )
    if declared.unit_vectors and picture.orientation != UPRIGHT:
        raise DataError(
            f"{path}: stored turned or mirrored (orientation {picture.orientation}), and no tag says whether its "
            "vectors are turned as well; export it upright"
        )


def _is_halved(raw: RawMap) -> bool:
    """Return whether normals, three planes, were stored as (n + 1) / 2."""
    normals = raw.stored
    if normals.dtype.kind != "f":
        return normals.dtype.kind == "u"
    for missing in raw.undefined(0, normals.shape[1]).values():
        normals = np.where(missing, np.nan, normals)
    if np.fmin.reduce(normals, axis=None) < 0 or np.fmax.reduce(normals, axis=None) > 1:
        return False
    step = math.ceil(math.sqrt(normals[0].size / _NORMALS_LOOKED_AT))
    some = normals[:, ::step, ::step].reshape(3, -1).astype(np.float64)
    some = some[:, np.isfinite(some).all(axis=0) & some.any(axis=0)]  # zeros stand where nothing was measured
    as_stored, doubled = (np.abs(np.linalg.norm(values, axis=0) - 1).sum() for values in (some, 2 * some - 1))
    return bool(doubled < as_stored)
