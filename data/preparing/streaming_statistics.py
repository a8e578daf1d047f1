"""Maps that are read some rows at a time, and statistics of a map from one pass over its rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

STRIP_ROWS = 256  # computed at once; even, so that every strip but the last can be halved
BLOCKS_A_SIGMA = 10  # the blur is computed on the means of square blocks, that many to its sigma
MIN_BLUR_WEIGHT = 1e-3  # a blurred mask below this says nothing of the object

Mask = NDArray[np.bool_]
Planes = NDArray[np.float32]


class MapError(ValueError):
    """A map whose values cannot be used. The message states the fault; the caller adds the file."""


@dataclass(frozen=True)
class Missing:
    """Pixels of the object that count as missing for one reason."""

    pixels: int
    why: str  # as in "of the value -9999"


def described(missing: Sequence[Missing]) -> str:
    """Say how much is missing, and why: ``12 pixels of the value -9999``."""
    return ", ".join(f"{one.pixels} pixel{'s' * (one.pixels > 1)} {one.why}" for one in missing)


class MapRows(Protocol):
    """A map that is read some rows at a time."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """Planes, rows and columns."""

    def rows(self, top: int, bottom: int) -> Planes:
        """Return the rows from ``top`` to before ``bottom``, (C, h, W) float32."""


def strips(height: int, rows: int = STRIP_ROWS) -> Iterator[tuple[int, int]]:
    """Yield top and bottom of strips of ``rows`` rows that cover a map; the last is smaller if need be."""
    return ((top, min(top + rows, height)) for top in range(0, height, rows))


class MapStatistics:
    """Statistics of a map from one pass over its rows: which part has no value, and the mean around each pixel.

    Only pixels on the object count. The mean is weighted by a Gaussian; it is computed on the means of square blocks,
    which are blurred and interpolated, and the Gaussian's variance is reduced by those of block and interpolation.
    With blocks of a tenth of sigma the high-passed relief differs from the exact one by 0.1 % of its standard
    deviation (root mean square, measured).
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
            part, on_object = values.rows(top, bottom), mask[top:bottom]
            known = on_object & np.isfinite(part).all(axis=0)
            self._object += int(np.count_nonzero(on_object))
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

    @property
    def incomplete(self) -> bool:
        """Whether some of the object has no value."""
        return self._known < self._object

    def missing_fraction(self, allowed: float, missing: Sequence[Missing] = ()) -> float:
        """Return the fraction of the object without a value; raise MapError above ``allowed``, or without object.

        ``missing`` says why, for the message.
        """
        if not self._object:
            raise MapError("the mask holds no object")
        fraction = (self._object - self._known) / self._object
        if fraction > allowed or not self._known:
            why = f" ({described(missing)})" if missing else ""
            raise MapError(
                f"{100 * fraction:.3g}% of the object has no value{why}; up to {allowed:.0%} can be filled; "
                "fill more of it, or leave it out of the mask"
            )
        return fraction

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
