"""The quality of an order of patches, worked out by hand."""

import numpy as np
import pytest

from metrics.order import order

MIRRORS = ["a", "a", "b", "b"]
RANDOM = np.array([1.0, 2.0, 3.0, 2.0])
ORACLE = RANDOM + np.array([4, 5, 3, 4])  # a gain of 4 on average


def rng():
    return np.random.default_rng(0)


def test_quotient_of_means():
    value, low, high = order(RANDOM + np.array([1, 2, 3, 4]), ORACLE, RANDOM, MIRRORS, rng())
    assert value == pytest.approx(2.5 / 4)  # and not the mean of 1/4, 2/5, 1, 1
    assert low < value < high


def test_a_mirror_counts_once_however_many_seeds_it_has():
    value, _, _ = order([1, 1, 1, 4], [4, 4, 4, 4], [0, 0, 0, 0], ["a", "a", "a", "b"], rng())
    assert value == pytest.approx((1 + 4) / (4 + 4))


def test_ends_of_the_scale():
    assert order(RANDOM, ORACLE, RANDOM, MIRRORS, rng()) == (0, 0, 0)
    assert order(ORACLE, ORACLE, RANDOM, MIRRORS, rng()) == (1, 1, 1)
    assert order(2 * RANDOM - ORACLE, ORACLE, RANDOM, MIRRORS, rng()) == pytest.approx((-1, -1, -1))


def test_numerator_and_denominator_are_resampled_together():
    # Half of the gain on every run, so half in every resample, however the gains differ.
    assert order((RANDOM + ORACLE) / 2, ORACLE, RANDOM, MIRRORS, rng()) == pytest.approx((0.5, 0.5, 0.5))


def test_void_where_the_oracle_may_gain_nothing():
    doubtful = RANDOM + np.array([4, 5, -4, -3])
    assert order(RANDOM + 1, doubtful, RANDOM, MIRRORS, rng()) is None
    assert order(RANDOM + 1, RANDOM, RANDOM, MIRRORS, rng()) is None


def test_mirrors_matter_to_what_is_void():
    # One mirror of two lets the oracle gain: sure for four independent runs, not for two mirrors.
    gains = np.array([4.0, 4, 4, 4, 4, 4, -0.5, -0.5, -0.5, -0.5, -0.5, -0.5])
    none = np.zeros(12)
    assert order(gains, gains, none, range(12), rng()) == (1, 1, 1)
    assert order(gains, gains, none, [0] * 6 + [1] * 6, rng()) is None


def test_void_for_a_single_run():
    assert order([3.0], [4.0], [1.0], ["a"], rng()) is None


def test_refusals():
    with pytest.raises(ValueError, match=r"shapes \(3,\), \(4,\), \(4,\)"):
        order(RANDOM[:3], ORACLE, RANDOM, MIRRORS, rng())
    with pytest.raises(ValueError, match="not finite; leave that run out"):
        order(RANDOM * np.nan, ORACLE, RANDOM, MIRRORS, rng())
    with pytest.raises(ValueError, match="4 runs but 3 mirrors"):
        order(RANDOM, ORACLE, RANDOM, MIRRORS[:3], rng())
