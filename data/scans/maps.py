"""The maps of a scan, from their files to prepared channels."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from data.errors import DataError
from data.io.tiffs import RawMap, open_map
from data.preparing.channels import (
    Prepared,
    prepare_albedo,
    prepare_depth,
    prepare_normals,
    prepare_published_depth,
)
from data.preparing.missing import GAP_VALUES, Stored, measured
from data.preparing.source import require_shape
from data.preparing.streaming_statistics import MapError, Mask, strips
from data.scans.layout import SUFFIX

RELIEF = ("depth", "published_depth")  # channels that are made of the depth map


def prepared_map(path: Path, channel: str, mask: Mask, pixels_per_mm: float, mask_of: str) -> Prepared:
    """Read a map and prepare a channel of it; depth as if it were height.

    Parameters
    ----------
    path : of its file
    channel : a name in ``SUFFIX``
    mask : the object, (H, W) bool
    pixels_per_mm : resolution of the scan
    mask_of : what the mask is of, for a message about its size

    Raises
    ------
    DataError
        If the map cannot be read or used, or is not of the mask's size.
    """
    raw = open_map(path, channel)
    require_shape(path, raw.shape[1:], mask.shape, mask_of)
    try:
        if SUFFIX[channel] == SUFFIX["depth"]:
            raw = levelled(raw, mask)
        return _prepared(channel, raw, mask, pixels_per_mm, _stored(raw))
    except MapError as error:
        raise DataError(f"{path}: {error}") from error


def levelled(raw: RawMap, mask: Mask) -> RawMap:
    """Return depth less its first measured value on the object; far above zero, float32 would lose the relief."""
    if np.can_cast(raw.stored.dtype, np.float32):
        return raw
    values = measured(raw, mask, _stored(raw))
    for top, bottom in strips(raw.shape[1]):
        known = mask[top:bottom] & np.isfinite(values.rows(top, bottom)[0])
        if known.any():
            first = np.zeros_like(mask)
            first[top:bottom] = known
            return raw.from_level(first)
    return raw


def _prepared(channel: str, raw: RawMap, mask: Mask, pixels_per_mm: float, stored: Stored) -> Prepared:
    if channel == "depth":
        return prepare_depth(raw, mask, pixels_per_mm, stored=stored)
    if channel == "published_depth":
        return prepare_published_depth(raw, pixels_per_mm, stored=stored)
    if channel == "normals":
        return prepare_normals(raw, mask, pixels_per_mm, stored=stored)
    return prepare_albedo(raw, mask, pixels_per_mm, stored=stored)


def _stored(raw: RawMap) -> Stored:
    """Return how a map's file holds its values, and which of its numbers may stand for "no value"."""
    kind = raw.stored.dtype
    numbers = list(GAP_VALUES)
    if kind.kind in "iu":
        ends = np.iinfo(kind.str)
        numbers = [
            number for number in {0.0, float(ends.min), float(ends.max), *numbers} if ends.min <= number <= ends.max
        ]
    with np.errstate(over="ignore"):  # float16 holds few of them
        read = RawMap(np.array([[numbers]], kind), raw.halved, raw.level).rows(0, 1)[0, 0]
    return Stored(
        dict(zip(numbers, read.tolist(), strict=True)),
        factor=float(np.iinfo(kind.str).max) if kind.kind in "iu" else 1.0,
        offset=0.0 if np.can_cast(kind, np.float32) else raw.level,
        undefined=raw.undefined,
    )
