"""Rules of what is taken over of an answer, each on pictures small enough to check by eye."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import binary_dilation, label

from interaction import merging
from interaction.merging import PIECE, REACH, SURE, one_way, pieces, sure, touching, within_reach
from interaction.prompts.strokes import ADD, ERASE
from tests.interaction.merged_views import SHAPE, random_view, seeds, view_of
from tests.simulation.fakes import drawn, picture, stroke_at


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
