"""Means over mirrors of means over seeds, and their intervals, of measures by name."""

from math import isnan, nan

import numpy as np
import pytest

from metrics.bootstrap import interval
from runs.report.estimates import Estimate, estimates


def of(values, mirrors):
    return estimates([{"x": value} for value in values], mirrors)["x"]


def test_mean_and_interval_are_over_mirrors():
    # No seed differs, so a resample draws M twice, both, or N twice: 0, 1/2 or 1.
    found = of([0.0] * 9 + [1.0], ["M"] * 9 + ["N"])
    assert (found.mean, found.low, found.high, found.runs) == pytest.approx((0.5, 0, 1, 10))


def test_a_run_without_a_value_counts_in_no_mean():
    estimate = of([1.0, nan, 5.0], ["M", "M", "N"])
    assert (estimate.mean, estimate.runs) == (3, 2)


def test_one_value_has_no_interval_and_none_no_mean():
    one, none = of([1.0, nan], ["M", "N"]), of([nan, nan], ["M", "N"])
    assert (one.mean, one.runs) == (1, 1)
    assert isnan(one.low)
    assert isnan(one.high)
    assert isnan(none.mean)
    assert none.runs == 0


def test_a_measure_that_a_run_lacks_is_averaged_over_the_others():
    found = estimates([{"x": 1.0, "y": 2.0}, {"x": 3.0}], ["M", "N"])
    assert (found["x"].mean, found["y"].mean, found["y"].runs) == (2, 2, 1)


def test_the_same_runs_give_the_same_interval_as_the_bootstrap():
    values, mirrors = np.random.default_rng(1).random(20), [f"M{number % 4}" for number in range(20)]
    low, high = interval(values, mirrors, np.random.default_rng(0))
    found = of(values.tolist(), mirrors)
    assert found == of(values.tolist(), mirrors) == Estimate(found.mean, float(low), float(high), 20)
