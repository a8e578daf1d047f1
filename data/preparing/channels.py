"""From raw maps to what networks see: high-passed depth in [0, 1], albedo and normals likewise.

Maps are read and computed some rows at a time, so a scan of any size needs little memory beyond its own. Arrays only;
files are the business of ``data.io.tiffs`` and ``data.preparing.writing``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import sqrt

import numpy as np

from data.preparing.streaming_statistics import MapError, MapRows, MapStatistics, Mask, Planes, strips

HIGHPASS_MM = 1.0  # sigma of the blur that is taken off the depth ("Drawing the Line", ICDAR 2024)
CLIP_DEVIATIONS = 3.0  # likewise
MAX_FILLED_FRACTION = 0.05  # of the object: more missing pixels than this and a map is refused


@dataclass(frozen=True)
class Prepared:
    """A map ready for networks, (C, H, W) in [0, 1], computed as its rows are asked for."""

    shape: tuple[int, int, int]
    rows: Callable[[int, int], Planes]
    filled_fraction: float  # of the object's pixels


def prepare_depth(
    depth: MapRows, mask: Mask, pixels_per_mm: float, max_filled_fraction: float = MAX_FILLED_FRACTION
) -> Prepared:
    """High-pass the relief, so that engraved lines are dark on an even ground.

    Depth minus its Gaussian blur (sigma 1 mm), centred, divided by its standard deviation, clipped at three of them
    and mapped to [0, 1]. Blur and statistics are computed on the object only, so neither the table below it nor the
    object's edge has an effect. Pixels without a value and pixels off the object become 0.5.

    Parameters
    ----------
    depth : one plane, any unit; not finite where nothing was measured
    mask : (H, W) bool, True on the object
    pixels_per_mm : resolution of the map
    max_filled_fraction : of the object, how much may be missing

    Raises
    ------
    MapError
        If too much of the object has no value, or all of it has the same.
    """
    statistics = MapStatistics(depth, mask, HIGHPASS_MM * pixels_per_mm)
    fraction = statistics.missing_fraction(max_filled_fraction)

    def relief(top: int, bottom: int) -> tuple[Planes, Mask]:
        values = depth.rows(top, bottom)
        known = mask[top:bottom] & np.isfinite(values).all(axis=0)
        values = np.where(known, values - statistics.local_mean(top, bottom), np.float32(0))
        return values, known

    mean, deviation = _moments(relief(top, bottom) for top, bottom in strips(depth.shape[1]))
    if statistics.constant or not deviation > 0:  # rounding in the blur can leave a flat object some deviation
        raise MapError("the depth is constant on the object, so it shows no line; export it again")

    def rows(top: int, bottom: int) -> Planes:
        values, known = relief(top, bottom)
        values -= np.float32(mean)
        values *= np.float32(0.5 / (CLIP_DEVIATIONS * deviation))
        values[:, ~known] = 0
        values += np.float32(0.5)
        return np.clip(values, 0, 1, out=values)

    return Prepared(depth.shape, rows, fraction)


def prepare_published_depth(depth: MapRows, pixels_per_mm: float) -> Prepared:
    """Prepare depth as the code of "Drawing the Line" does, for networks that were trained so.

    As ``prepare_depth``, but blur and statistics are of the whole image, the clipped values' own range becomes [0, 1],
    and a millimetre has a 25th of the dots per inch.

    Raises
    ------
    MapError
        If nothing has a value, or all has the same.
    """
    _, height, width = depth.shape
    prepared = prepare_depth(depth, np.ones((height, width), bool), pixels_per_mm * 25.4 / 25, max_filled_fraction=1.0)
    ranges = [(part.min(), part.max()) for part in (prepared.rows(top, bottom) for top, bottom in strips(height))]
    low, high = min(low for low, _ in ranges), max(high for _, high in ranges)

    def rows(top: int, bottom: int) -> Planes:
        return (prepared.rows(top, bottom) - low) / (high - low)

    return Prepared(prepared.shape, rows, prepared.filled_fraction)


def prepare_normals(normals: MapRows, mask: Mask, pixels_per_mm: float) -> Prepared:
    """Scale normals to unit length and map their components to [0, 1]; off the object they face the camera.

    Parameters
    ----------
    normals : three planes, signed: x along columns, y along rows, z to the camera; none is turned away from it
    mask, pixels_per_mm : as for ``prepare_depth``

    Raises
    ------
    MapError
        If too much of the object has no value.
    """
    fill, fraction = _filled(normals, mask, pixels_per_mm)
    camera = np.array([0, 0, 1], np.float32)

    def rows(top: int, bottom: int) -> Planes:
        values = fill(top, bottom)
        np.maximum(values[2], 0, out=values[2])
        values[:, ~mask[top:bottom]] = camera[:, None]
        length = np.sqrt(np.einsum("chw,chw->hw", values, values))
        values[2][length == 0] = 1  # no direction at all: as if level
        values /= np.where(length == 0, np.float32(1), length)
        values += 1
        values /= 2
        return values

    return Prepared(normals.shape, rows, fraction)


def prepare_albedo(albedo: MapRows, mask: Mask, pixels_per_mm: float) -> Prepared:
    """Scale albedo so that its mean on the object is a half; clipped to [0, 1], 0.5 off the object.

    Raises
    ------
    MapError
        If too much of the object has no value, or none is above zero.
    """
    fill, fraction = _filled(albedo, mask, pixels_per_mm)
    mean, _ = _moments((fill(top, bottom), mask[top:bottom]) for top, bottom in strips(albedo.shape[1]))
    if not mean > 0:
        raise MapError("the albedo is nowhere above zero on the object")

    def rows(top: int, bottom: int) -> Planes:
        values = fill(top, bottom) * np.float32(0.5 / mean)
        values[:, ~mask[top:bottom]] = 0.5
        return np.clip(values, 0, 1, out=values)

    return Prepared(albedo.shape, rows, fraction)


def halve(values: Planes) -> Planes:
    """Average 2 x 2 pixels of (..., H, W); of an odd size the last row or column stands twice."""
    height, width = values.shape[-2:]
    if height % 2 or width % 2:
        values = np.pad(values, [(0, 0)] * (values.ndim - 2) + [(0, height % 2), (0, width % 2)], mode="edge")
    total = values[..., ::2, ::2] + values[..., 1::2, ::2] + values[..., ::2, 1::2] + values[..., 1::2, 1::2]
    return np.asarray(total / 4, np.float32)


def halve_mask(mask: Mask) -> Mask:
    """Halve a mask (H, W): a pixel is set where at least half of its four are; odd sizes as in ``halve``."""
    height, width = mask.shape
    counts = mask.view(np.uint8)
    if height % 2 or width % 2:
        counts = np.pad(counts, [(0, height % 2), (0, width % 2)], mode="edge")
    total = counts[::2, ::2] + counts[1::2, ::2] + counts[::2, 1::2] + counts[1::2, 1::2]
    return np.asarray(total >= 2)


def _filled(values: MapRows, mask: Mask, pixels_per_mm: float) -> tuple[Callable[[int, int], Planes], float]:
    """Return a reader of rows whose gaps are filled by the object's mean around them, and the fraction of gaps."""
    statistics = MapStatistics(values, mask, HIGHPASS_MM * pixels_per_mm)
    fraction = statistics.missing_fraction(MAX_FILLED_FRACTION)

    def rows(top: int, bottom: int) -> Planes:
        part = values.rows(top, bottom)
        missing = ~np.isfinite(part).all(axis=0)
        if missing.any():
            part = np.where(missing, statistics.local_mean(top, bottom), part)
        return part

    return rows, fraction


def _moments(parts: Iterator[tuple[Planes, Mask]]) -> tuple[float, float]:
    """Return mean and deviation over the pixels that are set, of strips (1, h, W) with their masks."""
    count, total, squares = 0, 0.0, 0.0
    for values, chosen in parts:
        picked = values[0][chosen].astype(np.float64)
        count, total, squares = count + picked.size, total + picked.sum(), squares + np.dot(picked, picked)
    mean = total / count
    return mean, sqrt(max(squares / count - mean**2, 0.0))
