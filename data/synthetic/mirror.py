"""One made-up mirror: outline, engraving, bronze, what lies around it and the sensor put together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from data.synthetic import corrosion, marks, scene, sensor, surface
from data.synthetic.difficulty import SCALE, Difficulty
from data.synthetic.engraving import engrave
from data.synthetic.maps import Map, Mask
from data.synthetic.outline import draw_outline
from data.synthetic.styles import ENGRAVED, STYLES, Style

LEAST_SIDE_PX = 256  # below, hardly a motif finds room beside the border
TABLE_BELOW_MM = (0.1, 0.4)  # a small step: a scan's depth is integrated from normals, which flattens steps
NO_TABLE = 0.5  # chance that the depth is NaN off the object: scans come with and without


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
    difficulty : what time and sensor did to it
    crust_share : of the object, under corrosion
    lost_share : of the engraved line pixels, those that no annotator sees
    """

    depth: Map
    normals: Map
    albedo: Map
    drawing: Mask
    mask: Mask
    difficulty: Difficulty
    crust_share: float
    lost_share: float

    @property
    def line_share(self) -> float:
        """Drawn pixels over those of the object."""
        return np.count_nonzero(self.drawing) / np.count_nonzero(self.mask)


def make_mirror(
    height: int, width: int, rng: Generator, difficulty: Difficulty = SCALE["worn"], style: Style = STYLES[ENGRAVED]
) -> Mirror:
    """Make one mirror of ``height`` x ``width`` scan pixels, each at least 256.

    Outline, engraving, bronze, marks, corrosion, surroundings and sensor draw from generators spawned from ``rng``, so
    that a change to one leaves the others as they were: mirrors of one seed carry one engraving at any difficulty.
    ``style`` is the workshop.

    Raises
    ------
    ValueError
        If the scan is too small to hold an engraving.
    """
    if min(height, width) < LEAST_SIDE_PX:
        raise ValueError(f"a scan of {height} x {width} pixels is too small: each side needs {LEAST_SIDE_PX} or more")
    shape_rng, line_rng, bronze_rng, mark_rng, crust_rng, scene_rng, sensor_rng = rng.spawn(7)
    outline = draw_outline(height, width, shape_rng)
    mask = outline.inside_map(height, width) > 0
    groove, engraved = engrave(outline, mask, line_rng, style.hands, style.layout)

    cover = corrosion.crust_cover(mask, crust_rng, crust_rng.uniform(*difficulty.crust_share))
    drawing = wear_and_hide(groove, engraved, cover, mask, bronze_rng, difficulty)
    lost_share = 1.0 - np.count_nonzero(drawing) / max(int(np.count_nonzero(engraved)), 1)
    del engraved
    marks.cut(groove, marks.scratches(mask, mark_rng, difficulty.scratches_per_cm2))
    marks.cut(groove, marks.tool_marks(mask, mark_rng, difficulty.tool_marks_per_cm2))
    marks.cut(groove, marks.pits(mask, mark_rng, difficulty.pits_per_cm2))

    depth = surface.curved(height, width, outline, shape_rng)
    surface.raise_rim(depth, outline, outline.inside_map(height, width), shape_rng)
    add_relief(depth, groove, cover, mask, bronze_rng, crust_rng, difficulty, style)

    albedo = sensor.patina(height, width, bronze_rng, difficulty.patina)
    sensor.tint(albedo, cover, groove, bronze_rng)
    crust_share = np.count_nonzero(cover) / np.count_nonzero(mask)
    del groove, cover  # a large scan's maps are a quarter of a gigabyte each
    scene.lay_table(depth, albedo, mask, scene_rng.uniform(*TABLE_BELOW_MM))
    ruler, chart = scene.place_scale(mask, scene_rng)
    scene.lay_ruler(depth, albedo, ruler)
    scene.lay_chart(depth, albedo, chart, scene_rng)

    depth = sensor.measure_depth(depth, sensor_rng, difficulty.depth_noise_mm)
    normals = sensor.normals_of(depth, sensor_rng, difficulty.normal_noise)
    sensor.measure_albedo(albedo, sensor_rng)
    if scene_rng.random() < NO_TABLE:
        depth[~mask] = np.nan
    return Mirror(depth, normals, albedo, drawing, mask, difficulty, crust_share, lost_share)


def wear_and_hide(groove: Map, engraved: Mask, cover: Map, mask: Mask, rng: Generator, difficulty: Difficulty) -> Mask:
    """Take from ``groove``, in place, what wear took; of the engraved lines, what an annotator still sees."""
    left = surface.worn(mask, rng, difficulty.worn_share)
    np.subtract(1.0, left, out=left)
    groove *= left
    groove *= np.float32(difficulty.groove_share)
    left *= 1.0 - cover
    np.subtract(1.0, left, out=left)  # now: how far a line is hidden
    return corrosion.legible(engraved, left, difficulty.legible_below)


def add_relief(
    depth: Map,
    groove: Map,
    cover: Map,
    mask: Mask,
    rng: Generator,
    crust_rng: Generator,
    difficulty: Difficulty,
    style: Style,
) -> None:
    """Put grain, grooves and corrosion on ``depth`` in place; under the crust grain and grooves fade out."""
    height, width = depth.shape
    bare = style.ground(height, width, rng, difficulty.roughness_mm)
    bare += corrosion.warts(height, width, crust_rng, difficulty.wart_mm)
    surface.raise_shoulders(bare, groove)
    bare -= groove
    bare *= 1.0 - cover
    np.multiply(bare, mask, out=bare)
    depth += bare
    del bare
    crust = corrosion.crust_relief(height, width, crust_rng, difficulty.crust_mm)
    crust *= cover
    depth += crust
