"""Simulated people: which of their two strokes they keep, and who may look at answers first."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from simulation.annotators import ANNOTATORS, BestAnswer, History, Longer, candidates
from simulation.strokes import ADD, ERASE
from tests.simulation.fakes import THIN, bar, drawn

SHAPE = (40, 60)
EMPTY = np.zeros(SHAPE, bool)
SHORT = bar(SHAPE, 10, slice(10, 15))  # 5 pixels
LONG = bar(SHAPE, 30, slice(10, 19))  # 9 pixels
ENDLESS = bar(SHAPE, 10, slice(5, 55)), bar(SHAPE, 30, slice(5, 55))  # more than a stroke can follow


def no_peeking(strokes):
    raise AssertionError("this person may not look at answers")


def rng(seed=0):
    return np.random.default_rng(seed)


def answers(score_of_sign, truth):
    """Preview answers: the truth for strokes of one sign, nothing right for those of the other."""
    return lambda strokes: [truth if stroke.sign == score_of_sign else ~truth for stroke in strokes]


class TestCandidates:
    def test_one_of_each_kind(self):
        assert [stroke.sign for stroke in candidates(SHORT, LONG, rng(), THIN)] == [ADD, ERASE]

    def test_only_one_kind_where_the_other_has_nothing_to_do(self):
        assert [stroke.sign for stroke in candidates(EMPTY, LONG, rng(), THIN)] == [ADD]
        assert [stroke.sign for stroke in candidates(LONG, EMPTY, rng(), THIN)] == [ERASE]

    def test_none_where_all_is_right(self):
        assert candidates(LONG, LONG, rng(), THIN) == []


class TestLonger:
    @pytest.mark.parametrize(("drawing", "truth", "sign"), [(SHORT, LONG, ADD), (LONG, SHORT, ERASE)])
    def test_keeps_the_longer_stroke_without_looking_at_answers(self, drawing, truth, sign):
        stroke = Longer(THIN)(drawing, truth, History((), no_peeking), rng())
        assert stroke.sign == sign
        assert len(stroke.path_px) == 9

    def test_of_two_alike_keeps_either(self):
        drawing, truth = ENDLESS
        signs = [Longer(THIN)(drawing, truth, History((), no_peeking), rng(seed)).sign for seed in range(60)]
        assert 15 < signs.count(ADD) < 45

    def test_has_nothing_to_do_where_all_is_right(self):
        assert Longer(THIN)(LONG, LONG, History((), no_peeking), rng()) is None


class TestBestAnswer:
    @pytest.mark.parametrize("sign", [ADD, ERASE])
    @pytest.mark.parametrize(("drawing", "truth"), [(SHORT, LONG), (LONG, SHORT)])
    def test_keeps_the_stroke_whose_answer_scores_higher_however_long(self, drawing, truth, sign):
        stroke = BestAnswer(THIN)(drawing, truth, History((), answers(sign, truth)), rng())
        assert stroke.sign == sign

    def test_asks_for_both_answers_at_once(self):
        asked = []

        def preview(strokes):
            asked.append(len(strokes))
            return [LONG] * len(strokes)

        BestAnswer(THIN)(SHORT, LONG, History((), preview), rng())
        assert asked == [2]

    def test_asks_for_nothing_where_all_is_right(self):
        assert BestAnswer(THIN)(LONG, LONG, History((), no_peeking), rng()) is None


@pytest.mark.parametrize("name", ANNOTATORS)
class TestEveryAnnotator:
    def test_draws_with_its_brush(self, name):
        stroke = ANNOTATORS[name](THIN)(EMPTY, LONG, History((), lambda strokes: [LONG]), rng())
        assert stroke.radius_px[0] == pytest.approx(2, abs=0.8)
        assert (drawn(stroke, SHAPE) & LONG).sum() == 9

    def test_makes_the_same_stroke_for_the_same_generator(self, name):
        drawing, truth = ENDLESS
        history = History((), answers(ADD, truth))
        one, other = (ANNOTATORS[name](THIN)(drawing, truth, history, rng(4)) for _ in range(2))
        assert one.sign == other.sign
        assert_array_equal(one.path_px, other.path_px)
