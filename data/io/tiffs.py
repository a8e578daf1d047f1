"""Maps in TIFF files, read alike whatever their number type, layout, byte order and compression.

The header is checked before anything is decoded, so that a damaged file costs neither memory nor time.
"""

from __future__ import annotations

import logging
import math
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray

from data.channels import channel_named
from data.errors import DataError, explain

MM_PER_INCH = 25.4
MAX_PIXELS = 2**30  # of any picture; OpenCV reads no more of a drawing either
MAX_PLANES = 4  # of a picture: red, green, blue and an alpha channel
MAX_PAGES = 64  # thumbnails and the like
MAX_EXPANSION = 1100  # bytes that one stored byte can become: deflate reaches 1032
SMALL_BYTES = 2**26  # below this a file may expand as it likes
READ_BYTES = 2**24  # of compressed strips or tiles, read at once
PLAUSIBLE_PIXELS_PER_MM = (1.0, 1e4)  # coarser, no engraved line could be seen, and no camera is finer

_UNIT_MM = {2: MM_PER_INCH, 3: 10.0}  # the TIFF tag ResolutionUnit: 2 inch, 3 centimetre
_GREY, _RGB = 1, 2  # the TIFF tag PhotometricInterpretation
_NORMALS_LOOKED_AT = 2**18  # pixels that decide how floating-point normals were stored


@dataclass(frozen=True)
class MapHeader:
    """The fields of a map's header, which are known before its values are read."""

    shape: tuple[int, int]  # rows and columns
    encoding: str  # float32, uint16 x 3
    pixels_per_mm: float | None  # None where the file doesn't say it
    resolution_source: str | None = None  # where the file says it, in words: "TIFF tag XResolution"
    no_value: float | None = None  # what the file declares to stand for "no value"; None for NaN too, which always does
    notes: tuple[str, ...] = ()  # sentences that a user should read: which of several pages was taken


@dataclass(frozen=True)
class RawMap:
    """A map as its file stores it, converted a few rows at a time.

    Parameters
    ----------
    stored : (C, H, W) of any integer or floating-point type, not always contiguous
    halved : whether the values are (n + 1) / 2 of signed components n
    level : subtracted from stored values whose type float32 would round
    """

    stored: NDArray[Any]
    halved: bool
    level: float = 0.0

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
        values = np.array(part, np.float32, order="C")
        if dtype.kind in "iu":
            values /= np.iinfo(dtype.str).max
        if self.halved:
            values *= 2
            values -= 1
        return values

    def from_level(self, mask: NDArray[np.bool_]) -> RawMap:
        """Return the map less its first value on a mask, (H, W): far above zero, float32 would lose the relief."""
        for row, on_object in zip(self.stored[0], mask, strict=True):
            known = row[on_object & np.isfinite(row)]
            if known.size:
                return replace(self, level=float(known[0]))
        return self


def require_resolution(dpi: float | None) -> None:
    """Raise DataError unless dots an inch, if given, are a scan's."""
    low, high = (bound * MM_PER_INCH for bound in PLAUSIBLE_PIXELS_PER_MM)
    if dpi is not None and not low <= dpi <= high:  # nan is not, either
        raise DataError(f"--dpi {dpi:g}: a scan has {low:.0f} to {high:.0f} dots an inch")


def read_map(path: Path, channel: str) -> NDArray[np.float32]:
    """Read one map of a scan whole.

    Returns
    -------
    (C, H, W) float32
        Depth and albedo as stored (C = 1), floats kept and integers divided by their type's maximum;
        normals (C = 3) as signed unit-vector components, whichever way they were stored.

    Raises
    ------
    DataError
        If the file cannot be read, or is no map of that channel.
    """
    opened = open_map(path, channel)
    return opened.rows(0, opened.shape[1])


def open_map(path: Path, channel: str) -> RawMap:
    """Read one map of a scan, its values still of the type that the file stores; see ``read_map``.

    Unsigned normals are (n + 1) / 2 and signed integers n, both as shares of their type's maximum. Floating-point
    normals are n as well, unless all lie in [0, 1] and come nearer to unit length when taken for (n + 1) / 2.
    """
    with _opened(path) as file:
        series, _ = _checked(path, file, channel)
        array = series.asarray(buffersize=READ_BYTES)
        if array.shape != series.shape:
            raise DataError(f"{path}: its values have the shape {array.shape}, not {series.shape}; export it again")
        declared = channel_named(channel)
        stored = _planes_first(array, series.axes)[: declared.planes]
    return RawMap(stored, declared.unit_vectors and _is_halved(stored))


def read_header(path: Path, channel: str) -> MapHeader:
    """Return the header of a map's file without decoding it; raises DataError if the header shows a fault."""
    with _opened(path) as file:
        return _checked(path, file, channel)[1]


def pixels_per_mm(path: Path) -> float | None:
    """Read a TIFF's resolution tags; None where there are none, or where they carry no unit."""
    with _opened(path) as file:
        return _resolution(file)


def encoding(path: Path) -> str:
    """Return how a TIFF stores its values: ``float32``, ``uint16 x 3``."""
    with _opened(path) as file:
        return _encoding(file.series[0])


@contextmanager
def _opened(path: Path) -> Iterator[tifffile.TiffFile]:
    """Open a TIFF; any error while it is read is raised as a DataError that names the file."""
    log = logging.getLogger("tifffile")
    noisy, log.disabled = log.disabled, True  # it reports damage that an error here names, or that does no harm
    try:
        with path.open("rb") as stream, tifffile.TiffFile(stream) as file:
            _require_few_pages(path, file)
            yield file
    except DataError:
        raise
    except OSError as error:
        raise DataError(explain(error, path)) from error
    except Exception as error:  # damage: there is no exception that it cannot make a decoder raise
        reason = str(error) or type(error).__name__
        raise DataError(f"{path}: cannot be read as a TIFF ({reason}); export it again") from error
    finally:
        log.disabled = noisy


def _require_few_pages(path: Path, file: tifffile.TiffFile) -> None:
    """Refuse a file whose chain of pages is long or circular; tifffile would follow a circular one for ever."""
    layout, stream = file.tiff, file.filehandle
    stream.seek(layout.offsetsize)  # the first page's offset follows the 4 bytes of TIFF's mark, or the 8 of BigTIFF's
    for _ in range(MAX_PAGES + 1):
        (page,) = struct.unpack(layout.offsetformat, stream.read(layout.offsetsize))
        if not 0 < page < stream.size:
            return
        stream.seek(page)
        (tags,) = struct.unpack(layout.tagnoformat, stream.read(layout.tagnosize))
        stream.seek(tags * layout.tagsize, os.SEEK_CUR)
    raise DataError(f"{path}: more than {MAX_PAGES} pages, or damaged; export the map alone")


def _checked(path: Path, file: tifffile.TiffFile, channel: str) -> tuple[tifffile.TiffPageSeries, MapHeader]:
    """Return the one image of a file with its header, or raise what is wrong with it."""
    series = file.series[0]
    page = series.keyframe
    if sorted(set(series.axes) & set("YX")) != ["X", "Y"]:
        raise DataError(f"{path}: its axes are {series.axes}, not height and width; export a flat picture")
    height, width = (series.shape[series.axes.index(axis)] for axis in "YX")
    planes = math.prod(series.shape) // max(height * width, 1)
    _require_plausible(path, file, series)
    if page.photometric not in (_GREY, _RGB) or series.dtype.kind not in "iuf":
        kind = getattr(page.photometric, "name", page.photometric)
        raise DataError(f"{path}: {series.dtype} values of the kind {kind}; export it as plain grey or RGB numbers")
    expected = channel_named(channel).planes
    if planes - len(page.extrasamples) != expected != planes:
        raise DataError(
            f"{path}: {planes} plane(s) of {height} x {width}; the {channel} map has {expected}; export that map"
        )
    if any(other.shape == series.shape for other in file.series[1:]):
        raise DataError(f"{path}: {len(file.series)} pictures of the same size; export the {channel} map alone")
    resolution = _resolution(file)
    source = None if resolution is None else "TIFF tag XResolution"
    return series, MapHeader((height, width), _encoding(series), resolution, source)


def _require_plausible(path: Path, file: tifffile.TiffFile, series: tifffile.TiffPageSeries) -> None:
    """Raise DataError where a header promises more than its file can hold."""
    page = series.keyframe
    pixels = math.prod(series.shape)
    if not 0 < pixels <= MAX_PIXELS * MAX_PLANES:
        size = " x ".join(map(str, series.shape))
        raise DataError(
            f"{path}: its header says {size} values, which no scan has; the file is damaged, export it again"
        )
    stored = 0
    for part in series.pages:
        segments = [] if part is None else list(zip(part.dataoffsets, part.databytecounts, strict=True))
        missing = sum(count == 0 for _, count in segments) + max(0, math.prod(page.chunked) - len(segments))
        if missing:
            raise DataError(f"{path}: {missing} of its strips or tiles are missing; export it again, none left out")
        end = max(offset + count for offset, count in segments)
        if end > file.filehandle.size:
            raise DataError(
                f"{path}: cut short, {file.filehandle.size} of at least {end} bytes; copy or export it again"
            )
        stored += sum(count for _, count in segments)
    decoded = max(pixels, math.prod(page.chunks) * math.prod(page.chunked)) * series.dtype.itemsize
    if decoded > max(SMALL_BYTES, MAX_EXPANSION * stored):
        raise DataError(
            f"{path}: {stored} bytes cannot hold {decoded} bytes of values; the file is damaged, export it again"
        )


def _planes_first(array: NDArray[Any], axes: str) -> NDArray[Any]:
    """Return (C, H, W), without a copy where the layout allows it."""
    moved = np.moveaxis(array, (axes.index("Y"), axes.index("X")), (-2, -1))
    return moved.reshape(-1, *moved.shape[-2:])


def _encoding(series: tifffile.TiffPageSeries) -> str:
    planes = [size for size, axis in zip(series.shape, series.axes, strict=True) if axis not in "YX"]
    return " x ".join([str(series.dtype), *map(str, planes)])


def _resolution(file: tifffile.TiffFile) -> float | None:
    tags = file.pages.first.tags
    if "XResolution" not in tags:
        return None
    numerator, denominator = tags["XResolution"].value
    unit_mm = _UNIT_MM.get(tags["ResolutionUnit"].value if "ResolutionUnit" in tags else 2)
    if unit_mm is None or denominator == 0:
        return None
    across = float(numerator / denominator / unit_mm)
    low, high = PLAUSIBLE_PIXELS_PER_MM
    return across if low <= across <= high and _is_square(tags) else None


def _is_square(tags: tifffile.TiffTags) -> bool:
    """Return whether pixels are as wide as high, within 1 %; they are taken to be if the file states no height."""
    if "YResolution" not in tags:
        return True
    (across, across_unit), (down, down_unit) = tags["XResolution"].value, tags["YResolution"].value
    return bool(down_unit) and math.isclose(across / across_unit, down / down_unit, rel_tol=0.01)


def _is_halved(normals: NDArray[Any]) -> bool:
    """Return whether (3, H, W) normals were stored as (n + 1) / 2."""
    if normals.dtype.kind != "f":
        return normals.dtype.kind == "u"
    if np.fmin.reduce(normals, axis=None) < 0 or np.fmax.reduce(normals, axis=None) > 1:
        return False
    step = math.ceil(math.sqrt(normals[0].size / _NORMALS_LOOKED_AT))
    some = normals[:, ::step, ::step].reshape(3, -1).astype(np.float64)
    some = some[:, np.isfinite(some).all(axis=0) & some.any(axis=0)]  # zeros stand where nothing was measured
    as_stored, doubled = (np.abs(np.linalg.norm(values, axis=0) - 1).sum() for values in (some, 2 * some - 1))
    return bool(doubled < as_stored)
