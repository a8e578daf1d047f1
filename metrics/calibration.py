"""Calibration of a network's probabilities: the share of line among the pixels of each probability."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from metrics.masks import Mask

STEPS = 32
"""Bins of a table; even in the logit, for most pixels have a probability near 0 or 1."""

STEEPEST = 8.0
"""Logit beyond which a pixel falls into the last bin."""


@dataclass(frozen=True)
class Calibration:
    """A rising map of probabilities to shares of line, linear between the entries of a table and held beyond them.

    Parameters
    ----------
    probability, share : tuples of float
        The table, both rising, in [0, 1].

    Raises
    ------
    ValueError
        If that is not so.
    """

    probability: tuple[float, ...]
    share: tuple[float, ...]

    def __post_init__(self) -> None:
        table = np.array([self.probability, self.share], np.float64) if self._paired else np.empty((2, 0))
        if not table.size or not ((table >= 0) & (table <= 1)).all() or (np.diff(table) < 0).any():
            raise ValueError("a calibration has as many probabilities as shares, one at least, rising in [0, 1]")

    def __call__(self, probabilities: NDArray[np.floating]) -> NDArray[np.float64]:
        """Shares of line, in the shape of the probabilities."""
        return np.asarray(np.interp(probabilities, self.probability, self.share))

    @property
    def _paired(self) -> bool:
        return len(self.probability) == len(self.share)


AS_THEY_ARE = Calibration((0.0, 1.0), (0.0, 1.0))
"""The identity."""


def calibration(probabilities: Sequence[NDArray[np.floating]], truths: Sequence[Mask]) -> Calibration:
    """Fit a calibration to drawings whose truth is known.

    Pixels are put into bins by their probability; the shares of line in the bins, weighted by their pixels, are brought
    into rising order by isotonic regression.

    Parameters
    ----------
    probabilities : float arrays of any shapes
        Of pixels that the network was not trained on, such as those of its validation mirrors.
    truths : bool arrays of the same shapes
        True on the line.

    Returns
    -------
    Calibration
        One entry for each bin that holds a pixel: its mean probability and share of line.

    Raises
    ------
    ValueError
        If there is no pixel, or shapes differ.

    References
    ----------
    B. Zadrozny, C. Elkan, "Transforming classifier scores into accurate multiclass probability estimates", KDD 2002:
    calibration by isotonic regression.
    """
    from scipy.optimize import isotonic_regression  # takes 150 ms, and reading a calibration does not need it

    edges = 1 / (1 + np.exp(-np.linspace(-STEEPEST, STEEPEST, STEPS - 1)))
    pixels, line, total = np.zeros((3, STEPS))
    for values, truth in zip(probabilities, truths, strict=True):
        if values.shape != truth.shape:
            raise ValueError(f"probabilities {values.shape} beside a truth {truth.shape}; give the same pixels of both")
        bins = np.digitize(values.ravel(), edges)
        pixels += np.bincount(bins, minlength=STEPS)
        line += np.bincount(bins[truth.ravel()], minlength=STEPS)
        total += np.bincount(bins, values.ravel(), minlength=STEPS)
    there = pixels > 0
    if not there.any():
        raise ValueError("not a single pixel to fit a calibration to")
    pixels, line, total = pixels[there], line[there], total[there]
    shares = isotonic_regression(line / pixels, weights=pixels).x
    return Calibration(tuple((total / pixels).tolist()), tuple(np.clip(shares, 0, 1).tolist()))
