"""The bronze itself: its relief and rim, the grain of its ground, and what wear left of the grooves.

Maps are ``(H, W)`` float32 at scan pixels; heights are millimetres, positive towards the camera.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator

from data.synthetic.maps import PIXELS_PER_MM, Map, Mask, above_quantile, coarse_mean, grain
from data.synthetic.outline import Outline


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


def hammered_ground(height: int, width: int, rng: Generator, roughness_mm: float = 0.014) -> Map:
    """A ground of hammered dents half a millimetre to one wide, polished in one direction."""
    dents = np.abs(grain(height, width, 16.0, rng))
    dents -= np.float32(0.8)  # the mean of a folded normal
    streaks: Map = np.asarray(cv2.blur(grain(height, width, 1.5, rng), (1, 61)), np.float32)
    streaks *= np.float32(0.6 / max(float(streaks.std()), 1e-6))
    dents += streaks
    dents *= np.float32(roughness_mm)
    return dents


def cast_ground(height: int, width: int, rng: Generator, roughness_mm: float = 0.014) -> Map:
    """A ground as it left the mould: grains of sand, bubbles that stand up, waves."""
    ground = grain(height, width, 3.0, rng)
    ground *= np.float32(0.8)
    bubbles = grain(height, width, 7.0, rng)
    bubbles -= np.float32(1.2)
    np.maximum(bubbles, 0.0, out=bubbles)
    ground += np.float32(2.5) * bubbles
    ground += np.float32(0.8) * grain(height, width, 40.0, rng)
    ground *= np.float32(roughness_mm)
    return ground


def raise_shoulders(depth: Map, groove_mm: Map, share: float = 0.9, reach_px: float = 9.0) -> None:
    """Raise in place what the graver pushed aside: wide, low shoulders, ``share`` of the metal that is gone.

    They are the bright seams beside lines in the real patches; a sharp burr at a groove's lip would not survive optics.
    """
    shoulders = coarse_mean(groove_mm, reach_px)
    shoulders *= np.float32(share)
    depth += shoulders


def worn(mask: Mask, rng: Generator, share: float) -> Map:
    """How far wear took the grooves, 0 (not) to 1 (altogether), over about ``share`` of the object, in soft patches."""
    height, width = mask.shape
    field = grain(height, width, min(0.12 * min(height, width), 300.0), rng)
    return above_quantile(field, mask, 1.0 - share, reach=0.6)
