"""What lines lie on: paper, plaster, asphalt, tissue, metal. Each is reflectance with a texture, and a colour."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator

from data.synthetic.maps import Map, grain

Tint = tuple[float, float, float]


@dataclass(frozen=True)
class Ground:
    """A surface.

    Attributes
    ----------
    light : (H, W) float32, how light it is beneath its texture, about 0 to 1, slowly varying
    texture : (H, W) float32, mean 0 and deviation about 1
    tint : of red, green and blue, about 1
    """

    light: Map
    texture: Map
    tint: Tint


def paper(height: int, width: int, grain_px: float, rng: Generator) -> Ground:
    """Paper or parchment: fine, with clouds and stains, more or less yellow."""
    texture = _mixed(height, width, ((0.6, 0.8), (2.0, 0.4), (9.0, 0.4)), grain_px, rng)
    light = rng.uniform(0.6, 0.92) + rng.uniform(0.01, 0.07) * grain(height, width, 0.2 * min(height, width), rng)
    if rng.random() < 0.4:
        light = light - rng.uniform(0.03, 0.2) * _stains(height, width, rng)
    yellow = rng.uniform(0, 0.3)
    return Ground(np.asarray(light, np.float32), texture, (1.04, 1.0 - 0.25 * yellow, 1.0 - yellow))


def plaster(height: int, width: int, grain_px: float, rng: Generator) -> Ground:
    """Plaster, wall or concrete: pores and lumps of several sizes."""
    texture = _mixed(height, width, ((0.8, 0.5), (2.5, 0.6), (7.0, 0.6)), grain_px, rng)
    pores = np.maximum(grain(height, width, max(1.2 * grain_px, 0.7), rng) - 2.2, 0)
    texture = texture - np.float32(rng.uniform(0, 2.5)) * pores
    light = rng.uniform(0.4, 0.8) + rng.uniform(0.02, 0.1) * grain(height, width, 0.15 * min(height, width), rng)
    return Ground(np.asarray(light, np.float32), texture, (1.03, 1.0, rng.uniform(0.85, 1.0)))


def asphalt(height: int, width: int, grain_px: float, rng: Generator) -> Ground:
    """Asphalt or gravel: bright and dark grains, far stronger than anything else is rough."""
    texture = _mixed(height, width, ((0.7, 1.0), (1.6, 0.7)), grain_px, rng)
    uneven = texture * (1 + 0.5 * np.tanh(texture))  # bright grains stand out
    light = rng.uniform(0.3, 0.6) + rng.uniform(0.01, 0.06) * grain(height, width, 0.25 * min(height, width), rng)
    return Ground(np.asarray(light, np.float32), np.asarray(uneven, np.float32), (1.0, 1.0, rng.uniform(0.93, 1.04)))


def tissue(height: int, width: int, grain_px: float, rng: Generator) -> Ground:
    """Tissue, as of an eye's back or a leaf: smooth, with a bright spot and clouds, darker outwards."""
    texture = _mixed(height, width, ((0.7, 0.5), (4.0, 0.8)), grain_px, rng)
    rows, cols = np.mgrid[:height, :width].astype(np.float32)
    row, col = rng.uniform(0, 1, 2) * (height, width)
    away = np.hypot(rows - row, cols - col) / min(height, width)
    light = rng.uniform(0.35, 0.65) - rng.uniform(0, 0.25) * away
    if rng.random() < 0.5:
        light = light + rng.uniform(0.1, 0.35) / (1 + np.exp((away - rng.uniform(0.05, 0.12)) * 60))
    light = light + rng.uniform(0.02, 0.07) * grain(height, width, 0.08 * min(height, width), rng)
    return Ground(np.asarray(light, np.float32), texture, (rng.uniform(1.1, 1.6), 1.0, rng.uniform(0.4, 0.9)))


def metal(height: int, width: int, grain_px: float, rng: Generator) -> Ground:
    """Brushed or worn metal, or wood: streaks along one direction."""
    long, turned = rng.uniform(8, 40), rng.random() < 0.5
    rough = grain(width if turned else height, height if turned else width, max(0.7 * grain_px, 0.5), rng)
    streaks = cv2.blur(rough, (max(int(long * grain_px), 3), 1))
    streaks = streaks / (streaks.std() + 1e-6)
    texture = np.ascontiguousarray(streaks.T) if turned else streaks
    light = rng.uniform(0.35, 0.75) + rng.uniform(0.03, 0.12) * grain(height, width, 0.3 * min(height, width), rng)
    warm = rng.uniform(-0.15, 0.35)
    return Ground(
        np.asarray(light, np.float32), np.asarray(texture, np.float32), (1 + 0.3 * warm, 1.0, 1 - 0.7 * max(warm, 0))
    )


GROUNDS: dict[str, Callable[[int, int, float, Generator], Ground]] = {
    "paper": paper,
    "plaster": plaster,
    "asphalt": asphalt,
    "tissue": tissue,
    "metal": metal,
}


def _mixed(height: int, width: int, layers: tuple[tuple[float, float], ...], grain_px: float, rng: Generator) -> Map:
    """Noise of several sizes (in grains) and shares, of deviation about 1."""
    total = np.zeros((height, width), np.float32)
    for size, share in layers:
        total += np.float32(share) * grain(height, width, max(size * grain_px, 0.4), rng)
    return total / np.float32(np.hypot.reduce([share for _, share in layers]))


def _stains(height: int, width: int, rng: Generator) -> Map:
    """Stains with a darker rim: (H, W) in [0, 1]."""
    field = grain(height, width, rng.uniform(0.08, 0.2) * min(height, width), rng) - np.float32(rng.uniform(0.8, 1.6))
    inside = 0.5 + 0.5 * np.tanh(12.5 * field)
    return np.asarray(0.6 * inside + 0.4 * np.exp(-((field * 12) ** 2)), np.float32)
