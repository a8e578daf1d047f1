"""What a camera makes of a scene: uneven light, blur, noise, tones, JPEG."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from data.synthetic.maps import Map, grain

Colours = NDArray[np.float32]  # (H, W, 3), red, green, blue


def uneven_light(height: int, width: int, rng: Generator) -> Map:
    """How much light falls on each pixel, about 1: a slope, a vignette, soft shadows."""
    rows, cols = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    down, right = rng.normal(0, 0.12, 2)
    light = 1 + down * rows + right * cols
    light -= rng.uniform(0, 0.3) * rng.random() * (rows**2 + cols**2)
    light += rng.uniform(0, 0.08) * grain(height, width, 0.15 * min(height, width), rng)
    return np.asarray(np.clip(light, 0.25, 1.6), np.float32)


def photographed(scene: Colours, line_px: float, rng: Generator) -> NDArray[np.uint8]:
    """The picture that a camera takes of reflectances: (H, W, 3) uint8."""
    blur = line_px * rng.uniform(0.05, 0.25) * (1 + (rng.random() < 0.15))
    seen = cv2.GaussianBlur(scene, (0, 0), max(blur, 0.35))
    noise = rng.uniform(0.002, 0.03)
    height, width = seen.shape[:2]
    seen = seen + np.float32(noise) * rng.standard_normal((height, width, 3), dtype=np.float32)
    seen = np.clip(seen, 0, 1) ** np.float32(rng.uniform(0.75, 1.3))
    picture = np.asarray(np.rint(255 * np.clip(seen, 0, 1)), np.uint8)
    if rng.random() < 0.6:
        picture = _compressed(picture, int(rng.integers(35, 96)))
    return picture


def _compressed(picture: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    written, content = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not written:
        raise OSError(f"a picture of shape {picture.shape} could not be encoded")
    return np.asarray(cv2.imdecode(content, cv2.IMREAD_COLOR), np.uint8)
