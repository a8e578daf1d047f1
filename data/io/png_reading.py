"""Reading of PNGs: every chunk is checked before OpenCV decodes the pixels."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL.PngImagePlugin import PngImageFile

from data.errors import DataError
from data.io.exif import exif_orientation
from data.io.png import PNG_SIGNATURE
from data.io.resolution import Resolution, resolution
from data.io.stored import Stored, require_room

_END = b"IEND\xaeB`\x82"  # the name and the check sum of a PNG's last chunk
_IHDR_AT = 16  # bytes before the header chunk's content: signature, length and name
_LAYOUTS = {  # by colour type, with values a pixel
    0: ("grey", 1),
    2: ("RGB", 3),
    3: ("palette", 1),
    4: ("grey + alpha", 2),
    6: ("RGBA", 4),
}
_PIXELS = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}  # chunks without which the values would be others
_LIGHT = {b"gAMA", b"sRGB", b"cHRM", b"iCCP"}  # chunks that libpng minds where it makes grey of colours
_SAYING = {b"eXIf", b"pHYs", b"acTL"}  # chunks that are looked into
_METRE = 1  # the unit of the chunk pHYs


def png(path: Path, content: bytes) -> Stored:
    """Return a PNG whose chunks are all there and have the right check sums; raise DataError if not."""
    if _END not in content:
        raise DataError(f"{path}: cut short at {len(content)} bytes; copy or export it again")
    width, height, bits, colour = struct.unpack_from(">IIBB", content, _IHDR_AT)
    if colour not in _LAYOUTS:
        raise DataError(f"{path}: damaged (no colour type {colour}); copy or export it again")
    layout, samples = _LAYOUTS[colour]
    require_room(path, (height, width), max(samples * bits // 8, 1), len(content))
    try:
        PngImageFile(BytesIO(content)).verify()  # no pixel is decoded
        chunks = {kind: bytes(chunk[8:-4]) for kind, chunk in _chunks(content) if kind in _SAYING}
    except Exception as error:  # damage: there is no exception that it cannot make a decoder raise
        raise DataError(f"{path}: damaged ({error or type(error).__name__}); copy or export it again") from error
    return Stored(
        shape=(height, width),
        bits=bits,
        layout=layout,
        values=lambda grey: _values(path, content, grey, layout),
        orientation=exif_orientation(chunks.get(b"eXIf", b"")),
        resolution=_resolution(chunks.get(b"pHYs", b"")),
        notes=(f"{path}: an animation; its still picture is read",) if b"acTL" in chunks else (),
    )


def _values(path: Path, content: bytes, grey: bool, layout: str) -> NDArray[Any]:
    """Decode a PNG; chunks that say nothing of its values are left out, since libpng prints warnings about some."""
    kept = _PIXELS | _LIGHT if grey and layout not in ("grey", "grey + alpha") else _PIXELS
    pure = b"".join([PNG_SIGNATURE, *(chunk for kind, chunk in _chunks(content) if kind in kept)])
    how = cv2.IMREAD_GRAYSCALE | cv2.IMREAD_ANYDEPTH if grey else cv2.IMREAD_UNCHANGED
    try:
        values = cv2.imdecode(np.frombuffer(pure, np.uint8), how)
    except cv2.error as error:
        raise DataError(f"{path}: cannot be read as an image ({error.err}); save it again as PNG") from error
    if values is None:
        raise DataError(f"{path}: cannot be read as an image; save it again as PNG")
    if values.ndim == 2:
        return np.asarray(values)
    if layout == "grey + alpha":
        return np.asarray(values[..., [0, 3]])
    return np.asarray(cv2.cvtColor(values, cv2.COLOR_BGR2RGB if values.shape[2] == 3 else cv2.COLOR_BGRA2RGBA))


def _chunks(content: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """Yield the name of each chunk, and all of it: length, name, content and check sum."""
    view, at, kind = memoryview(content), len(PNG_SIGNATURE), b""
    while kind != b"IEND":
        length, kind = struct.unpack_from(">I4s", content, at)
        yield kind, view[at : at + length + 12]
        at += length + 12


def _resolution(phys: bytes) -> Resolution | None:
    if len(phys) != 9:
        return None
    across, down, unit = struct.unpack(">IIB", phys)
    return resolution(across / 1000, down / 1000, "PNG pHYs") if unit == _METRE else None
