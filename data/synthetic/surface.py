"""The bronze itself: outline, relief and rim, the grain of its ground, and what wear left of the grooves.

Maps are ``(H, W)`` float32 at scan pixels; heights are millimetres, positive towards the camera.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator

from data.synthetic.grooves import Map, Mask

PIXELS_PER_MM = 40.0  # of the real scans ("Drawing the Line", ICDAR 2024)
OBJECT_SHARE = 0.46  # the disc's radius over the image's shorter side
HANDLE_FROM = 1.18  # sides longer than this times the shorter leave room for a handle
OUTLINE_STEP_PX = 8  # of the grid that the outline is evaluated on


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
        step = OUTLINE_STEP_PX
        rows, cols = (np.arange(-(-side // step)) * step + (step - 1) / 2 for side in (height, width))
        coarse = self.inside_px(rows[:, None], cols[None, :])
        return _enlarged(coarse, step, height, width, cv2.INTER_LINEAR)


def _joined(first: Map, second: Map, fillet_px: float) -> Map:
    """The larger of two distances, with a rounded inner corner (Quilez' polynomial smooth maximum)."""
    close = np.maximum(fillet_px - np.abs(first - second), 0.0) / fillet_px
    return np.asarray(np.maximum(first, second) + close**2 * (0.25 * fillet_px), dtype=np.float32)


def _enlarged(coarse: Map, step: int, height: int, width: int, interpolation: int) -> Map:
    """A map whose pixels are ``step`` wide, at full size."""
    size = (coarse.shape[1] * step, coarse.shape[0] * step)
    return np.asarray(cv2.resize(coarse, size, interpolation=interpolation)[:height, :width], np.float32)


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


def curved(height: int, width: int, outline: Outline, rng: Generator, dent_mm: float = 0.05) -> Map:
    """The sheet's shape: a gentle dome or dish, radius some 1.5 m, with soft dents half a centimetre wide."""
    rows = (np.arange(height, dtype=np.float32)[:, None] - outline.centre[0]) / PIXELS_PER_MM
    cols = (np.arange(width, dtype=np.float32)[None, :] - outline.centre[1]) / PIXELS_PER_MM
    down, right, twist = rng.normal(0.0, 1 / 1500.0, 3).astype(np.float32)
    relief = np.float32(dent_mm) * grain(height, width, 200.0, rng)
    relief += down * rows**2
    relief += right * cols**2
    relief += (twist * rows) * cols
    return relief


def raise_rim(relief: Map, outline: Outline, inside_px: Map, rng: Generator, beads: float = 0.5) -> None:
    """Raise the rim of ``relief`` in place: a crest along the edge, uneven, bent up and down around the object.

    ``beads`` is the chance that the crest is a row of beads, as goldsmiths punched them. Only the disc has a rim that
    counts its angle; a handle's edge follows the same formula.
    """
    rim_px = float(np.clip(0.035 * outline.radius_px, 14.0, 70.0))
    rim_mm = rng.uniform(0.05, 0.14)
    bend_mm, bend_phase = rng.normal(0.0, 0.15), rng.uniform(0, 2 * np.pi)
    count = round(np.pi * outline.radius_px / rim_px) if rng.random() < beads else 0
    height, width = relief.shape
    uneven = grain(height, width, 1.2 * rim_px, rng)
    for top in range(0, height, 512):
        rows, cols = np.nonzero((inside_px[top : top + 512] > 0) & (inside_px[top : top + 512] < 4.0 * rim_px))
        rows += top
        inside = inside_px[rows, cols]
        angle = np.arctan2(np.float32(rows - outline.centre[0]), np.float32(cols - outline.centre[1]))
        crest = np.exp(-np.square((inside - rim_px) / np.float32(0.6 * rim_px)))
        crest *= 1.0 + np.float32(0.3) * uneven[rows, cols]
        if count:
            crest *= np.float32(0.6) + np.float32(0.4) * np.cos(count * angle)
        bend = np.square(1.0 - inside / np.float32(4.0 * rim_px)) * np.cos(2 * angle + np.float32(bend_phase))
        relief[rows, cols] += np.float32(rim_mm) * crest + np.float32(bend_mm) * bend


def bronze_ground(height: int, width: int, rng: Generator, roughness_mm: float = 0.014) -> Map:
    """The grain of polished bronze over several scales, rougher in some places than in others.

    The mix follows the ground of a clean real patch: power falls with the third power of frequency.
    """
    ground = np.zeros((height, width), dtype=np.float32)
    for sigma_px, share in ((2.5, 0.45), (5.0, 0.6), (9.0, 0.55), (20.0, 0.3)):
        layer = grain(height, width, sigma_px, rng)
        layer *= np.float32(share * roughness_mm)
        ground += layer
    uneven = grain(height, width, 140.0, rng)
    uneven *= np.float32(0.3)
    ground *= np.exp(uneven, out=uneven)
    return ground


def raise_shoulders(depth: Map, groove_mm: Map, share: float = 0.9, reach_px: float = 9.0, step: int = 4) -> None:
    """Raise in place what the graver pushed aside: wide, low shoulders, ``share`` of the metal that is gone.

    They are the bright seams beside lines in the real patches; the sharp burr at a groove's lip is the graver's matter.
    """
    height, width = groove_mm.shape
    small = cv2.resize(groove_mm, (-(-width // step), -(-height // step)), interpolation=cv2.INTER_AREA)
    small = np.float32(share) * cv2.GaussianBlur(small, (0, 0), reach_px / step)
    depth += _enlarged(np.asarray(small, np.float32), step, height, width, cv2.INTER_LINEAR)


def worn(mask: Mask, rng: Generator, share: float) -> Map:
    """How far wear took the grooves, 0 (not) to 1 (altogether), over about ``share`` of the object, in soft patches."""
    height, width = mask.shape
    field = grain(height, width, min(0.12 * min(height, width), 300.0), rng)
    return above_quantile(field, mask, 1.0 - share, reach=0.6)


def above_quantile(field: Map, mask: Mask, quantile: float, reach: float) -> Map:
    """Where a field exceeds its quantile over the mask: from 0 there to 1 at ``reach`` above; changes it in place."""
    every = max(int(min(mask.shape) / 256), 1)  # a quantile needs no more points than that
    sample = field[::every, ::every][mask[::every, ::every]]
    field -= np.float32(np.quantile(sample, quantile)) if quantile < 1.0 else np.inf
    field *= np.float32(1.0 / reach)
    return np.clip(field, 0.0, 1.0, out=field)
