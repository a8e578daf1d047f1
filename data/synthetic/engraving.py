"""The engraving of a made-up mirror: border, handle and scene, and what fills the free places.

Fillers are added until the lines hold their share of the object; the field fills evenly, and a line stops in front of
another.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from data.synthetic.borders import ORNAMENT_DEPTH_MM, Band, engrave_border
from data.synthetic.layers import Picture, moved, pieces, placed, shifted, visible
from data.synthetic.layout import Layout
from data.synthetic.lines import Hands
from data.synthetic.maps import Map, Mask
from data.synthetic.ornaments import ORNAMENTS, palmette
from data.synthetic.outline import Outline
from data.synthetic.paths import LINE_WIDTH_PX, Path, runs
from data.synthetic.plate import CELL_PX, Plate, inked_px
from data.synthetic.tondo import names, scene

LINE_SHARE = (0.11, 0.135)  # of the object's pixels; the two real patches hold 9 and 14 %
BORDER_SHARE = 0.5  # of the line pixels at most: the rest is figures
SCENES_TRIED = 4
SCENE_SHARE = (0.6, 1.2)  # of the pixels left for the scene: one that takes so many is not tried again
ALIKE_LINES = 4  # neighbours in a figure that are cut alike
CROSSING_ODDS = 0.04  # how often a filler runs across others rather than stopping before them
PATIENCE = 60  # fillers in a row that find no place before the field is taken for full; half before they may cross
FIGURE_DEPTH_MM = 0.095
HANDLE_ORNAMENTS = ("herringbone", "tongues", "running_waves", "cross_hatch", "dotted_rows")


def engrave(
    outline: Outline, mask: Mask, rng: Generator, hands: Hands | None = None, layout: Layout | None = None
) -> tuple[Map, Mask]:
    """Engrave border, handle and scene.

    Gives the groove depth ``(H, W)`` in millimetres, positive, and the drawn lines ``(H, W)``. ``hands`` is who
    engraves and who draws, by default with their usual habits; ``layout`` is what they engrave.
    """
    half = CELL_PX // 2
    taken = ~np.pad(mask, ((0, CELL_PX), (0, CELL_PX)))[half::CELL_PX, half::CELL_PX]
    hands, layout = hands or Hands(), layout or Layout()
    plate = Plate(outline, np.zeros(mask.shape, np.float32), np.zeros(mask.shape, np.bool_), taken, hands, layout)
    goal = int(rng.uniform(*LINE_SHARE) * np.count_nonzero(mask))
    upright = float(np.arctan2(outline.handle[1], outline.handle[0])) if outline.handle else 0.0
    border, drawn = engrave_border(plate, BORDER_SHARE * goal, upright, rng)
    if plate.layout.figures:
        drawn += engrave_handle(plate, upright, rng)
        drawn += engrave_scene(plate, border, goal - drawn, upright + rng.normal(0.0, 0.03), rng)
    engrave_field(plate, goal - drawn, upright, rng)
    plate.relief[~mask] = 0.0
    plate.drawing[~mask] = False
    return plate.relief, plate.drawing


def engrave_handle(plate: Plate, upright: float, rng: Generator) -> int:
    """A palmette where the handle begins and a strip of ornament along it; how many pixels they took."""
    shape = plate.outline
    if shape.handle is None:
        return 0
    half, length = shape.handle_half_width_px, shape.handle_length_px
    size = 1.3 * half
    paths = [shifted(path, shape.radius_px + 0.35 * length, 0.0) for path in palmette(size, rng)] if size > 120 else []
    ornament = ORNAMENTS[str(rng.choice(HANDLE_ORNAMENTS))][0]
    width, long = min(0.7 * half, 160.0), 0.42 * length
    strip = ornament(long, width, rng) if width > 3 * LINE_WIDTH_PX else []
    paths += [np.stack([shape.radius_px + 0.5 * length + p[:, 1], p[:, 0] - 0.5 * width], axis=1) for p in strip]
    paths = placed(paths, shape.centre, upright)
    return plate.inscribe(plate.on_object(paths, 20.0), ORNAMENT_DEPTH_MM, rng)


def engrave_scene(plate: Plate, border: Band, goal_px: int, upright: float, rng: Generator) -> int:
    """The figures within the border, and names and stars in the free places; how many pixels they took."""
    picture, lines = _scene_of(plate, border, goal_px, upright, rng)
    drawn = 0
    for first in range(0, len(lines), ALIKE_LINES):
        if drawn > goal_px:  # the lines came out wide
            break
        drawn += plate.inscribe(lines[first : first + ALIKE_LINES], FIGURE_DEPTH_MM, rng)
    plate.occupy(picture)
    for extra in names(border.inner_px, int(rng.integers(1, 6)) if drawn < goal_px else 0, rng):
        paths = visible(extra)
        size = float(np.abs(np.concatenate(paths)).max())
        paths = placed(paths, plate.emptiest(size, rng), upright)
        fits = inked_px(paths) < goal_px - drawn
        if fits and not plate.taken[plate.cells_of(np.concatenate(paths))].any():
            drawn += plate.inscribe(plate.on_object(paths, 40.0), FIGURE_DEPTH_MM, rng)
    return drawn


def _scene_of(plate: Plate, border: Band, goal_px: float, upright: float, rng: Generator) -> tuple[Picture, list[Path]]:
    """Of some scenes, the first that takes about ``goal_px``, or else the nearest; its bodies and the lines seen.

    If the nearest still takes far more, its lines farthest behind are left out.
    """
    least, most = np.multiply(SCENE_SHARE, goal_px)
    found: list[tuple[float, Picture, list[Path]]] = []
    for _ in range(SCENES_TRIED):
        picture, lines = _sketch(plate, border, goal_px, upright, rng)
        found.append((inked_px(lines), picture, lines))
        if least <= found[-1][0] <= most:
            break
    _, picture, lines = min(found, key=lambda each: abs(each[0] - goal_px))
    ends = np.cumsum([inked_px([line]) for line in lines])
    return picture, lines[: int(np.searchsorted(ends, most))]


def _sketch(plate: Plate, border: Band, goal_px: float, upright: float, rng: Generator) -> tuple[Picture, list[Path]]:
    """A scene in its place, and those of its lines that are seen, up to the border and the rim.

    Who stands farthest behind is left out until the lines take ``goal_px`` or less.
    """
    margin = float(np.clip(0.07 * border.inner_px, 16.0, 60.0))
    things = scene(border.inner_px, rng)
    for count in range(len(things), 0, -1):
        picture = moved([layer for thing in things[:count] for layer in thing], border.centre, upright)
        lines = [piece for path in visible(picture) for piece in pieces(path, ~_in_border(path, border))]
        lines = plate.on_object(lines, margin)
        if inked_px(lines) <= goal_px:
            break
    return picture, lines


def _in_border(path: Path, border: Band) -> Mask:
    """Which points of a path lie in the ring that the border fills."""
    outside = np.hypot(*(path - border.centre).T) > border.inner_px
    return np.asarray(outside & (border.turn(path) < border.span))


def engrave_field(plate: Plate, goal_px: int, upright: float, rng: Generator) -> int:
    """Free strokes where nothing stands yet, until ``goal_px`` are drawn; how many are."""
    fillers = plate.layout.fillers
    odds = np.array([odds for _, odds in fillers.values()])
    drawn, idle = 0, 0
    while drawn < goal_px and idle < PATIENCE:
        size = _filler_size(plate.outline.radius_px, rng)
        name = str(rng.choice(list(fillers), p=odds / odds.sum()))
        angle = upright if name == "inscription" else float(rng.uniform(0, 2 * np.pi))
        paths = placed(fillers[name][0](size, rng), plate.emptiest(size, rng), angle)
        crossing = rng.random() < CROSSING_ODDS or idle > PATIENCE // 2
        fitting = _pieces_that_fit(plate, paths, least_px=max(0.2 * size, 20.0), crossing=crossing)
        ends = np.cumsum([inked_px([piece]) for piece in fitting])  # a large motif must not overfill a small mirror
        fitting = fitting[: int(np.searchsorted(ends, goal_px - drawn)) + 1]
        fresh = plate.inscribe(fitting, FIGURE_DEPTH_MM, rng)
        drawn += fresh
        idle = 0 if fresh else idle + 1
    return drawn


def _filler_size(radius_px: float, rng: Generator) -> float:
    """Half the extent of a filler in scan pixels."""
    median = min(170.0, 0.35 * radius_px)
    return float(np.clip(median * np.exp(0.4 * rng.standard_normal()), 45.0, 0.7 * radius_px))


def _pieces_that_fit(plate: Plate, paths: list[Path], least_px: float, crossing: bool) -> list[Path]:
    """The pieces of the paths, ``least_px`` long or more, on the object and, unless ``crossing``, on free cells."""
    margin = float(np.clip(0.08 * plate.outline.radius_px, 25.0, 130.0))
    found = []
    for path in paths:
        fits = plate.outline.inside_px(path[:, 0], path[:, 1]) > margin
        fits &= ((path >= 0) & (path < plate.drawing.shape)).all(axis=1)
        if not crossing:
            fits &= ~plate.taken[plate.cells_of(path)]
        least = int(min(least_px, 0.6 * len(path)))
        found += [path[run] for run in runs(np.asarray(fits), max(least, 1))]
    return found
