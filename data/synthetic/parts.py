"""Pictures of every part that made-up mirrors are made of, for a contact sheet.

Engraved parts are line drawings; parts of the surface are depth after the high-pass, on one scale of height, unless
their label says otherwise; whole mirrors are as the network sees them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from data.synthetic import corrosion, marks, scene, sensor, surface
from data.synthetic.difficulty import SCALE
from data.synthetic.grooves import carve, ink
from data.synthetic.maps import PIXELS_PER_MM, Map, Mask
from data.synthetic.mirror import Mirror
from data.synthetic.outline import draw_outline
from data.synthetic.paths import Path, resample

Picture = NDArray[np.uint8]  # (H, W, 3), RGB
Painter = Callable[[Generator], Picture]
Parts = dict[str, Painter]  # by label

SIDE_PX = 256  # of a patch, in model pixels: 512 of a scan
INK, SEEN, LOST = (40, 36, 32), (60, 160, 90), (220, 70, 50)
PLATE = (512, 512)  # a piece of surface, in scan pixels: a patch
GROUND_MM = 0.01  # roughness of the ground that other parts are shown on
HEIGHT_RANGE_MM = 0.1  # above and below the ground, from black to white
MOTIF_PX, ORNAMENT_PX = 700.0, 300.0  # half the extent of what is shown, in scan pixels
LINE_PX = 12.0  # width of an engraved line, in scan pixels
GREYS = 40  # told apart in a picture; few keep the file small


def drawn(paths: Sequence[Path], side: int = 400) -> Picture:
    """Paths ``(N, 2)`` in scan pixels as a line drawing, fitted into a square of ``side`` pixels."""
    points = np.concatenate(paths)
    low, high = points.min(axis=0), points.max(axis=0)
    scale = 0.9 * side / max(float((high - low).max()), 1.0)
    offset = side / 2 - scale * (low + high) / 2
    thick = max(round(scale * LINE_PX), 3)
    picture = np.full((side, side, 3), 255, np.uint8)
    for path in paths:
        corners = np.rint((scale * path + offset)[:, ::-1] * 16).astype(np.int32)
        if len(corners) == 1:
            cv2.circle(picture, corners[0].tolist(), 8 * thick, INK, -1, cv2.LINE_AA, shift=4)
        cv2.polylines(picture, [corners], False, INK, thick, cv2.LINE_AA, shift=4)
    return picture


def motif_parts() -> Parts:
    """Every motif that the engraving knows, and the cross-sections of its grooves."""
    from data.synthetic.grooves import SECTIONS
    from data.synthetic.motifs import MOTIFS
    from data.synthetic.ornaments import ORNAMENTS

    parts: Parts = {
        name: partial(motif, make, ORNAMENT_PX if name in ORNAMENTS else MOTIF_PX) for name, make in MOTIFS.items()
    }
    return parts | {f"{name} groove": partial(cross_section, form) for name, form in SECTIONS.items()}


def motif(make: Callable[[float, Generator], list[Path]], size_px: float, rng: Generator) -> Picture:
    """A motif of half the extent ``size_px`` in scan pixels, by which some have more details or fewer."""
    return drawn(make(size_px, rng))


def cross_section(form: Callable[[NDArray[np.float64]], NDArray[np.float64]], rng: Generator) -> Picture:
    """A profile through a groove, bronze below and air above."""
    across = np.abs(np.linspace(-1.6, 1.6, 400))
    depth = np.where(across < 1.0, form(np.minimum(across, 1.0)), 0.0)
    surface_row = 120 + np.rint(180 * depth)
    return grey(np.where(np.arange(400)[:, None] < surface_row, 1.0, 0.45).astype(np.float32))


def bronze_parts() -> Parts:
    """Everything that time, tools and sensor add to the engraving, and what lies around the object."""
    whole = np.ones(PLATE, np.bool_)
    return {
        "groove": lambda rng: relief(-wheel()[0]),
        "groove, shoulders": shoulders,
        "bronze ground": lambda rng: relief(surface.bronze_ground(*PLATE, rng)),
        "scratches": lambda rng: cut(marks.scratches(whole, rng, 12.0)),
        "tool marks": lambda rng: cut(marks.tool_marks(whole, rng, 3.0)),
        "pits": lambda rng: cut(marks.pits(whole, rng, 60.0)),
        "wear": lambda rng: relief(ground(rng) - wheel()[0] * (1 - surface.worn(whole, rng, 0.4))),
        "warts": lambda rng: relief(ground(rng) + corrosion.warts(*PLATE, rng, 0.05)),
        "crust": lambda rng: relief(corrosion.crust_relief(*PLATE, rng)),
        "crust hides lines": lambda rng: crusted(rng, tell_lost=False),
        "lost in the truth": lambda rng: crusted(rng, tell_lost=True),
        "rim, bent (depth)": lambda rng: rim(rng, beads=0.0),
        "rim, beaded (depth)": lambda rng: rim(rng, beads=1.0),
        "curved sheet (depth)": curved_sheet,
        "optics, noise": lambda rng: relief(sensor.measure_depth(ground(rng) - wheel()[0], rng, 0.006)),
        "normals": normals,
        "patina (albedo)": patina,
        "table (albedo)": table,
        "ruler (albedo)": ruler,
        "chart (albedo)": chart,
    }


def wheel() -> tuple[Map, Mask]:
    """A piece of engraving for the parts to act on, rings and spokes: groove depth in mm, drawing."""
    groove, drawing = np.zeros(PLATE, np.float32), np.zeros(PLATE, np.bool_)
    angle, middle = np.linspace(0.0, 2 * np.pi, 400), PLATE[0] / 2
    circle = np.stack([np.sin(angle), np.cos(angle)], axis=1)
    paths = [resample(middle + radius * circle) for radius in (70.0, 130.0, 215.0)]
    paths += [resample(middle + np.outer((130.0, 215.0), circle[k])) for k in range(0, 396, 33)]
    for path in paths:
        carve(groove, path, np.full(len(path), LINE_PX / 2), np.full(len(path), 0.09))
        ink(drawing, path, np.full(len(path), LINE_PX / 2))
    return groove, drawing


def relief(depth_mm: Map) -> Picture:
    """Depth ``(H, W)`` less its blur of 1 mm, `HEIGHT_RANGE_MM` below it black and above it white."""
    high = depth_mm - cv2.GaussianBlur(depth_mm, (0, 0), PIXELS_PER_MM)
    return grey(0.5 + high * np.float32(0.5 / HEIGHT_RANGE_MM))


def ground(rng: Generator) -> Map:
    """Smooth bronze, depth in mm."""
    return surface.bronze_ground(*PLATE, rng, GROUND_MM)


def cut(found: list[marks.Mark]) -> Picture:
    """Marks in even metal."""
    depth = np.zeros(PLATE, np.float32)
    marks.cut(depth, found)
    return relief(-depth)


def shoulders(rng: Generator) -> Picture:
    """Grooves with their shoulders."""
    depth, groove = np.zeros(PLATE, np.float32), wheel()[0]
    surface.raise_shoulders(depth, groove)
    return relief(depth - groove)


def crusted(rng: Generator, tell_lost: bool) -> Picture:
    """Lines under crust; if asked, green where an annotator still draws them and red where not."""
    groove, drawing = wheel()
    cover = corrosion.crust_cover(np.ones(PLATE, np.bool_), rng, 0.4)
    picture = relief(ground(rng) - groove * (1 - cover) + cover * corrosion.crust_relief(*PLATE, rng, 0.08))
    if tell_lost:
        seen = corrosion.legible(drawing, cover, SCALE["worn"].legible_below)
        picture[seen] = SEEN
        picture[drawing & ~seen] = LOST
    return picture


def rim(rng: Generator, beads: float) -> Picture:
    """A quarter of a rim, depth without high-pass."""
    side = 2 * PLATE[0]
    outline = draw_outline(side, side, rng)
    depth = np.zeros((side, side), np.float32)
    surface.raise_rim(depth, outline, outline.inside_map(side, side), rng, beads)
    return grey(0.5 + depth[: PLATE[0], : PLATE[1]] * np.float32(2.0))


def curved_sheet(rng: Generator) -> Picture:
    """The shape of a whole mirror, depth without high-pass."""
    depth = surface.curved(2048, 2048, draw_outline(2048, 2048, rng), rng)[::4, ::4]
    return grey((depth - depth.min()) / np.ptp(depth))


def normals(rng: Generator) -> Picture:
    """Normals as colours."""
    seen = sensor.normals_of(ground(rng) - wheel()[0], rng)
    steps = np.rint((seen + 1) / 2 * (GREYS - 1)) * (255 / (GREYS - 1))
    return steps.astype(np.uint8)


def patina(rng: Generator) -> Picture:
    """Albedo of stained and corroded bronze with dirt in its grooves."""
    whole = np.ones(PLATE, np.bool_)
    albedo = sensor.patina(*PLATE, rng, SCALE["worn"].patina)
    sensor.tint(albedo, corrosion.crust_cover(whole, rng, 0.25), wheel()[0], rng)
    sensor.measure_albedo(albedo, rng)
    return grey(albedo / 0.8)


def table(rng: Generator) -> Picture:
    """An object on the dark table, with ruler and chart."""
    depth, albedo = np.zeros((1500, 1500), np.float32), np.full((1500, 1500), 0.4, np.float32)
    mask = draw_outline(1500, 1500, rng).inside_map(1500, 1500) > 0
    scene.lay_table(depth, albedo, mask, 0.2)
    at, beside = scene.place_scale(mask, rng)
    scene.lay_ruler(depth, albedo, at)
    scene.lay_chart(depth, albedo, beside, rng)
    return grey(albedo)


def ruler(rng: Generator) -> Picture:
    """A ruler's millimetres."""
    albedo = np.full(PLATE, 0.04, np.float32)
    scene.lay_ruler(np.zeros_like(albedo), albedo, scene.Box(180, 20, 330, 512))
    return grey(albedo)


def chart(rng: Generator) -> Picture:
    """A colour chart, of which albedo keeps greys."""
    albedo = np.full(PLATE, 0.04, np.float32)
    scene.lay_chart(np.zeros_like(albedo), albedo, scene.Box(96, 16, 416, 496), rng)
    return grey(albedo)


@dataclass(frozen=True)
class _Rows:
    """A whole map (H, W) as what is read some rows at a time."""

    values: NDArray[np.float32]

    @property
    def shape(self) -> tuple[int, int, int]:
        return 1, *self.values.shape

    def rows(self, top: int, bottom: int) -> NDArray[np.float32]:
        return self.values[None, top:bottom]


def as_seen(mirror: Mirror) -> tuple[NDArray[np.float32], Mask, Mask]:
    """A mirror as the network sees it, at model scale: high-passed depth in [0, 1], drawing and object mask."""
    from data.preparing.channels import halve, halve_mask, prepare_depth

    prepared = prepare_depth(_Rows(mirror.depth), mirror.mask, PIXELS_PER_MM)
    depth = halve(prepared.rows(0, len(mirror.depth)))[0]
    return depth, halve_mask(mirror.drawing), halve_mask(mirror.mask)


def shown(depth: Map, rng: Generator) -> Picture:
    """A map in [0, 1] as it is."""
    return grey(depth)


def richest(drawn_at: NDArray[np.uint8]) -> tuple[int, int]:
    """Top left of the patch with most line, on a coarse grid, of how many levels draw each pixel (H, W)."""
    step = SIDE_PX // 4
    places = [
        (top, left)
        for top in range(0, drawn_at.shape[0] - SIDE_PX + 1, step)
        for left in range(0, drawn_at.shape[1] - SIDE_PX + 1, step)
    ]
    return max(places, key=lambda at: int(drawn_at[at[0] : at[0] + SIDE_PX, at[1] : at[1] + SIDE_PX].sum()))


def grey(values: Map) -> Picture:
    """Values in [0, 1] as a picture of `GREYS` levels."""
    steps = np.rint(np.clip(values, 0, 1) * (GREYS - 1)) * (255 / (GREYS - 1))
    return np.repeat(steps.astype(np.uint8)[..., None], 3, axis=2)
