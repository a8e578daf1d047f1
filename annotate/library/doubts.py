"""How unsure a model is in each place of a mirror: where it is least sure it learns most."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from data.regions import Region
from interaction.patch_selection import LineShares
from interaction.session import RefinementSession
from metrics.calibration import Calibration
from metrics.masks import Mask


class Doubts:
    """The mean entropy of the pixels of each place, of those that belong to the object; estimated one at a time.

    Parameters
    ----------
    session : whose drawing holds a model's probabilities
    mask : (H, W) bool, the object, at model scale
    calibration : turns the drawing's values into probabilities of line; pixels that prompts pin are certain
    regions : the places, each with some of the object
    """

    def __init__(
        self, session: RefinementSession, mask: Mask, calibration: Calibration, regions: Sequence[Region]
    ) -> None:
        self._shares, self._mask, self._regions = LineShares(session, mask, calibration), mask, regions
        self.values: NDArray[np.float64] = np.zeros(len(regions))

    def update(self, place: int) -> None:
        """Estimate one place anew, a millisecond or two; in nats a pixel, in [0, log 2]."""
        region = self._regions[place]
        share = self._shares.of(region)[0][self._mask[region.slices]]
        likely = np.clip(share, 1e-9, 1 - 1e-9)
        self.values[place] = -(likely * np.log(likely) + (1 - likely) * np.log(1 - likely)).mean()
