"""Maps of a mirror: ``(H, W)`` float32 at scan pixels; the noise, means and thresholds that they are made with."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Map = NDArray[np.float32]
Mask = NDArray[np.bool_]

PIXELS_PER_MM = 40.0  # of the real scans ("Drawing the Line", ICDAR 2024)
ROWS_AT_ONCE = 256  # of a map that is worked on in strips: a whole one holds a quarter of a gigabyte at full size


def grain(height: int, width: int, sigma_px: float, rng: Generator) -> Map:
    """Gaussian noise ``(height, width)`` smooth over ``sigma_px``, mean 0, deviation near 1.

    It is made on a grid of about half of sigma and enlarged, so that coarse noise costs next to nothing.
    """
    step = max(sigma_px / 2.0, 1.0)
    small = (int(np.ceil(height / step)) + 2, int(np.ceil(width / step)) + 2)
    sigma = sigma_px / step
    noise: Map = np.asarray(cv2.GaussianBlur(rng.standard_normal(small, dtype=np.float32), (0, 0), sigma), np.float32)
    noise *= 2.0 * float(np.sqrt(np.pi)) * sigma  # a blur leaves 1 / (2 sqrt(pi) sigma) of white noise's deviation
    if step == 1.0:
        return noise[:height, :width]
    return np.asarray(cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC), dtype=np.float32)


def coarse_mean(field: Map, sigma_px: float, step: int = 4) -> Map:
    """A map's mean around each pixel, weighted by a Gaussian; computed on means of ``step`` x ``step`` pixels."""
    height, width = field.shape
    small = cv2.resize(field, (-(-width // step), -(-height // step)), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), sigma_px / step)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def above_quantile(field: Map, mask: Mask, quantile: float, reach: float) -> Map:
    """Where a field exceeds its quantile over the mask: from 0 there to 1 at ``reach`` above; changes it in place."""
    every = max(int(min(mask.shape) / 256), 1)  # a quantile needs no more points than that
    sample = field[::every, ::every][mask[::every, ::every]]
    field -= np.float32(np.quantile(sample, quantile)) if quantile < 1.0 else np.inf
    field *= np.float32(1.0 / reach)
    return np.clip(field, 0.0, 1.0, out=field)
