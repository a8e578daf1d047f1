"""PNG files, and drawings in the dataset's own format; written whole or not at all."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from data.io.files import whole_file, write_whole
from data.preparing.streaming_statistics import strips
from data.regions import Shape, shape_of

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
RGBA = 6  # a PNG's colour type
_HEADER = 33  # bytes before the second chunk: the signature and the chunk IHDR
_METRE = 1  # the unit of the chunk pHYs
UP = 2  # a PNG's row filter: each byte less the one above it, so that straight edges vanish


def write_png(path: Path, picture: NDArray[np.uint8], pixels_per_mm: float | None = None) -> None:
    """Write RGB (H, W, 3), RGBA (H, W, 4) or grey (H, W), whole or not at all; its resolution, if it is given."""
    if picture.ndim == 3:
        code = cv2.COLOR_RGB2BGR if picture.shape[2] == 3 else cv2.COLOR_RGBA2BGRA
        picture = np.asarray(cv2.cvtColor(picture, code), np.uint8)
    written, content = cv2.imencode(".png", picture)
    if not written:
        raise OSError(f"{path}: a picture of shape {picture.shape} could not be encoded")
    whole = content.tobytes()
    write_whole(path, lambda file: file.write(whole[:_HEADER] + _phys(pixels_per_mm) + whole[_HEADER:]))


def write_drawing(path: Path, line: NDArray[np.bool_], pixels_per_mm: float | None = None) -> None:
    """Write a drawing (H, W) in the dataset's own format: black, the line in the alpha channel."""
    bands = (line[top:bottom] for top, bottom in strips(len(line)))
    write_drawing_bands(path, shape_of(line), bands, pixels_per_mm)


def write_drawing_bands(
    path: Path, shape: Shape, bands: Iterable[NDArray[np.bool_]], pixels_per_mm: float | None = None
) -> None:
    """Write a drawing as ``write_drawing`` does, as its rows come.

    Parameters
    ----------
    path : the PNG, written aside; it appears when the last row is in it
    shape : rows and columns of the drawing
    bands : its rows, some (h, W) at a time, from top to bottom
    pixels_per_mm : its resolution, for the chunk pHYs; None where it is not known, and then there is no such chunk

    Raises
    ------
    ValueError
        If the bands are not of that width, or have fewer or more rows together.
    """
    height, width = shape
    with whole_file(path) as file:
        file.write(PNG_SIGNATURE)
        file.write(_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, RGBA, 0, 0, 0)))
        file.write(_phys(pixels_per_mm))
        packer = zlib.compressobj(level=1, strategy=zlib.Z_RLE)  # long runs of zeros need no more
        for content in _filtered(shape, bands):
            file.write(_chunk(b"IDAT", packer.compress(content)))
        file.write(_chunk(b"IDAT", packer.flush()))
        file.write(_chunk(b"IEND", b""))


def _filtered(shape: Shape, bands: Iterable[NDArray[np.bool_]]) -> Iterator[bytes]:
    """Yield the bytes of a PNG's rows: for each the number of its filter, and its pixels through it."""
    height, width = shape
    above, rows = np.zeros((1, width), np.uint8), 0
    for band in bands:
        if band.shape[1:] != (width,):
            raise ValueError(f"rows of shape {band.shape[1:]} for a drawing {width} pixels wide")
        alpha = np.where(band, np.uint8(255), np.uint8(0))
        content = np.zeros((len(band), 1 + 4 * width), np.uint8)
        content[:, 0] = UP
        content[:, 4::4] = np.diff(np.concatenate([above, alpha]), axis=0)  # modulo 256, as the format has it
        yield content.tobytes()
        above, rows = alpha[-1:], rows + len(band)
    if rows != height:
        raise ValueError(f"{rows} rows for a drawing {height} pixels high")


def _phys(pixels_per_mm: float | None) -> bytes:
    """Return the chunk that states a resolution, in whole pixels a metre; nothing where it is not known."""
    if pixels_per_mm is None:
        return b""
    a_metre = round(1000 * pixels_per_mm)
    return _chunk(b"pHYs", struct.pack(">IIB", a_metre, a_metre, _METRE))


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
