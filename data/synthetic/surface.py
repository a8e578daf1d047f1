"""The bronze itself: outline, rim and relief, the grain of the ground, corrosion, and the marks that nobody drew.

Maps are ``(H, W)`` float32 at scan pixels; heights are millimetres, positive towards the camera.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator

from data.synthetic.grooves import Map, Mask, Path, carve, resample, shaken, spline, wander

PIXELS_PER_MM = 40.0  # of the real scans ("Drawing the Line", ICDAR 2024)
OBJECT_SHARE = 0.46  # the disc's radius over the image's shorter side
HANDLE_FROM = 1.18  # sides longer than this times the shorter leave room for a handle


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


def _joined(first: Map, second: Map, fillet_px: float) -> Map:
    """The larger of two distances, with a rounded inner corner (Quilez' polynomial smooth maximum)."""
    close = np.maximum(fillet_px - np.abs(first - second), 0.0) / fillet_px
    return np.asarray(np.maximum(first, second) + close**2 * (0.25 * fillet_px), dtype=np.float32)


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


def bronze_relief(height: int, width: int, outline: Outline, inside_px: Map, rng: Generator) -> Map:
    """The shape without its grain: a gentle dome or dish, soft dents, and a raised rim, bent and beaded."""
    rows = (np.arange(height, dtype=np.float32)[:, None] - outline.centre[0]) / PIXELS_PER_MM
    cols = (np.arange(width, dtype=np.float32)[None, :] - outline.centre[1]) / PIXELS_PER_MM
    curvature = rng.normal(0.0, 1 / 1500.0, 3)  # per millimetre: a radius of some 1.5 m
    relief = np.float32(curvature[0]) * rows**2 + np.float32(curvature[1]) * cols**2
    relief = relief + np.float32(curvature[2]) * rows * cols
    relief += np.float32(0.05) * grain(height, width, 200.0, rng)
    rim_px = float(np.clip(0.035 * outline.radius_px, 14.0, 70.0))
    rim_mm = rng.uniform(0.05, 0.14)
    crest = np.exp(-np.square((inside_px - rim_px) / (0.6 * rim_px)))
    relief += np.float32(rim_mm) * crest * (1.0 + 0.3 * grain(height, width, 1.2 * rim_px, rng))
    return np.asarray(relief, dtype=np.float32)


def bronze_ground(height: int, width: int, rng: Generator, roughness_mm: float = 0.014) -> Map:
    """The grain of polished and lightly corroded bronze over several scales, rougher in some places than in others."""
    ground = np.zeros((height, width), dtype=np.float32)
    for sigma_px, share in ((1.6, 0.45), (4.0, 0.6), (9.0, 0.65), (22.0, 0.5)):
        ground += np.float32(share) * grain(height, width, sigma_px, rng)
    uneven = np.exp(np.float32(0.45) * grain(height, width, 140.0, rng))
    return np.asarray(np.float32(roughness_mm) * ground * uneven, dtype=np.float32)


def crust_cover(mask: Mask, rng: Generator, share: float) -> Map:
    """How thickly corrosion lies, 0 (none) to 1, over about ``share`` of the object; large ragged patches."""
    height, width = mask.shape
    extent = 0.16 * min(height, width)
    field = grain(height, width, min(extent, 500.0), rng)
    for sigma_px, weight in ((45.0, 0.4), (14.0, 0.15)):
        field += np.float32(weight) * grain(height, width, min(sigma_px, extent), rng)
    every = max(int(min(height, width) / 256), 1)  # a quantile needs no more points than that
    level = np.quantile(field[::every, ::every][mask[::every, ::every]], 1.0 - share)
    field -= np.float32(level)
    field[~mask] = 0.0
    return np.clip(field / np.float32(0.7), 0.0, 1.0, out=field)


def legible(drawing: Mask, cover: Map, heaviest: float, crumb_px: int = 40) -> Mask:
    """What an annotator draws of the lines ``(H, W)``: those under less than the ``heaviest`` cover, and no crumbs.

    The cover is judged over some millimetre around a line, so that lines end once rather than break into pieces.
    """
    seen = drawing & (cv2.GaussianBlur(cover, (0, 0), 10.0) < heaviest)
    _, labels, boxes, _ = cv2.connectedComponentsWithStats(seen.view(np.uint8), connectivity=8)
    large = boxes[:, cv2.CC_STAT_AREA] >= crumb_px
    large[0] = False  # the ground
    return np.asarray(large[labels])


def crust_texture(height: int, width: int, rng: Generator, roughness_mm: float = 0.07) -> Map:
    """The lumps of corrosion: swollen warts with holes between, some tenths of a millimetre wide."""
    texture = np.full((height, width), 0.2, dtype=np.float32)
    for sigma_px, share in ((3.0, 0.45), (7.0, 0.7), (15.0, 0.7)):
        lumps = grain(height, width, sigma_px, rng)
        texture += np.float32(share) * (np.abs(lumps) - np.float32(0.8) + np.float32(0.5) * lumps)
    texture *= np.float32(roughness_mm)
    return texture


def scratches(mask: Mask, rng: Generator, per_cm2: float = 3.0) -> list[tuple[Path, np.ndarray, np.ndarray]]:
    """Scratches that nobody drew: path, radius (px) and depth (mm) of each; thin, nearly straight.

    One in four is as wide and as deep as a faint engraved line. Some come in bundles, as tools leave them.
    """
    height, width = mask.shape
    count = rng.poisson(per_cm2 * mask.sum() / (10.0 * PIXELS_PER_MM) ** 2)
    found: list[tuple[Path, np.ndarray, np.ndarray]] = []
    while len(found) < count:
        middle = rng.uniform((0, 0), (height, width))
        angle = rng.uniform(0, np.pi)
        bundle = int(rng.integers(3, 8)) if rng.random() < 0.15 else 1
        for _ in range(bundle):
            lie = angle + rng.normal(0.0, 0.04)
            half = 0.5 * min(180.0 * np.exp(0.6 * rng.standard_normal()), 0.5 * min(height, width))
            heading = np.array([np.sin(lie), np.cos(lie)])
            across = np.array([heading[1], -heading[0]])
            start = middle + across * rng.normal(0.0, 30.0 if bundle > 1 else 0.0)
            bow = across * half * rng.normal(0.0, 0.06)
            path = spline(np.array([start - half * heading, start + bow, start + half * heading]))
            bold = rng.random() < 0.25
            radius = rng.uniform(3.5, 6.5) if bold else rng.uniform(1.2, 3.5)
            depth = rng.uniform(0.03, 0.06) if bold else rng.uniform(0.012, 0.04)
            fade = np.sin(np.linspace(0.05, np.pi - 0.05, len(path))) ** 0.5
            uneven = np.exp(0.4 * wander(len(path), rng, 50.0))
            found.append((path, np.full(len(path), radius), depth * fade * uneven))
    return found[:count]


def pits(mask: Mask, rng: Generator, per_cm2: float = 40.0) -> list[tuple[Path, np.ndarray, np.ndarray]]:
    """Corrosion pits, small holes of any outline: path, radius (px) and depth (mm) of each."""
    count = rng.poisson(per_cm2 * mask.sum() / (10.0 * PIXELS_PER_MM) ** 2)
    found: list[tuple[Path, np.ndarray, np.ndarray]] = []
    for centre in rng.uniform((0, 0), mask.shape, (count, 2)):
        length = rng.exponential(5.0)
        angle = rng.uniform(0, np.pi)
        path = resample(np.array([centre, centre + length * np.array([np.sin(angle), np.cos(angle)])]))
        radius = np.clip(2.0 * np.exp(0.5 * rng.standard_normal()), 1.2, 9.0)
        found.append((shaken(path, rng, 1.0), np.full(len(path), radius), np.full(len(path), rng.uniform(0.02, 0.1))))
    return found


def cut_marks(marks: list[tuple[Path, np.ndarray, np.ndarray]], mask: Mask) -> Map:
    """Depth ``(H, W)`` in millimetres, positive and 0 off the object, of marks that are not part of the drawing."""
    relief = np.zeros(mask.shape, dtype=np.float32)
    for path, radius_px, depth_mm in marks:
        carve(relief, path, radius_px, depth_mm)
    relief[~mask] = 0.0
    return relief


def normals_of(depth_mm: Map, rng: Generator, noise: float = 0.02) -> Map:
    """Unit normals ``(H, W, 3)`` of a height map ``(H, W)`` in millimetres, with sensor noise.

    x points along columns, y along rows (downwards), z to the camera: n is proportional to (-dU/dx, -dU/dy, 1).
    """
    normals = rng.standard_normal((*depth_mm.shape, 3), dtype=np.float32)
    normals *= np.float32(noise)
    normals[..., 0] -= np.gradient(depth_mm, axis=1) * np.float32(PIXELS_PER_MM)
    normals[..., 1] -= np.gradient(depth_mm, axis=0) * np.float32(PIXELS_PER_MM)
    normals[..., 2] += 1.0
    normals /= np.sqrt(np.einsum("ijk,ijk->ij", normals, normals))[..., None]
    return normals


def albedo_of(mask: Mask, cover: Map, groove_mm: Map, rng: Generator) -> Map:
    """Reflectance ``(H, W)``, 0 to 1: bronze with stains, paler corrosion, dirt in the grooves, a dark table."""
    height, width = mask.shape
    albedo = np.float32(rng.uniform(0.3, 0.45)) * np.exp(np.float32(0.12) * grain(height, width, 60.0, rng))
    albedo += np.float32(rng.uniform(0.05, 0.2)) * cover
    albedo *= 1.0 - np.clip(groove_mm * np.float32(2.0), 0.0, 0.3)
    albedo[~mask] = 0.04
    albedo += np.float32(0.01) * rng.standard_normal((height, width), dtype=np.float32)
    return np.clip(albedo, 0.0, 1.0, out=albedo)
