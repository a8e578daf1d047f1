"""Line widths: what is measured on drawings of known width, and the Gamma that describes it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from data.line_statistics import (
    MIN_RADIUS_PX,
    MIRROR_LINES,
    OUTLIER_DEVIATIONS,
    LineStatistics,
    fit_radii,
    line_radii,
)
from tests.simulation.fakes import bar


def straight_line(radius, rng, half=40):
    """Draw a line of known radius, anywhere between the pixels and in any direction: centres within the radius."""
    side = 2 * (half + 12)
    angle = rng.uniform(0, np.pi)
    direction = np.array([np.sin(angle), np.cos(angle)])
    points = np.stack(np.mgrid[:side, :side], axis=-1) - side / 2 - rng.uniform(-0.5, 0.5, 2)
    along = np.clip(points @ direction, -half, half)
    return np.linalg.norm(points - along[..., None] * direction, axis=-1) <= radius


class TestRadii:
    def test_a_bar_five_pixels_wide_has_its_edge_three_pixels_from_its_centre_row(self):
        radii = line_radii(bar((11, 40), slice(3, 8), slice(5, 35)))
        assert np.median(radii) == 3

    def test_a_line_of_one_pixel_is_measured_along_all_of_its_length(self):
        assert line_radii(bar((5, 9), 2, slice(1, 8))).tolist() == [1] * 7

    def test_a_line_that_leaves_the_image_is_no_narrower_for_it(self):
        radii = line_radii(bar((9, 60), slice(2, 7), slice(None)))
        assert np.median(radii) == 3

    def test_a_drawing_that_is_all_line_is_measured_to_its_border(self):
        assert np.median(line_radii(np.ones((5, 40), bool))) == 3

    def test_no_line_gives_no_radii(self):
        assert line_radii(np.zeros((5, 5), bool)).shape == (0,)

    def test_lines_of_random_place_and_direction_are_measured_without_bias(self):
        rng = np.random.default_rng(0)
        errors = [line_radii(straight_line(radius, rng)).mean() - radius for radius in rng.uniform(2, 8, 120)]
        assert abs(np.mean(errors)) < 0.07
        assert np.std(errors) < 0.2


class TestFit:
    def test_mean_and_deviation_are_the_samples(self):
        lines = fit_radii([np.array([5.0] * 50, np.float32), np.array([7.0] * 50, np.float32)])
        assert_allclose((lines.mean, lines.deviation), (6, 1))

    def test_what_lies_beyond_two_deviations_is_dropped(self):
        lines = fit_radii([np.array([5.0, 7.0] * 50 + [60.0], np.float32)])
        assert_allclose((lines.mean, lines.deviation), (6, 1))

    def test_drawings_without_line_do_not_disturb(self):
        radii = np.array([5.0, 7.0], np.float32)
        assert fit_radii([np.empty(0, np.float32), radii]) == fit_radii([radii])

    @pytest.mark.parametrize("radii", [[], [np.empty(0, np.float32)]])
    def test_no_line_at_all_is_refused(self, radii):
        with pytest.raises(ValueError, match="no line"):
            fit_radii(radii)

    def test_a_single_width_gives_a_gamma_that_draws_it(self):
        lines = fit_radii([np.full(20, 4.0, np.float32)])
        assert_allclose(lines.sample(np.random.default_rng(0)), 4, atol=0.01)

    def test_a_gammas_own_sample_gives_back_its_skew(self):
        skewed = LineStatistics(shape=4.0, location=3.0, scale=0.1)
        rng = np.random.default_rng(0)
        lines = fit_radii([np.array([skewed.sample(rng) for _ in range(4000)], np.float32)])
        values = np.array([lines.sample(rng) for _ in range(4000)])
        assert ((values - values.mean()) ** 3).mean() > 0
        assert lines.mean == pytest.approx(skewed.mean, abs=0.05)

    @given(st.lists(st.floats(0.5, 20, width=32), min_size=3, max_size=30))
    def test_for_every_sample_the_gamma_has_its_mean_and_deviation(self, values):
        sample = np.array(values, np.float64)
        inside = sample[np.abs(sample - sample.mean()) <= OUTLIER_DEVIATIONS * sample.std()]
        inside = inside if len(inside) else sample
        lines = fit_radii([sample.astype(np.float32)])
        assert lines.mean == pytest.approx(inside.mean(), abs=1e-3)
        assert lines.deviation == pytest.approx(max(inside.std(), 1e-3), abs=1e-3)


class TestSample:
    def test_the_mirrors_lines_have_the_published_mean_and_deviation(self):
        assert MIRROR_LINES.mean == pytest.approx(6.19, abs=0.01)
        assert MIRROR_LINES.deviation == pytest.approx(1.49, abs=0.01)

    def test_radii_follow_the_gamma(self):
        rng = np.random.default_rng(0)
        radii = np.array([MIRROR_LINES.sample(rng) for _ in range(20_000)])
        assert radii.mean() == pytest.approx(6.19, abs=0.05)
        assert radii.std() == pytest.approx(1.49, abs=0.05)

    def test_no_radius_is_less_than_half_a_pixel(self):
        hairs = LineStatistics(shape=1.0, location=-5.0, scale=0.1)
        assert hairs.sample(np.random.default_rng(0)) == MIN_RADIUS_PX

    def test_the_same_generator_draws_the_same_radius(self):
        assert MIRROR_LINES.sample(np.random.default_rng(3)) == MIRROR_LINES.sample(np.random.default_rng(3))

    def test_a_manifest_keeps_all_of_it(self):
        assert LineStatistics(**MIRROR_LINES.as_dict()) == MIRROR_LINES
