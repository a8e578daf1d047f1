"""From raw maps to what networks see: high-passed depth in [0, 1], albedo and normals likewise.

Maps are read and computed some rows at a time, so a scan of any size needs little memory beyond its own. Arrays only;
files are the business of ``data.scans`` and ``data.writing``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import ceil, sqrt
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

HIGHPASS_MM = 1.0  # sigma of the blur that is taken off the depth ("Drawing the Line", ICDAR 2024)
CLIP_DEVIATIONS = 3.0  # likewise
MAX_FILLED_SHARE = 0.05  # of the object: more missing pixels than this and a map is refused
STRIP_ROWS = 256  # computed at once; even, so that every strip but the last can be halved
BLOCKS_A_SIGMA = 10  # the blur is computed on the means of square blocks, that many to its sigma
MIN_BLUR_WEIGHT = 1e-3  # a blurred mask below this says nothing of the object

Mask = NDArray[np.bool_]
Planes = NDArray[np.float32]


class MapError(ValueError):
    """A map whose values cannot be used; says what was found, the caller adds where."""


class MapRows(Protocol):
    """A map that is read some rows at a time."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """Planes, rows and columns."""

    def rows(self, top: int, bottom: int) -> Planes:
        """Return the rows from ``top`` to before ``bottom``, (C, h, W) float32."""


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
    survey = _Survey(depth, mask, HIGHPASS_MM * pixels_per_mm)
    share = survey.missing_share(max_filled_share)

    def relief(top: int, bottom: int) -> tuple[Planes, Mask]:
        values = depth.rows(top, bottom)
        known = mask[top:bottom] & np.isfinite(values).all(axis=0)
        values = np.where(known, values - survey.local_mean(top, bottom), np.float32(0))
        return values, known

    mean, deviation = _moments(relief(top, bottom) for top, bottom in strips(depth.shape[1]))
    if survey.constant or not deviation > 0:  # rounding in the blur can leave a flat object some deviation
        raise MapError("the depth is constant on the object, so there is no line to see")

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


def strips(height: int, rows: int = STRIP_ROWS) -> Iterator[tuple[int, int]]:
    """Yield top and bottom of strips of ``rows`` rows that cover a map; the last is smaller if need be."""
    return ((top, min(top + rows, height)) for top in range(0, height, rows))


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
    survey = _Survey(values, mask, HIGHPASS_MM * pixels_per_mm)
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


class _Survey:
    """What one walk through a map tells of it: what is missing, and its mean around each pixel of the object.

    The mean is weighted by a Gaussian. It is that of square blocks, blurred and interpolated, with the variances of
    block and interpolation taken off the Gaussian's. Blocks of a tenth of sigma put the high-passed relief off by
    0.1 % of its deviation (root mean square, measured).
    """

    def __init__(self, values: MapRows, mask: Mask, sigma_px: float) -> None:
        planes, height, width = values.shape
        self._block = block = max(1, round(sigma_px / BLOCKS_A_SIGMA))
        self._width = width
        self._origin: NDArray[Any] = np.zeros((planes, 1, 1), np.float32)  # values relative to it keep their last bits
        self._known = self._object = 0
        total, low, high = np.zeros(planes), np.full(planes, np.inf), np.full(planes, -np.inf)
        grid = (ceil(height / block), ceil(width / block))
        sums, weights = np.zeros((planes, *grid), np.float32), np.zeros(grid, np.float32)
        for top, bottom in strips(height, block * ceil(STRIP_ROWS / block)):
            part, inside = values.rows(top, bottom), mask[top:bottom]
            known = inside & np.isfinite(part).all(axis=0)
            self._object += int(np.count_nonzero(inside))
            if not known.any():
                continue
            if not self._known:
                self._origin = part[:, known][:, :1, None]
            self._known += int(np.count_nonzero(known))
            part = np.where(known, part - self._origin, np.float32(0))
            total += part.sum(axis=(1, 2), dtype=np.float64)
            low, high = np.minimum(low, part.min((1, 2))), np.maximum(high, part.max((1, 2)))
            at = slice(top // block, ceil(bottom / block))
            weights[at] = _block_means(known.astype(np.float32), block)
            for plane, own in zip(sums, part, strict=True):
                plane[at] = _block_means(own, block)
        self.constant = bool((low == high).all())
        self._mean = (total / max(self._known, 1)).astype(np.float32)[:, None, None]
        self._around = self._blurred(sums - self._mean * weights, weights, sigma_px)

    def missing_share(self, allowed: float) -> float:
        """Return which share of the object has no value; raise MapError above what is allowed, or without object."""
        if not self._object:
            raise MapError("the mask holds no object")
        share = (self._object - self._known) / self._object
        if share > allowed or not self._known:
            raise MapError(f"{share:.0%} of the object has no value; up to {allowed:.0%} can be filled")
        return share

    def local_mean(self, top: int, bottom: int) -> Planes:
        """Return the object's mean around each pixel of some rows, (C, h, W); far from the object, its mean."""
        block = self._block
        first, last = max(top // block - 1, 0), ceil(bottom / block) + 1  # one more, to interpolate with
        offset = top - first * block
        fine = []
        for plane in self._around[:, first:last]:
            large = plane
            if block > 1:
                size = (plane.shape[1] * block, plane.shape[0] * block)
                large = np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR))
            fine.append(large[offset : offset + bottom - top, : self._width])
        return np.stack(fine) + (self._origin + self._mean)

    def _blurred(self, sums: Planes, weights: Planes, sigma_px: float) -> Planes:
        spread = (self._block**2 - 1) / 4  # (b^2 - 1) / 12 of a block's mean, twice that of linear interpolation
        sigma = sqrt(sigma_px**2 - spread) / self._block

        def blur(plane: Planes) -> Planes:
            return np.asarray(cv2.GaussianBlur(plane, (0, 0), sigma, borderType=cv2.BORDER_CONSTANT), np.float32)

        weight = np.maximum(blur(weights), MIN_BLUR_WEIGHT)
        return np.stack([blur(plane) / weight for plane in sums])


def _block_means(plane: Planes, block: int) -> Planes:
    """Average blocks of (H, W); beyond the map counts as zero."""
    height, width = plane.shape
    if block == 1:
        return plane
    beyond = (-height % block, -width % block)
    even = np.pad(plane, [(0, beyond[0]), (0, beyond[1])]) if any(beyond) else plane
    size = (even.shape[1] // block, even.shape[0] // block)
    return np.asarray(cv2.resize(even, size, interpolation=cv2.INTER_AREA), np.float32)
