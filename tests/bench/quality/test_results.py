"""Measures of ``python -m bench.quality`` over mirrors, seeds and models, their intervals and quotients."""

from __future__ import annotations

from dataclasses import replace
from math import inf, isnan

import pytest

from bench.quality.results import POOLED_HARM, RowResult
from bench.quality.targets import RATIO
from runs.report.estimates import estimates
from runs.report.measures import measures
from tests.bench.quality.curves import MANUAL, run, verdicts


def uneven_runs():
    """Runs whose measures differ from mirror to mirror and from seed to seed, all of positive area."""
    ends = {"M": (0.62, 0.65), "N": (0.7, 0.72), "O": (0.75, 0.9)}
    return [
        run(mirror, seed, (0.4, end, (1 + end) / 2), repaired=100 * (seed + 1), spoiled=round(20 * end))
        for mirror, of_mirror in ends.items()
        for seed, end in enumerate(of_mirror)
    ]


def test_means_are_over_mirrors_of_means_over_seeds_and_models():
    """Finals lead by 10 on M; on N by 0 and -10 with one model, by -20 and 10 with the other."""
    ends = [(0.9, 0.9, 0.8, 0.7), (0.9, 0.9, 0.6, 0.9)]
    places = ("M", 0), ("M", 1), ("N", 0), ("N", 1)
    models = [[run(*place, (0.4, 0.4, end)) for place, end in zip(places, of_model, strict=True)] for of_model in ends]
    outcome = RowResult("row", models)
    found = outcome.estimate("lead_pfm")
    assert found.mean == pytest.approx((0.1 - 0.05) / 2)
    assert -0.2 <= found.low < found.mean < found.high <= 0.1
    assert found.runs == outcome.count == 8
    assert outcome.by_mirror("lead_pfm") == pytest.approx({"M": 0.1, "N": -0.05})
    assert outcome.worst("lead_pfm") == pytest.approx(-0.2)
    assert outcome.worst("drawdown_pfm") == 0


def test_intervals_of_one_model_are_those_of_reports():
    runs = [
        run(mirror, seed, (0.4, 0.7, 0.8 + 0.02 * seed + 0.05 * (mirror == "N"))) for mirror in "MN" for seed in (0, 1)
    ]
    theirs = estimates([measures(one) for one in runs], [one.mirror for one in runs])
    ours = RowResult("row", [runs])
    for name in ("area_pfm", "refined_iou", "saved_pfm"):
        found, wanted = ours.estimate(name), theirs[name]
        assert [found.mean, found.low, found.high] == pytest.approx([wanted.mean, wanted.low, wanted.high])


def test_two_models_that_differ_widen_the_interval():
    models = [[run(mirror, refined=(0.4, 0.4, end)) for mirror in "MN"] for end in (0.5, 0.9)]
    found = RowResult("row", models).estimate("refined_pfm")
    assert (found.low, found.mean, found.high) == pytest.approx((0.5, 0.7, 0.9))


def test_models_of_the_same_runs_have_the_interval_of_one_for_they_share_the_draws():
    one, three = RowResult("row", [uneven_runs()]), RowResult("row", [uneven_runs()] * 3)
    for name in ("area_pfm", "refined_iou", "lead_pfm", POOLED_HARM):
        found, wanted = three.estimate(name), one.estimate(name)
        assert wanted.low < wanted.mean < wanted.high
        assert [found.mean, found.low, found.high] == pytest.approx([wanted.mean, wanted.low, wanted.high])


def test_harm_is_pooled_and_boundless_where_nothing_was_repaired():
    runs = [run("M", 0, repaired=90, spoiled=9), run("M", 1, repaired=10, spoiled=6), run("N", repaired=0, spoiled=1)]
    outcome = RowResult("row", [runs])
    assert outcome.by_mirror(POOLED_HARM) == {"M": 0.15, "N": inf}
    assert outcome.worst("harm") == inf
    assert RowResult("row", [runs[:2]]).worst("harm") == 0.6
    assert outcome.estimate("harm").mean == pytest.approx((0.1 + 0.6) / 2)
    # Over mirrors of means over seeds: (7.5 + 1) / 2 spoiled, (50 + 0) / 2 repaired.
    assert outcome.estimate(POOLED_HARM).mean == pytest.approx(4.25 / 25)


def test_areas_are_compared_with_the_first_rows():
    """The leads at 100 and 200 pixels are 10 and 0 points, so areas 5; then twice that."""
    first, other = (RowResult("row", [[run(refined=(0.4, end, 0.8)) for _ in "ab"]]) for end in (0.7, 0.8))
    assert first.estimate("area_pfm").mean == pytest.approx(5)
    times = other.times(first, "area_pfm")
    assert (times.low, times.mean, times.high) == pytest.approx((2, 2, 2))
    nothing = RowResult("row", [[run(refined=MANUAL) for _ in "ab"]])
    assert isnan(other.times(nothing, "area_pfm").mean)
    assert not verdicts(other, nothing)[RATIO].met


def test_a_quotient_has_no_interval_where_the_first_row_may_lead_by_nothing():
    ends = {"M": 0.75, "N": 0.58}  # leads of 15 and -2 points at 100 pixels
    first = RowResult("first", [[run(mirror, refined=(0.4, end, 0.8)) for mirror, end in ends.items()]])
    assert first.estimate("area_pfm").low < 0 < first.estimate("area_pfm").mean
    times = RowResult("row", [[run(mirror, refined=(0.4, 0.8, 0.8)) for mirror in ends]]).times(first, "area_pfm")
    assert times.mean == pytest.approx(20 / 6.5)
    assert isnan(times.low)
    assert isnan(times.high)


def test_two_rows_are_compared_on_the_same_draws():
    """However much mirrors differ, a row is exactly once as good as itself, in each resample."""
    row = RowResult("row", [uneven_runs()] * 2)
    times = row.times(row, "area_pfm")
    assert (times.low, times.mean, times.high) == pytest.approx((1, 1, 1))


def test_an_outcome_knows_the_commits_of_its_runs():
    runs = [replace(run("M"), commit="a1"), replace(run("N"), commit="b2"), run("O")]
    assert RowResult("row", [runs]).commits == {"a1", "b2"}
