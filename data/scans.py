"""Raw scans on disk: where a view's files lie, and how each of them is read.

The layout and encodings are those of the method's authors ("Drawing the Line", ICDAR 2024):
``<OBJ>/PS/<VIEW>_{N,RHO,U}.tif`` below the root, drawings and masks in folders of their own.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import tifffile
from numpy.typing import NDArray

from data.errors import DataError

SUFFIX = {"normals": "N", "albedo": "RHO", "depth": "U"}
PLANES = {"depth": 1, "normals": 3, "albedo": 1}  # planes that a channel contributes to an image
MM_PER_INCH = 25.4
INK = 127  # grey values above are line; a 1-bit PNG may come as bytes of 255, so never trust a bool array

_VIEW = re.compile(r"(?P<object>.+)_(?P<side>[RV])")
_UNIT_MM = {2: MM_PER_INCH, 3: 10.0}  # the TIFF tag ResolutionUnit: 2 inch, 3 centimetre
# What tifffile and its codecs raise on a damaged file: ValueError holds TiffFileError, RuntimeError the codecs' own.
_TIFF_DAMAGE = (OSError, ValueError, RuntimeError, LookupError, struct.error)


@dataclass(frozen=True)
class ScanFiles:
    """The files of one view; ``drawing`` and ``mask`` are None where there are none."""

    view: str
    maps: dict[str, Path]  # by channel name: depth, normals, albedo
    drawing: Path | None
    mask: Path | None


def object_of(view: str) -> str:
    """Return the object that a view shows: ``wels-11944`` of ``wels-11944_R``."""
    match = _VIEW.fullmatch(view)
    if match is None:
        raise DataError(f"{view}: a view is called <OBJ>_R (back) or <OBJ>_V (front); rename its files")
    return match["object"]


def find_scans(root: Path, drawings: Path, masks: Path) -> list[ScanFiles]:
    """List the views below a root, by name.

    Raises
    ------
    DataError
        If the root is no folder, or holds no depth map in the dataset's layout.
    """
    if not root.is_dir():
        raise DataError(f"{root}: no such folder; set DIR_ROOT in user_config.py, or RETRACE_DIR_ROOT, or pass --root")
    found = [_files_of(path, drawings, masks) for path in sorted(root.glob("*/PS/*_U.tif"))]
    if not found:
        raise DataError(
            f"{root}: no scan found; expected <OBJ>/PS/<VIEW>_U.tif below it, VIEW being <OBJ>_R or <OBJ>_V"
        )
    return found


def _files_of(depth: Path, drawings: Path, masks: Path) -> ScanFiles:
    view = depth.name.removesuffix("_U.tif")
    maps = {channel: depth.with_name(f"{view}_{suffix}.tif") for channel, suffix in SUFFIX.items()}
    drawing, mask = drawings / f"{view}_drawings.png", masks / f"{view}_mask.png"
    return ScanFiles(
        view=view,
        maps={channel: path for channel, path in maps.items() if path.exists()},
        drawing=drawing if drawing.exists() else None,
        mask=mask if mask.exists() else None,
    )


def read_map(path: Path, channel: str) -> NDArray[np.float32]:
    """Read one map of a scan.

    Returns
    -------
    (C, H, W) float32
        Depth and albedo as stored (C = 1), floats kept and integers divided by their type's maximum;
        normals (C = 3) as signed unit-vector components, whichever way they were stored.
    """
    with _damage_named(path):
        raw = tifffile.imread(path)
    planes = PLANES[channel]
    if raw.ndim == 2:
        raw = raw[None]
    elif raw.ndim == 3 and raw.shape[0] not in (1, 3):
        raw = np.moveaxis(raw, -1, 0)
    if raw.ndim != 3 or raw.shape[0] != planes:
        raise DataError(f"{path}: shape {raw.shape}; the {channel} map has {planes} plane(s) of height x width")
    integer = raw.dtype.kind in "iu"
    values: NDArray[np.float32] = np.asarray(raw, np.float32)
    if integer:
        values /= np.iinfo(raw.dtype.str).max
    if channel == "normals" and integer:
        values = values * 2 - 1
    return values


def encoding(path: Path) -> str:
    """Say how a TIFF stores its values: ``float32``, ``uint16 x 3``."""
    with _damage_named(path), tifffile.TiffFile(path) as file:
        series = file.series[0]
        planes = [size for size, axis in zip(series.shape, series.axes, strict=True) if axis == "S"]
        return " x ".join([str(series.dtype), *map(str, planes)])


def pixels_per_mm(path: Path) -> float | None:
    """Read a TIFF's resolution tags; None where there are none, or where they carry no unit."""
    with _damage_named(path), tifffile.TiffFile(path) as file:
        tags = file.pages.first.tags
        if "XResolution" not in tags:
            return None
        numerator, denominator = tags["XResolution"].value
        unit_mm = _UNIT_MM.get(tags["ResolutionUnit"].value if "ResolutionUnit" in tags else 2)
    if unit_mm is None or denominator == 0 or numerator <= denominator:
        return None  # 1 dot an inch is what writers put where they know nothing
    return float(numerator / denominator / unit_mm)


def read_drawing(path: Path) -> NDArray[np.bool_]:
    """Read a drawing as (H, W) bool, True on the line: the alpha channel, or a grey file's only one."""
    image = _read_png(path)
    return np.asarray((image[..., 3] if image.ndim == 3 and image.shape[2] == 4 else _first_plane(image)) > INK)


def read_mask(path: Path) -> NDArray[np.bool_]:
    """Read an object mask as (H, W) bool: non-zero in any colour channel is object."""
    image = _read_png(path)
    return np.asarray(image[..., :3].any(axis=2) if image.ndim == 3 else image > 0)


def read_line_mask(path: Path) -> NDArray[np.bool_]:
    """Read a mask of lines as (H, W) bool: bright in the first channel is line."""
    return np.asarray(_first_plane(_read_png(path)) > INK)


def read_grey(path: Path) -> NDArray[np.float32]:
    """Read a photograph as (H, W) float32 in [0, 1]."""
    image = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if image is None:
        raise DataError(f"{path}: cannot be read as an image; save it again as PNG or JPEG")
    return np.asarray(image, np.float32) / np.float32(255)


@contextmanager
def _damage_named(path: Path) -> Iterator[None]:
    try:
        yield
    except _TIFF_DAMAGE as error:
        raise DataError(f"{path}: cannot be read as a TIFF ({error}); export it again") from error


def _first_plane(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return image if image.ndim == 2 else image[..., 0]


def _read_png(path: Path) -> NDArray[np.uint8]:
    image = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if image is None:
        raise DataError(f"{path}: cannot be read as an image; save it again as PNG")
    if image.dtype != np.uint8:
        # 16 bits, the one other depth that a PNG can have; the faintest mask must not round to nothing
        return np.maximum(image // 257, image > 0).astype(np.uint8)
    return np.asarray(image, np.uint8)
