"""Measures of clicks: the published table to every printed digit, and what each measure says of small cases."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_array_equal

from metrics.clicks import (
    clicks_to,
    complete,
    filled,
    iou_of_best,
    iou_of_last,
    iou_per_click,
    noc,
    share_at_limit,
    share_not_reached,
)
from tests.root import SHARED

PUBLISHED = SHARED / "fixtures" / "clicks" / "ious-499.npz"
TABLE = {  # of IPOL 2024.499, with NoC@85, which it does not print, and both readings of the IoU
    "notrain": (16.22, 17.38, 18.60, 0.648, (0.709, 0.173), (0.718, 0.166)),
    # NoC@85 is 14.894; with a row that is NaN only from its twelfth click on it would be 14.897
    "scratch": (10.81, 14.89, 18.05, 0.333, (0.824, 0.084), (0.827, 0.084)),
    "finetune": (5.66, 8.90, 14.58, 0.135, (0.875, 0.072), (0.879, 0.070)),
}
IOUS = [[0.1, 0.85, 0.7], [0.2, 0.3, 0.8], [0.3, 0.3, 0.3], [np.nan, np.nan, np.nan]]

some_ious = arrays(float, st.tuples(st.integers(1, 6), st.just(5)), elements=st.floats(0, 1))


@pytest.mark.skipif(not PUBLISHED.exists(), reason="needs the published IoUs")
@pytest.mark.parametrize("training", TABLE)
def test_the_published_table_comes_out_to_every_printed_digit(training):
    with np.load(PUBLISHED) as published:
        ious = published[training]
    kept, dropped = complete(ious)
    *clicks, at_limit, last, best = TABLE[training]
    assert (len(kept), dropped) == (1940, 560)
    assert [round(noc(ious, target), 2) for target in (0.80, 0.85, 0.90)] == clicks
    assert round(share_at_limit(ious, 0.80), 3) == at_limit
    for found, told in ((iou_of_last(ious), last), (iou_of_best(ious), best)):
        assert (round(found.mean(), 3), round(found.std(), 3)) == told


@pytest.mark.skipif(not PUBLISHED.exists(), reason="needs the published IoUs")
def test_the_share_that_the_paper_prints_and_the_one_that_it_describes_are_two():
    with np.load(PUBLISHED) as published:
        ious = published["notrain"]
    assert round(share_at_limit(ious, 0.80), 4) == 0.6485
    assert round(share_not_reached(ious, 0.80), 4) == 0.6351


def test_an_image_that_arrives_with_the_last_click_is_at_the_limit_and_was_reached():
    assert_array_equal(clicks_to(IOUS, 0.8, 3), [2, 3, 3])
    assert noc(IOUS, 0.8, 3) == pytest.approx(8 / 3)
    assert share_at_limit(IOUS, 0.8, 3) == pytest.approx(2 / 3)
    assert share_not_reached(IOUS, 0.8, 3) == pytest.approx(1 / 3)


def test_clicks_beyond_the_limit_do_not_count():
    assert share_not_reached(IOUS, 0.8, 2) == pytest.approx(2 / 3)
    assert_array_equal(iou_of_last(IOUS, 2), [0.85, 0.3, 0.3])


def test_the_last_and_the_best_click_are_told_apart():
    assert_array_equal(iou_of_last(IOUS, 3), [0.7, 0.8, 0.3])
    assert_array_equal(iou_of_best(IOUS, 3), [0.85, 0.8, 0.3])
    assert iou_per_click(IOUS, 3) == pytest.approx([0.2, 1.45 / 3, 0.6])


def test_runs_that_stopped_at_their_target_stay_there():
    rows = filled([[0.4, 0.9], [0.1, 0.2, 0.3]], limit=3)
    assert_array_equal(rows, [[0.4, 0.9, 0.9], [0.1, 0.2, 0.3]])
    assert noc(rows, 0.9, 3) == 2.5


def test_without_any_image_there_is_no_mean():
    nothing = np.full((2, 3), np.nan)
    assert np.isnan([noc(nothing, 0.8, 3), share_at_limit(nothing, 0.8, 3), share_not_reached(nothing, 0.8, 3)]).all()
    assert np.isnan(iou_per_click(nothing, 3)).all()


@pytest.mark.parametrize("wrong", [[0.1, 0.2], np.zeros((2, 0)), [[0.1, 1.2]], [[-0.1, 0.2]]])
def test_what_are_no_ious_is_refused(wrong):
    with pytest.raises(ValueError, match="IoU"):
        complete(wrong)


def test_a_limit_that_was_not_reached_by_any_run_is_refused():
    with pytest.raises(ValueError, match="limit of 20"):
        noc(IOUS, 0.8)
    with pytest.raises(ValueError, match="1 to 3 clicks"):
        filled([[0.1] * 4], limit=3)


@pytest.mark.parametrize("target", [80, -0.1, float("nan")])
def test_a_target_in_percent_is_refused(target):
    for measure in (noc, share_at_limit, share_not_reached):
        with pytest.raises(ValueError, match="target"):
            measure(IOUS, target, 3)


@given(some_ious, st.floats(0, 1))
def test_measures_agree_with_counting_one_image_after_the_other(ious, target):
    counted = []
    for row in ious:
        counted.append(next((click for click, iou in enumerate(row, 1) if iou >= target), None))
    assert noc(ious, target, 5) == pytest.approx(np.mean([clicks or 5 for clicks in counted]))
    assert share_not_reached(ious, target, 5) == pytest.approx(np.mean([clicks is None for clicks in counted]))
    assert share_not_reached(ious, target, 5) <= share_at_limit(ious, target, 5)
    assert noc(ious, target, 5) >= noc(ious, target / 2, 5)
