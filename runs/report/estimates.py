"""Means over mirrors of means over seeds, with bootstrap intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import nan

import numpy as np

from metrics.bootstrap import interval, mean_over_mirrors

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
    low, high = interval(values, mirrors, np.random.default_rng(SEED))
    runs = np.count_nonzero(~np.isnan(values), axis=0)
    columns = zip(names, mean_over_mirrors(values, mirrors), low, high, runs, strict=True)
    return {
        name: Estimate(float(mean), float(low), float(high), int(known)) for name, mean, low, high, known in columns
    }
