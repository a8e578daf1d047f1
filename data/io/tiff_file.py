"""A TIFF file, opened and checked by its header, so that a damaged one costs neither memory nor time.

Of several pages the largest is the picture: beside it lie thumbnails, and the smaller levels of a pyramid.
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

from data.errors import DataError, explain
from data.io.orientation import TAG, known, turned_shape, upright
from data.io.resolution import Resolution, tiff_resolution

MAX_PIXELS = 2**30  # of any picture; OpenCV reads no more of a drawing either
MAX_PLANES = 4  # of a picture: red, green, blue and an alpha channel
MAX_PAGES = 64  # thumbnails and the like
MAX_EXPANSION = 1100  # bytes that one stored byte can become: deflate reaches 1032
SMALL_BYTES = 2**26  # below this a file may expand as it likes
READ_BYTES = 2**24  # of compressed strips or tiles, read at once

HUGE = 1e30  # values from here on are never measured, and are spelt with as few digits as the writer liked
_AS_SPELT = 1e-5  # relative difference of such a value and what is stored
_NO_VALUE = 42113  # the tag GDAL_NODATA


@dataclass(frozen=True)
class TiffPicture:
    """The picture of a TIFF file, whose values are not read yet.

    Parameters
    ----------
    path : of the file
    series : the page or pages that hold the picture
    resolution : that the file states for it
    mask : a page that says which of the picture's pixels are valid, as GDAL writes it; None without one
    notes : sentences that a user should read
    """

    path: Path
    series: tifffile.TiffPageSeries
    resolution: Resolution | None
    mask: tifffile.TiffPageSeries | None
    notes: tuple[str, ...]

    @property
    def page(self) -> tifffile.TiffPage:
        """The page whose tags hold for the picture."""
        return self.series.keyframe

    @property
    def orientation(self) -> int:
        """As the tag 274 states it, 1 to 8."""
        return known(self.page.tags[TAG].value) if TAG in self.page.tags else 1

    @property
    def stored_shape(self) -> tuple[int, int]:
        """Rows and columns as they are stored."""
        height, width = (self.series.shape[self.series.axes.index(axis)] for axis in "YX")
        return height, width

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns once the picture is upright."""
        return turned_shape(self.stored_shape, self.orientation)

    @property
    def planes(self) -> int:
        """How many values a pixel has, opacity included."""
        height, width = self.stored_shape
        return math.prod(self.series.shape) // max(height * width, 1)

    @property
    def encoding(self) -> str:
        """How values are stored: ``float32``, ``uint16 x 3``."""
        planes = [size for size, axis in zip(self.series.shape, self.series.axes, strict=True) if axis not in "YX"]
        return " x ".join([str(self.series.dtype), *map(str, planes)])

    @property
    def no_value(self) -> float | None:
        """What the tag GDAL_NODATA declares, however it is spelt; None without one, and where it is NaN."""
        if _NO_VALUE not in self.page.tags:
            return None
        try:
            value = float(str(self.page.tags[_NO_VALUE].value).strip(" \0\t\r\n").replace(",", "."))
        except ValueError:
            return None
        return None if math.isnan(value) else value

    def values(self) -> NDArray[Any]:
        """Read the values as stored, (C, H, W), not yet upright, without a copy where the layout allows it."""
        array = self.series.asarray(buffersize=READ_BYTES)
        if array.shape != self.series.shape:
            raise DataError(
                f"{self.path}: its values have the shape {array.shape}, not {self.series.shape}; export it again"
            )
        axes = self.series.axes
        moved = np.moveaxis(array, (axes.index("Y"), axes.index("X")), (-2, -1))
        return moved.reshape(-1, *moved.shape[-2:])

    def left_out(self) -> NDArray[np.bool_] | None:
        """Read which pixels the mask in the file leaves out, (H, W), upright; None without a mask."""
        if self.mask is None:
            return None
        return upright(self.mask.asarray().reshape(self.stored_shape) == 0, self.orientation)


@contextmanager
def opened(path: Path) -> Iterator[TiffPicture]:
    """Open a TIFF; any error while it is read is raised as a DataError that names the file."""
    log = logging.getLogger("tifffile")
    noisy, log.disabled = log.disabled, True  # it reports damage that an error here names, or that does no harm
    try:
        with path.open("rb") as stream:
            if not os.fstat(stream.fileno()).st_size:
                raise DataError(f"{path}: empty, 0 bytes; copy or export it again")
            with tifffile.TiffFile(stream) as file:
                _require_few_pages(path, file)
                yield _picture(path, file)
    except DataError:
        raise
    except OSError as error:
        raise DataError(explain(error, path)) from error
    except Exception as error:  # damage: there is no exception that it cannot make a decoder raise
        reason = str(error) or type(error).__name__
        raise DataError(f"{path}: cannot be read as a TIFF ({reason}); export it again") from error
    finally:
        log.disabled = noisy


def is_no_value(stored: NDArray[Any], value: float) -> NDArray[np.bool_]:
    """Return where stored numbers are the value that a tag declares, in decimal digits, to stand for "no value"."""
    if stored.dtype.kind != "f":
        return np.asarray(stored == value)
    if abs(value) >= HUGE and math.isfinite(value):
        with np.errstate(invalid="ignore"):
            return np.asarray(np.abs(stored / value - 1) <= _AS_SPELT)
    with np.errstate(over="ignore"):
        return np.asarray(stored == stored.dtype.type(value))


def _picture(path: Path, file: tifffile.TiffFile) -> TiffPicture:
    """Return the largest picture of a file; raise DataError if there are several as large, or it is implausible."""
    there = [level for series in file.series for level in series.levels]
    flat = [series for series in there if sorted(set(series.axes) & set("YX")) == ["X", "Y"]]
    pictures = [series for series in flat if not series.keyframe.is_mask]
    if not pictures:
        raise DataError(f"{path}: its axes are {file.series[0].axes}, not height and width; export a flat picture")
    series = max(pictures, key=_pixels)
    _require_plausible(path, file, series)
    if sum(other.shape == series.shape for other in pictures) > 1:
        raise DataError(f"{path}: {len(pictures)} pictures of the same size; export the one that is meant alone")
    masks = [mask for mask in flat if mask.keyframe.is_mask and math.prod(mask.shape) == _pixels(series)]
    for mask in masks[:1]:
        _require_plausible(path, file, mask)
    picture = TiffPicture(path, series, tiff_resolution(file, series.keyframe), next(iter(masks), None), ())
    if len(pictures) == 1:
        return picture
    note = f"{path}: {len(pictures)} pictures in it; the largest, {picture.shape[0]} x {picture.shape[1]}, is read"
    return replace(picture, notes=(note,))


def _pixels(series: tifffile.TiffPageSeries) -> int:
    return int(math.prod(series.shape[series.axes.index(axis)] for axis in "YX"))


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
