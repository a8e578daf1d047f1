"""Reading of pictures: drawings, masks and photographs."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL.PngImagePlugin import PngImageFile

from data.errors import DataError, explain
from data.io.png import PNG_SIGNATURE
from data.io.tiff_file import MAX_EXPANSION, MAX_PIXELS, SMALL_BYTES

INK = 127  # grey values above are line; a 1-bit PNG may come as bytes of 255, so never trust a bool array
MAX_LINE_SHARE = 0.5  # of a drawing: above, ground and line have been mistaken for each other

_JPEG, _JPEG_END = b"\xff\xd8", b"\xff\xd9"
_JPEG_TAIL = 2**16  # bytes in which a JPEG's end may lie: some cameras append something
_PNG_END = b"IEND\xaeB`\x82"  # the name and the check sum of a PNG's last chunk
_IHDR_AT = 16  # bytes before the header chunk's content: signature, length and name
_COLOURS = {
    0: ("grey", 1),
    2: ("RGB", 3),
    3: ("palette", 1),
    4: ("grey + alpha", 2),
    6: ("RGBA", 4),
}  # of a PNG, by type


@dataclass(frozen=True)
class PictureHeader:
    """The fields of a PNG's header."""

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


def read_rgb(path: Path) -> NDArray[np.float32]:
    """Read a photograph as (3, H, W) float32 in [0, 1]: red, green, blue; the three are alike where it is grey."""
    return np.moveaxis(_decoded(path, cv2.IMREAD_COLOR_RGB), 2, 0).astype(np.float32) / np.float32(255)


def read_picture_header(path: Path) -> PictureHeader:
    """Return a PNG's header without decoding its pixels; raises DataError if it is no PNG, cut short or damaged."""
    return _checked_png(path, _content(path))


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
    """Decode a picture; a damaged PNG and a JPEG without its end are refused before OpenCV sees them."""
    content = _content(path)
    if content.startswith(PNG_SIGNATURE):
        _checked_png(path, content)
    elif content.startswith(_JPEG) and _JPEG_END not in content[-_JPEG_TAIL:]:
        raise DataError(f"{path}: cut short; copy or export it again")
    try:
        image = cv2.imdecode(np.frombuffer(content, np.uint8), flags) if content else None
    except cv2.error as error:
        raise DataError(f"{path}: cannot be read as an image ({error.err}); save it again as PNG") from error
    if image is None:
        raise DataError(f"{path}: cannot be read as an image; save it again as PNG")
    return np.asarray(image)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError(explain(error, path)) from error


def _checked_png(path: Path, content: bytes) -> PictureHeader:
    """Return the header of a PNG whose chunks are all there and have the right check sums; raise DataError if not."""
    if not content.startswith(PNG_SIGNATURE):
        raise DataError(f"{path}: no PNG, whatever its name says; save it again as PNG")
    if _PNG_END not in content:
        raise DataError(f"{path}: cut short at {len(content)} bytes; copy or export it again")
    header = _png_header(path, content)
    try:
        PngImageFile(BytesIO(content)).verify()  # no pixel is decoded
    except Exception as error:  # damage: there is no exception that it cannot make a decoder raise
        raise DataError(f"{path}: damaged ({error or type(error).__name__}); copy or export it again") from error
    return header


def _png_header(path: Path, content: bytes) -> PictureHeader:
    """Return the fields of the first chunk; raise DataError if they promise more than the file can hold."""
    width, height, depth, colour = struct.unpack_from(">IIBB", content, _IHDR_AT)
    if colour not in _COLOURS:
        raise DataError(f"{path}: damaged (no colour type {colour}); copy or export it again")
    name, samples = _COLOURS[colour]
    decoded, size = height * width * max(samples * depth // 8, 1), len(content)
    if not 0 < height * width <= MAX_PIXELS or decoded > max(SMALL_BYTES, MAX_EXPANSION * size):
        raise DataError(
            f"{path}: {size} bytes cannot hold {height} x {width} pixels; the file is damaged, copy or export it again"
        )
    return PictureHeader((height, width), f"{depth} bit {name}")
