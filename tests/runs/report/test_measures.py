"""Measures of one run, worked out by hand, and how they are printed."""

from math import inf, isnan, nan

import numpy as np
import pytest

from metrics.effort import Curve
from metrics.registry import all_scores
from runs.report.measures import display, gain, measures, or_none
from runs.report.run_curves import RunCurves


def run(refined, effort, manual, manual_effort, **counts):
    curves = [{"pfm": Curve(np.array(x), np.array(y))} for x, y in ((effort, refined), (manual_effort, manual))]
    return RunCurves("M", 0, *curves, tuple(range(0, 10 * len(effort), 10)), **counts)


def test_efforts_are_shares_of_manuals():
    found = measures(run([0.4, 0.8], [0, 100], [0.4, 0.6], [0, 400]))
    # Half of manual's error is closed where 0.4 + 0.004 x = 0.7 + 0.00025 x, manual being on its way to 0.45 at 100.
    assert found["half_way_pfm"] == pytest.approx(80 / 400)
    assert found["saved_pfm"] == pytest.approx(1 - 50 / 400)
    assert (found["effort"], found["manual_effort"], found["interactions"]) == (100, 400, 10)


def test_scores_are_those_of_the_first_and_the_last_record():
    found = measures(run([0.4, 0.9, 0.7], [0, 100, 200], [0.4, 0.6], [0, 100]))
    assert (found["initial_pfm"], found["refined_pfm"], found["manual_pfm"]) == (0.4, 0.7, 0.6)
    assert found["drawdown_pfm"] == pytest.approx(20)


def test_below_is_a_share_of_records_and_a_depth():
    found = measures(run([0.4, 0.5, 0.9], [0, 100, 200], [0.4, 0.6, 0.8], [0, 100, 200]))
    assert found["below_pfm"] == pytest.approx(1 / 3)
    assert found["below_depth_pfm"] == pytest.approx(10)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({"repaired": 80, "spoiled": 20}, 0.25),
        ({"repaired": 0, "spoiled": 0}, 0),
        ({"repaired": 0, "spoiled": 3}, nan),
        ({}, nan),
    ],
)
def test_harm_needs_something_to_be_measured_by(counts, expected):
    assert measures(run([0.4, 0.8], [0, 100], [0.4, 0.6], [0, 400], **counts))["harm"] == pytest.approx(
        expected, nan_ok=True
    )


def test_half_way_that_is_never_reached_is_no_number():
    assert isnan(measures(run([0.4, 0.5], [0, 100], [0.4, 0.5], [0, 100]))["half_way_pfm"])


@pytest.mark.parametrize(
    ("measure", "value", "text"),
    [
        ("refined_pfm_dibco", 0.98765, "98.77"),
        ("peak_gain_pfm", 0.1234, "+12.3 %"),
        ("area_iou", -2.5, "-2.50"),
        ("below_depth_pfm", 10.0, "10.00"),
        ("half_way_pfm", nan, "-"),
        ("effort", 12345.0, "12,345"),
    ],
)
def test_printed(measure, value, text):
    assert display(measure).text(value) == text


def test_every_measure_can_be_printed():
    names = [*measures(run([0.4], [0], [0.4], [0])), *(f"manual_{score.name}" for score in all_scores())]
    assert all(display(name).title for name in names)


class TestGain:
    def test_is_relative_to_manual_at_the_same_effort(self):
        found = gain(run([0.4, 0.9, 0.8], [0, 100, 200], [0.4, 0.6, 0.8], [0, 100, 200]))
        assert found == pytest.approx([0, 0.5, 0])

    def test_reads_an_independent_manual_run_at_refined_efforts(self):
        found = gain(run([0.4, 0.9], [0, 100], [0.4, 0.8], [0, 200]))
        assert found == pytest.approx([0, 0.5])  # manual is half-way, at 0.6

    def test_is_undefined_where_manual_has_nothing_right(self):
        found = gain(run([0.1, 0.5], [0, 100], [0, 0.4], [0, 100]))
        assert found == pytest.approx([nan, 0.25], nan_ok=True)


def test_no_value_is_none_for_programs():
    assert (or_none(nan), or_none(inf), or_none(0.0)) == (None, None, 0.0)
