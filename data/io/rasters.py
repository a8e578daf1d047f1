"""Picture files of every format that is read: their headers are checked before a pixel is decoded.

OpenCV decodes PNGs, tifffile TIFFs, pillow all others. What decoders warn of reaches nobody: it is an error here, or it
does no harm.
"""

from __future__ import annotations

import warnings
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.WebPImagePlugin import WebPImageFile

from data.errors import DataError, explain
from data.io.exif import exif_orientation, exif_resolution
from data.io.png import PNG_SIGNATURE
from data.io.png_reading import png
from data.io.resolution import MM_PER_INCH, Resolution, resolution
from data.io.stored import Stored, luminance, require_room
from data.io.tiff_file import MAX_EXPANSION
from data.io.tiff_pictures import tiff

SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".gif", ".webp")  # of pictures that are looked for

_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_JPEG, _JPEG_END = b"\xff\xd8", b"\xff\xd9"
_JPEG_TAIL = 2**16  # bytes in which a JPEG's end may lie: some cameras append something
_WEBP_EXPANSION = 2**14  # an empty mask takes a bit for some thousand pixels
_JFIF_UNIT_MM = {1: MM_PER_INCH, 2: 10.0}

_LAYOUTS = {  # by pillow's mode, with bits of a value and values a pixel
    "1": ("grey", 1, 1),
    "L": ("grey", 8, 1),
    "LA": ("grey + alpha", 8, 2),
    "P": ("palette", 8, 1),
    "PA": ("palette", 8, 2),
    "RGB": ("RGB", 8, 3),
    "RGBA": ("RGBA", 8, 4),
}


def stored(path: Path) -> Stored:
    """Return a picture file, checked but not decoded.

    Raises
    ------
    DataError
        If it is of none of the formats, damaged, cut short, or neither grey, palette nor RGB.
    """
    try:
        with path.open("rb") as file:
            start = file.read(16)
            if start[:4] in _TIFF:
                return tiff(path)
            content = start + file.read()
    except OSError as error:
        raise DataError(explain(error, path)) from error
    if not content:
        raise DataError(f"{path}: empty, 0 bytes; copy or export it again")
    if content.startswith(PNG_SIGNATURE):
        return png(path, content)
    if content.startswith(_JPEG):
        return _jpeg(path, content)
    if content.startswith((b"GIF87a", b"GIF89a")):
        return _frames(path, content, GifImageFile, lossy=False)
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return _frames(path, content, WebPImageFile, lossy=b"VP8L" not in content, expansion=_WEBP_EXPANSION)
    if content.startswith(b"BM"):
        return _frames(path, content, BmpImageFile, lossy=False)
    names = ", ".join(suffix.removeprefix(".") for suffix in SUFFIXES)
    raise DataError(f"{path}: no picture of a kind that is read ({names}), whatever its name; save it again as PNG")


def _jpeg(path: Path, content: bytes) -> Stored:
    if _JPEG_END not in content[-_JPEG_TAIL:]:
        raise DataError(f"{path}: cut short; copy or export it again")
    image = _opened(path, content, JpegImageFile)
    layout, bits = _layout(path, image, len(content), MAX_EXPANSION)

    def values(grey: bool) -> NDArray[Any]:
        again = _opened(path, content, JpegImageFile)
        if grey:
            again.draft("L", None)  # the luminance that is stored, not made of red, green and blue
        return _decoded(path, again)

    exif = image.info.get("exif", b"")
    return Stored(
        shape=(image.height, image.width),
        bits=bits,
        layout=layout,
        values=values,
        orientation=exif_orientation(exif),
        resolution=_jfif_resolution(image) or exif_resolution(exif),
        lossy=True,
    )


def _frames(
    path: Path, content: bytes, plugin: type[ImageFile], *, lossy: bool, expansion: int = MAX_EXPANSION
) -> Stored:
    """Return a BMP, or the first frame of a GIF or WebP."""
    image = _opened(path, content, plugin)
    layout, bits = _layout(path, image, len(content), expansion)

    def values(grey: bool) -> NDArray[Any]:
        decoded = _decoded(path, _opened(path, content, plugin))
        return luminance(decoded) if grey else decoded

    exif = image.info.get("exif", b"")
    dots = image.info.get("dpi", (0.0, 0.0))
    return Stored(
        shape=(image.height, image.width),
        bits=bits,
        layout=layout,
        values=values,
        orientation=exif_orientation(exif),
        resolution=resolution(dots[0] / MM_PER_INCH, dots[1] / MM_PER_INCH, "BMP header") or exif_resolution(exif),
        lossy=lossy,
        notes=(f"{path}: an animation; its first frame is read",) if _is_animated(path, image) else (),
    )


def _opened(path: Path, content: bytes, plugin: type[ImageFile]) -> ImageFile:
    try:
        with warnings.catch_warnings(action="ignore"):
            return plugin(BytesIO(content))  # pillow's own limit is below the size of a large scan
    except Exception as error:  # damage: there is no exception that it cannot make a decoder raise
        raise _damaged(path, error) from error


def _layout(path: Path, image: ImageFile, size: int, expansion: int) -> tuple[str, int]:
    if image.mode not in _LAYOUTS:
        raise DataError(f"{path}: colours of the kind {image.mode}; save it as grey or RGB")
    layout, bits, samples = _LAYOUTS[image.mode]
    require_room(path, (image.height, image.width), samples, size, expansion)
    return layout, bits


def _is_animated(path: Path, image: ImageFile) -> bool:
    try:
        with warnings.catch_warnings(action="ignore"):
            return bool(getattr(image, "is_animated", False))
    except Exception as error:  # damage, as above
        raise _damaged(path, error) from error


def _decoded(path: Path, image: ImageFile) -> NDArray[Any]:
    try:
        with warnings.catch_warnings(action="ignore"):
            image.load()
            transparent = image.mode == "PA" or "transparency" in image.info
            if image.mode in ("P", "PA") or transparent:
                return np.asarray(image.convert("RGBA" if transparent else "RGB"))
            return np.asarray(image.convert("L") if image.mode == "1" else image)
    except Exception as error:  # damage, as above
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception) -> DataError:
    return DataError(f"{path}: damaged ({error or type(error).__name__}); copy or export it again")


def _jfif_resolution(image: ImageFile) -> Resolution | None:
    unit_mm = _JFIF_UNIT_MM.get(image.info.get("jfif_unit", 0))
    if unit_mm is None:
        return None
    across, down = image.info["jfif_density"]
    return resolution(across / unit_mm, down / unit_mm, "JFIF density")
