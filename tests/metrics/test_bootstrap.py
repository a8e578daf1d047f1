"""Means over mirrors and bootstrap intervals: against every resample, a plain loop, and what an interval is for."""

from itertools import product

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from metrics.bootstrap import interval, mean_over_mirrors, percentiles, resampled_means

NAN = float("nan")


def rng(seed=0):
    return np.random.default_rng(seed)


def every_resampled_mean(groups):
    """Return the mean of each of the equally likely resamples of groups of runs."""
    means = []
    for mirrors in product(groups, repeat=len(groups)):
        for seeds in product(*(product(runs, repeat=len(runs)) for runs in mirrors)):
            means.append(np.mean([value for drawn in seeds for value in drawn]))
    return np.array(means)


def plain_loop(values, mirrors, generator, resamples):
    """Resample mirrors, then seeds, one draw after the other."""
    names = sorted(set(mirrors))
    runs_of = {name: [run for run, mirror in enumerate(mirrors) if mirror == name] for name in names}
    means = []
    for _ in range(resamples):
        seeds = (generator.choice(runs_of[name], len(runs_of[name])) for name in generator.choice(names, len(names)))
        means.append(np.nanmean([np.nanmean(values[drawn], axis=0) for drawn in seeds], axis=0))
    return np.array(means)


class TestMeanOverMirrors:
    def test_a_mirror_counts_once_however_many_seeds_it_has(self):
        assert mean_over_mirrors([1, 10, 2, 3], ["M", "N", "M", "M"]) == pytest.approx((2 + 10) / 2)

    def test_a_run_without_a_value_counts_in_no_mean_nor_does_a_mirror_without_one(self):
        assert mean_over_mirrors([1, NAN, 5], ["M", "M", "N"]) == 3
        assert mean_over_mirrors([1, NAN], ["M", "N"]) == 1
        assert np.isnan(mean_over_mirrors([NAN, NAN], ["M", "N"]))

    def test_each_measure_has_its_own_runs(self):
        assert_array_equal(mean_over_mirrors([[1, 2], [3, NAN], [8, NAN]], ["M", "M", "N"]), [5, 2])


class TestResampledMeans:
    def test_are_drawn_as_often_as_they_should(self):
        # Two mirrors of two seeds: 64 equally likely resamples, several with the same mean.
        expected, ways = np.unique(every_resampled_mean([(0, 1), (10, 30)]), return_counts=True)
        means = resampled_means([0, 10, 1, 30], ["a", "b", "a", "b"], rng(), resamples=40_000)
        found, times = np.unique(means, return_counts=True)
        assert_array_equal(found, expected)
        assert_allclose(times / 40_000, ways / ways.sum(), atol=0.006)  # about four deviations

    def test_a_mirror_counts_once_however_many_seeds_it_has(self):
        # Mirror 7 has one run, mirror 8 two. Drawn: 7 twice; 7 and 8, half of a mean of two; 8 twice, a mean of four.
        shares = {0: 1 / 4, 5: 1 / 8, 10: 1 / 4 + 1 / 64, 15: 1 / 8 + 4 / 64, 20: 6 / 64, 25: 4 / 64, 30: 1 / 64}
        means = resampled_means([0, 10, 30], [7, 8, 8], rng(), resamples=40_000)
        found, times = np.unique(means, return_counts=True)
        assert_allclose(found, list(shares))
        assert_allclose(times / 40_000, list(shares.values()), atol=0.009)

    def test_measures_share_the_draws(self):
        values = rng(1).normal(size=(12, 1))
        means = resampled_means(np.hstack([values, 2 * values + 1]), [0] * 6 + [1] * 6, rng())
        assert_allclose(means[:, 1], 2 * means[:, 0] + 1)

    def test_a_void_run_counts_in_no_mean(self):
        # Draws of the void run alone leave nothing; all others give the value of the other run.
        means = resampled_means([5, NAN], ["a", "a"], rng(), resamples=1000)
        assert_array_equal(np.unique(means[~np.isnan(means)]), [5])
        assert 200 < np.isnan(means).sum() < 300


class TestInterval:
    def test_ends_are_percentiles_of_every_resample(self):
        groups = [(0.0, 1.0, 2.5), (10.0, 30.0, 31.0)]
        means = every_resampled_mean(groups)
        found = interval(np.ravel(groups), [0, 0, 0, 1, 1, 1], rng(), level=0.8, resamples=100_000)
        assert_allclose(found, np.quantile(means, [0.1, 0.9]), atol=0.5)

    @pytest.mark.slow
    @pytest.mark.filterwarnings("ignore:Mean of empty slice")  # a mirror of which only void runs were drawn
    def test_agrees_with_a_plain_loop(self):
        values = rng(2).normal(size=(18, 2)) + np.repeat([0, 2, 3, 7], [3, 4, 5, 6])[:, None]
        values[[5, 9], 1] = NAN
        mirrors = np.repeat(list("abcd"), [3, 4, 5, 6]).tolist()
        expected = np.quantile(plain_loop(values, mirrors, rng(3), 6000), [0.025, 0.975], axis=0)
        assert_allclose(interval(values, mirrors, rng(4), resamples=20_000), expected, atol=0.12)

    def test_mirrors_weigh_as_much_as_in_the_mean(self):
        # No seed differs, so a resample draws a twice, both, or b twice: 0, 1/2 or 1, with 1/4, 1/2 and 1/4.
        assert_allclose(interval([0.0] * 9 + [1.0], ["a"] * 9 + ["b"], rng()), [0, 1], atol=1e-12)
        # Of ten mirrors, one with 1: 0 to 0.3 by the binomial distribution.
        values, mirrors = np.repeat([0, 1], [9 * 7, 3]), [*np.repeat(np.arange(9), 7), 9, 9, 9]
        assert_allclose(interval(values, mirrors, rng()), [0, 0.3], atol=1e-12)

    def test_leaves_out_as_many_means_above_as_below(self):
        # The mean of 100 draws of 0 or 1: 95 % of them are 0.40 to 0.60 by the binomial distribution.
        assert_allclose(interval([0, 1] * 50, ["a"] * 100, rng()), [0.4, 0.6], atol=0.011)

    @pytest.mark.slow
    def test_holds_the_true_mean_about_as_often_as_it_says(self):
        # 11 mirrors that deviate by 1 around a mean of 0, 10 seeds that deviate by 1/2 around their mirror.
        generator, mirrors = rng(5), np.repeat(np.arange(11), 10).tolist()
        values = generator.normal(size=(300, 11, 1)) + 0.5 * generator.normal(size=(300, 11, 10))
        held = {"two stages": 0, "runs alone": 0}
        for each in values.reshape(300, 110):
            for name, groups in (("two stages", mirrors), ("runs alone", range(110))):
                low, high = interval(each, groups, generator, resamples=300)
                held[name] += low <= 0 <= high
        assert 0.87 <= held["two stages"] / 300 <= 0.97
        assert held["runs alone"] / 300 <= 0.6  # as if the runs were independent: far too short

    def test_one_mirror_resamples_seeds(self):
        found = interval([1, 2, 3], ["a"] * 3, rng(), resamples=50_000)
        # Of 27 resamples the lowest mean, 1, has a share of 1/27, more than 2.5 %, and so has the highest.
        assert_array_equal(found, [1, 3])
        assert_allclose(interval([1, 2, 3], ["a"] * 3, rng(), level=0.9, resamples=50_000), [4 / 3, 8 / 3])

    def test_one_run_has_no_interval(self):
        assert np.isnan(interval([3.0], ["a"], rng())).all()

    def test_void_measures_have_none_and_leave_the_others_alone(self):
        values = np.array([[1, NAN, NAN], [2, NAN, 7], [4, NAN, NAN]])
        found = interval(values, [0, 1, 2], rng())
        assert found.shape == (2, 3)
        assert np.isnan(found[:, 1:]).all()
        assert_array_equal(found[:, 0], interval(values[:, 0], [0, 1, 2], rng()))

    def test_equal_values(self):
        assert_array_equal(interval([0.25] * 4, [0, 0, 1, 1], rng()), [0.25, 0.25])

    def test_same_generator_same_interval(self):
        values, mirrors = rng(6).normal(size=20), [0] * 10 + [1] * 10
        assert_array_equal(interval(values, mirrors, rng(7)), interval(values, mirrors, rng(7)))
        assert (interval(values, mirrors, rng(7)) != interval(values, mirrors, rng(8))).any()

    @pytest.mark.filterwarnings("error")
    def test_without_a_warning(self):
        interval([[1, NAN], [NAN, NAN], [2, NAN]], [0, 0, 1], rng(), resamples=3)

    @pytest.mark.parametrize(
        ("values", "mirrors", "options", "message"),
        [
            ([1, 2], [0], {}, "2 runs but 1 mirrors"),
            ([], [], {}, r"shape \(0,\)"),
            ([[[1]]], [0], {}, r"shape \(1, 1, 1\)"),
            ([1, np.inf], [0, 1], {}, "give NaN where a run has none"),
            ([1, 2], [0, 1], {"level": 95}, "a level of 95; give a share"),
            ([1, 2], [0, 1], {"resamples": 0}, "0 resamples"),
        ],
    )
    def test_refusals(self, values, mirrors, options, message):
        with pytest.raises(ValueError, match=message):
            interval(values, mirrors, rng(), **options)


class TestPercentiles:
    def test_ends_of_the_middle_share(self):
        assert_allclose(percentiles(np.arange(101.0), 0.9), [5, 95])

    def test_draws_without_a_value_are_left_out(self):
        drawn = np.array([[NAN, NAN], [0, NAN], [1, NAN]])
        assert_allclose(percentiles(drawn, 0.5), [[0.25, NAN], [0.75, NAN]])
