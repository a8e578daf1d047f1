"""Means over mirrors of means over seeds, with bootstrap intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import nan

import numpy as np
from numpy.typing import NDArray

from metrics.bootstrap import LEVEL, resampled_means

Floats = NDArray[np.float64]

SEED = 0  # of the resampling, so that the same runs give the same intervals


@dataclass(frozen=True)
class Estimate:
    """A mean with its interval.

    Parameters
    ----------
    mean : NaN if no run has a value
    low, high : ends of the interval; NaN if fewer than two runs have a value
    runs : how many runs have a value
    """

    mean: float
    low: float
    high: float
    runs: int


def estimates(rows: Sequence[Mapping[str, float]], mirrors: Sequence[str]) -> dict[str, Estimate]:
    """Average measures over runs, each mirror counting the same however many seeds it has.

    Parameters
    ----------
    rows : the measures of each run, by name; a run may lack some, or have NaN there, and then counts in no such mean
    mirrors : of each run
    """
    names = tuple(dict.fromkeys(name for row in rows for name in row))
    values = np.array([[row.get(name, nan) for name in names] for row in rows], np.float64)
    runs = np.count_nonzero(~np.isnan(values), axis=0)
    found = zip(names, intervals(values, mirrors).T, runs, strict=True)
    return {
        name: Estimate(float(mean), float(low), float(high), int(known)) for name, (mean, low, high), known in found
    }


def intervals(values: Floats, mirrors: Sequence[str]) -> Floats:
    """Average runs likewise, their measures being columns.

    Parameters
    ----------
    values : (R, M) of R runs; NaN where a run has no value
    mirrors : of each run

    Returns
    -------
    float array (3, M)
        Means, lower and upper ends of the middle 95 % of ``metrics.bootstrap.resampled_means``, which draws mirrors and
        then their seeds; NaN as in an `Estimate`.
    """
    known = ~np.isnan(values)
    weights = _weights(known, mirrors)
    products = np.where(known, values, 0) * weights
    # A mean of means is a quotient of two means over runs: of weighted values, and of weights.
    both = resampled_means(np.concatenate([products, weights], axis=1), mirrors, np.random.default_rng(SEED))
    drawn = _quotient(*np.split(both, 2, axis=1))
    ends = np.full((2, values.shape[1]), nan)
    several = np.count_nonzero(known, axis=0) > 1
    if several.any():
        ends[:, several] = np.nanquantile(drawn[:, several], [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return np.vstack([_quotient(products.sum(axis=0), weights.sum(axis=0)), ends])


def _weights(known: NDArray[np.bool_], mirrors: Sequence[str]) -> Floats:
    """Return weights (R, M) of which each mirror's known runs share 1."""
    of_mirror = np.array([[one == other for other in mirrors] for one in mirrors])
    return np.where(known, 1 / np.maximum(of_mirror.astype(np.int64) @ known, 1), 0.0)


def _quotient(total: Floats, weight: Floats) -> Floats:
    return np.divide(total, weight, out=np.full_like(total, np.nan), where=weight > 0)
