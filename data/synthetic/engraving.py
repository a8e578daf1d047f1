"""Where the engraving of a made-up mirror goes: ornaments along the border, figures over the field.

Motifs are added until the lines hold their share of the object; a coarse grid remembers where something stands, so that
the field fills evenly and a line stops in front of another, as overlapping figures do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from data.synthetic.grooves import Map, Mask, Path, carve, ink, line_depth, line_radius, runs, shaken
from data.synthetic.motifs import MOTIFS, ORNAMENTS, Band, edge_lines, placed
from data.synthetic.surface import Outline

LINE_SHARE = (0.11, 0.135)  # of the object's pixels; the two real patches hold 9 and 14 %
BORDER_SHARE = 0.4  # of the line pixels at most: the rest is figures
BORDER_LENGTH_PX = (250.0, 1000.0)  # of one piece of ornament
LINE_WIDTH_PX = 12.4  # twice the Gamma's mean
BORDER_GAP_PX = (20.0, 200.0)  # between pieces
CELL_PX = 24  # of the grid that remembers where something stands
PLACES_TRIED = 12  # for each motif; the emptiest is taken
CROSSING_ODDS = 0.15  # how often a motif runs across others rather than stopping before them
ALIKE = 0.5  # share of the variance of width and depth that lies between motifs, not within
HAND_PX = 0.7  # how far the drawn line strays from the groove (deviation)
ORNAMENT_DEPTH_MM = 0.08
FIGURE_DEPTH_MM = 0.095


@dataclass(frozen=True)
class Plate:
    """An object while it is being engraved; its arrays are changed in place.

    Attributes
    ----------
        outline: the object's edge.
        relief: ``(H, W)`` float32, depth of the grooves in millimetres, positive.
        drawing: ``(H, W)`` bool, the lines as an annotator draws them.
        taken: bool grid of cells of `CELL_PX`, True where a line or the table is.
    """

    outline: Outline
    relief: Map
    drawing: Mask
    taken: Mask

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
            radius = line_radius(len(path), level, rng)
            carve(self.relief, path, radius, line_depth(len(path), level, depth_mm, rng))
            fresh += ink(self.drawing, shaken(path, rng, HAND_PX), radius)
        self.taken[self.cells_of(np.concatenate(paths))] = True
        return fresh


def engrave(outline: Outline, mask: Mask, rng: Generator) -> tuple[Map, Mask]:
    """Engrave border and field: groove depth ``(H, W)`` in millimetres, positive, and the drawn lines ``(H, W)``."""
    half = CELL_PX // 2
    taken = ~np.pad(mask, ((0, CELL_PX), (0, CELL_PX)))[half::CELL_PX, half::CELL_PX]
    plate = Plate(outline, np.zeros(mask.shape, np.float32), np.zeros(mask.shape, np.bool_), taken)
    goal = int(rng.uniform(*LINE_SHARE) * np.count_nonzero(mask))
    drawn = engrave_border(plate, int(BORDER_SHARE * goal), rng)
    engrave_field(plate, goal - drawn, rng)
    plate.relief[~mask] = 0.0
    plate.drawing[~mask] = False
    return plate.relief, plate.drawing


def engrave_border(plate: Plate, goal_px: int, rng: Generator) -> int:
    """Ornaments in pieces along the rim, of two or three kinds, until ``goal_px`` are drawn; how many are."""
    radius = plate.outline.radius_px
    width = float(np.clip(0.16 * radius, 55.0, 130.0)) * rng.uniform(0.85, 1.15)
    outer = radius - float(np.clip(0.1 * radius, 30.0, 160.0))
    kinds = [ORNAMENTS[i] for i in rng.permutation(len(ORNAMENTS))[: rng.integers(2, 4)]]
    start = first = rng.uniform(0.0, 2 * np.pi)
    drawn = turn = 0
    while drawn < goal_px and start < first + 2 * np.pi - 0.2:
        span = min(rng.uniform(*BORDER_LENGTH_PX) / outer, first + 2 * np.pi - start, 1.0)
        band = Band(plate.outline.centre, outer - width, outer, start, span)
        paths = kinds[turn % len(kinds)](band, rng) + edge_lines(band, rng, odds=0.3)
        drawn += plate.inscribe(paths, ORNAMENT_DEPTH_MM, rng)
        start += span + rng.uniform(*BORDER_GAP_PX) / outer
        turn += 1
    return drawn


def engrave_field(plate: Plate, goal_px: int, rng: Generator) -> int:
    """Free motifs over the field, large ones first, until ``goal_px`` are drawn; how many are."""
    motifs, odds = list(MOTIFS), np.array(list(MOTIFS.values()))
    drawn, idle = 0, 0
    while drawn < goal_px and idle < 60:
        size = _motif_size(plate.outline.radius_px, large=drawn < 0.35 * goal_px, rng=rng)
        motif = motifs[int(rng.choice(len(motifs), p=odds / odds.sum()))]
        centre = _emptiest(plate, size, rng)
        paths = placed(motif(size, rng), centre, float(rng.uniform(0, 2 * np.pi)))
        pieces = _pieces_that_fit(plate, paths, least_px=max(0.2 * size, 20.0), crossing=rng.random() < CROSSING_ODDS)
        lengths = np.cumsum([len(piece) for piece in pieces])  # a large motif must not overfill a small mirror
        pieces = pieces[: int(np.searchsorted(lengths, (goal_px - drawn) / LINE_WIDTH_PX)) + 1]
        fresh = plate.inscribe(pieces, FIGURE_DEPTH_MM, rng) if pieces else 0
        drawn += fresh
        idle = 0 if fresh else idle + 1
    return drawn


def _motif_size(radius_px: float, large: bool, rng: Generator) -> float:
    """Half the extent of a motif in scan pixels: a figure as large as the mirror allows, or a detail."""
    median = 0.45 * radius_px if large else min(170.0, 0.35 * radius_px)
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
    pieces = []
    for path in paths:
        fits = plate.outline.inside_px(path[:, 0], path[:, 1]) > margin
        fits &= ((path >= 0) & (path < plate.drawing.shape)).all(axis=1)
        if not crossing:
            fits &= ~plate.taken[plate.cells_of(path)]
        least = int(min(least_px, 0.6 * len(path)))
        pieces += [path[run] for run in runs(np.asarray(fits), max(least, 1))]
    return pieces
