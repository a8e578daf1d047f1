"""Plain scores of two masks: hand-worked values, the shared fixtures, and properties that hold for every mask."""

import json

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from skimage.morphology import thin

from metrics.scores.cl_dice import cl_dice
from metrics.scores.overlap import accuracy, f_measure, precision, recall
from tests.root import SHARED

FIXTURES = SHARED / "fixtures" / "pfm"
VALUES = FIXTURES / "values.json"
CASES = json.loads(VALUES.read_text()) if VALUES.exists() else []
SCORES = (accuracy, precision, recall, f_measure, cl_dice)

BAR = np.zeros((5, 7), bool)
BAR[1:4, 1:6] = True  # its skeleton: the middle row without its ends
EMPTY = np.zeros_like(BAR)


@st.composite
def pairs(draw):
    shape = draw(array_shapes(min_dims=2, max_dims=2, max_side=12))
    return draw(arrays(bool, shape)), draw(arrays(bool, shape))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_fixture(case):
    prediction, truth = (
        cv2.imread(str(FIXTURES / f"{case['case']}-{kind}.png"), cv2.IMREAD_GRAYSCALE) > 127
        for kind in ("prediction", "truth")
    )
    assert 100 * f_measure(prediction, truth) == pytest.approx(case["fm"], abs=1e-5)
    assert 100 * recall(prediction, truth) == pytest.approx(case["recall"], abs=1e-5)
    assert 100 * precision(prediction, truth) == pytest.approx(case["precision"], abs=1e-5)


def test_hand_worked():
    # 9 of 15 pixels, and 1 beside: 7 of 35 pixels are wrong.
    prediction = BAR & (np.arange(7) < 4)
    prediction[0, 0] = True
    assert accuracy(prediction, BAR) == pytest.approx(28 / 35)
    assert precision(prediction, BAR) == 9 / 10
    assert recall(prediction, BAR) == 9 / 15
    assert f_measure(prediction, BAR) == 18 / 25


def test_centre_lines():
    # The truth's skeleton is (2, 2), (2, 3), (2, 4); the prediction is its own, of five pixels, four on the truth and
    # two on the truth's skeleton: 4/5 and 2/3.
    prediction = np.zeros_like(BAR)
    prediction[2, 0:4] = prediction[3, 4] = True
    assert cl_dice(prediction, BAR) == pytest.approx(2 * (4 / 5) * (2 / 3) / (4 / 5 + 2 / 3))


def test_width_hardly_matters_to_centre_lines():
    thick = cv2.dilate(BAR.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    assert cl_dice(thick, BAR) == 1
    assert f_measure(thick, BAR) == pytest.approx(30 / 50)


def test_breaks_cost_centre_lines_less_than_lines_that_are_missing_and_more_than_width():
    """A line of 41 x 5: a gap of three columns costs 3 of its 37 skeleton pixels, half of the line 17 or more."""
    line = np.zeros((15, 45), bool)
    line[5:10, 2:43] = True
    broken = line & ~((np.arange(45) >= 21) & (np.arange(45) < 24))
    half = line & (np.arange(45) < 22)
    thick = cv2.dilate(line.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    assert cl_dice(half, line) < 0.7 < cl_dice(broken, line) < 0.97 < cl_dice(thick, line)
    assert cl_dice(broken, line) == pytest.approx(2 * (34 / 37) / (1 + 34 / 37))


@pytest.mark.slow
@given(pairs())
def test_centre_lines_are_those_of_the_paper_with_another_thinning(drawn):
    """Topology precision and sensitivity as written in the paper, of skeletons by scikit-image."""
    prediction, truth = drawn
    skeletons = thin(prediction), thin(truth)
    if not (prediction.any() and truth.any()):
        return
    precise = (skeletons[0] & truth).sum() / skeletons[0].sum()
    sensitive = (skeletons[1] & prediction).sum() / skeletons[1].sum()
    expected = 2 * precise * sensitive / (precise + sensitive) if precise + sensitive else 0
    assert cl_dice(prediction, truth) == pytest.approx(expected)


@pytest.mark.parametrize("score", [precision, recall, f_measure, cl_dice])
def test_empty_or_equal(score):
    assert score(EMPTY, EMPTY) == score(BAR, BAR) == 1
    assert score(EMPTY, BAR) == score(BAR, EMPTY) == 0
    assert score(np.zeros((0, 3), bool), np.zeros((0, 3), bool)) == 1


def test_accuracy_of_empty_pictures():
    assert accuracy(EMPTY, EMPTY) == accuracy(np.zeros((0, 3), bool), np.zeros((0, 3), bool)) == 1
    assert accuracy(EMPTY, BAR) == pytest.approx(20 / 35)


@pytest.mark.slow
@settings(max_examples=60)
@given(pairs())
def test_fractions_and_symmetries(drawn):
    one, other = drawn
    assert all(0 <= score(one, other) <= 1 for score in SCORES)
    assert all(type(score(one, other)) is float for score in SCORES)
    assert precision(one, other) == recall(other, one)
    assert f_measure(one, other) == f_measure(other, one)
    assert cl_dice(one, other) == pytest.approx(cl_dice(other, one))


@pytest.mark.parametrize("score", SCORES)
def test_refusals(score):
    with pytest.raises(ValueError, match=r"prediction \(5, 7\), truth \(7, 5\)"):
        score(BAR, BAR.T)
    with pytest.raises(TypeError, match="prediction holds uint8"):
        score(BAR.astype(np.uint8), BAR)
