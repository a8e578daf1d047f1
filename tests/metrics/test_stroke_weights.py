"""Weights of pixels, against hand-worked pictures and the rules written out pixel by pixel."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.testing import assert_allclose, assert_array_equal

from metrics.components import Components, Strokes
from metrics.stroke_weights import precision_weights, recall_weights
from tests.metrics.weights_by_the_rules import Rules


def weights(truth):
    strokes = Strokes(truth)
    recall, widths = recall_weights(strokes)
    return recall, precision_weights(strokes, widths)


def bars(shape, *boxes):
    """Make a mask of bars, each (first row, first column, rows, columns)."""
    mask = np.zeros(shape, bool)
    for row, column, rows, columns in boxes:
        mask[row : row + rows, column : column + columns] = True
    return mask


@st.composite
def tangles(draw, side=40):
    """Lines of many widths, dots and specks, on pages of many sizes."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    height, width = rng.integers(5, side, 2)
    page = np.zeros((height, width), np.uint8)
    for _ in range(draw(st.integers(1, 5))):
        path = rng.uniform((0, 0), (width, height)) + np.cumsum(rng.normal(0, 8, (6, 2)), axis=0)
        cv2.polylines(page, [path.astype(np.int32)], False, 1, int(rng.integers(1, 9)))
    mask = page.astype(bool) ^ (rng.random(page.shape) < draw(st.sampled_from([0, 0.01])))
    mask[0, 0] |= not mask.any()
    return mask


class TestAcrossAStroke:
    """Depths over their sum: 0, 1, 2, 1, 0 add up to 4, and 0, 1, 2, 2, 1, 0 to 6."""

    @pytest.mark.parametrize(
        ("width", "expected"),
        [
            (1, [1]),
            (2, [1, 0]),
            (3, [0, 1 / 2, 0]),
            (4, [0, 1 / 2, 1 / 2, 0]),
            (5, [0, 1 / 4, 2 / 4, 1 / 4, 0]),
            (6, [0, 1 / 6, 2 / 6, 2 / 6, 1 / 6, 0]),
            (7, [0, 1 / 9, 2 / 9, 3 / 9, 2 / 9, 1 / 9, 0]),
        ],
    )
    def test_of_a_long_bar(self, width, expected):
        truth = bars((width + 20, 80), (10, 10, width, 60))
        assert_allclose(weights(truth)[0][10 : 10 + width, 40], expected)
        assert_allclose(weights(truth.T.copy())[0][40, 10 : 10 + width], expected)

    def test_ends_of_a_line_weigh_half(self):
        # Half width 1 along the line and so 1 / 1; 1 + 1 at its ends.
        truth = bars((9, 14), (4, 3, 1, 8))
        assert_array_equal(weights(truth)[0][4, 3:11], [0.5, 1, 1, 1, 1, 1, 1, 0.5])

    def test_a_dot_weighs_one(self):
        assert_array_equal(weights(bars((5, 5), (2, 2, 1, 1)))[0], bars((5, 5), (2, 2, 1, 1)))

    def test_a_square_whose_skeleton_vanishes_weighs_one_at_its_centre(self):
        # The mean of columns 2 and 3 rounds to 3.
        assert_array_equal(weights(bars((6, 6), (2, 2, 2, 2)))[0], bars((6, 6), (3, 3, 1, 1)))

    def test_nothing_outside(self):
        truth = bars((30, 30), (5, 5, 8, 20))
        assert not weights(truth)[0][~truth].any()


class TestAroundStrokes:
    def test_a_line(self):
        # Mean half width (2 + 6 * 1 + 2) / 8, rounded down: 1, so the line counts as 2 wide: 1 + 1 / 2, 1 + 2 / 2, 1.
        truth = bars((11, 18), (5, 5, 1, 8))
        assert_array_equal(weights(truth)[1][:, 9], [1, 1, 1, 2, 1.5, 1, 1.5, 2, 1, 1, 1])
        assert_array_equal(weights(truth)[1][5], [1, 1, 1, 2, 1.5] + 8 * [1] + [1.5, 2, 1, 1, 1])
        assert weights(truth)[1][3, 3] == 2  # two away, aslant

    def test_a_long_bar(self):
        # Half width 3: 6 wide, so the weight rises by 1 / 6 a pixel, up to the sixth.
        truth = bars((30, 160), (12, 20, 6, 120))
        assert_allclose(
            weights(truth)[1][5:21, 80], np.r_[1, [1 + d / 6 for d in range(6, 0, -1)], 6 * [1], 7 / 6, 8 / 6, 9 / 6]
        )

    def test_a_narrow_gap_between_two_strokes(self):
        # Two bars 6 wide, 3 apart: the gap's half width is 2, less than 6, so 1 + 1 / 2, 1 + 2 / 2, 1 + 1 / 2.
        truth = bars((40, 160), (10, 20, 6, 120), (19, 20, 6, 120))
        assert_array_equal(weights(truth)[1][16:19, 80], [1.5, 2, 1.5])

    def test_a_narrow_gap_within_one_stroke_is_no_meeting(self):
        # As above, but joined at the left: one stroke. Its width counts, 6.
        truth = bars((40, 160), (10, 20, 6, 120), (19, 20, 6, 120), (10, 14, 15, 6))
        assert_allclose(weights(truth)[1][16:19, 80], [1 + 1 / 6, 1 + 2 / 6, 1 + 1 / 6])

    def test_of_two_strokes_equally_near_the_wider_counts(self):
        truth = bars((40, 160), (10, 20, 6, 120), (29, 20, 1, 120))
        weighed = weights(truth)[1][:, 80]
        assert weighed[26] == 1  # three from the line, which is 2 wide, and eleven from the bar
        assert_allclose(weighed[27:29], [2, 1.5])
        assert_allclose(weighed[16:18], [1 + 1 / 6, 1 + 2 / 6])

    def test_a_full_rectangle_of_a_gap_weighs_one(self):
        ring = bars((20, 20), (5, 5, 10, 10)) & ~bars((20, 20), (7, 7, 6, 6))
        assert_array_equal(weights(ring)[1][7:13, 7:13], 1)
        notched = ring | bars((20, 20), (7, 7, 1, 1))
        assert (weights(notched)[1][7:13, 7:13][~notched[7:13, 7:13]] > 1).any()

    def test_a_stroke_that_a_gap_does_not_enclose_is_not_seen_from_it(self):
        # The bar, 6 wide, runs from border to border: the box of the gap above it holds only the dot, 2 wide.
        truth = bars((30, 20), (15, 0, 6, 20), (3, 10, 1, 1))
        assert_array_equal(weights(truth)[1][9:15, 2], [1, 1, 1, 1, 2, 1.5])
        assert_array_equal(weights(truth)[1][:15], Rules(truth).both()[1][:15])

    @pytest.mark.slow
    @settings(max_examples=40)
    @given(tangles())
    def test_one_inside_and_at_most_three(self, truth):
        recall, precision = weights(truth)
        assert_array_equal(precision[truth], 1)
        assert 1 <= precision.min() <= precision.max() <= 3
        assert recall.min() >= 0
        assert recall.sum() > 0


class TestAlike:
    @pytest.mark.slow
    @settings(max_examples=40)
    @given(tangles(), st.integers(1, 9))
    def test_an_empty_border_makes_no_difference_inside_strokes(self, truth, margin):
        truth = np.pad(truth, 1)  # the tool reads ends that touch the picture's border in its own way
        recall, _ = weights(truth)
        assert_array_equal(weights(np.pad(truth, margin))[0], np.pad(recall, margin))

    @pytest.mark.parametrize("width", [1, 2, 3, 5, 6, 9])
    def test_an_empty_border_makes_no_difference_around_a_bar(self, width):
        truth = bars((60, 90), (25, 30, width, 30))
        assert_array_equal(weights(np.pad(truth, 7))[1], np.pad(weights(truth)[1], 7, constant_values=1))

    @pytest.mark.parametrize("size", [1, 2, 5, 6, 9, 14])
    def test_a_break_costs_the_same_whatever_the_width(self, size):
        truth = bars((60, 160), (20, 20, size, 120))
        for mask in (truth, truth.T.copy()):
            across = weights(mask)[0].sum(axis=0 if mask is truth else 1)
            assert_allclose(across[70:90], 1)

    @pytest.mark.parametrize(
        "truth",
        [
            np.ones((1, 1)),
            np.ones((1, 7)),
            np.ones((7, 1)),
            np.ones((20, 30)),
            np.eye(2),
            np.indices((9, 9)).sum(0) % 2,
        ],
    )
    def test_pictures_without_room(self, truth):
        recall, precision = weights(truth.astype(bool))
        assert recall.sum() > 0
        assert 1 <= precision.min() <= precision.max() <= 3


class TestByTheRules:
    def check(self, truth):
        rules = Rules(truth)
        recall, precision = weights(truth)
        assert_allclose(recall, rules.recall(), err_msg="inside")
        assert_allclose(precision, rules.precision(), err_msg="around")

    @pytest.mark.slow
    @settings(max_examples=25)
    @given(tangles())
    def test_tangle(self, truth):
        self.check(truth)

    @settings(max_examples=25)
    @given(arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=9)), st.integers(1, 3))
    def test_small_picture(self, truth, scale):
        truth = np.kron(truth, np.ones((scale, scale), bool))
        truth[0, 0] |= not truth.any()
        self.check(truth)


class TestComponents:
    MASK = bars((8, 12), (1, 1, 2, 2), (3, 3, 1, 1), (1, 8, 4, 2), (6, 0, 1, 12))

    def test_hang_together_aslant(self):
        found = Components(self.MASK)
        assert found.number == 4
        assert found.labels[1, 1] == found.labels[3, 3] != found.labels[1, 8]
        assert_array_equal(found.labels > 0, self.MASK)

    def test_boxes(self):
        found = Components(self.MASK)
        aslant = int(found.labels[1, 1])
        assert found.box(aslant) == np.s_[1:4, 1:4]
        assert found.box(aslant, margin=2) == np.s_[0:6, 0:6]

    def test_squares_that_leave_the_box(self):
        pixels = np.array([1 * 12 + 1, 3 * 12 + 8, 3 * 12 + 8])  # on its box's corner; beside its box's left and right
        assert_array_equal(Components(self.MASK).out_of_box(pixels, np.array([1, 0, 1])), [True, False, True])

    def test_nearest_means_all_that_are_equally_near_in_the_box(self):
        features = bars((8, 12), (0, 1, 1, 1), (3, 2, 1, 1), (1, 3, 1, 1))
        pixels, found = Components(self.MASK).nearest(features, np.array([1 * 12 + 1, 6 * 12 + 5]))
        # (0, 1) is nearer to (1, 1), but outside its box; the bar at the bottom has no feature in its box.
        assert sorted(zip(pixels.tolist(), found.tolist(), strict=True)) == [(13, 1 * 12 + 3), (13, 3 * 12 + 2)]
