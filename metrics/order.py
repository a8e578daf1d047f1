"""The quality of an order of patches: its position between a random order and an oracle's."""

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from metrics.bootstrap import LEVEL, RESAMPLES, mean_over_mirrors, percentiles, resampled_means


def order(
    predicted: ArrayLike,
    oracle: ArrayLike,
    random: ArrayLike,
    mirrors: Sequence[Hashable],
    rng: np.random.Generator,
    *,
    level: float = LEVEL,
    resamples: int = RESAMPLES,
) -> tuple[float, float, float] | None:
    """Fraction of the gain of an oracle's order over a random one that a predicted order achieves.

    (A_predicted - A_random) / (A_oracle - A_random), A being the mean over mirrors of means over seeds of
    `metrics.effort.area` with patches in that order.

    Parameters
    ----------
    predicted, oracle, random : float arrays (R,)
        Areas of the runs, in points; the same mirror and seed in the same place.
    mirrors : sequence of R
        The mirror of each run.
    rng : numpy.random.Generator
    level, resamples
        As for `metrics.bootstrap.interval`.

    Returns
    -------
    value, low, high : float
        The quotient of means, 0 for a random order and 1 for the oracle's, and the ends of its bootstrap interval.
        None where the interval of the denominator holds 0, since then order may not matter at all; None also for a
        single run, which has no interval.

    Raises
    ------
    ValueError
        If the arrays differ in length, hold values that are not finite, or break the rules of `interval`.
    """
    areas = [np.asarray(each, np.float64) for each in (predicted, oracle, random)]
    if len({each.shape for each in areas}) > 1 or areas[0].ndim != 1:
        shapes = ", ".join(str(each.shape) for each in areas)
        raise ValueError(f"areas of shapes {shapes}; give (R,) for the same runs in each order")
    if not np.isfinite(areas).all():
        raise ValueError("an area is not finite; leave that run out of all three orders")
    gains = np.stack([areas[0] - areas[2], areas[1] - areas[2]], axis=1)
    drawn = resampled_means(gains, mirrors, rng, resamples=resamples)
    low, high = percentiles(drawn[:, 1], level)
    if len(gains) == 1 or low <= 0 <= high:
        return None
    # A resample whose denominator is 0 says nothing; few can, since the interval does not hold 0.
    ratios = drawn[drawn[:, 1] != 0]
    low, high = percentiles(ratios[:, 0] / ratios[:, 1], level)
    gained, possible = mean_over_mirrors(gains, mirrors)
    return float(gained / possible), float(low), float(high)
