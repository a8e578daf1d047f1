"""Scores of a drawing under correction, kept up to date from what changes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import add
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.regions import Region, intersection
from metrics.masks import Mask
from metrics.scores import Counts, count
from metrics.skeletons import skeleton
from simulation.refinement import LINE, Change, RefinementSession


class Scoreboard:
    """Counts of a drawing cell by cell, kept up to date; cells are disjoint, so they add up to the whole.

    Parameters
    ----------
    session : whose current drawing is counted
    truth, inside : (H, W) bool, at model scale; pixels outside count nowhere
    grid : the cells
    """

    def __init__(self, session: RefinementSession, truth: Mask, inside: Mask, grid: Sequence[Region]) -> None:
        self._session, self._truth, self._inside, self._grid = session, truth, inside, grid
        self._skeleton = skeleton(truth)
        self.counts = [self.of(cell, session.current[cell.slices]) for cell in grid]

    def of(self, region: Region, drawing: NDArray[np.float32]) -> Counts:
        """Count for a region if its drawing were this one."""
        at = region.slices
        return count(drawing > LINE, self._truth[at], self._skeleton[at], self._inside[at])

    def after(self, index: int, change: Change) -> Counts:
        """Count for a cell of the grid as it would be after a change."""
        cell = self._grid[index]
        drawing = self._session.current[cell.slices].copy()
        paste_overlap(drawing, cell, change.after, change.region)
        return self.of(cell, drawing)

    def update(self, changed: Region) -> None:
        """Count again what overlaps a changed region."""
        for index, cell in enumerate(self._grid):
            if cell.overlaps(changed):
                self.counts[index] = self.of(cell, self._session.current[cell.slices])

    @property
    def total(self) -> Counts:
        """Counts of the whole drawing."""
        return reduce(add, self.counts)


def paste_overlap(target: NDArray[Any], target_region: Region, source: NDArray[Any], source_region: Region) -> None:
    """Copy what two regions share from the source's array into the target's."""
    shared = intersection(target_region, source_region)
    target[shared.within(target_region).slices] = source[shared.within(source_region).slices]
