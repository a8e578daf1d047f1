"""From raw maps to what networks see: high-passed depth in [0, 1], albedo and normals likewise.

Maps are read and computed some rows at a time, so a scan of any size needs little memory beyond its own. Arrays only;
files are the business of ``data.io.tiffs`` and ``data.preparing.writing``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import sqrt

import numpy as np

from data.preparing.streaming_statistics import MapError, MapRows, MapSurvey, Mask, Planes, strips

HIGHPASS_MM = 1.0  # sigma of the blur that is taken off the depth ("Drawing the Line", ICDAR 2024)
CLIP_DEVIATIONS = 3.0  # likewise
MAX_FILLED_SHARE = 0.05  # of the object: more missing pixels than this and a map is refused


@dataclass(frozen=True)
class Prepared:
    """A map ready for networks, (C, H, W) in [0, 1], computed as its rows are asked for."""

    shape: tuple[int, int, int]
    rows: Callable[[int, int], Planes]
    filled_share: float  # of the object's pixels


def prepare_depth(
    depth: MapRows, mask: Mask, pixels_per_mm: float, max_filled_share: float = MAX_FILLED_SHARE
) -> Prepared:
    """Take the relief's slow part off, so that engraved lines read dark on an even ground.

    Depth minus its Gaussian blur (sigma 1 mm), centred and scaled by its deviation, clipped at three of them and
    mapped to [0, 1]. Blur and statistics see the object only, so neither the table nor its edge leaks in. What is
    missing is the ground's level, as is what lies off the object.

    Parameters
    ----------
    depth : one plane, any unit; not finite where nothing was measured
    mask : (H, W) bool, True on the object
    pixels_per_mm : resolution of the map
    max_filled_share : of the object, how much may be missing

    Raises
    ------
    MapError
        If too much of the object has no value, or all of it has the same.
    """
    survey = MapSurvey(depth, mask, HIGHPASS_MM * pixels_per_mm)
    share = survey.missing_share(max_filled_share)

    def relief(top: int, bottom: int) -> tuple[Planes, Mask]:
        values = depth.rows(top, bottom)
        known = mask[top:bottom] & np.isfinite(values).all(axis=0)
        values = np.where(known, values - survey.local_mean(top, bottom), np.float32(0))
        return values, known

    mean, deviation = _moments(relief(top, bottom) for top, bottom in strips(depth.shape[1]))
    if survey.constant or not deviation > 0:  # rounding in the blur can leave a flat object some deviation
        raise MapError("the depth is constant on the object, so it shows no line; export it again")

    def rows(top: int, bottom: int) -> Planes:
        values, known = relief(top, bottom)
        values -= np.float32(mean)
        values *= np.float32(0.5 / (CLIP_DEVIATIONS * deviation))
        values[:, ~known] = 0
        values += np.float32(0.5)
        return np.clip(values, 0, 1, out=values)

    return Prepared(depth.shape, rows, share)


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
    prepared = prepare_depth(depth, np.ones((height, width), bool), pixels_per_mm * 25.4 / 25, max_filled_share=1.0)
    ranges = [(part.min(), part.max()) for part in (prepared.rows(top, bottom) for top, bottom in strips(height))]
    low, high = min(low for low, _ in ranges), max(high for _, high in ranges)

    def rows(top: int, bottom: int) -> Planes:
        return (prepared.rows(top, bottom) - low) / (high - low)

    return Prepared(prepared.shape, rows, prepared.filled_share)


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
    fill, share = _filled(normals, mask, pixels_per_mm)
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

    return Prepared(normals.shape, rows, share)


def prepare_albedo(albedo: MapRows, mask: Mask, pixels_per_mm: float) -> Prepared:
    """Scale albedo so that its mean on the object is a half; clipped to [0, 1], 0.5 off the object.

    Raises
    ------
    MapError
        If too much of the object has no value, or none is above zero.
    """
    fill, share = _filled(albedo, mask, pixels_per_mm)
    mean, _ = _moments((fill(top, bottom), mask[top:bottom]) for top, bottom in strips(albedo.shape[1]))
    if not mean > 0:
        raise MapError("the albedo is nowhere above zero on the object")

    def rows(top: int, bottom: int) -> Planes:
        values = fill(top, bottom) * np.float32(0.5 / mean)
        values[:, ~mask[top:bottom]] = 0.5
        return np.clip(values, 0, 1, out=values)

    return Prepared(albedo.shape, rows, share)


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
    """Return how to read a map with its gaps filled by the object's mean around them, and which share was missing."""
    survey = MapSurvey(values, mask, HIGHPASS_MM * pixels_per_mm)
    share = survey.missing_share(MAX_FILLED_SHARE)

    def rows(top: int, bottom: int) -> Planes:
        part = values.rows(top, bottom)
        missing = ~np.isfinite(part).all(axis=0)
        if missing.any():
            part = np.where(missing, survey.local_mean(top, bottom), part)
        return part

    return rows, share


def _moments(parts: Iterator[tuple[Planes, Mask]]) -> tuple[float, float]:
    """Return mean and deviation over the pixels that are set, of strips (1, h, W) with their masks."""
    count, total, squares = 0, 0.0, 0.0
    for values, chosen in parts:
        picked = values[0][chosen].astype(np.float64)
        count, total, squares = count + picked.size, total + picked.sum(), squares + np.dot(picked, picked)
    mean = total / count
    return mean, sqrt(max(squares / count - mean**2, 0.0))
