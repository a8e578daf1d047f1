"""Simulated users: which stroke each of them makes, and who may look at answers first."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from data.regions import to_scale
from interaction.prompts.strokes import ADD, ERASE
from runs.errors import MENDABLE
from simulation.annotators import ANNOTATORS, annotator_named, chosen_annotators
from simulation.annotators.adversarial import Adversarial
from simulation.annotators.published import BestPrediction, Either, Longer, candidates, long, short
from simulation.annotators.unsteady import Unsteady
from simulation.simulated_user import Only
from tests.simulation.asked import EMPTY, ENDLESS, LONG, SHAPE, SHORT, ask, rng, way
from tests.simulation.fakes import SCALE, THIN, bar, drawn


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
    def test_keeps_the_longer_stroke(self, drawing, truth, sign):
        stroke = ask(Longer(THIN), drawing, truth)
        assert stroke.sign == sign
        assert len(stroke.path_px) == 9

    def test_of_two_alike_keeps_either(self):
        signs = [ask(Longer(THIN), *ENDLESS, seed).sign for seed in range(60)]
        assert 15 < signs.count(ADD) < 45


class TestShortAndLong:
    def test_short_strokes_are_a_third_as_long_and_long_ones_three_times(self):
        assert len(ask(short(THIN), *ENDLESS).path_px) == 4  # of 11
        assert len(ask(long(THIN), *ENDLESS).path_px) == 33

    def test_the_shortest_brush_still_draws(self):
        assert len(ask(short(replace(THIN, length=1)), *ENDLESS).path_px) == 1


class TestBestPrediction:
    @pytest.mark.parametrize("sign", [ADD, ERASE])
    @pytest.mark.parametrize(("drawing", "truth"), [(SHORT, LONG), (LONG, SHORT)])
    def test_keeps_the_stroke_whose_answer_scores_higher_however_long(self, drawing, truth, sign):
        assert ask(BestPrediction(THIN), drawing, truth, preview=answers(sign, truth)).sign == sign


class TestEither:
    def test_adds_and_erases_with_equal_chance_however_long_the_errors(self):
        for drawing, truth in [(SHORT, LONG), (LONG, SHORT)]:
            signs = [ask(Either(THIN), drawing, truth, seed).sign for seed in range(100)]
            assert 30 < signs.count(ADD) < 70

    def test_what_there_is_to_do_is_done(self):
        for seed in range(10):
            assert ask(Either(THIN), EMPTY, LONG, seed).sign == ADD
            assert ask(Either(THIN), LONG, EMPTY, seed).sign == ERASE


class TestUnsteady:
    @pytest.mark.slow
    def test_means_the_stroke_of_longer_within_its_bounds(self):
        user, offs, ratios, beyond = Unsteady(THIN), [], [], []
        for seed in range(100):
            drawn_px, meant_px = ask(user, *ENDLESS, seed), ask(Longer(THIN), *ENDLESS, seed)
            path, meant = to_scale(drawn_px.path_px, SCALE), to_scale(meant_px.path_px, SCALE)
            assert drawn_px.sign == meant_px.sign
            offs.append(np.linalg.norm(path[1:-1] - meant, axis=1))
            beyond.append(np.abs(path[[0, -1], 1] - meant[[0, -1], 1]))
            ratios.append(drawn_px.radius_px / np.pad(meant_px.radius_px, 1, mode="edge"))
        assert 1 < np.max(offs) <= user.wobble
        assert user.wobble < np.max(beyond) <= user.wobble + user.overshoot
        assert 1 / user.misjudged <= np.min(ratios) < 0.8
        assert 1.2 < np.max(ratios) <= user.misjudged

    def test_sways_smoothly(self):
        """Over a pixel of the way the hand comes off by less than over five."""
        path = to_scale(ask(Unsteady(THIN, overshoot=0.0), *ENDLESS).path_px, SCALE)
        assert np.abs(np.diff(path[1:-1], axis=0) - [0, 1]).max() < 1.5 * 2 * 1.5 / 5

    def test_a_steady_hand_makes_the_stroke_as_it_was_meant(self):
        steady = Unsteady(THIN, wobble=0.0, overshoot=0.0, misjudged=1.0)
        drawn_px, meant_px = ask(steady, *ENDLESS), ask(Longer(THIN), *ENDLESS)
        assert_array_equal(drawn(drawn_px, SHAPE), drawn(meant_px, SHAPE))

    def test_a_dot_has_no_ends_to_go_beyond(self):
        stroke = ask(Unsteady(THIN, overshoot=30.0), EMPTY, bar(SHAPE, 20, 20))
        assert len(stroke.path_px) == 1
        assert np.linalg.norm(to_scale(stroke.path_px, SCALE) - 20) <= 1.5

    @pytest.mark.parametrize("row", [0, SHAPE[0] - 1])
    def test_does_not_leave_the_map(self, row):
        for seed in range(20):
            path = to_scale(ask(Unsteady(THIN), EMPTY, bar(SHAPE, row, slice(0, 60)), seed).path_px, SCALE)
            assert ((path >= 0) & (path <= np.array(SHAPE) - 1)).all()


class TestAdversarial:
    @staticmethod
    def asked(user, drawing, truth, seed=0):
        """The strokes that it asks for, in one go, and the one that it keeps if the third is the worst."""
        heard = []

        def preview(strokes):
            heard.append(strokes)
            return [truth if place != 2 else ~truth for place in range(len(strokes))]

        kept = ask(user, drawing, truth, seed, preview)
        (strokes,) = heard
        return strokes, kept

    def test_keeps_the_stroke_whose_answer_scores_lowest(self):
        strokes, kept = self.asked(Adversarial(THIN), *ENDLESS)
        assert kept is strokes[2]

    def test_chooses_among_strokes_of_both_kinds_on_different_parts(self):
        strokes, _ = self.asked(Adversarial(THIN), *ENDLESS)
        assert [stroke.sign for stroke in strokes] == [ADD, ERASE, ADD, ERASE]
        assert len(set().union(*(way(stroke) for stroke in strokes))) == sum(len(stroke.path_px) for stroke in strokes)

    def test_takes_more_of_one_kind_where_the_other_has_few(self):
        strokes, _ = self.asked(Adversarial(THIN), SHORT, ENDLESS[1])
        assert [stroke.sign for stroke in strokes] == [ADD, ERASE, ADD, ADD]

    def test_may_come_to_any_part(self):
        found = set()
        for seed in range(30):
            strokes, _ = self.asked(Adversarial(THIN), EMPTY, ENDLESS[1], seed)
            found |= set().union(*(way(stroke) for stroke in strokes))
        assert found == {(30, column) for column in range(5, 55)}

    @pytest.mark.parametrize("number", [1, 3, 7])
    def test_looks_at_as_many_answers_as_it_may(self, number):
        user = Adversarial(THIN, previews=number)
        heard = []
        ask(user, *ENDLESS, preview=lambda strokes: heard.extend(strokes) or [EMPTY] * len(strokes))
        assert len(heard) == number


class TestOnly:
    @pytest.mark.parametrize("name", ANNOTATORS)
    @pytest.mark.parametrize("sign", [ADD, ERASE])
    def test_corrects_one_kind_alone(self, name, sign):
        user = Only(annotator_named(name, THIN), sign)
        strokes = [ask(user, *ENDLESS, seed, lambda made: [EMPTY] * len(made)) for seed in range(10)]
        assert {stroke.sign for stroke in strokes} == {sign}

    def test_has_nothing_to_do_where_only_the_other_kind_is_wrong(self):
        assert ask(Only(Longer(THIN), ADD), LONG, EMPTY) is None
        assert ask(Only(Longer(THIN), ERASE), EMPTY, LONG) is None

    def test_peeks_as_much_as_the_annotator_inside(self):
        assert Only(Adversarial(THIN, previews=7), ADD).previews == 7


@pytest.mark.parametrize("name", ANNOTATORS)
class TestEveryAnnotator:
    def test_draws_with_its_brush(self, name):
        if name == "human":
            pytest.skip("has a pen of its own, see test_human.py")
        user = annotator_named(name, THIN)
        stroke = ask(user, EMPTY, bar(SHAPE, 30, slice(10, 13)), preview=lambda made: [LONG] * len(made))
        steadiness = 1.5 if name == "unsteady" else 1
        assert 1 / steadiness - 0.4 < stroke.radius_px[0] / 2 < steadiness + 0.4

    def test_asks_once_for_no_more_answers_than_it_says(self, name):
        user, heard = annotator_named(name, THIN), []
        ask(user, *ENDLESS, preview=lambda made: heard.append(len(made)) or [EMPTY] * len(made))
        assert heard == ([user.previews] if user.previews else [])

    def test_asks_for_nothing_where_all_is_right(self, name):
        assert ask(annotator_named(name, THIN), LONG, LONG) is None


class TestNames:
    def test_an_unknown_name_is_one_message_with_those_there_are(self):
        with pytest.raises(MENDABLE, match="no annotator 'lefthanded'; there are: longer, best-answer, either"):
            annotator_named("lefthanded", THIN)

    def test_so_is_one_among_many(self):
        with pytest.raises(MENDABLE, match="no annotator 'lefthanded'"):
            chosen_annotators(["longer", "lefthanded"])

    def test_all_stands_for_every_one(self):
        assert chosen_annotators(["all"]) == list(ANNOTATORS)

    def test_rims_behind_a_name_are_another_user(self):
        assert chosen_annotators(["longer,longer+rim"]) == ["longer", "longer+rim"]
        assert annotator_named("best-answer+rim", THIN).previews == 2
        assert annotator_named("human+rim", THIN, 1) == annotator_named("human", THIN, 1)  # who thins lines anyway
        with pytest.raises(MENDABLE, match=r"no annotator 'rim\+rim'.*each also with \+rim behind"):
            annotator_named("rim+rim", THIN)

    def test_each_is_named_once(self):
        assert chosen_annotators(["long", "short", "long"]) == ["long", "short"]
        assert chosen_annotators(["short", "all"])[0] == "short"
        assert len(chosen_annotators(["short", "all"])) == len(ANNOTATORS)
