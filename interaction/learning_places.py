"""The choice of the next place that models are to learn from: where they know least, or what they may yet learn."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from data.regions import Region, cells, whole
from interaction.changes import Probabilities
from interaction.patch_selection import ORACLE, PREDICTED, RANDOM, LineShares, Ranking, ranking_named
from interaction.session import RefinementSession
from metrics.calibration import Calibration
from metrics.masks import Mask

LEAST_SURE, EXPECTED_GAIN = "least-sure", "expected-gain"
PLACES = (LEAST_SURE, EXPECTED_GAIN, "worst", RANDOM, PREDICTED)
LEAST_LINE = 8.0  # pixels of line to expect in a place that is worth a visit
SURELY = 1e-6  # probabilities are held this far from 0 and 1


class LeastSure:
    """Ranks cells by how unsure the drawing is in them, the least sure first: where there is most to be learned.

    How unsure a cell is, is the mean entropy of its pixels within the mask, of the calibrated probability of line.
    Cells in which next to no line is probable come last. Restored and updated as ``Predicted``.

    Parameters
    ----------
    session, valid_mask, patch, calibration : see ``Predicted``
    """

    def __init__(self, session: RefinementSession, valid_mask: Mask, patch: int, calibration: Calibration) -> None:
        self._shares, self._valid_mask = LineShares(session, valid_mask, calibration), valid_mask
        self._grid = cells(session.shape, patch)
        self.ranks = np.zeros(len(self._grid))
        self.update(whole(session.shape))

    def update(self, region: Region) -> None:
        """Estimate anew the cells that share a pixel with a region."""
        for index, cell in enumerate(self._grid):
            if cell.overlaps(region):
                self.ranks[index] = -self._entropy(cell)

    def _entropy(self, cell: Region) -> float:
        """Return the mean entropy of a cell's pixels, in nats; minus infinity if it holds no line worth a visit."""
        probability, _ = self._shares.of(cell)
        pixels = np.count_nonzero(self._valid_mask[cell.slices])
        if probability.sum() < LEAST_LINE:
            return -np.inf
        return float(entropy(probability)[self._valid_mask[cell.slices]].sum() / pixels)


class ExpectedGain:
    """Ranks cells as ``LeastSure`` until something was learned, then by what the versions of the models disagree on.

    Where versions that learned from the same places draw differently, a further place tells them apart; where they are
    merely unsure alike, as on corrosion, it may not (query by committee; the measure is the mutual information between
    pixel and version: N. Houlsby et al., "Bayesian active learning for classification and preference learning", arXiv
    1112.5745).

    Parameters
    ----------
    session, valid_mask, patch, calibration : see ``LeastSure``
    """

    def __init__(self, session: RefinementSession, valid_mask: Mask, patch: int, calibration: Calibration) -> None:
        self._unsure, self._valid_mask = LeastSure(session, valid_mask, patch, calibration), valid_mask
        self._grid = cells(session.shape, patch)
        self._told: NDArray[np.float64] | None = None

    @property
    def ranks(self) -> NDArray[np.float64]:
        """A number for each cell, (N,); places without line come last, however much versions disagree."""
        if self._told is None:
            return self._unsure.ranks
        return np.where(np.isposinf(self._unsure.ranks), np.inf, self._told)

    def update(self, region: Region) -> None:
        """See ``Ranking``."""
        self._unsure.update(region)

    def tell(self, disagreement: Probabilities) -> None:
        """Take note of what versions disagree on, (H, W) as ``disagreement`` returns it."""
        shares = [disagreement[cell.slices][self._valid_mask[cell.slices]] for cell in self._grid]
        self._told = np.array([-float(share.mean()) if share.size else np.inf for share in shares])


def disagreement(drawings: list[Probabilities]) -> Probabilities:
    """Return the mutual information between each pixel's being line and who drew it, (H, W) float32 in nats.

    It is the entropy of the mean of the drawings, (H, W) each, less the mean of their entropies.
    """
    between = entropy(np.mean(drawings, axis=0)) - np.mean([entropy(drawing) for drawing in drawings], axis=0)
    return np.maximum(between, 0).astype(np.float32)


def entropy(probability: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the entropy of each pixel, in nats."""
    likely = np.clip(probability.astype(np.float64), SURELY, 1 - SURELY)
    return np.asarray(-(likely * np.log(likely) + (1 - likely) * np.log(1 - likely)))


def places_named(
    order: str, session: RefinementSession, valid_mask: Mask, patch: int, *, calibration: Calibration, seed: int
) -> Ranking | None:
    """Return the ranking of places to learn from, by a name in ``PLACES``; None: the worst by the truth.

    Parameters are as of ``ranking_named``. Raises ValueError if there is no such order.
    """
    match order:
        case "least-sure":
            return LeastSure(session, valid_mask, patch, calibration)
        case "expected-gain":
            return ExpectedGain(session, valid_mask, patch, calibration)
        case "worst":
            order = ORACLE
    if order not in (ORACLE, PREDICTED, RANDOM):
        raise ValueError(f"no order {order!r} of places; there are {', '.join(PLACES)}")
    return ranking_named(order, session, valid_mask, patch, calibration=calibration, seed=seed)
