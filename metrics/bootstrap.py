"""Bootstrap intervals of means over runs that are grouped by mirror.

Runs on one mirror, one for each seed, resemble each other more than runs on two mirrors do; to take them for so many
independent runs would make intervals far too short. So a resample draws mirrors, with replacement, and for each mirror
drawn its runs, with replacement (the two-stage bootstrap of Davison and Hinkley, section 3.8).

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
    """Percentile bootstrap intervals of means over runs.

    Parameters
    ----------
    values : float array (R,) or (R, M)
        Of each run: one measure or M. NaN where a measure is void for a run: such a run is drawn like any other but
        counts in no mean of that measure.
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
    if not 0 < level < 1:
        raise ValueError(f"a level of {level}; give a share between 0 and 1, such as 0.95")
    values = np.asarray(values, np.float64)
    means = resampled_means(values, mirrors, rng, resamples=resamples)
    each, of_measure = values.reshape(len(values), -1), means.reshape(resamples, -1)
    known = (np.count_nonzero(~np.isnan(each), axis=0) > 1) & ~np.isnan(of_measure).all(axis=0)
    ends = np.full((2, each.shape[1]), np.nan)
    if known.any():
        ends[:, known] = np.nanquantile(of_measure[:, known], [(1 - level) / 2, (1 + level) / 2], axis=0)
    return ends.reshape(2, *values.shape[1:])


def resampled_means(
    values: ArrayLike, mirrors: Sequence[Hashable], rng: np.random.Generator, *, resamples: int = RESAMPLES
) -> Floats:
    """Means over resampled runs, for intervals of what is computed from several means.

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
    values = np.asarray(values, np.float64)
    if values.ndim not in (1, 2) or not values.size:
        raise ValueError(f"values have shape {values.shape}; give (R,) or (R, M), with a run at least")
    if len(mirrors) != len(values):
        raise ValueError(f"{len(values)} runs but {len(mirrors)} mirrors; name the mirror of each run")
    if np.isinf(values).any():
        raise ValueError("a value is infinite, and so is every mean with it; give NaN where a measure is void")
    if resamples < 1:
        raise ValueError(f"{resamples} resamples; give 1 or more")
    times = _times_drawn(mirrors, rng, resamples)
    known = ~np.isnan(values)
    total, number = times @ np.where(known, values, 0), times @ known
    return np.divide(total, number, out=np.full_like(total, np.nan), where=number > 0)


def _times_drawn(mirrors: Sequence[Hashable], rng: np.random.Generator, resamples: int) -> Floats:
    """How often each run is drawn in each resample, (resamples, R)."""
    runs_of: dict[Hashable, list[int]] = {}
    for run, mirror in enumerate(mirrors):
        runs_of.setdefault(mirror, []).append(run)
    groups = list(runs_of.values())
    mirrors_drawn = rng.multinomial(len(groups), np.full(len(groups), 1 / len(groups)), size=resamples)
    times = np.empty((resamples, len(mirrors)))
    for runs, drawn in zip(groups, mirrors_drawn.T, strict=True):
        # A mirror drawn k times gives k resamples of its runs, together k times as many draws.
        times[:, runs] = rng.multinomial(drawn * len(runs), np.full(len(runs), 1 / len(runs)))
    return times
