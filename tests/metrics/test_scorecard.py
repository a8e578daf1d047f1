"""All scores of a drawing: those of the single functions, and nothing of what lies outside."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

import metrics
from metrics.counts import count
from metrics.dibco import weighted_count, weights
from metrics.scorecard import scorecard
from metrics.scores import cl_dice, contests, overlap
from metrics.thinning import thin

SINGLE = {  # the scores that each have a function of their name
    "pfm": metrics.pfm,
    "iou": metrics.iou,
    "pfm_dibco": metrics.pfm_dibco,
    "pseudo_recall": contests.pseudo_recall,
    "pseudo_precision": contests.pseudo_precision,
    "f_measure": overlap.f_measure,
    "precision": overlap.precision,
    "recall": overlap.recall,
    "accuracy": overlap.accuracy,
    "cl_dice": cl_dice.cl_dice,
}

TRUTH = cv2.line(np.zeros((40, 60), np.uint8), (5, 8), (54, 30), 1, 5).astype(bool)
PREDICTION = np.roll(TRUTH, (2, -3), (0, 1)) & (np.arange(60) < 40)


@st.composite
def pairs(draw):
    shape = draw(array_shapes(min_dims=2, max_dims=2, max_side=12))
    return [draw(arrays(bool, shape, fill=st.just(draw(st.booleans())))) for _ in range(2)]


def named(card):
    """The scores of ``SINGLE``, whatever others are declared beside them."""
    return {name: card[name] for name in SINGLE}


@pytest.mark.slow
@settings(max_examples=80)
@given(pairs())
def test_each_is_what_the_function_of_its_name_gives(drawn):
    prediction, truth = drawn
    card = named(scorecard(prediction, truth))
    assert card == pytest.approx({name: score(prediction, truth) for name, score in SINGLE.items()}, abs=1e-12)
    assert all(type(value) is float and 0 <= value <= 1 for value in card.values())


def test_hand_worked():
    # A bar 3 wide and 5 long, of which 9 pixels are drawn, and 1 beside; its skeleton are columns 2, 3, 4 of row 2. The
    # drawing's own skeleton is the pixel beside, alone or aslant beside the others, all on the bar.
    truth = np.zeros((5, 7), bool)
    truth[1:4, 1:6] = True
    prediction = truth & (np.arange(7) < 4)
    prediction[0, 0] = True
    card = scorecard(prediction, truth)
    expected = {
        "precision": 9 / 10,
        "recall": 9 / 15,
        "f_measure": 18 / 25,
        "iou": 9 / 16,
        "accuracy": 28 / 35,
        "pfm": 2 * 0.9 * (2 / 3) / (0.9 + 2 / 3),
    }
    assert {name: card[name] for name in expected} == pytest.approx(expected)


@pytest.mark.parametrize("name", SINGLE)
def test_ends_of_the_scale(name):
    empty = np.zeros_like(TRUTH)
    assert scorecard(TRUTH, TRUTH)[name] == scorecard(empty, empty)[name] == 1
    if name != "accuracy":
        assert scorecard(empty, TRUTH)[name] == scorecard(TRUTH, empty)[name] == 0


class TestValidMask:
    VALID = np.ones_like(TRUTH) & (np.arange(40) < 28)[:, None]

    def test_what_is_drawn_outside_counts_nowhere(self):
        scribbled = PREDICTION | (~self.VALID & (np.random.default_rng(0).random(TRUTH.shape) < 0.5))
        assert scorecard(scribbled, TRUTH, self.VALID) == scorecard(PREDICTION & self.VALID, TRUTH, self.VALID)

    def test_a_frame_of_outside_changes_nothing(self):
        # Accuracy alone would come out higher with more ground around.
        framed = (np.pad(mask, 9) for mask in (PREDICTION, TRUTH, np.ones_like(TRUTH)))
        assert scorecard(*framed) == pytest.approx(scorecard(PREDICTION, TRUTH), abs=1e-12)
        assert scorecard(np.pad(PREDICTION, 9), np.pad(TRUTH, 9))["accuracy"] > scorecard(PREDICTION, TRUTH)["accuracy"]

    def test_counts_are_those_of_a_drawing_scored_in_parts(self):
        # The truth's skeleton and weights are the whole truth's, not those of the piece.
        counts = count(PREDICTION, TRUTH, thin(TRUTH), self.VALID)
        weighted = weighted_count(PREDICTION, TRUTH, weights(TRUTH), self.VALID)
        card = scorecard(PREDICTION, TRUTH, self.VALID)
        assert (card["pfm"], card["iou"], card["pfm_dibco"]) == (counts.pfm, counts.iou, weighted.pfm)
        assert card["pfm_dibco"] != metrics.pfm_dibco(PREDICTION & self.VALID, TRUTH & self.VALID)

    def test_nothing_inside_is_both_empty(self):
        assert set(named(scorecard(PREDICTION, TRUTH, np.zeros_like(TRUTH))).values()) == {1}

    def test_nothing_of_the_truth_inside(self):
        beside = ~cv2.dilate(TRUTH.astype(np.uint8), np.ones((9, 9), np.uint8)).astype(bool)
        card = scorecard(~TRUTH, TRUTH, beside)
        assert named(card) == dict.fromkeys(SINGLE, 0)


def test_refusals():
    with pytest.raises(ValueError, match=r"prediction \(40, 60\), truth \(60, 40\)"):
        scorecard(TRUTH, TRUTH.T)
    with pytest.raises(ValueError, match=r"valid_mask \(60, 40\)"):
        scorecard(TRUTH, TRUTH, TRUTH.T)
    with pytest.raises(TypeError, match="prediction holds float64"):
        scorecard(TRUTH * 0.7, TRUTH)
