"""Images and masks resampled to any scale, some rows at a time: each pixel centre stays exactly where it was.

A pixel i at ``scale`` lies at (i + 0.5) / scale - 0.5 in the original, see ``data.regions.to_scan``. Smaller images
hold the mean of the area that a pixel covers; larger ones are interpolated. Both are separable, so they are two
products with sparse matrices. (Resizing functions fit the last pixel to the image's edge, and with it every other.)
"""

from __future__ import annotations

from math import ceil
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from data.preparing.streaming_statistics import MapRows, Mask, Planes
from data.regions import Shape, shape_of

Interpolation = Literal["cubic", "linear"]

_ROUNDING = 1e-6  # of a pixel: no pixel more for it
_KEYS = -0.5  # R. Keys, "Cubic convolution interpolation for digital image processing", IEEE TASSP 29(6), 1981


def length_at(length: int, scale: float) -> int:
    """Return how many pixels at ``scale`` cover so many of an image; the last may be covered in part."""
    return max(1, ceil(length * scale - _ROUNDING))


def shape_at(shape: Shape, scale: float) -> Shape:
    """Return rows and columns at ``scale``."""
    return length_at(shape[0], scale), length_at(shape[1], scale)


class Resampling:
    """The way from images of one shape to those at a scale.

    Parameters
    ----------
    shape : rows and columns of the images
    scale : pixels of the result a pixel, above 0; smaller images are means of areas
    interpolation : of larger images
    target : rows and columns of the results; by default as many as cover an image
    """

    def __init__(
        self, shape: Shape, scale: float, interpolation: Interpolation = "cubic", target: Shape | None = None
    ) -> None:
        self.target = target or shape_at(shape, scale)
        self._down, self._across = (
            _weights(length, size, scale, interpolation) for length, size in zip(shape, self.target, strict=True)
        )

    def needed(self, top: int, bottom: int) -> tuple[int, int]:
        """Return the first row, and the row after the last, of which rows ``top`` to ``bottom`` of a result depend."""
        columns = self._down[top:bottom].indices
        return int(columns.min()), int(columns.max()) + 1

    def rows(self, values: Planes, top: int, bottom: int) -> Planes:
        """Return rows of the result, (C, h, w), from the rows that ``needed`` says, (C, rows, columns)."""
        first, last = self.needed(top, bottom)
        down = self._down[top:bottom, first:last]
        return np.stack([_product(self._across, _product(down, plane).T).T for plane in values])

    def strip(self, values: MapRows, top: int, bottom: int) -> Planes:
        """Return rows of the result of a map in [0, 1]; what interpolation overshoots is clipped."""
        part = self.rows(values.rows(*self.needed(top, bottom)), top, bottom)
        return np.clip(part, 0, 1, out=part)


def resampled_mask(mask: Mask, scale: float) -> Mask:
    """Return a mask (H, W) at a scale: a pixel is set where at least half of it is."""
    resampling = Resampling(shape_of(mask), scale, "linear")
    return resampled_mask_rows(resampling, mask, 0, resampling.target[0])


def resampled_mask_rows(resampling: Resampling, mask: Mask, top: int, bottom: int) -> Mask:
    """Return rows of a mask (H, W) resampled; a pixel is set where at least half of it is."""
    first, last = resampling.needed(top, bottom)
    share = resampling.rows(mask[None, first:last].astype(np.float32), top, bottom)[0]
    return np.asarray(share >= 0.5 - 1e-4)


def _product(weights: Any, plane: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(weights @ np.ascontiguousarray(plane), np.float32)


def _weights(length: int, size: int, scale: float, interpolation: Interpolation) -> Any:
    """Return the weights of ``length`` pixels in each of ``size`` pixels at a scale, (size, length), sparse."""
    if scale < 1:
        return _areas(length, size, scale)
    at = (np.arange(size) + 0.5) / scale - 0.5
    first = np.floor(at).astype(np.int64)
    reach = (0, 1) if interpolation == "linear" else (-1, 0, 1, 2)
    columns = np.stack([first + step for step in reach], axis=1)
    distance = np.abs(at[:, None] - columns)
    values = np.maximum(1 - distance, 0) if interpolation == "linear" else _cubic(distance)
    return _matrix(values, np.clip(columns, 0, length - 1), length)


def _areas(length: int, size: int, scale: float) -> Any:
    edges = np.arange(size + 1) / scale
    reach = np.arange(ceil(1 / scale) + 1)
    columns = np.floor(edges[:-1]).astype(np.int64)[:, None] + reach
    covered = np.minimum(columns + 1, edges[1:, None]) - np.maximum(columns, edges[:-1, None])
    values = np.where(columns < length, np.maximum(covered, 0), 0)
    columns = np.clip(columns, 0, length - 1)
    beyond = values.sum(axis=1) <= 0  # a pixel wholly outside holds the last one
    values[beyond, 0] = 1
    return _matrix(values / values.sum(axis=1, keepdims=True), columns, length)


def _cubic(distance: NDArray[np.float64]) -> NDArray[np.float64]:
    near = (_KEYS + 2) * distance**3 - (_KEYS + 3) * distance**2 + 1
    far = _KEYS * (distance**3 - 5 * distance**2 + 8 * distance - 4)
    return np.where(distance <= 1, near, np.where(distance < 2, far, 0))


def _matrix(values: NDArray[np.float64], columns: NDArray[np.int64], length: int) -> Any:
    from scipy.sparse import csr_matrix  # which takes a while to import, and most sets don't need it

    rows = np.repeat(np.arange(len(values)), values.shape[1])
    matrix = csr_matrix((values.astype(np.float32).ravel(), (rows, columns.ravel())), shape=(len(values), length))
    matrix.eliminate_zeros()
    return matrix
