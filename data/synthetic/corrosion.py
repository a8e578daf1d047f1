"""Corrosion: where it lies, how it roughens and raises the surface, and which lines it takes from the drawing.

Maps are ``(H, W)`` float32 at scan pixels; heights are millimetres.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator

from data.synthetic.maps import Map, Mask, above_quantile, coarse_mean, grain

AROUND_PX = 10.0  # over which an annotator judges whether a line can be seen


def crust_cover(mask: Mask, rng: Generator, share: float) -> Map:
    """How thickly corrosion lies, 0 (none) to 1, over about ``share`` of the object; large ragged patches."""
    height, width = mask.shape
    extent = 0.16 * min(height, width)
    field = grain(height, width, min(extent, 500.0), rng)
    for sigma_px, weight in ((45.0, 0.35), (16.0, 0.14), (6.0, 0.05)):
        layer = grain(height, width, min(sigma_px, extent), rng)
        layer *= np.float32(weight)
        field += layer
    cover = above_quantile(field, mask, 1.0 - share, reach=0.25)
    np.multiply(cover, mask, out=cover)
    return cover


def crust_relief(height: int, width: int, rng: Generator, roughness_mm: float = 0.07) -> Map:
    """The lumps of a crust with holes between, up to a millimetre wide, raised by their own deviation.

    The mix follows the crust of a corroded real patch: most of its power lies at wavelengths of a millimetre or so.
    """
    relief = np.full((height, width), roughness_mm, dtype=np.float32)
    for sigma_px, share, swollen in ((3.0, 0.22, 0.7), (6.0, 0.55, -0.7), (11.0, 0.75, 0.7), (24.0, 0.4, 0.5)):
        lumps = grain(height, width, sigma_px, rng)
        folded = np.abs(lumps)
        folded -= np.float32(0.8)  # the mean of a folded normal
        folded *= np.float32(swollen)  # above zero lumps swell, below they sink to holes
        lumps += folded
        lumps *= np.float32(share * roughness_mm)
        relief += lumps
    return relief


def warts(height: int, width: int, rng: Generator, height_mm: float, sigma_px: float = 5.0) -> Map:
    """Single warts of corrosion, a few tenths of a millimetre wide, crowded in some places and missing in others."""
    crowd = grain(height, width, 90.0, rng)
    swollen = grain(height, width, sigma_px, rng)
    crowd *= np.float32(0.6)
    swollen += crowd
    swollen -= np.float32(1.7)
    np.maximum(swollen, 0.0, out=swollen)
    swollen *= np.float32(height_mm)
    return swollen


def legible(drawing: Mask, hidden: Map, below: float, crumb_px: int = 60) -> Mask:
    """What an annotator draws of the lines ``(H, W)``: those hidden ``below`` some share, and no crumbs.

    How far a line is hidden (0 bare to 1 gone) is judged over some millimetre around it, so that lines end once rather
    than break into pieces. Pieces of less than ``crumb_px`` pixels are left out.
    """
    seen = drawing & (coarse_mean(hidden, AROUND_PX) < below)
    _, labels, boxes, _ = cv2.connectedComponentsWithStats(seen.view(np.uint8), connectivity=8)
    large = boxes[:, cv2.CC_STAT_AREA] >= crumb_px
    large[0] = False  # the ground
    return np.asarray(large[labels])
