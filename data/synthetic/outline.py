"""The object's edge: a disc, slightly out of round, with or without a handle."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator

from data.synthetic.maps import Map

OBJECT_SHARE = 0.46  # the disc's radius over the image's shorter side
HANDLE_FROM = 1.18  # sides longer than this times the shorter leave room for a handle
STEP_PX = 8  # of the grid that the outline is evaluated on


@dataclass(frozen=True)
class Outline:
    """A disc, slightly out of round, with or without a tapering handle; lengths in scan pixels, (row, column).

    ``handle`` is the unit direction from the disc's centre along the handle, or None.
    """

    centre: tuple[float, float]
    radius_px: float
    lobes: tuple[tuple[int, float, float], ...]  # order, share of the radius, phase
    handle: tuple[float, float] | None
    handle_length_px: float
    handle_half_width_px: float

    def inside_px(self, rows: np.ndarray, cols: np.ndarray) -> Map:
        """How far inside the object each point lies, negative outside; near enough to a distance close to the edge."""
        down, right = np.float32(rows - self.centre[0]), np.float32(cols - self.centre[1])
        angle = np.arctan2(down, right)
        edge = np.ones_like(angle)
        for order, share, phase in self.lobes:
            edge += np.float32(share) * np.cos(order * angle + np.float32(phase))
        disc = self.radius_px * edge - np.hypot(down, right)
        if self.handle is None:
            return np.asarray(disc, dtype=np.float32)
        along = down * np.float32(self.handle[0]) + right * np.float32(self.handle[1])
        across = np.abs(right * np.float32(self.handle[0]) - down * np.float32(self.handle[1]))
        taper = np.clip(1.15 - 0.4 * (along - self.radius_px) / self.handle_length_px, 0.6, 1.3)
        sides = self.handle_half_width_px * taper - across
        tongue = np.minimum(np.minimum(sides, self.radius_px + self.handle_length_px - along), along)
        return _joined(disc, tongue, 0.08 * self.radius_px)

    def inside_map(self, height: int, width: int) -> Map:
        """`inside_px` of every pixel ``(height, width)``, interpolated: off by some hundredths of a pixel."""
        step = STEP_PX
        rows, cols = (np.arange(-(-side // step)) * step + (step - 1) / 2 for side in (height, width))
        coarse = self.inside_px(rows[:, None], cols[None, :])
        size = (coarse.shape[1] * step, coarse.shape[0] * step)
        return np.asarray(cv2.resize(coarse, size, interpolation=cv2.INTER_LINEAR)[:height, :width], np.float32)


def draw_outline(height: int, width: int, rng: Generator) -> Outline:
    """An object that fills an image of ``height`` x ``width`` scan pixels, its handle along the longer side."""
    short, long = min(height, width), max(height, width)
    radius = OBJECT_SHARE * short * rng.uniform(0.96, 1.0)
    lobes = tuple((k, float(rng.normal(0.0, 0.006)), float(rng.uniform(0, 2 * np.pi))) for k in (2, 3, 5))
    if long < HANDLE_FROM * short:
        return Outline((height / 2, width / 2), radius, lobes, None, 0.0, 0.0)
    sign = float(rng.choice([-1.0, 1.0]))
    length = min(long - 2 * radius - 2 * (short / 2 - radius), 1.2 * radius)
    shift = -sign * length / 2
    centre = (height / 2 + shift, width / 2) if height > width else (height / 2, width / 2 + shift)
    handle = (sign, 0.0) if height > width else (0.0, sign)
    return Outline(centre, radius, lobes, handle, length, radius * rng.uniform(0.13, 0.2))


def _joined(first: Map, second: Map, fillet_px: float) -> Map:
    """The larger of two distances, with a rounded inner corner (Quilez' polynomial smooth maximum)."""
    close = np.maximum(fillet_px - np.abs(first - second), 0.0) / fillet_px
    return np.asarray(np.maximum(first, second) + close**2 * (0.25 * fillet_px), dtype=np.float32)
