"""What of an answer is taken over: each rule on pictures small enough to check by eye, and what all of them hold to."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import binary_dilation, label

from data.errors import DataError
from data.regions import shape_of, whole
from interaction import merging
from interaction.changes import View, whole_window
from interaction.merging import (
    PIECE,
    REACH,
    RULES,
    SURE,
    Allowed,
    merge_named,
    one_way,
    pieces,
    sure,
    touching,
    within_reach,
)
from interaction.prompts.strokes import ADD, ERASE
from interaction.session import RefinementSession
from tests.simulation.fakes import SCALE, BlankCanvas, Told, bar, drawn, erratic, picture, scene, stroke_at

SHAPE = (40, 60)
seeds = st.integers(0, 2**31)
names = st.lists(st.sampled_from(list(RULES)), min_size=1, max_size=3, unique=True).map("+".join)


def view_of(current, *strokes):
    """Make what a rule is shown: the drawing before the newest stroke, and all strokes."""
    current = np.asarray(current, np.float32)
    region = whole(shape_of(current))
    return View(np.empty((0, *region.shape), np.float32), current, current, strokes, region, SCALE)


def probabilities(rng, shape):
    """Draw squares of 1/32, 3/32 and so on to 31/32: none at a threshold, and 1 less each is exact."""
    sixteenths = rng.integers(0, 16, (shape[0] // 5, shape[1] // 5)).repeat(5, axis=0).repeat(5, axis=1)
    return ((sixteenths + 0.5) / 16).astype(np.float32)


def random_view(seed):
    """Make a view with an older stroke of each kind, which hold, and a newest one; and an answer to it."""
    rng = np.random.default_rng(seed)
    places = rng.uniform(0, SHAPE, (3, 2))
    signs = ADD, ERASE, int(rng.choice([ADD, ERASE]))
    ends = places + rng.uniform(-6, 6, (3, 2))
    strokes = [stroke_at(path, 1.5, sign) for path, sign in zip(np.stack([places, ends], 1), signs, strict=True)]
    before = view_of(probabilities(rng, SHAPE), *strokes[:-1])
    return view_of(before.paste(before.current), *strokes), probabilities(rng, SHAPE)


class TestWithinReach:
    def test_what_is_48_pixels_from_the_stroke_and_not_what_is_farther(self):
        allowed = within_reach(view_of(np.zeros((5, 120)), stroke_at((2, 60))), np.ones((5, 120), np.float32))

        nearest = 61  # the stroke is a disc of one pixel's radius
        assert np.flatnonzero(allowed[2]).tolist() == list(range(119 - nearest - REACH + 1, nearest + REACH + 1))
        assert not allowed[0, nearest + REACH]

    @given(seeds, st.integers(1, 9))
    @settings(max_examples=20)
    def test_distances_are_those_to_the_nearest_pixel_of_the_newest_stroke(self, seed, reach):
        view, answer = random_view(seed)
        stroke = np.argwhere(drawn(view.prompts[-1], SHAPE))
        squared = ((np.argwhere(np.ones(SHAPE))[:, None] - stroke) ** 2).sum(axis=2).min(axis=1).reshape(SHAPE)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(merging, "REACH", reach)
            np.testing.assert_array_equal(within_reach(view, answer), squared <= reach**2)


class TestTouching:
    CURRENT = picture("""
        ..............
        .####.....###.
        ..............
        ..............
        ..............
    """)
    ANSWER = picture("""
        ..............
        .###......####
        ....#.........
        .....###......
        .##.......##..
    """)

    def test_connected_changes_that_touch_the_stroke_corners_counted(self):
        """The line's bend and the end that it loses go with the stroke; the other line's end and the dashes do not."""
        stroke = stroke_at((3, 7), radius=0.5)

        allowed = touching(view_of(self.CURRENT, stroke), self.ANSWER.astype(np.float32))

        expected = picture("""
            ..............
            ....#.........
            ....#.........
            .....###......
            ..............
        """)
        np.testing.assert_array_equal(allowed, expected)

    def test_a_stroke_where_nothing_changes_allows_itself_alone(self):
        stroke = stroke_at((2, 2))
        view = view_of(self.CURRENT, stroke)

        np.testing.assert_array_equal(touching(view, view.current), drawn(stroke, self.CURRENT.shape))

    @given(seeds)
    @settings(max_examples=30)
    def test_each_piece_of_change_is_taken_whole_or_not_at_all(self, seed):
        view, answer = random_view(seed)
        flips, mark = (answer > 0.5) != (view.current > 0.5), drawn(view.prompts[-1], SHAPE)
        pieces, count = label(flips | mark, np.ones((3, 3)))

        allowed = touching(view, answer)

        assert not allowed[pieces == 0].any()
        for piece in range(1, count + 1):
            assert allowed[pieces == piece].all() == allowed[pieces == piece].any() == mark[pieces == piece].any()


class TestOneWay:
    CURRENT = np.array([[0.2, 0.4, 0.6, 0.8]], np.float32)
    ANSWER = np.array([[0.4, 0.2, 0.6, 0.9]], np.float32)

    @pytest.mark.parametrize(
        ("sign", "allowed"), [(ADD, [True, False, True, True]), (ERASE, [False, True, True, False])]
    )
    def test_more_line_after_an_add_stroke_and_less_after_an_erase_stroke(self, sign, allowed):
        view = view_of(self.CURRENT, stroke_at((0, 0), sign=-sign), stroke_at((0, 0), sign=sign))

        assert one_way(view, self.ANSWER)[0].tolist() == allowed


class TestSure:
    @pytest.mark.parametrize(("value", "taken"), [(SURE, True), (SURE - 0.01, False), (1, True)])
    @pytest.mark.parametrize("line", [True, False])
    def test_a_change_has_to_be_certain(self, value, taken, line):
        current, answer = (np.full(SHAPE, 0.3 if line else 0.7, np.float32) for _ in range(2))
        answer[20, 30] = value if line else np.float32(1) - np.float32(value)

        allowed = sure(view_of(current, stroke_at((2, 2))), answer)

        assert allowed[20, 30] == taken
        assert np.count_nonzero(allowed) == taken

    @given(seeds)
    @settings(max_examples=30)
    def test_line_and_ground_count_alike(self, seed):
        view, answer = random_view(seed)
        turned = [stroke_at([(0, 0)], sign=-view.prompts[-1].sign)]

        np.testing.assert_array_equal(sure(view, answer), sure(view_of(1 - view.current, *turned), 1 - answer))


class TestPieces:
    CURRENT = picture("""
        ..................
        .####.........###.
        ..................
        ..................
        ..................
        ..................
    """)
    ANSWER = picture("""
        ..................
        .####.........###.
        .####........#....
        .....#########....
        ..................
        .###..............
    """)
    CONTINUED = picture("""
        ..................
        ..................
        .............#....
        .....#########....
        ..................
        ..................
    """)

    @staticmethod
    def allowed(current, drawing, values, sign=ADD):
        """Ask the rule, the stroke being a pixel of the new line; what turns does so as probably as the values say."""
        current, drawing = np.float32(current), np.broadcast_to(values, drawing.shape) * drawing
        view = view_of(current, stroke_at((3, 7), radius=0.5, sign=sign))
        answer = np.where(drawing > 0, drawing, np.float32(0)).astype(np.float32)
        answer[current > 0.5] = 1
        return pieces(view, view.paste(answer))

    def test_what_continues_the_stroke_is_taken_with_its_end_and_no_rim_nor_anything_apart(self):
        np.testing.assert_array_equal(self.allowed(self.CURRENT, self.ANSWER, 0.7), self.CONTINUED)

    @pytest.mark.parametrize(("low", "high", "taken"), [(0.55, 0.8, True), (0.55, 0.7, False)])
    def test_its_pixels_vouch_for_one_another_and_the_stroke_for_none(self, low, high, taken):
        values = np.full(18, low)
        values[8:13] = high  # five of the nine pixels beside the stroke

        allowed = self.allowed(self.CURRENT, self.ANSWER, values)

        np.testing.assert_array_equal(allowed, self.CONTINUED if taken else drawn(stroke_at((3, 7), 0.5), (6, 18)))

    def test_what_is_sure_is_taken_wherever_it_is(self):
        np.testing.assert_array_equal(self.allowed(self.CURRENT, self.ANSWER, 0.95), self.ANSWER & ~self.CURRENT)

    def test_line_that_goes_is_a_piece_after_an_erase_stroke(self):
        stroke = stroke_at((3, 7), radius=0.5, sign=ERASE)
        view = view_of(1 - np.float32(self.CURRENT), stroke)
        answer = np.where(self.ANSWER, np.float32(0.3), np.float32(1))

        np.testing.assert_array_equal(pieces(view, view.paste(answer)), self.CONTINUED)

    def test_nothing_is_taken_that_turns_the_other_way(self):
        view = view_of(1 - np.float32(self.CURRENT), stroke_at((3, 7), radius=0.5))
        answer = np.where(self.ANSWER, np.float32(0.3), np.float32(1))

        assert not pieces(view, view.paste(answer)).any()

    @given(seeds)
    @settings(max_examples=30)
    def test_on_any_drawing(self, seed):
        view, answer = random_view(seed)
        mark, adds = drawn(view.prompts[-1], SHAPE), view.prompts[-1].sign == ADD
        own, other = ((answer > 0.5) == adds, (view.current > 0.5) == adds)
        turned = own & ~other
        core = turned & ~binary_dilation(other, np.ones((3, 3)))
        piece = turned & binary_dilation(core) & ~mark
        labels, count = label(piece | mark, np.ones((3, 3)))
        expected = sure(view, answer)
        for number in range(1, count + 1):
            of_piece = piece & (labels == number)
            if of_piece.any() and (mark & (labels == number)).any():
                certain = np.abs(answer[of_piece] - 0.5) + 0.5
                expected |= of_piece & (certain.mean() >= PIECE)

        np.testing.assert_array_equal(pieces(view, answer), expected)


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
