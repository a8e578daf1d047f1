"""Means over mirrors of means over seeds, and their bootstrap intervals.

Each mirror counts the same, however many runs it has, one for each seed. Runs on one mirror resemble each other more
than runs on two mirrors do; intervals that treated them as independent would be far too short. So a resample
draws mirrors, with replacement, and for each mirror drawn its runs, with replacement (the two-stage bootstrap of
Davison and Hinkley, section 3.8).

A run that has no value of a measure, NaN, counts in no mean of it, nor does a mirror of which no run has one.

With few mirrors the intervals are too short. Where mirrors deviate twice as much as seeds, those of 95 % and ten seeds
held the true mean in 92 % of simulations with 11 mirrors, 84 % with 5, 76 % with 3. Of a single mirror seeds alone are
drawn, and the interval says nothing about other mirrors.

References
----------
A. C. Davison, D. V. Hinkley, "Bootstrap Methods and their Application", Cambridge University Press, 1997.
"""

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

LEVEL = 0.95
RESAMPLES = 2000


def interval(
    values: ArrayLike,
    mirrors: Sequence[Hashable],
    rng: np.random.Generator,
    *,
    level: float = LEVEL,
    resamples: int = RESAMPLES,
) -> Floats:
    """Percentile bootstrap intervals of `mean_over_mirrors`.

    Parameters
    ----------
    values : float array (R,) or (R, M)
        Of each run: one measure or M; NaN where a run has no value.
    mirrors : sequence of R
        The mirror of each run; those of one mirror form a group, whatever their order and number.
    rng : numpy.random.Generator
    level : float
        Share of the resampled means that the interval holds, in (0, 1); as many are above it as below.
    resamples : int
        How many means are drawn. All measures share the draws.

    Returns
    -------
    float array (2,) or (2, M)
        Lower and upper ends; NaN for a measure of which fewer than two runs have a value.

    Raises
    ------
    ValueError
        If an argument breaks these rules, or a value is infinite.
    """
    values = np.asarray(values, np.float64)
    means = resampled_means(values, mirrors, rng, resamples=resamples)
    several = np.count_nonzero(~np.isnan(values), axis=0) > 1
    return np.where(several, percentiles(means, level), np.nan)


def mean_over_mirrors(values: ArrayLike, mirrors: Sequence[Hashable]) -> Floats:
    """Means over mirrors of means over their runs.

    Parameters
    ----------
    values, mirrors
        As for `interval`.

    Returns
    -------
    float array () or (M,)
        NaN for a measure of which no run has a value.

    Raises
    ------
    ValueError
        As `interval`.
    """
    products, weights = _weighted(values, mirrors)
    return _quotient(products.sum(axis=0), weights.sum(axis=0))


def resampled_means(
    values: ArrayLike, mirrors: Sequence[Hashable], rng: np.random.Generator, *, resamples: int = RESAMPLES
) -> Floats:
    """Means of resampled runs, for intervals of what is computed from several means.

    Parameters
    ----------
    values, mirrors, rng, resamples
        As for `interval`.

    Returns
    -------
    float array (resamples,) or (resamples, M)
        NaN where no run that was drawn has a value.

    Raises
    ------
    ValueError
        As `interval`.
    """
    if resamples < 1:
        raise ValueError(f"{resamples} resamples; give 1 or more")
    products, weights = _weighted(values, mirrors)
    times = _times_drawn(mirrors, rng, resamples)
    return _quotient(times @ products, times @ weights)


def percentiles(drawn: Floats, level: float) -> Floats:
    """The interval that holds a given fraction of the resampled values.

    Parameters
    ----------
    drawn : float array (N,) or (N, M)
        NaN where a draw has no value.
    level : float
        As for `interval`.

    Returns
    -------
    float array (2,) or (2, M)
        Lower and upper ends; NaN where no draw has a value.

    Raises
    ------
    ValueError
        If the level is no share.
    """
    if not 0 < level < 1:
        raise ValueError(f"a level of {level}; give a share between 0 and 1, such as 0.95")
    each = drawn.reshape(len(drawn), -1)
    ends = np.full((2, each.shape[1]), np.nan)
    known = ~np.isnan(each).all(axis=0)
    if known.any():
        ends[:, known] = np.nanquantile(each[:, known], [(1 - level) / 2, (1 + level) / 2], axis=0)
    return ends.reshape(2, *drawn.shape[1:])


def _weighted(values: ArrayLike, mirrors: Sequence[Hashable]) -> tuple[Floats, Floats]:
    """Weigh runs so that those of a mirror that have a value share 1: values times weights, and weights.

    A mean of means is a quotient of the sums of both.
    """
    values = np.asarray(values, np.float64)
    if values.ndim not in (1, 2) or not values.size:
        raise ValueError(f"values have shape {values.shape}; give (R,) or (R, M), with a run at least")
    if len(mirrors) != len(values):
        raise ValueError(f"{len(values)} runs but {len(mirrors)} mirrors; name the mirror of each run")
    if np.isinf(values).any():
        raise ValueError("a value is infinite, and so is every mean with it; give NaN where a run has none")
    known = ~np.isnan(values)
    weights = np.zeros(values.shape)
    for runs in _runs_of_mirrors(mirrors):
        weights[runs] = known[runs] / np.maximum(np.count_nonzero(known[runs], axis=0), 1)
    return np.where(known, values, 0) * weights, weights


def _quotient(total: Floats, weight: Floats) -> Floats:
    return np.divide(total, weight, out=np.full_like(total, np.nan), where=weight > 0)


def _times_drawn(mirrors: Sequence[Hashable], rng: np.random.Generator, resamples: int) -> Floats:
    """How often each run is drawn in each resample, (resamples, R)."""
    groups = _runs_of_mirrors(mirrors)
    mirrors_drawn = rng.multinomial(len(groups), np.full(len(groups), 1 / len(groups)), size=resamples)
    times = np.empty((resamples, len(mirrors)))
    for runs, drawn in zip(groups, mirrors_drawn.T, strict=True):
        # A mirror drawn k times gives k resamples of its runs, together k times as many draws.
        times[:, runs] = rng.multinomial(drawn * len(runs), np.full(len(runs), 1 / len(runs)))
    return times


def _runs_of_mirrors(mirrors: Sequence[Hashable]) -> list[list[int]]:
    """Return the numbers of each mirror's runs, mirrors in the order in which they appear."""
    runs_of: dict[Hashable, list[int]] = {}
    for run, mirror in enumerate(mirrors):
        runs_of.setdefault(mirror, []).append(run)
    return list(runs_of.values())
