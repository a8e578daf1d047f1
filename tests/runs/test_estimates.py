"""Means over mirrors of means over seeds, and their intervals."""

from math import isnan, nan

import numpy as np
import pytest

from runs.estimates import estimates, intervals


def of(values, mirrors):
    return estimates([{"x": value} for value in values], mirrors)["x"]


def test_a_mirror_counts_once_however_many_seeds_it_has():
    assert of([1.0, 2.0, 3.0, 10.0], ["M", "M", "M", "N"]).mean == pytest.approx((2 + 10) / 2)


def test_resampled_means_weigh_mirrors_likewise():
    # No seed differs, so a resample draws M twice, both, or N twice: 0, 1/2 or 1, with 1/4, 1/2 and 1/4.
    estimate = of([0.0] * 9 + [1.0], ["M"] * 9 + ["N"])
    assert (estimate.mean, estimate.low, estimate.high) == pytest.approx((0.5, 0, 1))
    values = np.concatenate([np.zeros(90), np.ones(10)])[:, None]
    mean, low, high = intervals(values, [f"M{number}" for number in range(10) for _ in range(10)])[:, 0]
    assert low < mean < high  # of ten mirrors, one with 1: 0 to 0.3 by the binomial distribution
    assert (mean, low, high) == pytest.approx((0.1, 0, 0.3))


def test_interval_leaves_out_as_many_means_above_as_below():
    # The mean of 100 draws of 0 or 1: 95 % of them are 0.40 to 0.60 by the binomial distribution, 90 % 0.42 to 0.58.
    estimate = of([0.0, 1.0] * 50, ["M"] * 100)
    assert (estimate.low, estimate.high) == pytest.approx((0.4, 0.6), abs=0.011)


def test_a_run_without_a_value_counts_in_no_mean():
    estimate = of([1.0, nan, 5.0], ["M", "M", "N"])
    assert (estimate.mean, estimate.runs) == (3, 2)


def test_a_mirror_without_a_value_is_left_out():
    assert of([1.0, nan], ["M", "N"]).mean == 1


def test_one_value_has_no_interval_and_none_no_mean():
    one, none = of([1.0, nan], ["M", "N"]), of([nan, nan], ["M", "N"])
    assert isnan(one.low)
    assert isnan(one.high)
    assert isnan(none.mean)
    assert none.runs == 0


def test_a_measure_that_a_run_lacks_is_averaged_over_the_others():
    found = estimates([{"x": 1.0, "y": 2.0}, {"x": 3.0}], ["M", "N"])
    assert (found["x"].mean, found["y"].mean, found["y"].runs) == (2, 2, 1)


def test_interval_covers_about_what_it_says():
    rng = np.random.default_rng(0)
    mirrors = [f"M{number}" for number in range(12) for _ in range(3)]
    hits = 0
    for _ in range(100):
        values = np.repeat(rng.normal(0, 1, 12), 3) + rng.normal(0, 0.5, 36)
        estimate = of(values.tolist(), mirrors)
        hits += estimate.low < 0 < estimate.high
    assert 84 <= hits <= 99


def test_the_same_runs_give_the_same_interval():
    values, mirrors = np.random.default_rng(1).random(20).tolist(), [f"M{number % 4}" for number in range(20)]
    assert of(values, mirrors) == of(values, mirrors)
