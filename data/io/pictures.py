"""Drawings, masks and photographs: how each of these pictures is read."""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from data.errors import DataError, explain
from data.io.png import PNG_SIGNATURE
from data.io.tiffs import MAX_EXPANSION, MAX_PIXELS, SMALL_BYTES

INK = 127  # grey values above are line; a 1-bit PNG may come as bytes of 255, so never trust a bool array
MAX_LINE_SHARE = 0.5  # of a drawing: above, ground and line have been mistaken for each other

_JPEG, _JPEG_END = b"\xff\xd8", b"\xff\xd9"
_JPEG_TAIL = 2**16  # bytes in which a JPEG's end may lie: some cameras append something
_COLOURS = {0: ("grey", 1), 2: ("RGB", 3), 3: ("palette", 1), 4: ("grey + alpha", 2), 6: ("RGBA", 4)}  # PNG, IHDR


@dataclass(frozen=True)
class PictureHeader:
    """What a PNG says of itself before its pixels are read."""

    shape: tuple[int, int]  # rows and columns
    encoding: str  # 8 bit RGBA


def read_drawing(path: Path) -> NDArray[np.bool_]:
    """Read a drawing as (H, W) bool, True on the line: the alpha channel, or bright in a grey file.

    Raises
    ------
    DataError
        If the file is no whole PNG, or is in colour without an alpha channel.
    """
    image = _read_png(path)
    if image.ndim == 3 and image.shape[2] == 3 and (image != image[..., :1]).any():
        raise DataError(f"{path}: in colour, without an alpha channel; save it with the lines on a transparent ground")
    return np.asarray((image[..., 3] if image.ndim == 3 and image.shape[2] == 4 else _first_plane(image)) > INK)


def require_lines(path: Path, drawing: NDArray[np.bool_]) -> None:
    """Raise DataError if a drawing, (H, W) bool, is empty, or line for the greater part."""
    share = np.count_nonzero(drawing) / drawing.size
    if share == 0:
        raise DataError(f"{path}: no line in it (lines are the alpha channel); remove or redraw it")
    if share > MAX_LINE_SHARE:
        raise DataError(
            f"{path}: {share:.0%} of it is line; make the ground transparent, or in a grey file black under white lines"
        )


def read_mask(path: Path) -> NDArray[np.bool_]:
    """Read an object mask as (H, W) bool: non-zero in any colour channel is object.

    Raises
    ------
    DataError
        If the file is no whole PNG, or holds no object.
    """
    image = _read_png(path)
    mask = np.asarray(image[..., :3].any(axis=2) if image.ndim == 3 else image > 0)
    if not mask.any():
        raise DataError(f"{path}: all black, so there is no object; paint the object white, or remove the file")
    return mask


def read_line_mask(path: Path) -> NDArray[np.bool_]:
    """Read a mask of lines as (H, W) bool: bright in the first channel is line."""
    return np.asarray(_first_plane(_bytes_per_value(path, _decoded(path, cv2.IMREAD_UNCHANGED))) > INK)


def read_grey(path: Path) -> NDArray[np.float32]:
    """Read a photograph as (H, W) float32 in [0, 1]."""
    return np.asarray(_decoded(path, cv2.IMREAD_GRAYSCALE), np.float32) / np.float32(255)


def read_picture_header(path: Path) -> PictureHeader:
    """Say what a PNG holds without decoding it; raises DataError if it is none, or cut short."""
    try:
        with path.open("rb") as stream:
            return _walk_png(path, stream, whole=False)
    except OSError as error:
        raise DataError(explain(error, path)) from error


def _first_plane(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return image if image.ndim == 2 else image[..., 0]


def _read_png(path: Path) -> NDArray[np.uint8]:
    read_picture_header(path)
    return _bytes_per_value(path, _decoded(path, cv2.IMREAD_UNCHANGED))


def _bytes_per_value(path: Path, image: NDArray[Any]) -> NDArray[np.uint8]:
    if image.dtype == np.uint8:
        return np.asarray(image, np.uint8)
    if image.dtype != np.uint16:
        raise DataError(f"{path}: {image.dtype} values; save it with 8 or 16 bits a channel")
    return np.maximum(image // 257, image > 0).astype(np.uint8)  # the faintest mask must not round to nothing


def _decoded(path: Path, flags: int) -> NDArray[Any]:
    """Decode a picture; OpenCV is never shown a PNG that is damaged, nor a JPEG whose end is missing."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(explain(error, path)) from error
    if content.startswith(PNG_SIGNATURE):
        _walk_png(path, io.BytesIO(content), whole=True)
    elif content.startswith(_JPEG) and _JPEG_END not in content[-_JPEG_TAIL:]:
        raise DataError(f"{path}: cut short; copy or export it again")
    try:
        image = cv2.imdecode(np.frombuffer(content, np.uint8), flags) if content else None
    except cv2.error as error:
        raise DataError(f"{path}: cannot be read as an image ({error.err}); save it again as PNG") from error
    if image is None:
        raise DataError(f"{path}: cannot be read as an image; save it again as PNG")
    return np.asarray(image)


def _walk_png(path: Path, stream: IO[bytes], *, whole: bool) -> PictureHeader:
    """Walk from chunk to chunk up to the last one, reading what is in them and their check sums if ``whole``."""
    size = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    if stream.read(len(PNG_SIGNATURE)) != PNG_SIGNATURE:
        raise DataError(f"{path}: no PNG, whatever its name says; save it again as PNG")
    header, kind = b"", b""
    while kind != b"IEND":
        start = stream.read(8)
        if len(start) < 8 or stream.tell() + int.from_bytes(start[:4]) + 4 > size:
            raise DataError(f"{path}: cut short at {size} bytes; copy or export it again")
        length, kind = int.from_bytes(start[:4]), start[4:]
        if not header or whole:
            content, check = stream.read(length), stream.read(4)
            header = header or kind + content
            if zlib.crc32(content, zlib.crc32(kind)) != int.from_bytes(check):
                raise DataError(f"{path}: damaged, a check sum is wrong; copy or export it again")
        else:
            stream.seek(length + 4, io.SEEK_CUR)
    return _png_header(path, header, size)


def _png_header(path: Path, chunk: bytes, size: int) -> PictureHeader:
    if len(chunk) != 17 or not chunk.startswith(b"IHDR") or chunk[13] not in _COLOURS:
        raise DataError(f"{path}: its header is damaged; copy or export it again")
    width, height, depth, colour = struct.unpack(">IIBB", chunk[4:14])
    name, samples = _COLOURS[colour]
    decoded = height * width * max(samples * depth // 8, 1)
    if not 0 < height * width <= MAX_PIXELS or decoded > max(SMALL_BYTES, MAX_EXPANSION * size):
        raise DataError(
            f"{path}: {size} bytes cannot hold {height} x {width} pixels; the file is damaged, copy or export it again"
        )
    return PictureHeader((height, width), f"{depth} bit {name}")
