"""An object while it is being engraved: its maps, and a coarse grid that remembers where something stands."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from data.synthetic.layers import Picture, pieces
from data.synthetic.layout import Layout
from data.synthetic.lines import Hands, engrave_line
from data.synthetic.maps import Map, Mask
from data.synthetic.outline import Outline
from data.synthetic.paths import LINE_WIDTH_PX, Path

ALIKE = 0.5  # share of the variance of width and depth that lies between motifs, not within
CELL_PX = 24  # of the grid that remembers where something stands
PLACES_TRIED = 12  # for each filler; the emptiest is taken


def inked_px(paths: list[Path]) -> float:
    """About how many pixels the drawn paths take, round ends included; where they cross counts twice."""
    return LINE_WIDTH_PX * sum(len(path) + np.pi / 4 * LINE_WIDTH_PX for path in paths)


@dataclass(frozen=True)
class Plate:
    """An object while it is being engraved; its arrays are changed in place.

    Attributes
    ----------
    outline : the object's edge
    relief : (H, W) float32, depth of the grooves in millimetres, positive
    drawing : (H, W) bool, the lines as an annotator draws them
    taken : bool grid of cells of `CELL_PX`, True where a line or the table is
    hands : who engraves and who draws
    layout : which motifs there are
    """

    outline: Outline
    relief: Map
    drawing: Mask
    taken: Mask
    hands: Hands
    layout: Layout = field(default_factory=Layout)

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

    def emptiest(self, size_px: float, rng: Generator) -> tuple[float, float]:
        """Of some random places on the object (row, column), the one with the fewest cells taken around it."""
        rows, cols = self.drawing.shape
        reach = max(int(size_px / CELL_PX), 1)
        best, least = (rows / 2, cols / 2), np.inf
        for row, col in rng.uniform((0, 0), (rows, cols), (PLACES_TRIED, 2)):
            r, c = int(row / CELL_PX), int(col / CELL_PX)
            around = self.taken[max(r - reach, 0) : r + reach + 1, max(c - reach, 0) : c + reach + 1]
            if (taken := float(around.mean())) < least:
                best, least = (float(row), float(col)), taken
        return best
