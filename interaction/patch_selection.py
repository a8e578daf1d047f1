"""The choice of the next patch to correct: by an estimate that needs no truth, or in an order fixed from the start."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from data.regions import Region, cells, grown, whole
from interaction.prompts import ADD, ERASE, Prompt
from interaction.session import LINE, RefinementSession
from metrics.calibration import Calibration
from metrics.expected import (
    TOLERANCE,
    Floats,
    expected_astray,
    expected_counts,
    expected_pfm,
    expected_wrong,
)
from metrics.masks import Mask

ORACLE, PREDICTED, RANDOM, READING = ORDERS = ("oracle", "predicted", "random", "reading")


class Ranking(Protocol):
    """Ranks the cells of a grid, in the order of ``data.regions.cells``."""

    @property
    def ranks(self) -> NDArray[np.float64 | np.int64]:
        """A number for each of N cells, (N,); the cell of the lowest comes next."""

    def update(self, region: Region) -> None:
        """Take into account that the drawing has changed in a region, or anywhere after a restart."""


class InTurn:
    """Ranks cells in a fixed order: each is finished before the next one begins.

    Parameters
    ----------
    turns : (N,) int, the turn of each cell
    """

    def __init__(self, turns: NDArray[np.int64]) -> None:
        self.ranks = turns

    def update(self, region: Region) -> None:
        """Do nothing."""


def reading(number: int) -> InTurn:
    """Take cells from left to right, row by row."""
    return InTurn(np.arange(number))


def shuffled(number: int, rng: np.random.Generator) -> InTurn:
    """Take cells in a random order, drawn once: a user who does not know where the drawing is bad.

    An order that was drawn anew for each stroke would spread the strokes over the mirror, which is another strategy.
    """
    return InTurn(rng.permutation(number))


class LineShares:
    """The probability of line, and the drawing, of parts of a session; pixels that prompts pin are certain.

    Parameters
    ----------
    session : whose drawing it is
    valid_mask : (H, W) bool, at model scale; no line is expected elsewhere
    calibration : turns the drawing's values into probabilities of line
    """

    def __init__(self, session: RefinementSession, valid_mask: Mask, calibration: Calibration) -> None:
        self._session, self._valid_mask, self._calibration = session, valid_mask, calibration
        self._pinned: dict[Region, tuple[tuple[Prompt, ...], NDArray[np.int8]]] = {}  # by region, see ``_signs``

    def of(self, region: Region) -> tuple[Floats, Mask]:
        """Return the probabilities, in [0, 1], and what is drawn within the mask, both in the region's shape."""
        drawing = self._session.current[region.slices]
        valid_mask, signs = self._valid_mask[region.slices], self._signs(region)
        probability = self._calibration(drawing)
        probability[signs == ADD], probability[(signs == ERASE) | ~valid_mask] = 1, 0
        return probability, (drawing > LINE) & valid_mask

    def _signs(self, region: Region) -> NDArray[np.int8]:
        """Return ``ADD`` where prompts pin line, ``ERASE`` where they pin ground, else 0; only new ones are drawn."""
        prompts = self._session.prompts_near(region)
        if not prompts:
            return np.zeros(region.shape, np.int8)
        known, signs = self._pinned.get(region, ((), np.zeros(region.shape, np.int8)))
        if known != prompts[: len(known)]:  # some were undone
            known, signs = (), np.zeros(region.shape, np.int8)
        for prompt in prompts[len(known) :]:
            if pinned := prompt.pinned(region, self._session.scale):
                signs[pinned[0]], signs[pinned[1]] = ADD, ERASE
        self._pinned[region] = prompts, signs
        return signs


class Predicted:
    """Ranks cells by their expected pFM, the lowest first; see ``metrics.expected``.

    The estimate depends on the session's drawing and prompts alone, so a session that is restored ranks as if it had
    never stopped. An update costs a few milliseconds for each cell that its region touches.

    Parameters
    ----------
    session : whose drawing is ranked
    valid_mask : (H, W) bool, at model scale; no line is expected elsewhere
    patch : side of a cell, in model pixels
    calibration : turns the drawing's values into probabilities of line; pixels that prompts pin are certain
    at_once : whether all cells are estimated now; otherwise ``ranks`` are valid once each cell was updated
    """

    def __init__(
        self,
        session: RefinementSession,
        valid_mask: Mask,
        patch: int,
        calibration: Calibration,
        *,
        at_once: bool = True,
    ) -> None:
        self._shares = LineShares(session, valid_mask, calibration)
        self._grid = cells(session.shape, patch)
        self._counts = np.zeros((len(self._grid), 4))
        if at_once:
            self.update(whole(session.shape))

    @property
    def ranks(self) -> Floats:
        """The expected pFM of each cell, (N,) in [0, 1]."""
        return expected_pfm(self._counts)

    def update(self, region: Region) -> None:
        """Estimate anew the cells that share a pixel with a region."""
        for index, cell in enumerate(self._grid):
            if cell.overlaps(region):
                self._counts[index] = expected_counts(*self._shares.of(cell))


class MostWrong:
    """Ranks cells by the number of wrong pixels to expect in them, the most first; see ``metrics.expected``.

    A pFM is a ratio: the lowest may belong to a cell with hardly any line, where little can be mended. The page leads
    a person by this number. Parameters and cost are those of ``Predicted``.
    """

    def __init__(
        self,
        session: RefinementSession,
        valid_mask: Mask,
        patch: int,
        calibration: Calibration,
        *,
        at_once: bool = True,
    ) -> None:
        self._shares, self._shape = LineShares(session, valid_mask, calibration), session.shape
        self._grid = cells(session.shape, patch)
        self._counts = np.zeros((2, len(self._grid)))
        if at_once:
            self.update(whole(session.shape))

    @property
    def ranks(self) -> Floats:
        """Minus the wrong pixels to expect, (N,)."""
        return -self.wrong

    @property
    def wrong(self) -> Floats:
        """The wrong pixels to expect in each cell, within the mask, (N,)."""
        return self._counts[0]

    @property
    def astray(self) -> Floats:
        """Those of them that lie further off than ``metrics.expected.TOLERANCE``, (N,)."""
        return self._counts[1]

    def update(self, region: Region) -> None:
        """Estimate anew the cells that share a pixel with a region, or lie within the tolerance of one."""
        for index, cell in enumerate(self._grid):
            if grown(cell, TOLERANCE, self._shape).overlaps(region):
                self.update_cell(index)

    def update_cell(self, index: int) -> None:
        """Estimate one cell anew, by its index in the grid."""
        cell = self._grid[index]
        seen = grown(cell, TOLERANCE, self._shape)
        share, drawing = self._shares.of(seen)
        for row, found in enumerate((expected_wrong(share, drawing), expected_astray(share, drawing))):
            self._counts[row, index] = found[cell.within(seen).slices].sum()


def ranking_named(
    order: str, session: RefinementSession, valid_mask: Mask, patch: int, *, calibration: Calibration, seed: int
) -> Ranking | None:
    """Return the ranking for a name in ``ORDERS``; None for the oracle's, which needs the truth.

    Parameters
    ----------
    order : its name
    session, valid_mask, patch, calibration : see ``Predicted``; other orders need no calibration
    seed : of the random order, which shares nothing with the strokes of the same seed

    Raises
    ------
    ValueError
        If there is no such order.
    """
    number = len(cells(session.shape, patch))
    match order:
        case "oracle":
            return None
        case "predicted":
            return Predicted(session, valid_mask, patch, calibration)
        case "random":
            return shuffled(number, np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(0,))))
        case "reading":
            return reading(number)
    raise ValueError(f"no order {order!r}; there are {', '.join(ORDERS)}")
