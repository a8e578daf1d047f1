"""Where the engraving of a made-up mirror goes: bands around the tondo, the scene in it, the handle, and what fills up.

Fillers are added until the lines hold their share of the object; a coarse grid remembers where something stands, so
that the field fills evenly and a line stops in front of another.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from data.synthetic.grooves import LINE_WIDTH_PX, Map, Mask, Path, runs
from data.synthetic.hands import Hands, engrave_line
from data.synthetic.layers import Picture, moved, pieces, shifted, visible
from data.synthetic.motifs import FILLERS, MOTIFS, placed
from data.synthetic.ornaments import ORNAMENTS, Band, palmette, rings
from data.synthetic.surface import Outline
from data.synthetic.tondo import names, scene

LINE_SHARE = (0.11, 0.135)  # of the object's pixels; the two real patches hold 9 and 14 %
BORDER_SHARE = 0.5  # of the line pixels at most: the rest is figures
ALL_AROUND = 0.7  # a band for more of which the pixels suffice goes around all the same
LEAST_SPAN = 0.4  # radians of a border that breaks off
SCENES_TRIED = 4
ALIKE_LINES = 24  # neighbours in a figure that are cut alike
PIECE_PX = 900.0  # of ornament, cut with one level of width and depth
RING_GAP_PX = 60.0  # between bands, for the rings
CELL_PX = 24  # of the grid that remembers where something stands
PLACES_TRIED = 12  # for each filler; the emptiest is taken
CROSSING_ODDS = 0.04  # how often a filler runs across others rather than stopping before them
ALIKE = 0.5  # share of the variance of width and depth that lies between motifs, not within
ORNAMENT_DEPTH_MM = 0.08
FIGURE_DEPTH_MM = 0.095


@dataclass(frozen=True)
class Plate:
    """An object while it is being engraved; its arrays are changed in place.

    Attributes
    ----------
    outline : the object's edge
    relief : (H, W) float32, depth of the grooves in millimetres, positive; the burr beside them is negative
    drawing : (H, W) bool, the lines as an annotator draws them
    taken : bool grid of cells of `CELL_PX`, True where a line or the table is
    hands : who engraves and who draws
    """

    outline: Outline
    relief: Map
    drawing: Mask
    taken: Mask
    hands: Hands

    def cells_of(self, points: Path) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Rows and columns in `taken` of points ``(N, 2)``; points beyond the image count to its border cells."""
        cell = np.floor_divide(points, CELL_PX).astype(np.int64)
        return cell[:, 0].clip(0, self.taken.shape[0] - 1), cell[:, 1].clip(0, self.taken.shape[1] - 1)

    def inscribe(self, paths: list[Path], depth_mm: float, rng: Generator) -> int:
        """Cut and draw the lines of one motif, about ``depth_mm`` deep; how many pixels of the drawing they added.

        The lines of a motif are alike in width and depth, and a wide line is a deep one: one graver, one hand.
        """
        common = rng.standard_normal()
        fresh = 0
        for path in paths:
            level = np.sqrt(ALIKE) * common + np.sqrt(1.0 - ALIKE) * rng.standard_normal()
            fresh += engrave_line(self.relief, self.drawing, path, level, depth_mm, self.hands, rng)
        if paths:
            self.taken[self.cells_of(np.concatenate(paths))] = True
        return fresh

    def occupy(self, picture: Picture) -> None:
        """Take the cells of a picture's bodies, so that nothing is drawn into them."""
        cells = self.taken.view(np.uint8)
        for layer in picture:
            for cover in layer.covers:
                cv2.fillPoly(cells, [np.rint(cover[:, ::-1] / CELL_PX - 0.5).astype(np.int32)], 1)

    def on_object(self, paths: list[Path], margin_px: float) -> list[Path]:
        """The pieces of the paths that lie ``margin_px`` or more inside the object and in the image."""
        kept = []
        for path in paths:
            fits = self.outline.inside_px(path[:, 0], path[:, 1]) > margin_px
            fits &= ((path >= 0) & (path < self.drawing.shape)).all(axis=1)
            kept += pieces(path, np.asarray(fits))
        return kept


def engrave(outline: Outline, mask: Mask, rng: Generator, hands: Hands | None = None) -> tuple[Map, Mask]:
    """Engrave borders, scene and handle.

    Gives the groove depth ``(H, W)`` in millimetres, positive, negative where burr stands up, and the drawn lines
    ``(H, W)``. ``hands`` is who engraves and who draws, by default with their usual habits.
    """
    half = CELL_PX // 2
    taken = ~np.pad(mask, ((0, CELL_PX), (0, CELL_PX)))[half::CELL_PX, half::CELL_PX]
    plate = Plate(outline, np.zeros(mask.shape, np.float32), np.zeros(mask.shape, np.bool_), taken, hands or Hands())
    goal = int(rng.uniform(*LINE_SHARE) * np.count_nonzero(mask))
    upright = float(np.arctan2(outline.handle[1], outline.handle[0])) if outline.handle else 0.0
    border, drawn = engrave_border(plate, int(BORDER_SHARE * goal), rng)
    drawn += engrave_handle(plate, upright, rng)
    drawn += engrave_scene(plate, border, goal - drawn, upright + rng.normal(0.0, 0.03), rng)
    engrave_field(plate, goal - drawn, upright, rng)
    plate.relief[~mask] = 0.0
    plate.drawing[~mask] = False
    return plate.relief, plate.drawing


def engrave_border(plate: Plate, goal_px: int, rng: Generator) -> tuple[Band, int]:
    """Bands of ornament from the rim inwards, until about ``goal_px`` are drawn: the ring they fill, and the pixels.

    A band goes around where the pixels suffice; on a mirror too small for that it breaks off, and so does the ring.
    """
    radius, centre = plate.outline.radius_px, plate.outline.centre
    outer = rim = radius - float(np.clip(0.08 * radius, 22.0, 150.0))
    gap = float(np.clip(0.03 * radius, 22.0, RING_GAP_PX))
    start, drawn = rng.uniform(0.0, 2 * np.pi), 0
    cut_short: tuple[Band, list[Path], float] | None = None
    for name in rng.permutation(list(ORNAMENTS)):
        ornament, (least, most) = ORNAMENTS[str(name)]
        width = float(np.clip(rng.uniform(least, most) * min(radius / 2200.0, 1.0), 55.0, 0.3 * radius))
        band = Band(centre, outer - width, outer, start, 2 * np.pi)
        paths = band.filled(ornament, rng) + rings(band, rng, gap_px=float(np.clip(0.2 * width, 20.0, 34.0)))
        share = (goal_px - drawn) / (LINE_WIDTH_PX * sum(map(len, paths)))
        if share >= 1.0:
            drawn += _inscribe_ring(plate, paths, band, rng)
            outer -= width + gap
        elif cut_short is None or cut_short[2] < ALL_AROUND <= share:
            cut_short = band, paths, share
        if outer < 0.74 * radius:
            break
    if drawn or cut_short is None:
        return Band(centre, outer, rim, start, 2 * np.pi), drawn
    band, paths, share = cut_short
    span = 2 * np.pi if share >= ALL_AROUND else max(2 * np.pi * share, LEAST_SPAN)
    kept = [piece for path in paths for piece in pieces(path, _turn(path, band) < span)]
    return Band(centre, band.inner_px - gap, rim, start, span), _inscribe_ring(plate, kept, band, rng)


def _turn(points: Path, band: Band) -> NDArray[np.float64]:
    """Angles ``(N,)`` of points from the start of a band, 0 to 2 pi."""
    down, right = (points - band.centre).T
    return np.asarray((np.arctan2(down, right) - band.start) % (2 * np.pi))


def _inscribe_ring(plate: Plate, paths: list[Path], band: Band, rng: Generator) -> int:
    """Engrave what fills a ring in pieces, each with its own level of width and depth; how many pixels it took."""
    order = np.argsort([_turn(path[:1], band)[0] for path in paths])
    count = max(int(band.length_px / PIECE_PX), 1)
    return sum(
        plate.inscribe(plate.on_object([paths[i] for i in piece], 8.0), ORNAMENT_DEPTH_MM, rng)
        for piece in np.array_split(order, count)
    )


def engrave_handle(plate: Plate, upright: float, rng: Generator) -> int:
    """A palmette where the handle begins and a strip of ornament along it; how many pixels they took."""
    shape = plate.outline
    if shape.handle is None:
        return 0
    half, length = shape.handle_half_width_px, shape.handle_length_px
    size = 1.3 * half
    paths = [shifted(path, shape.radius_px + 0.35 * length, 0.0) for path in palmette(size, rng)] if size > 120 else []
    ornament = ORNAMENTS[str(rng.choice(["herringbone", "tongues", "running_waves", "cross_hatch", "dotted_rows"]))][0]
    width, long = min(0.7 * half, 160.0), 0.42 * length
    strip = ornament(long, width, rng) if width > 3 * LINE_WIDTH_PX else []
    paths += [np.stack([shape.radius_px + 0.5 * length + p[:, 1], p[:, 0] - 0.5 * width], axis=1) for p in strip]
    paths = placed(paths, shape.centre, upright)
    return plate.inscribe(plate.on_object(paths, 20.0), ORNAMENT_DEPTH_MM, rng)


def engrave_scene(plate: Plate, border: Band, goal_px: int, upright: float, rng: Generator) -> int:
    """The figures within the border, and names and stars in the free places; how many pixels they took.

    Of some scenes it takes the one with most lines that stays below ``goal_px``, else the one with fewest.
    """
    tondo_px = border.inner_px
    sketches = [_sketch(plate, border, upright, rng) for _ in range(SCENES_TRIED)]
    room = [0.95 * goal_px - LINE_WIDTH_PX * sum(map(len, lines)) for _, lines in sketches]
    picture, lines = sketches[int(np.argmin([left if left >= 0 else goal_px - left for left in room]))]
    drawn = sum(
        plate.inscribe(lines[i : i + ALIKE_LINES], FIGURE_DEPTH_MM, rng) for i in range(0, len(lines), ALIKE_LINES)
    )
    plate.occupy(picture)
    for extra in names(tondo_px, int(rng.integers(1, 6)) if drawn < goal_px else 0, rng):
        paths = visible(extra)
        size = float(np.abs(np.concatenate(paths)).max())
        paths = placed(paths, _emptiest(plate, size, rng), upright)
        if drawn < goal_px and not plate.taken[plate.cells_of(np.concatenate(paths))].any():
            drawn += plate.inscribe(plate.on_object(paths, 40.0), FIGURE_DEPTH_MM, rng)
    return drawn


def _sketch(plate: Plate, border: Band, upright: float, rng: Generator) -> tuple[Picture, list[Path]]:
    """A scene in its place, and those of its lines that are seen, up to the border and the rim."""
    picture = moved(scene(border.inner_px, rng), border.centre, upright)
    lines = [piece for path in visible(picture) for piece in pieces(path, ~_in_border(path, border))]
    return picture, plate.on_object(lines, float(np.clip(0.07 * border.inner_px, 16.0, 60.0)))


def _in_border(path: Path, border: Band) -> Mask:
    """Which points of a path lie in the ring that the border fills."""
    outside = np.hypot(*(path - border.centre).T) > border.inner_px
    return np.asarray(outside & (_turn(path, border) < border.span + 10.0 / border.inner_px))


def engrave_field(plate: Plate, goal_px: int, upright: float, rng: Generator) -> int:
    """Free strokes where nothing stands yet, until ``goal_px`` are drawn; how many are."""
    odds = np.array(list(FILLERS.values()))
    drawn, idle = 0, 0
    while drawn < goal_px and idle < 60:
        size = _filler_size(plate.outline.radius_px, rng)
        name = str(rng.choice(list(FILLERS), p=odds / odds.sum()))
        angle = upright if name == "inscription" else float(rng.uniform(0, 2 * np.pi))
        paths = placed(MOTIFS[name](size, rng), _emptiest(plate, size, rng), angle)
        fitting = _pieces_that_fit(plate, paths, least_px=max(0.2 * size, 20.0), crossing=rng.random() < CROSSING_ODDS)
        lengths = np.cumsum([len(piece) for piece in fitting])  # a large motif must not overfill a small mirror
        fitting = fitting[: int(np.searchsorted(lengths, (goal_px - drawn) / LINE_WIDTH_PX)) + 1]
        fresh = plate.inscribe(fitting, FIGURE_DEPTH_MM, rng)
        drawn += fresh
        idle = 0 if fresh else idle + 1
    return drawn


def _filler_size(radius_px: float, rng: Generator) -> float:
    """Half the extent of a filler in scan pixels."""
    median = min(170.0, 0.35 * radius_px)
    return float(np.clip(median * np.exp(0.4 * rng.standard_normal()), 45.0, 0.7 * radius_px))


def _emptiest(plate: Plate, size_px: float, rng: Generator) -> tuple[float, float]:
    """Of some random places on the object (row, column), the one with the fewest cells taken around it."""
    rows, cols = plate.drawing.shape
    reach = max(int(size_px / CELL_PX), 1)
    best, least = (rows / 2, cols / 2), np.inf
    for row, col in rng.uniform((0, 0), (rows, cols), (PLACES_TRIED, 2)):
        r, c = int(row / CELL_PX), int(col / CELL_PX)
        around = plate.taken[max(r - reach, 0) : r + reach + 1, max(c - reach, 0) : c + reach + 1]
        if (taken := float(around.mean())) < least:
            best, least = (float(row), float(col)), taken
    return best


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
