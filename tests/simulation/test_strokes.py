"""Strokes of a simulated user: where they are drawn, how long and how wide."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from skimage.morphology import skeletonize

from data.regions import to_scale, whole
from interaction.prompts.strokes import ADD, ERASE, draw
from simulation.strokes import MIRROR_BRUSH, Brush, add_stroke, erase_stroke, trace_false_negative, trace_false_positive
from tests.simulation.fakes import SCALE, THIN, bar, drawn, picture, pieces, scene, stroke_at

SHAPE = (40, 60)
EMPTY = np.zeros(SHAPE, bool)
LONG_LINE = bar(SHAPE, slice(18, 23), slice(5, 55))
seeds = st.integers(0, 100_000)


def rng(seed=0):
    return np.random.default_rng(seed)


def pixels(stroke):
    """The model pixels that a simulated stroke's points lie on."""
    points = to_scale(stroke.path_px, SCALE)
    assert_array_equal(points, points.round())
    return points.astype(int).T


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
