"""Counts of a drawing under correction, updated from the changed region: bit for bit those of a count from scratch.

Every score of a run's table follows from sums over pixels, of ones or of weights that add up exactly. So a change
subtracts the counts of its region before it and adds those after it, whatever the size of the mirror.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import add
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.regions import Region, intersection
from interaction.changes import Change, Probabilities
from interaction.session import LINE, RefinementSession
from metrics.counts import Counts, count
from metrics.dibco import WeightedCounts, Weights, weighted_count
from metrics.masks import Mask
from metrics.registry import Tally
from metrics.truths import TruthCache


class Scoreboard:
    """Counts of a drawing, in the whole and cell by cell.

    Parameters
    ----------
    session : whose current drawing is counted
    truth, valid_mask : (H, W) bool, at model scale; other pixels count nowhere
    grid : the cells, disjoint and all over the drawing
    truths : keeps the truth's skeleton and weights for a next scoreboard; None: nothing is kept
    """

    def __init__(
        self,
        session: RefinementSession,
        truth: Mask,
        valid_mask: Mask,
        grid: Sequence[Region],
        truths: TruthCache | None = None,
    ) -> None:
        truths = TruthCache() if truths is None else truths
        self._session, self._truth, self._valid_mask, self._grid = session, truth, valid_mask, grid
        self._skeleton, self._weights = truths.skeleton(truth), truths.weights(truth)
        self._corners = np.array([(cell.top, cell.left, cell.bottom, cell.right) for cell in grid])
        self.cells = [self.count(cell, session.current[cell.slices]) for cell in grid]
        self.pfm = np.array([counts.pfm for counts in self.cells])
        whole = Region(0, 0, *session.shape)
        self._total = Tally(reduce(add, self.cells, Counts()), self._weigh(whole, session.current))

    @property
    def total(self) -> Tally:
        """The counts of the whole drawing."""
        return self._total

    def count(self, region: Region, drawing: Probabilities) -> Counts:
        """Count for a region if its drawing were this one."""
        at = region.slices
        return count(drawing > LINE, self._truth[at], self._skeleton[at], self._valid_mask[at])

    def after(self, index: int, change: Change) -> Counts:
        """Count for a cell of the grid as it would be after a change, which is not committed yet."""
        return self.cells[index] + self._difference(intersection(self._grid[index], change.region), change)

    def update(self, change: Change) -> None:
        """Take a committed change into account."""
        for index in self._overlapping(change.region):
            self.cells[index] = self.after(index, change)
            self.pfm[index] = self.cells[index].pfm
        before, after = (self._weigh(change.region, drawing) for drawing in (change.before, change.after))
        self._total = Tally(
            self._total.counts + self._difference(change.region, change), self._total.weighted - before + after
        )

    def _difference(self, region: Region, change: Change) -> Counts:
        """What a change adds to the counts of a part of its region."""
        part = region.within(change.region).slices
        return self.count(region, change.after[part]) - self.count(region, change.before[part])

    def _weigh(self, region: Region, drawing: Probabilities) -> WeightedCounts:
        at = region.slices
        part = Weights(self._weights.recall[at], self._weights.precision[at])
        return weighted_count(drawing > LINE, self._truth[at], part, self._valid_mask[at])

    def _overlapping(self, region: Region) -> list[int]:
        top, left, bottom, right = self._corners.T
        shared = (top < region.bottom) & (region.top < bottom) & (left < region.right) & (region.left < right)
        return [int(index) for index in np.flatnonzero(shared)]


def paste_overlap(target: NDArray[Any], target_region: Region, source: NDArray[Any], source_region: Region) -> None:
    """Copy what two regions share from the source's array into the target's."""
    shared = intersection(target_region, source_region)
    target[shared.within(target_region).slices] = source[shared.within(source_region).slices]
