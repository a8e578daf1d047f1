"""What of EXIF matters here: the orientation and the resolution of a picture."""

from __future__ import annotations

import math
import warnings
from typing import Any

from PIL import Image

from data.io.orientation import TAG, UPRIGHT, known
from data.io.resolution import RESOLUTION_UNIT_MM, Resolution, resolution

_X_RESOLUTION, _Y_RESOLUTION, _RESOLUTION_UNIT = 282, 283, 296
_INCH = 2  # EXIF's default unit


def exif_orientation(exif: bytes) -> int:
    """Return the orientation in a block of EXIF, 1 to 8; upright if there is none, or the block is damaged."""
    return known(_tags(exif).get(TAG, UPRIGHT))


def exif_resolution(exif: bytes) -> Resolution | None:
    """Return the resolution in a block of EXIF; None if there is none, or none that a scan can have."""
    tags = _tags(exif)
    unit_mm = RESOLUTION_UNIT_MM.get(tags.get(_RESOLUTION_UNIT, _INCH))
    if unit_mm is None or _X_RESOLUTION not in tags:
        return None
    across, down = (_number(tags.get(tag, tags[_X_RESOLUTION])) for tag in (_X_RESOLUTION, _Y_RESOLUTION))
    return resolution(across / unit_mm, down / unit_mm, "EXIF XResolution")


def _tags(exif: bytes) -> dict[int, Any]:
    tags = Image.Exif()
    try:
        with warnings.catch_warnings(action="ignore"):
            tags.load(exif)
            return dict(tags)
    except Exception:  # damage: there is no exception that it cannot make a decoder raise
        return {}


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError, ZeroDivisionError):
        return math.nan
