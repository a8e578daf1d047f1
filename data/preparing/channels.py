"""From raw maps to what networks see: high-passed depth in [0, 1], albedo and normals likewise.

Maps are read and computed some rows at a time, so a scan of any size needs little memory beyond its own. Arrays only;
files are the business of ``data.io.tiffs`` and ``data.preparing.writing``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from data.preparing.missing import (
    SPIKE_FOOT_SPREADS,
    Measured,
    MeasuredDirections,
    Stored,
    measured,
    measured_directions,
    spike_limits,
    spikes_among,
)
from data.preparing.streaming_statistics import MapError, MapRows, MapStatistics, Mask, Missing, Planes, strips

HIGHPASS_MM = 1.0  # sigma of the blur that is taken off the depth ("Drawing the Line", ICDAR 2024)
CLIP_DEVIATIONS = 3.0  # likewise
SMALLEST_SPIKE_PX = 4.0  # a spike may be so large at whichever resolution
SAMPLED_EVERY = 31  # one pixel of so many stands for the others; a prime, so that no pattern of the map hides
MAX_FILLED_FRACTION = 0.05  # of the object: more missing pixels than this and a map is refused


PLAIN = Stored()  # a map whose values are those of its file


@dataclass(frozen=True)
class Prepared:
    """A map ready for networks, (C, H, W) in [0, 1], computed as its rows are asked for."""

    shape: tuple[int, int, int]
    rows: Callable[[int, int], Planes]
    filled_fraction: float  # of the object's pixels
    missing: tuple[Missing, ...] = ()  # why they are filled


def prepare_depth(
    depth: MapRows,
    mask: Mask,
    pixels_per_mm: float,
    max_filled_fraction: float = MAX_FILLED_FRACTION,
    *,
    stored: Stored = PLAIN,
    sign: int = 1,
) -> Prepared:
    """High-pass the relief, so that engraved lines are dark on an even ground.

    Depth minus its Gaussian blur (sigma 1 mm), centred, divided by its standard deviation, clipped at three of them
    and mapped to [0, 1]. Blur and statistics are computed on the object only, so neither the table below it nor the
    object's edge has an effect. Pixels without a value and pixels off the object become 0.5; see
    ``data.preparing.missing`` for what counts as no value. After the high-pass, small patches far out of the relief are
    spikes and count as missing, too.

    Parameters
    ----------
    depth : one plane, any unit; not finite where nothing was measured
    mask : (H, W) bool, True on the object
    pixels_per_mm : resolution of the map
    max_filled_fraction : of the object, how much may be missing
    stored : how the file holds the values
    sign : 1 where larger is higher, so that engraved lines are low; -1 where larger is deeper

    Raises
    ------
    MapError
        If too much of the object has no value, or all of it has the same.
    """
    sigma_px = HIGHPASS_MM * pixels_per_mm
    relief = _Relief(measured(depth, mask, stored), mask, sigma_px)
    moments = relief.moments()
    low, high = spike_limits(moments.sample)
    if moments.low < low or moments.high > high:
        foot = relief.beyond(*spike_limits(moments.sample, SPIKE_FOOT_SPREADS))
        spikes = spikes_among(foot, relief.beyond(low, high), max(sigma_px, SMALLEST_SPIKE_PX))
        if spikes.any():
            relief = _Relief(replace(relief.depth, spikes=spikes), mask, sigma_px)
            moments = relief.moments()
    fraction, missing = _missing(relief.depth, relief.statistics, mask, max_filled_fraction)
    if relief.statistics.constant or not moments.deviation > 0:  # rounding can leave a flat object some deviation
        raise MapError("the depth is constant on the object, so it shows no line; export it again")
    return Prepared(depth.shape, _clipped(relief, moments, sign), fraction, missing)


def prepare_relief(grey: MapRows, mask: Mask, sigma_px: float, sign: int = 1) -> Prepared:
    """Prepare one plane of a photograph as ``prepare_depth`` prepares depth, so that dark lines look engraved.

    Nothing of a photograph is missing, and what stands out of it may be a line: nothing is filled, and nothing is a
    spike. Where all is of one brightness, all becomes 0.5.

    Parameters
    ----------
    grey : one plane, any unit
    mask : (H, W) bool, True on the object
    sigma_px : of the blur that is taken off
    sign : 1 where lines are darker than their ground, -1 where they are brighter
    """
    relief = _Relief(Measured(grey), mask, sigma_px)
    moments = relief.moments()
    if relief.statistics.constant or not moments.deviation > 0:
        return Prepared(grey.shape, lambda top, bottom: np.full((1, bottom - top, grey.shape[2]), 0.5, np.float32), 0.0)
    return Prepared(grey.shape, _clipped(relief, moments, sign), 0.0)


def _clipped(relief: _Relief, moments: _Moments, sign: int) -> Callable[[int, int], Planes]:
    """Return a reader of rows of a relief, centred, divided by its deviation, clipped and mapped to [0, 1]."""

    def rows(top: int, bottom: int) -> Planes:
        values, known = relief.rows(top, bottom)
        values -= np.float32(moments.mean)
        values *= np.float32(sign * 0.5 / (CLIP_DEVIATIONS * moments.deviation))
        values[:, ~known] = 0
        values += np.float32(0.5)
        return np.clip(values, 0, 1, out=values)

    return rows


def prepare_published_depth(depth: MapRows, pixels_per_mm: float, *, stored: Stored = PLAIN, sign: int = 1) -> Prepared:
    """Prepare depth as the code of "Drawing the Line" does, for networks that were trained so.

    As ``prepare_depth``, but blur and statistics are of the whole image, the clipped values' own range becomes [0, 1],
    and a millimetre has a 25th of the dots per inch.

    Raises
    ------
    MapError
        If nothing has a value, or all has the same.
    """
    _, height, width = depth.shape
    everywhere = np.ones((height, width), bool)
    prepared = prepare_depth(depth, everywhere, pixels_per_mm * 25.4 / 25, 1.0, stored=stored, sign=sign)
    ranges = [(part.min(), part.max()) for part in (prepared.rows(top, bottom) for top, bottom in strips(height))]
    low, high = min(low for low, _ in ranges), max(high for _, high in ranges)

    def rows(top: int, bottom: int) -> Planes:
        return (prepared.rows(top, bottom) - low) / (high - low)

    return replace(prepared, rows=rows)


def prepare_normals(normals: MapRows, mask: Mask, pixels_per_mm: float, *, stored: Stored = PLAIN) -> Prepared:
    """Scale normals to unit length and map their components to [0, 1]; off the object they face the camera.

    Parameters
    ----------
    normals : three planes, signed: x along columns, y along rows, z to the camera; none is turned away from it
    mask, pixels_per_mm, stored : as for ``prepare_depth``

    Raises
    ------
    MapError
        If too much of the object has no value.
    """
    fill, fraction, missing = _filled(measured_directions(normals, mask, stored), mask, pixels_per_mm)
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

    return Prepared(normals.shape, rows, fraction, missing)


def prepare_albedo(albedo: MapRows, mask: Mask, pixels_per_mm: float, *, stored: Stored = PLAIN) -> Prepared:
    """Scale albedo so that its mean on the object is a half; clipped to [0, 1], 0.5 off the object.

    Raises
    ------
    MapError
        If too much of the object has no value, or none is above zero.
    """
    fill, fraction, missing = _filled(measured(albedo, mask, stored), mask, pixels_per_mm)
    mean = _moments((fill(top, bottom), mask[top:bottom]) for top, bottom in strips(albedo.shape[1])).mean
    if not mean > 0:
        raise MapError("the albedo is nowhere above zero on the object")

    def rows(top: int, bottom: int) -> Planes:
        values = fill(top, bottom) * np.float32(0.5 / mean)
        values[:, ~mask[top:bottom]] = 0.5
        return np.clip(values, 0, 1, out=values)

    return Prepared(albedo.shape, rows, fraction, missing)


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


@dataclass(frozen=True)
class _Moments:
    """Mean, deviation and extremes over the pixels of an object, and a sample of them."""

    mean: float
    deviation: float
    low: float
    high: float
    sample: NDArray[np.float32]


class _Relief:
    """Depth less its mean around each pixel."""

    def __init__(self, depth: Measured, mask: Mask, sigma_px: float) -> None:
        self.depth, self.mask = depth, mask
        self.statistics = MapStatistics(depth, mask, sigma_px)

    def rows(self, top: int, bottom: int) -> tuple[Planes, Mask]:
        """Return the relief of some rows, (1, h, W), and which of it was measured."""
        values = self.depth.rows(top, bottom)
        known = self.mask[top:bottom] & np.isfinite(values).all(axis=0)
        return np.where(known, values - self.statistics.local_mean(top, bottom), np.float32(0)), known

    def moments(self) -> _Moments:
        """Return mean, deviation and extremes of what was measured."""
        return _moments(self.rows(top, bottom) for top, bottom in strips(self.depth.shape[1]))

    def beyond(self, low: float, high: float) -> Mask:
        """Return where the relief lies beyond some limits, (H, W) bool."""
        parts = (self.rows(top, bottom)[0][0] for top, bottom in strips(self.depth.shape[1]))
        return np.concatenate([(part < low) | (part > high) for part in parts])


def _filled(
    values: Measured | MeasuredDirections, mask: Mask, pixels_per_mm: float
) -> tuple[Callable[[int, int], Planes], float, tuple[Missing, ...]]:
    """Return a reader of rows whose gaps are filled by the object's mean around them, the fraction of gaps, and why."""
    statistics = MapStatistics(values, mask, HIGHPASS_MM * pixels_per_mm)

    def rows(top: int, bottom: int) -> Planes:
        part = values.rows(top, bottom)
        missing = ~np.isfinite(part).all(axis=0)
        if missing.any():
            part = np.where(missing, statistics.local_mean(top, bottom), part)
        return part

    return rows, *_missing(values, statistics, mask, MAX_FILLED_FRACTION)


def _missing(
    values: Measured | MeasuredDirections, statistics: MapStatistics, mask: Mask, allowed: float
) -> tuple[float, tuple[Missing, ...]]:
    """Return the fraction of the object that is missing, and why; raise MapError above what is allowed."""
    missing = values.missing(mask) if statistics.incomplete else ()
    return statistics.missing_fraction(allowed, missing), missing


def _moments(parts: Iterator[tuple[Planes, Mask]]) -> _Moments:
    """Return what the pixels hold that are set, of strips (1, h, W) with their masks."""
    count, total, squares = 0, 0.0, 0.0
    low, high, samples = np.inf, -np.inf, []
    for values, chosen in parts:
        picked = values[0][chosen].astype(np.float64)
        count, total, squares = count + picked.size, total + picked.sum(), squares + np.dot(picked, picked)
        low, high = min(low, picked.min(initial=np.inf)), max(high, picked.max(initial=-np.inf))
        samples.append(picked[::SAMPLED_EVERY].astype(np.float32))
    mean = total / max(count, 1)
    deviation = sqrt(max(squares / max(count, 1) - mean**2, 0.0))
    return _Moments(mean, deviation, low, high, np.concatenate(samples))
