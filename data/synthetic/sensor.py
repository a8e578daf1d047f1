"""What the scanner makes of a surface: blurred and noisy depth, normals, albedo.

Whole maps are worked on in strips of rows, in place, since each holds a quarter of a gigabyte at full size.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator

from data.synthetic.maps import PIXELS_PER_MM, ROWS_AT_ONCE, Map, grain

OPTICS_PX = 2.0  # deviation of the blur that depth has gone through


def measure_depth(depth_mm: Map, rng: Generator, noise_mm: float, optics_px: float = OPTICS_PX) -> Map:
    """The height map ``(H, W)`` as the scanner sees it: out of focus by ``optics_px``, with noise over a pixel."""
    measured = np.asarray(cv2.GaussianBlur(depth_mm, (0, 0), optics_px), np.float32)
    height, width = depth_mm.shape
    noise = grain(height, width, 1.0, rng)
    noise *= np.float32(noise_mm)
    measured += noise
    return measured


def normals_of(depth_mm: Map, rng: Generator, noise: float = 0.02) -> Map:
    """Unit normals ``(H, W, 3)`` of a height map ``(H, W)`` in millimetres, with noise on each component.

    x points along columns, y along rows (downwards), z to the camera: n is proportional to (-dU/dx, -dU/dy, 1).
    """
    height, width = depth_mm.shape
    normals = np.empty((height, width, 3), np.float32)
    for top in range(0, height, ROWS_AT_ONCE):
        first, last = max(top - 1, 0), min(top + ROWS_AT_ONCE + 1, height)  # a row more on either side, for the slope
        rows = depth_mm[first:last]
        down, right = np.gradient(rows, axis=0), np.gradient(rows, axis=1)
        part = normals[top : top + ROWS_AT_ONCE]
        inner = slice(top - first, top - first + len(part))
        rng.standard_normal(out=part.reshape(-1), dtype=np.float32)
        part *= np.float32(noise)
        part[..., 0] -= right[inner] * np.float32(PIXELS_PER_MM)
        part[..., 1] -= down[inner] * np.float32(PIXELS_PER_MM)
        part[..., 2] += 1.0
        part /= np.sqrt(np.einsum("ijk,ijk->ij", part, part))[..., None]
    return normals


def patina(height: int, width: int, rng: Generator, amount: float) -> Map:
    """Reflectance ``(H, W)`` of bare bronze under its patina: clouds and stains, ``amount`` deviating in logarithm."""
    albedo = grain(height, width, 250.0, rng)
    for sigma_px, share in ((60.0, 0.8), (12.0, 0.35)):
        layer = grain(height, width, sigma_px, rng)
        layer *= np.float32(share)
        albedo += layer
    albedo *= np.float32(amount / 1.33)  # the deviation of the sum
    np.exp(albedo, out=albedo)
    albedo *= np.float32(rng.uniform(0.3, 0.45))
    return albedo


def tint(albedo: Map, cover: Map, groove_mm: Map, rng: Generator) -> None:
    """Change ``albedo`` in place: corrosion is paler, dirt darkens the grooves."""
    paler = np.float32(rng.uniform(0.05, 0.2))
    for top in range(0, len(albedo), ROWS_AT_ONCE):
        rows = slice(top, top + ROWS_AT_ONCE)
        albedo[rows] += paler * cover[rows]
        albedo[rows] *= 1.0 - np.clip(groove_mm[rows] * np.float32(2.0), 0.0, 0.3)


def measure_albedo(albedo: Map, rng: Generator, noise: float = 0.01) -> None:
    """Add the sensor's noise to ``albedo`` in place and keep it within 0 to 1."""
    for top in range(0, len(albedo), ROWS_AT_ONCE):
        part = albedo[top : top + ROWS_AT_ONCE]
        part += np.float32(noise) * rng.standard_normal(part.shape, dtype=np.float32)
        np.clip(part, 0.0, 1.0, out=part)
