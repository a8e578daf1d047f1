"""The contests' pseudo-F-measure: their own figures, hand-worked values, and properties that hold for every mask."""

import json
from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.testing import assert_array_equal

import metrics
from metrics.dibco import UNIT, WeightedCounts, Weights, weighted_count
from metrics.scores.contests import pfm_dibco, pseudo_precision, pseudo_recall
from metrics.truths import TruthCache
from tests.root import SHARED

FIXTURES = SHARED / "fixtures" / "pfm"
VALUES = FIXTURES / "values.json"
CASES = json.loads(VALUES.read_text()) if VALUES.exists() else []

weights = TruthCache().weights

LINE = np.zeros((11, 18), bool)
LINE[5, 5:13] = True
EMPTY = np.zeros_like(LINE)


def tangle(rng, shape=(70, 90), lines=6):
    page = np.zeros(shape, np.uint8)
    for _ in range(lines):
        path = rng.uniform((10, 10), (shape[1] - 10, shape[0] - 10)) + np.cumsum(rng.normal(0, 14, (8, 2)), axis=0)
        cv2.polylines(page, [path.astype(np.int32)], False, 1, int(rng.integers(1, 8)))
    return page.astype(bool)


@st.composite
def masks(draw, number=1, side=14):
    shape = draw(array_shapes(min_dims=2, max_dims=2, max_side=side))
    found = [draw(arrays(bool, shape)) for _ in range(number)]
    if draw(st.booleans()):
        found = [cv2.dilate(mask.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool) for mask in found]
    return found if number > 1 else found[0]


class TestTheContestsFigures:
    @pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
    def test_fixture(self, case):
        prediction, truth = (
            cv2.imread(str(FIXTURES / f"{case['case']}-{kind}.png"), cv2.IMREAD_GRAYSCALE) > 127
            for kind in ("prediction", "truth")
        )
        assert 100 * pfm_dibco(prediction, truth) == pytest.approx(case["pseudo_fm"], abs=1e-4)
        assert 100 * pseudo_recall(prediction, truth) == pytest.approx(case["pseudo_recall"], abs=1e-4)
        assert 100 * pseudo_precision(prediction, truth) == pytest.approx(case["pseudo_precision"], abs=1e-4)

    def test_package_offers_it(self):
        assert metrics.pfm_dibco is pfm_dibco


class TestHandWorked:
    """`LINE` weighs 1/2, 1, 1, 1, 1, 1, 1, 1/2; beside it ink weighs 1 + 1/2, two pixels away 1 + 2/2, then 1."""

    def test_part_of_a_line(self):
        prediction = LINE & (np.arange(18) < 8)
        assert pseudo_recall(prediction, LINE) == 2.5 / 7
        assert pseudo_precision(prediction, LINE) == 1
        assert pfm_dibco(prediction, LINE) == pytest.approx(2 * 2.5 / 9.5)

    @pytest.mark.parametrize(("row", "weight"), [(4, 1.5), (3, 2), (2, 1), (0, 1)])
    def test_wrong_ink_weighs_by_its_distance(self, row, weight):
        prediction = LINE.copy()
        prediction[row, 8] = True
        assert pseudo_recall(prediction, LINE) == 1
        assert pseudo_precision(prediction, LINE) == 8 / (8 + weight)

    def test_ink_beside_the_line_only(self):
        beside = np.roll(LINE, 1, axis=0)
        assert pseudo_recall(beside, LINE) == pseudo_precision(beside, LINE) == pfm_dibco(beside, LINE) == 0

    @pytest.mark.parametrize(
        ("prediction", "truth", "expected"), [(EMPTY, EMPTY, 1), (EMPTY, LINE, 0), (LINE, EMPTY, 0), (LINE, LINE, 1)]
    )
    def test_empty_or_equal(self, prediction, truth, expected):
        assert pfm_dibco(prediction, truth) == expected
        assert pseudo_recall(prediction, truth) == expected
        assert pseudo_precision(prediction, truth) == expected

    def test_no_pixels_at_all_is_both_empty(self):
        assert pfm_dibco(np.zeros((0, 4), bool), np.zeros((0, 4), bool)) == 1

    def test_only_the_skeleton_is_not_enough(self):
        # What the published form misses: a bar 5 wide weighs 1/4 + 2/4 + 1/4 across.
        bar = np.zeros((25, 120), bool)
        bar[10:15, 10:110] = True
        middle = bar & (np.arange(25) == 12)[:, None]
        inside = np.s_[:, 50:70]
        assert weighted_count(middle, bar, weights(bar)).pfm < 0.7
        parts = Weights(weights(bar).recall[inside], weights(bar).precision[inside])
        assert weighted_count(middle[inside], bar[inside], parts).pseudo_recall == 0.5


class TestWeights:
    def test_of_an_empty_truth(self):
        found = weights(EMPTY)
        assert_array_equal(found.recall, 0)
        assert_array_equal(found.precision, 1)

    def test_are_multiples_of_the_unit(self):
        found = weights(tangle(np.random.default_rng(3)))
        for each in (found.recall, found.precision):
            steps = each.astype(np.float64) / UNIT
            assert_array_equal(steps, np.rint(steps))
        assert (found.recall > 0).any()

    def test_are_kept_and_read_only(self):
        truth = tangle(np.random.default_rng(4))
        found = weights(truth)
        assert np.shares_memory(found.recall, weights(np.asfortranarray(truth)).recall)
        with pytest.raises(ValueError, match="read-only"):
            found.precision[0, 0] = 2
        assert truth.flags.writeable

    def test_two_truths_of_equal_pixel_count(self):
        assert weights(LINE).recall[5].sum() == weights(np.roll(LINE, 2, axis=0)).recall[7].sum() == 7

    def test_true_stored_as_another_byte(self):
        odd = np.frombuffer((LINE.astype(np.uint8) * 255).tobytes(), bool).reshape(LINE.shape)
        assert_array_equal(weights(odd).precision, weights(LINE).precision)
        assert pfm_dibco(odd, LINE) == pfm_dibco(LINE, odd) == 1


class TestSums:
    @pytest.mark.slow
    @settings(max_examples=60)
    @given(masks(number=3), st.data())
    def test_tiles_add_up_to_the_whole_exactly(self, drawn, data):
        prediction, truth, inside = drawn
        rows, columns = (
            [0, *sorted(data.draw(st.lists(st.integers(0, length), max_size=3))), length] for length in truth.shape
        )
        whole = weights(truth)
        parts = [
            weighted_count(
                prediction[tile], truth[tile], Weights(whole.recall[tile], whole.precision[tile]), inside[tile]
            )
            for tile in (
                np.s_[top:bottom, left:right] for top, bottom in pairwise(rows) for left, right in pairwise(columns)
            )
        ]
        assert sum(parts, WeightedCounts()) == weighted_count(prediction, truth, whole, inside)

    def test_a_changed_region_gives_the_same_bits_as_counting_anew(self):
        rng = np.random.default_rng(5)
        truth = tangle(rng)
        whole, drawing = weights(truth), np.roll(truth, 1, axis=0)
        running = weighted_count(drawing, truth, whole)
        for _ in range(50):
            top, left = rng.integers(0, 60, 2)
            region = np.s_[top : top + 12, left : left + 12]
            part = Weights(whole.recall[region], whole.precision[region])
            before = weighted_count(drawing[region], truth[region], part)
            drawing[region] = rng.random(drawing[region].shape) < 0.3
            running = running - before + weighted_count(drawing[region], truth[region], part)
        assert running == weighted_count(drawing, truth, whole)
        assert running.pfm == pfm_dibco(drawing, truth)

    def test_adding_something_else_is_refused(self):
        with pytest.raises(TypeError):
            _ = WeightedCounts() + 1
        with pytest.raises(TypeError):
            _ = WeightedCounts() - 1


class TestProperties:
    @pytest.mark.slow
    @settings(max_examples=60)
    @given(masks(number=2))
    def test_scores_are_fractions_and_the_truth_scores_one(self, drawn):
        prediction, truth = drawn
        for score in (pfm_dibco, pseudo_recall, pseudo_precision):
            assert 0 <= score(prediction, truth) <= 1
            assert score(truth, truth) == 1

    @pytest.mark.slow
    @settings(max_examples=60)
    @given(masks(number=2), st.data())
    def test_a_right_pixel_never_harms_and_a_wrong_one_never_helps(self, drawn, data):
        prediction, truth = drawn
        pixel = tuple(data.draw(st.integers(0, length - 1)) for length in truth.shape)
        without, with_it = prediction.copy(), prediction.copy()
        without[pixel], with_it[pixel] = False, True
        if truth[pixel]:
            assert pseudo_recall(with_it, truth) >= pseudo_recall(without, truth)
            assert pseudo_precision(with_it, truth) >= pseudo_precision(without, truth) or not without.any()
        else:
            assert pseudo_recall(with_it, truth) == pseudo_recall(without, truth) or not truth.any()
            assert pseudo_precision(with_it, truth) <= pseudo_precision(without, truth) or not without.any()

    @pytest.mark.parametrize("seed", range(5))
    def test_an_empty_border_and_transposition_hardly_matter(self, seed):
        # Exactly equal inside strokes; around them and transposed, the tool's order of pixels leaves a trace.
        truth = tangle(np.random.default_rng(seed), shape=(120, 120))
        prediction = np.roll(truth, 1, axis=0)
        score = pfm_dibco(prediction, truth)
        assert pfm_dibco(np.pad(prediction, 9), np.pad(truth, 9)) == pytest.approx(score, abs=0.005)
        assert pfm_dibco(prediction.T, truth.T) == pytest.approx(score, abs=0.02)

    @pytest.mark.parametrize("axis", [0, 1])
    def test_a_break_costs_the_same_in_a_thick_line_as_in_a_thin_one(self, axis):
        truth = np.zeros((60, 140), bool)
        truth[10:12, 10:130] = truth[30:39, 10:130] = True
        truth = truth if axis == 0 else truth.T.copy()
        breaks = np.arange(140) // 10 == 7
        broken = [
            truth & ~(breaks[None] & rows[:, None] if axis == 0 else breaks[:, None] & rows[None])
            for rows in (np.arange(60) < 20, np.arange(60) >= 20)
        ]
        thin, thick = (pseudo_recall(prediction, truth) for prediction in broken)
        assert thin == pytest.approx(thick, abs=1e-5)
        assert thin < 1


class TestRefusals:
    def test_other_shape(self):
        with pytest.raises(ValueError, match=r"prediction \(11, 18\), truth \(18, 11\)"):
            pfm_dibco(LINE, LINE.T)
        with pytest.raises(ValueError, match=r"weights of shape \(18, 11\)"):
            weighted_count(LINE, LINE, weights(LINE.T))
        with pytest.raises(ValueError, match=r"valid_mask \(18, 11\)"):
            weighted_count(LINE, LINE, weights(LINE), valid_mask=LINE.T)

    def test_probabilities_and_batches(self):
        with pytest.raises(TypeError, match=r"prediction holds float32; .*> 0\.5"):
            pfm_dibco(LINE.astype(np.float32), LINE)
        with pytest.raises(ValueError, match=r"truth has shape \(1, 11, 18\)"):
            weights(LINE[None])
