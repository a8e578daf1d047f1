"""Scores of masks: hand-worked values, the shared fixtures, and properties that hold for every mask."""

import json
import subprocess
import sys
from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.testing import assert_array_equal
from skimage.morphology import thin

import metrics
from metrics import iou, pfm
from metrics.counts import Counts, count
from metrics.truths import TruthCache
from tests.root import ROOT, SHARED

FIXTURES = SHARED / "fixtures" / "pfm"
VALUES = FIXTURES / "values.json"
CASES = json.loads(VALUES.read_text()) if VALUES.exists() else []


def drawing(text):
    """Make a mask from a picture: one row per line, # for the line."""
    return np.array([[pixel == "#" for pixel in row] for row in text.split()])


TRUTHS = TruthCache()
skeleton = TRUTHS.skeleton

BAR = drawing(
    """
    .......
    .#####.
    .#####.
    .#####.
    .......
    """
)

EMPTY = np.zeros((5, 7), bool)


@st.composite
def masks(draw, number=1, side=14):
    """Masks of one shape, some of them thick enough to need several rounds of thinning."""
    shape = draw(array_shapes(min_dims=2, max_dims=2, max_side=side))
    found = [draw(arrays(bool, shape)) for _ in range(number)]
    if draw(st.booleans()):
        found = [cv2.dilate(mask.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool) for mask in found]
    return found if number > 1 else found[0]


def with_bytes(mask, byte):
    """The same mask with True stored as another byte, as PIL stores a 1-bit PNG."""
    return np.frombuffer((mask.astype(np.uint8) * byte).tobytes(), bool).reshape(mask.shape)


class TestPublishedValues:
    @pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
    def test_fixture(self, case):
        prediction, truth = (
            cv2.imread(str(FIXTURES / f"{case['case']}-{kind}.png"), cv2.IMREAD_GRAYSCALE) > 127  # ink is bright
            for kind in ("prediction", "truth")
        )
        assert 100 * pfm(prediction, truth) == pytest.approx(case["pfm"], abs=1e-6)
        assert 100 * iou(prediction, truth) == pytest.approx(case["iou"], abs=1e-6)

    def test_package_offers_the_two_scores(self):
        assert metrics.pfm is pfm
        assert metrics.iou is iou

    def test_package_does_not_import_torch(self):
        program = "import sys, metrics; sys.exit('torch' in sys.modules)"
        assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False).returncode == 0


class TestHandWorked:
    def test_part_of_a_line(self):
        # A bar one pixel wide is its own skeleton: 5 pixels, 3 of them drawn, and 1 pixel too many.
        truth = drawing("....... .#####. .......")
        prediction = drawing(".#..... .###... .......")
        # precision 3/4, pseudo-recall 3/5, 2 * 3/4 * 3/5 / (3/4 + 3/5) = 2/3; union 6
        assert pfm(prediction, truth) == pytest.approx(2 / 3)
        assert iou(prediction, truth) == pytest.approx(1 / 2)

    def test_thick_bar_counts_its_skeleton_only(self):
        # Thinned by hand: the middle row without its ends.
        assert_array_equal(skeleton(BAR), drawing("....... ....... ..###.. ....... ......."))
        prediction = drawing("....... .###... .###... .###... .......")
        # 9 of 15 pixels, 2 of 3 skeleton pixels: precision 1, pseudo-recall 2/3
        assert pfm(prediction, BAR) == pytest.approx(4 / 5)
        assert iou(prediction, BAR) == pytest.approx(9 / 15)

    @pytest.mark.parametrize(
        ("prediction", "truth", "expected"), [(EMPTY, EMPTY, 1), (EMPTY, BAR, 0), (BAR, EMPTY, 0), (BAR, BAR, 1)]
    )
    def test_empty_or_equal(self, prediction, truth, expected):
        assert pfm(prediction, truth) == expected
        assert iou(prediction, truth) == expected

    def test_nothing_right(self):
        prediction = np.zeros_like(BAR)
        prediction[0, 0] = True
        assert pfm(prediction, BAR) == 0
        assert iou(prediction, BAR) == 0

    def test_no_pixels_at_all_is_both_empty(self):
        assert pfm(np.zeros((0, 4), bool), np.zeros((0, 4), bool)) == 1


class TestCounts:
    def test_count(self):
        prediction = drawing("#...... .###... .###... .###... .......")
        assert count(prediction, BAR, skeleton(BAR)) == Counts(9, 1, 6, 2, 3)

    def test_scores(self):
        counts = Counts(true_positive=6, false_positive=2, false_negative=4, skeleton_hit=1, skeleton_total=4)
        assert counts.precision == 3 / 4
        assert counts.pseudo_recall == 1 / 4
        assert counts.pfm == 3 / 8
        assert counts.iou == 1 / 2
        assert counts.wrong == 6

    def test_nothing_to_draw_and_nothing_drawn(self):
        counts = Counts()
        assert (counts.precision, counts.pseudo_recall, counts.pfm, counts.iou, counts.wrong) == (1, 1, 1, 1, 0)

    def test_rim_of_a_line_without_its_skeleton_falls_back_to_recall(self):
        rim = BAR[:2]
        none = np.zeros_like(rim)
        assert count(rim, rim, none).pfm == 1
        assert count(none, rim, none).pfm == 0
        half = rim & (np.arange(7) < 3)  # 2 of 5
        assert count(half, rim, none).pseudo_recall == pytest.approx(2 / 5)

    def test_adding_something_else_is_refused(self):
        with pytest.raises(TypeError):
            _ = Counts() + 1

    def test_outside_is_ignored_everywhere(self):
        # Only the left four columns count: the skeleton's 2 left pixels, of which 1 is drawn.
        inside = np.tile(np.arange(7) < 4, (5, 1))
        prediction = drawing("....### .##.### .##.### .##.### ....###")
        assert count(prediction, BAR, skeleton(BAR), inside) == Counts(6, 0, 3, 1, 2)

    def test_nothing_inside_is_both_empty(self):
        assert count(BAR, EMPTY, EMPTY, valid_mask=EMPTY).pfm == 1

    @pytest.mark.slow
    @settings(deadline=None, max_examples=60)
    @given(masks(number=3), st.data())
    def test_tiles_add_up_to_the_whole(self, drawn, data):
        prediction, truth, inside = drawn
        rows, columns = (
            [0, *sorted(data.draw(st.lists(st.integers(0, length), max_size=3))), length] for length in truth.shape
        )
        whole_skeleton = skeleton(truth)
        parts = [
            count(prediction[tile], truth[tile], whole_skeleton[tile], inside[tile])
            for tile in (
                np.s_[top:bottom, left:right] for top, bottom in pairwise(rows) for left, right in pairwise(columns)
            )
        ]
        assert sum(parts, Counts()) == count(prediction, truth, whole_skeleton, inside)


class TestProperties:
    @pytest.mark.slow
    @settings(deadline=None, max_examples=60)
    @given(masks(number=2))
    def test_scores_are_fractions_and_iou_is_symmetric(self, drawn):
        prediction, truth = drawn
        assert 0 <= pfm(prediction, truth) <= 1
        assert 0 <= iou(prediction, truth) == iou(truth, prediction) <= 1

    @pytest.mark.slow
    @settings(deadline=None, max_examples=60)
    @given(masks())
    def test_truth_and_its_bare_skeleton_score_one(self, truth):
        assert pfm(truth, truth) == 1
        assert iou(truth, truth) == 1
        assert pfm(skeleton(truth), truth) == 1

    def test_bare_skeleton_of_a_thick_line_has_a_low_iou(self):
        assert iou(skeleton(BAR), BAR) == pytest.approx(3 / 15)


class TestSkeleton:
    @pytest.mark.slow
    @settings(deadline=None, max_examples=100)
    @given(masks(), st.tuples(*[st.integers(0, 3)] * 4))
    def test_equals_thin_wherever_the_ink_lies(self, mask, margins):
        top, bottom, left, right = margins  # 0: the ink may touch the border
        mask = np.pad(mask, ((top, bottom), (left, right)))
        assert_array_equal(skeleton(mask), thin(mask))

    def test_two_truths_of_equal_pixel_count(self):
        upright = np.zeros((9, 9), bool)
        upright[1:8, 4] = True
        assert pfm(upright, upright) == 1
        assert pfm(upright.T, upright.T) == 1
        assert_array_equal(skeleton(upright.T), upright.T)

    def test_one_array_with_new_content(self):
        truth = np.zeros((9, 9), bool)
        truth[2, 1:8] = True
        before = skeleton(truth)
        truth[2], truth[6] = truth[6].copy(), truth[2].copy()
        assert_array_equal(skeleton(truth), truth)
        assert before[2].any()

    def test_equal_bytes_in_another_shape(self):
        assert skeleton(np.ones((2, 6), bool)).shape == (2, 6)
        assert skeleton(np.ones((3, 4), bool)).shape == (3, 4)

    def test_equal_content_is_thinned_once(self):
        assert skeleton(BAR) is skeleton(np.asfortranarray(BAR))

    def test_result_is_read_only_and_the_truth_is_untouched(self):
        truth = BAR.copy()
        with pytest.raises(ValueError, match="read-only"):
            skeleton(truth)[0, 0] = True
        assert_array_equal(truth, BAR)
        assert truth.flags.writeable


class TestBoolsOfOtherBytes:
    """True may be stored as 255 (PIL's 1-bit PNG); read as bytes, such a mask thins and sums wrongly."""

    @pytest.mark.parametrize("byte", [2, 255])
    def test_skeleton_is_the_same(self, byte):
        # Given nothing kept, so that it is this mask that is thinned.
        mask = np.pad(BAR, 3)
        assert_array_equal(TruthCache().skeleton(with_bytes(mask, byte)), thin(mask))

    @pytest.mark.parametrize("byte", [2, 255])
    def test_counts_are_the_same_and_nothing_is_thinned_twice(self, byte):
        mask = np.pad(BAR, 3)
        prediction = np.roll(mask, 2, axis=1)
        odd_mask, odd_prediction = with_bytes(mask, byte), with_bytes(prediction, byte)
        expected = count(prediction, mask, skeleton(mask), mask)
        assert skeleton(odd_mask) is skeleton(mask)
        assert count(odd_prediction, odd_mask, with_bytes(skeleton(mask), byte), odd_mask) == expected
        assert pfm(odd_prediction, odd_mask) == pfm(prediction, mask)
        assert iou(odd_prediction, mask) == iou(prediction, mask)

    def test_one_bit_png(self, tmp_path):
        image = pytest.importorskip("PIL.Image")
        image.fromarray(BAR).save(tmp_path / "drawing.png")
        read = np.asarray(image.open(tmp_path / "drawing.png"))
        assert read.dtype == bool
        assert pfm(read, BAR) == iou(read, BAR) == pfm(BAR, read) == 1

    def test_a_view_with_strides(self):
        wide = np.repeat(BAR, 2, axis=1)
        assert pfm(with_bytes(wide, 255)[:, ::2], BAR) == 1


class TestRefusals:
    def test_other_shape(self):
        with pytest.raises(ValueError, match=r"prediction \(5, 7\), truth \(7, 5\)"):
            pfm(BAR, BAR.T)
        with pytest.raises(ValueError, match=r"valid_mask \(7, 5\)"):
            count(BAR, BAR, skeleton(BAR), valid_mask=BAR.T)
        with pytest.raises(ValueError, match=r"truth_skeleton \(7, 5\)"):
            count(BAR, BAR, skeleton(BAR).T)

    def test_a_batch(self):
        with pytest.raises(ValueError, match=r"prediction has shape \(1, 5, 7\)"):
            iou(BAR[None], BAR[None])

    def test_probabilities(self):
        with pytest.raises(TypeError, match=r"prediction holds float32; .*> 0\.5"):
            pfm(BAR.astype(np.float32), BAR)

    def test_bytes(self):
        with pytest.raises(TypeError, match="truth holds uint8"):
            skeleton(BAR.astype(np.uint8))

    def test_no_array(self):
        with pytest.raises(TypeError, match="prediction is a list"):
            iou(BAR.tolist(), BAR)
