"""A stroke: what it holds, what it draws of a map, and how several become the maps that networks see."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from data.regions import Region, whole
from interaction.prompts.prompt import pinned_maps
from interaction.prompts.strokes import ADD, ERASE, Stroke, draw
from tests.simulation.fakes import SCALE, drawn, pieces, stroke_at

SHAPE = (40, 60)


@st.composite
def strokes(draw, low=-20.0, high=150.0, least_points=1):
    """Strokes as a user's pen gives them: anywhere, also beyond the map, with points near and far."""
    number = draw(st.integers(least_points, 6))
    coordinate = st.floats(low, high, allow_nan=False)
    path = draw(st.lists(st.tuples(coordinate, coordinate), min_size=number, max_size=number))
    radius = draw(st.lists(st.floats(0.01, 20), min_size=number, max_size=number))
    return Stroke(np.array(path), np.array(radius), draw(st.sampled_from([ADD, ERASE])))


class TestStroke:
    @given(strokes())
    def test_json_keeps_it_exactly(self, stroke):
        again = Stroke.from_json(json.loads(json.dumps(stroke.to_json())))
        assert_array_equal(again.path_px, stroke.path_px)
        assert_array_equal(again.radius_px, stroke.radius_px)
        assert again.sign == stroke.sign

    @pytest.mark.parametrize(
        ("path", "radius", "sign", "message"),
        [
            ([[0, np.nan]], [1], 1, "finite"),
            ([[0, np.inf]], [1], 1, "finite"),
            ([[0, 0]], [np.nan], 1, "finite"),
            ([[0, 0]], [np.inf], 1, "finite"),
            ([[0, 0]], [0], 1, "above 0"),
            ([[0, 0]], [-1], 1, "above 0"),
            ([[0, 0]], [1], 0, "sign"),
            ([[0, 0]], [1], 2, "sign"),
            ([], [], 1, "N >= 1"),
            (np.empty((0, 2)), [], 1, "N >= 1"),
            ([0, 0], [1], 1, "shapes"),
            ([[0, 0, 0]], [1], 1, "shapes"),
            ([[0, 0]], [1, 1], 1, "shapes"),
            ([[0, 0], [1, 1]], [1], 1, "shapes"),
            ([[0, 0]], 1, 1, "shapes"),
        ],
    )
    def test_nonsense_is_refused(self, path, radius, sign, message):
        with pytest.raises(ValueError, match=message):
            Stroke(np.array(path, float), np.array(radius, float), sign)

    def test_a_scan_pixel_is_half_a_model_pixel(self):
        """Model pixel (10, 10) holds the scan pixels 20 and 21: its centre lies between them."""
        stroke = Stroke(np.array([[20.5, 40.5]]), np.array([0.5]), ADD)
        assert np.argwhere(drawn(stroke, SHAPE)).tolist() == [[10, 20]]

    def test_at_scan_scale_it_lies_on_scan_pixels(self):
        stroke = Stroke(np.array([[20.0, 40.0]]), np.array([0.5]), ADD)
        assert np.argwhere(draw(stroke, whole((50, 50)), 1.0)).tolist() == [[20, 40]]

    def test_moving_it_moves_what_it_draws(self):
        stroke = stroke_at([(10, 10), (13, 15)], radius=2)
        moved = stroke.moved(4 / SCALE, 6 / SCALE)
        assert_array_equal(drawn(moved, SHAPE), np.roll(drawn(stroke, SHAPE), (4, 6), axis=(0, 1)))

    def test_its_centre_is_the_point_half_way(self):
        assert Stroke(np.array([[0.0, 0], [5, 6], [9, 9]]), np.ones(3), ADD).centre_px == (5, 6)

    @given(strokes())
    def test_it_draws_nothing_outside_its_bounds(self, stroke):
        mark = drawn(stroke, SHAPE)
        mark[stroke.bounds(SCALE, SHAPE).slices] = False
        assert not mark.any()

    def test_beyond_the_map_its_bounds_are_empty(self):
        for point in ((-50, 5), (5, -50), (500, 5), (5, 500)):
            assert 0 in stroke_at(point).bounds(SCALE, SHAPE).shape


class TestDraw:
    @given(strokes(), st.integers(0, 39), st.integers(0, 59), st.integers(1, 40), st.integers(1, 60))
    def test_a_regions_map_is_that_part_of_the_whole_map(self, stroke, top, left, height, width):
        region = Region(top, left, min(height, SHAPE[0] - top), min(width, SHAPE[1] - left))
        assert_array_equal(draw(stroke, region, SCALE), drawn(stroke, SHAPE)[region.slices])

    @given(strokes(low=0, high=100))
    def test_a_stroke_inside_the_map_is_one_connected_piece(self, stroke):
        assert pieces(drawn(stroke, (60, 60))) == 1

    @given(strokes(least_points=2))
    def test_the_way_back_draws_the_same(self, stroke):
        back = replace(stroke, path_px=stroke.path_px[::-1], radius_px=stroke.radius_px[::-1])
        assert (drawn(stroke, SHAPE) != drawn(back, SHAPE)).mean() < 0.02

    @pytest.mark.parametrize("length", range(1, 30))
    def test_a_thin_diagonal_never_spills_over_a_corner(self, length):
        steps = np.arange(length)
        for columns in (steps, 35 - steps):
            path = np.column_stack([steps + 3, columns + 3])
            for points in (path, path[[0, -1]]):  # as simulated, pixel by pixel, and as a straight stroke of a pen
                assert drawn(stroke_at(points, radius=0.1), (50, 50)).sum() == length

    def test_a_pen_that_stays_in_place_draws_its_widest_dot(self):
        path = np.full((2, 2), 20.5)
        assert_array_equal(
            drawn(Stroke(path, np.array([1.0, 6.0]), ADD), SHAPE), drawn(stroke_at((10, 10), radius=3), SHAPE)
        )

    def test_the_width_changes_evenly_between_two_points(self):
        stroke = Stroke(np.array([[40.5, 20.5], [40.5, 80.5]]), np.array([4.0, 16.0]), ADD)
        widths = drawn(stroke, SHAPE)[:, 10:41].sum(axis=0)
        assert (np.diff(widths) >= 0).all()
        assert (widths[0], widths[-1]) == (5, 17)


class TestStrokeMaps:
    def test_where_two_cross_the_later_one_holds(self):
        across = stroke_at([(5, 1), (5, 9)], sign=ADD)
        down = stroke_at([(1, 5), (9, 5)], sign=ERASE)
        added, erased = pinned_maps([across, down], whole((11, 11)), SCALE)
        assert erased[5, 5]
        assert not added[5, 5]
        added, erased = pinned_maps([down, across], whole((11, 11)), SCALE)
        assert added[5, 5]
        assert not erased[5, 5]

    @pytest.mark.slow
    @given(st.lists(strokes(), max_size=5))
    def test_the_two_maps_share_no_pixel_and_miss_none(self, several):
        added, erased = pinned_maps(several, whole(SHAPE), SCALE)
        touched = np.zeros(SHAPE, bool)
        for stroke in several:
            touched |= drawn(stroke, SHAPE)
        assert not (added & erased).any()
        assert_array_equal(added | erased, touched)

    def test_no_strokes_give_empty_maps(self):
        added, erased = pinned_maps([], Region(3, 4, 5, 6), SCALE)
        assert added.shape == erased.shape == (5, 6)
        assert not (added | erased).any()
