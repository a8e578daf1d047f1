"""What of an answer is taken over: what holds for all rules, in a session too, and what they are called."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.errors import DataError
from interaction.changes import whole_window
from interaction.merging import RULES, Allowed, merge_named, one_way, sure, within_reach
from interaction.prompts.strokes import ADD, ERASE
from interaction.session import RefinementSession
from tests.interaction.merged_views import SHAPE, random_view, seeds, view_of
from tests.simulation.fakes import SCALE, BlankCanvas, Told, bar, drawn, erratic, scene, stroke_at

names = st.lists(st.sampled_from(list(RULES)), min_size=1, max_size=3, unique=True).map("+".join)


class TestWhatIsTakenOver:
    @given(seeds, names)
    @settings(max_examples=40)
    def test_the_answer_where_each_rule_in_turn_allows_it_and_the_drawing_as_it_was_elsewhere(self, seed, name):
        view, answer = random_view(seed)
        before = view.current.copy(), answer.copy()
        expected = view.paste(answer)
        for part in name.split("+"):
            expected = np.where(RULES[part](view, expected), expected, view.current)

        merged = merge_named(name)(view, answer)

        assert merged.dtype == np.float32
        np.testing.assert_array_equal(merged, expected)
        np.testing.assert_array_equal(before, (view.current, answer))

    def test_a_later_rule_sees_what_those_before_it_have_left(self):
        """A certain change hangs on the stroke by an uncertain one; with that dropped first it no longer touches it."""
        view = view_of(np.zeros(SHAPE), stroke_at((20, 10)))
        answer = bar(SHAPE, 20, slice(8, 30)) * np.float32(0.7) + bar(SHAPE, 20, slice(30, 40)) * np.float32(0.95)

        touching_first, sure_first = (merge_named(name)(view, answer) for name in ("touching+sure", "sure+touching"))

        assert np.flatnonzero(touching_first[20] > 0.5).tolist() == [*range(9, 12), *range(30, 40)]
        assert np.flatnonzero(sure_first[20] > 0.5).tolist() == [9, 10, 11]

    @given(seeds, names)
    @settings(max_examples=20)
    def test_an_answer_that_is_the_drawing_changes_nothing_but_the_stroke(self, seed, name):
        view, _ = random_view(seed)

        merged = view.paste(merge_named(name)(view, view.current))

        np.testing.assert_array_equal(merged, view.paste(view.current))

    def test_a_stroke_is_sure(self):
        view = view_of(np.zeros(SHAPE), stroke_at((20, 30)))

        merged = merge_named("sure")(view, bar(SHAPE, slice(14, 27), slice(None)) * np.float32(0.7))

        np.testing.assert_array_equal(merged > 0, drawn(stroke_at((20, 30)), SHAPE))

    def test_what_contradicts_an_older_stroke_is_no_change_that_could_connect_others(self):
        """Two missing lines are apart because the user erased what was between, which the answer draws again."""
        erased = stroke_at([(20, 28), (20, 32)], 2, ERASE)
        view = view_of(np.zeros(SHAPE), erased, stroke_at((20, 20)))

        merged = merge_named("touching")(view, bar(SHAPE, 20, slice(10, 50)).astype(np.float32))

        assert np.flatnonzero(merged[20]).tolist() == list(range(10, 26))

    def test_a_stroke_outside_of_what_is_seen_allows_nothing(self):
        """A session asks for regions that hold the stroke's centre; a rule does not rely on it."""
        view = view_of(np.full(SHAPE, 0.3), stroke_at((500, 500)))
        answer = np.full(SHAPE, 0.8, np.float32)

        for name in ("reach", "touching", "sure"):
            np.testing.assert_array_equal(merge_named(name)(view, answer), view.current)

    @pytest.mark.parametrize("name", [*RULES, "reach+touching+sure"])
    def test_in_a_session_strokes_hold_whatever_a_rule_says(self, name):
        prediction, truth = scene(3, SHAPE)
        initial = np.where(prediction, 0.8, 0.2).astype(np.float32)
        session = RefinementSession(
            BlankCanvas(SHAPE), initial, Told(erratic), scale=SCALE, channels=(), merge=merge_named(name)
        )
        rng = np.random.default_rng(0)
        for row, column in rng.integers(0, SHAPE, (8, 2)):
            session.commit(session.propose([stroke_at((row, column), 2, int(rng.choice([ADD, ERASE])))])[0])

        whole_view = view_of(initial, *session.prompts)
        np.testing.assert_array_equal(whole_view.paste(session.current), session.current)
        assert (session.drawing != truth).any()


class TestNames:
    def test_whole_takes_over_all(self):
        assert merge_named("whole") is whole_window

    def test_names_joined_by_plus_are_rules_in_that_order(self):
        assert merge_named("reach+one-way") == Allowed((within_reach, one_way))
        assert merge_named("sure") == Allowed((sure,))

    def test_how_sure_can_be_given(self):
        view = view_of(np.full(SHAPE, 0.1, np.float32), stroke_at((30, 30)))
        answer = np.full(SHAPE, 0.1, np.float32)
        answer[0, :4] = 0.55, 0.85, 0.93, 0.97

        for name, taken in (
            ("sure@0.5", 4),
            ("sure", 2),
            ("sure@0.95", 1),
            ("sure@1", 0),
            ("one-way+sure@.95", 1),
            ("pieces@0.65", 2),
        ):
            merged = merge_named(name)(view, answer)
            assert np.count_nonzero(merged[0, :4] == answer[0, :4]) == taken

    @pytest.mark.parametrize("level", ["", "much", "0.4", "1.1", "nan", "-1"])
    def test_what_is_no_probability_is_refused(self, level):
        with pytest.raises(DataError, match="give a probability"):
            merge_named(f"sure@{level}")
        with pytest.raises(DataError, match="give a probability"):
            merge_named(f"pieces@{level}")

    @pytest.mark.parametrize(
        ("name", "unknown"),
        [("nearby", "nearby"), ("reach+nearby", "nearby"), ("", ""), ("reach+", ""), ("whole+reach", "whole")],
    )
    def test_an_unknown_one_is_named_beside_those_that_there_are(self, name, unknown):
        message = (
            f"no merge rule '{unknown}'; give whole, or some of reach, touching, one-way, sure, pieces, joined by [+]"
        )

        with pytest.raises(DataError, match=message):
            merge_named(name)
