"""One made-up mirror: outline, engraving, bronze and sensor put together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from data.synthetic import surface
from data.synthetic.engraving import engrave
from data.synthetic.grooves import Map, Mask

LEAST_SIDE_PX = 256  # below, hardly a motif finds room beside the border
CRUST_SHARE = (0.08, 0.35)  # of the object under corrosion, thin or thick
HEAVY_CRUST = 0.75  # cover from which an annotator no longer sees, nor draws, a line
TABLE_BELOW_MM = (0.1, 0.4)  # a small step: a scan's depth is integrated from normals, which flattens steps
SENSOR_NOISE_MM = 0.003  # of the depth, over a pixel


@dataclass(frozen=True)
class Mirror:
    """One view of a made-up mirror, at scan pixels.

    Attributes
    ----------
    depth : (H, W) float32, height towards the camera in millimetres; NaN off the object on some mirrors
    normals : (H, W, 3) float32 unit vectors: x along columns, y along rows, z to the camera
    albedo : (H, W) float32 in [0, 1]
    drawing : (H, W) bool, the annotator's lines
    mask : (H, W) bool, the object
    """

    depth: Map
    normals: Map
    albedo: Map
    drawing: Mask
    mask: Mask


def make_mirror(height: int, width: int, rng: Generator) -> Mirror:
    """Make one mirror of ``height`` x ``width`` scan pixels, each at least 256.

    Outline, engraving, surface and sensor draw from generators spawned from ``rng``, so that a change to one leaves the
    others as they were.

    Raises
    ------
    ValueError
        If the scan is too small to hold an engraving.
    """
    if min(height, width) < LEAST_SIDE_PX:
        raise ValueError(f"a scan of {height} x {width} pixels is too small: each side needs {LEAST_SIDE_PX} or more")
    shape_rng, line_rng, bronze_rng, sensor_rng = rng.spawn(4)
    outline = surface.draw_outline(height, width, shape_rng)
    inside_px = outline.inside_px(np.arange(height)[:, None], np.arange(width)[None, :])
    mask = inside_px > 0
    groove, drawing = engrave(outline, mask, line_rng)
    cover = surface.crust_cover(mask, bronze_rng, share=bronze_rng.uniform(*CRUST_SHARE))
    drawing = surface.legible(drawing, cover, HEAVY_CRUST)

    depth = surface.bronze_relief(height, width, outline, inside_px, bronze_rng)
    del inside_px  # a large scan's maps are a quarter of a gigabyte each
    marks = surface.scratches(mask, bronze_rng) + surface.pits(mask, bronze_rng)
    np.maximum(groove, surface.cut_marks(marks, mask), out=groove)
    depth -= groove * (1.0 - cover)
    depth += cover * surface.crust_texture(height, width, bronze_rng)
    depth += mask * surface.bronze_ground(height, width, bronze_rng)
    depth[~mask] -= shape_rng.uniform(*TABLE_BELOW_MM)
    depth += np.float32(SENSOR_NOISE_MM) * surface.grain(height, width, 1.0, sensor_rng)

    normals = surface.normals_of(depth, sensor_rng)
    albedo = surface.albedo_of(mask, cover, groove, sensor_rng)
    if shape_rng.random() < 0.5:  # scans come with and without a table, so both are made
        depth[~mask] = np.nan
    return Mirror(depth, normals, albedo, drawing, mask)
