"""Strokes: where a simulated user draws, how wide, and how a stroke becomes a map."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from scipy.ndimage import label
from skimage.morphology import skeletonize

from data.regions import Region, to_scale, whole
from interaction.prompts.prompt import pinned_maps
from interaction.prompts.strokes import ADD, ERASE, Stroke, draw
from simulation.strokes import MIRROR_BRUSH, Brush, add_stroke, erase_stroke, trace_false_negative, trace_false_positive
from tests.simulation.fakes import SCALE, THIN, bar, drawn, picture, scene, stroke_at

SHAPE = (40, 60)
EMPTY = np.zeros(SHAPE, bool)
LONG_LINE = bar(SHAPE, slice(18, 23), slice(5, 55))
seeds = st.integers(0, 100_000)


def rng(seed=0):
    return np.random.default_rng(seed)


def pieces(mask):
    """Number of 8-connected pieces."""
    return label(mask, np.ones((3, 3)))[1]


def pixels(stroke):
    """The model pixels that a simulated stroke's points lie on."""
    points = to_scale(stroke.path_px, SCALE)
    assert_array_equal(points, points.round())
    return points.astype(int).T


@st.composite
def strokes(draw, low=-20.0, high=150.0, least_points=1):
    """Strokes as a user's pen gives them: anywhere, also beyond the map, with points near and far."""
    number = draw(st.integers(least_points, 6))
    coordinate = st.floats(low, high, allow_nan=False)
    path = draw(st.lists(st.tuples(coordinate, coordinate), min_size=number, max_size=number))
    radius = draw(st.lists(st.floats(0.01, 20), min_size=number, max_size=number))
    return Stroke(np.array(path), np.array(radius), draw(st.sampled_from([ADD, ERASE])))


class TestAnAddStroke:
    @given(seeds)
    def test_is_one_connected_piece(self, seed):
        stroke = add_stroke(*scene(seed), rng(seed))
        assert stroke is None or pieces(stroke) == 1

    @given(seeds)
    def test_has_every_point_on_false_negatives(self, seed):
        prediction, truth = scene(seed)
        stroke = trace_false_negative(prediction, truth, rng(seed))
        assume(stroke is not None)
        assert (truth & ~prediction)[tuple(pixels(stroke))].all()
        assert stroke.sign == ADD

    def test_draws_the_same_as_vector_and_as_map(self):
        stroke = trace_false_negative(EMPTY, LONG_LINE, rng())
        assert_array_equal(add_stroke(EMPTY, LONG_LINE, rng()), drawn(stroke, SHAPE))

    def test_reaches_the_end_point_of_a_line(self):
        truth = bar(SHAPE, 20, slice(5, 55))
        prediction = truth.copy()
        prediction[20, 53:] = False
        stroke = trace_false_negative(prediction, truth, rng())
        assert sorted(pixels(stroke).T.tolist()) == [[20, 53], [20, 54]]

    def test_corrects_an_isolated_dot(self):
        dot = bar(SHAPE, slice(10, 13), slice(10, 13))
        assert (add_stroke(EMPTY, dot, rng()) & dot).any()

    def test_corrects_a_dot_of_one_pixel(self):
        dot = bar(SHAPE, 7, 9)
        assert pixels(trace_false_negative(EMPTY, dot, rng())).T.tolist() == [[7, 9]]

    def test_follows_the_longest_gap(self):
        truth = bar(SHAPE, 20, slice(5, 55))
        prediction = truth.copy()
        prediction[20, 10:13] = False
        prediction[20, 30:39] = False
        assert sorted(pixels(trace_false_negative(prediction, truth, rng()))[1].tolist()) == list(range(30, 39))

    @pytest.mark.parametrize("truth", [EMPTY, LONG_LINE], ids=["empty", "line"])
    def test_is_none_where_the_prediction_is_right(self, truth):
        assert add_stroke(truth, truth, rng()) is None

    def test_is_none_where_only_the_rim_of_a_line_is_missing(self):
        assert add_stroke(skeletonize(LONG_LINE), LONG_LINE, rng()) is None

    def test_is_as_wide_along_all_its_way(self):
        assert len(np.unique(trace_false_negative(EMPTY, LONG_LINE, rng()).radius_px)) == 1


class TestAnEraseStroke:
    @given(seeds)
    def test_is_one_connected_piece(self, seed):
        stroke = erase_stroke(*scene(seed), rng(seed))
        assert stroke is None or pieces(stroke) == 1

    @given(seeds)
    def test_has_every_point_on_false_positives(self, seed):
        prediction, truth = scene(seed)
        stroke = trace_false_positive(prediction, truth, rng(seed))
        assume(stroke is not None)
        assert (prediction & ~truth)[tuple(pixels(stroke))].all()
        assert stroke.sign == ERASE

    @given(seeds)
    def test_touches_no_true_line(self, seed):
        prediction, truth = scene(seed)
        stroke = erase_stroke(prediction, truth, rng(seed))
        assert stroke is None or not (stroke & truth).any()

    @given(seeds, st.integers(0, 3))
    def test_touches_no_true_line_right_beside_it(self, seed, turns):
        """A stray diagonal of random length along the edge of a large area of true ink."""
        side = np.arange(40)
        total = side[:, None] + side
        truth = np.rot90(total > 40 + seed % 3, turns)
        stray = np.rot90(total == 40, turns) & bar((40, 40), slice(seed % 29, seed % 29 + 2 + seed % 10), slice(None))
        stroke = erase_stroke(stray, truth, rng(seed))
        assert stroke is None or not (stroke & truth).any()

    def test_draws_the_same_as_vector_and_as_map(self):
        stroke = trace_false_positive(LONG_LINE, EMPTY, rng())
        assert_array_equal(erase_stroke(LONG_LINE, EMPTY, rng()), drawn(stroke, SHAPE))

    def test_corrects_a_stray_dot(self):
        assert erase_stroke(bar(SHAPE, 7, 9), LONG_LINE, rng())[7, 9]

    def test_grows_narrower_towards_true_line(self):
        truth = bar(SHAPE, slice(18, 23), slice(5, 30))
        stray = bar(SHAPE, 20, slice(30, 42))
        stroke = trace_false_positive(stray, truth, rng())
        nearest_first = stroke.radius_px[np.argsort(pixels(stroke)[1])]
        assert (np.diff(nearest_first) >= 0).all()
        assert nearest_first[0] < nearest_first[-1]

    @pytest.mark.parametrize("truth", [EMPTY, LONG_LINE], ids=["empty", "line"])
    def test_is_none_where_the_prediction_is_right(self, truth):
        assert erase_stroke(truth, truth, rng()) is None

    @pytest.mark.parametrize(("row", "is_line"), [(20 + 4, True), (20 + 6, False)])
    def test_leaves_what_lies_within_a_lines_widest_radius(self, row, is_line):
        """Mean and two deviations are 9.2 scan pixels, so 4.6 model pixels from the true centre line."""
        truth, prediction = bar(SHAPE, 20, slice(5, 55)), bar(SHAPE, row, slice(15, 45))
        assert (erase_stroke(prediction, truth, rng()) is None) == is_line


class TestLength:
    @given(seeds)
    def test_no_stroke_follows_more_than_eleven_pixels(self, seed):
        for trace in (trace_false_negative, trace_false_positive):
            stroke = trace(*scene(seed), rng(seed))
            assert stroke is None or len(stroke.path_px) <= 11

    @pytest.mark.parametrize("length", [1, 5, 11])
    def test_the_brush_may_set_another_length(self, length):
        stroke = trace_false_negative(EMPTY, LONG_LINE, rng(), replace(MIRROR_BRUSH, length=length))
        assert len(stroke.path_px) == length

    def test_chance_chooses_the_part_of_a_long_piece(self):
        truth = bar(SHAPE, 20, slice(5, 55))
        starts = {pixels(trace_false_negative(EMPTY, truth, rng(seed)))[1].min() for seed in range(600)}
        assert starts == set(range(5, 55 - 10))


class TestWidth:
    @pytest.mark.slow
    @pytest.mark.parametrize(
        "trace", [trace_false_negative, lambda *maps: trace_false_positive(maps[1], maps[0], *maps[2:])]
    )
    def test_radii_follow_the_mirrors_lines_at_model_scale(self, trace):
        """6.19 ± 1.49 scan pixels are 3.1 ± 0.75 model pixels."""
        dot, generator = bar((9, 9), 4, 4), rng()
        nothing = np.zeros_like(dot)
        radii = np.array([trace(nothing, dot, generator, MIRROR_BRUSH).radius_px[0] for _ in range(1500)]) * SCALE
        assert radii.mean() == pytest.approx(6.19 / 2, abs=0.06)
        assert radii.std() == pytest.approx(1.49 / 2, abs=0.06)

    def test_a_radius_of_six_scan_pixels_covers_three_model_pixels(self):
        disc = drawn(stroke_at((10, 10), radius=3), (21, 21))
        rows, columns = np.mgrid[:21, :21]
        assert_array_equal(disc, (rows - 10) ** 2 + (columns - 10) ** 2 <= 9)

    def test_at_scale_one_a_radius_is_drawn_as_it_is(self):
        dot = bar((31, 31), 15, 15)
        stroke = trace_false_negative(np.zeros_like(dot), dot, rng(), Brush(scale=1.0))
        mark = draw(stroke, whole(dot.shape), 1.0)
        assert mark.sum() == pytest.approx(np.pi * stroke.radius_px[0] ** 2, rel=0.1)


class TestChance:
    @pytest.mark.slow
    @given(seeds)
    def test_the_same_generator_draws_the_same_stroke(self, seed):
        for trace in (trace_false_negative, trace_false_positive):
            one, other = (trace(*scene(seed), rng(seed)) for _ in range(2))
            assert (one is None) == (other is None)
            assert one is None or one.to_json() == other.to_json()

    @pytest.mark.parametrize("draw_one", [add_stroke, lambda one, other, chance: erase_stroke(other, one, chance)])
    def test_another_generator_draws_another_stroke(self, draw_one):
        maps = [draw_one(EMPTY, LONG_LINE, rng(seed)) for seed in (0, 1)]
        assert (maps[0] != maps[1]).any()

    def test_the_maps_handed_in_are_left_as_they_are(self):
        prediction, truth = scene(0)
        before = prediction.copy(), truth.copy()
        add_stroke(prediction, truth, rng())
        erase_stroke(prediction, truth, rng())
        assert_array_equal((prediction, truth), before)


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


def test_small_maps_are_no_trouble():
    for shape in ((1, 1), (1, 12), (12, 1), (2, 2)):
        full, nothing = np.ones(shape, bool), np.zeros(shape, bool)
        assert add_stroke(nothing, full, rng(), THIN).any()
        assert erase_stroke(full, nothing, rng(), THIN).any()


def test_a_stroke_is_not_led_around_a_junction():
    truth = picture("""
        ...........
        .#########.
        .....#.....
        .....#.....
        .....#.....
        .....#.....
        .....#.....
        ...........
    """)
    stroke = trace_false_negative(np.zeros_like(truth), truth, rng())
    assert sorted(pixels(stroke).T.tolist()) == [[row, 5] for row in range(2, 7)]
