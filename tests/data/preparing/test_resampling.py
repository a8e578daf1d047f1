"""Images at any scale: pixel centres stay, areas are averaged, and rows come out as of the whole."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from data.preparing.channels import halve
from data.preparing.resampling import Resampling, resampled_mask, resampled_mask_rows, shape_at
from data.regions import to_scan

SCALES = [0.2, 0.37, 0.6367, 0.9, 1.4716, 2.5, 4.0]


def ramp(shape):
    """Return an image, (2, H, W), that holds its own coordinates."""
    return np.stack(np.indices(shape)).astype(np.float32)


@pytest.mark.parametrize("scale", SCALES)
def test_pixels_lie_where_coordinates_say(scale):
    shape = (90, 140)
    way = Resampling(shape, scale)
    seen = way.rows(ramp(shape), 0, way.target[0])
    margin = round(3 * max(scale, 1))
    inner = tuple(slice(margin, int(length * scale) - margin) for length in shape)
    for plane, axis in zip(seen, (0, 1), strict=True):
        expected = to_scan(np.arange(way.target[axis]), scale)
        line = plane.mean(axis=1 - axis)
        assert_allclose(
            line[inner[axis]], expected[inner[axis]], atol=0.1 if scale < 1 else 1e-3
        )  # an area's mean is of whole pixels


@pytest.mark.parametrize("scale", SCALES)
def test_an_even_image_stays_even_up_to_its_edges(scale):
    way = Resampling((31, 47), scale)
    assert_allclose(way.rows(np.full((1, 31, 47), 0.3, np.float32), 0, way.target[0]), 0.3, atol=1e-5)


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("interpolation", ["cubic", "linear"])
def test_some_rows_are_those_of_the_whole(scale, interpolation):
    image = np.random.default_rng(0).uniform(0, 1, (1, 61, 40)).astype(np.float32)
    way = Resampling((61, 40), scale, interpolation)
    whole = way.rows(image, 0, way.target[0])
    for top in range(0, way.target[0], 7):
        bottom = min(top + 7, way.target[0])
        first, last = way.needed(top, bottom)
        assert_allclose(way.rows(image[:, first:last], top, bottom), whole[:, top:bottom], atol=1e-6)


def test_at_half_size_four_pixels_are_averaged():
    image = np.random.default_rng(0).uniform(0, 1, (3, 20, 30)).astype(np.float32)
    assert_allclose(Resampling((20, 30), 0.5).rows(image, 0, 10), halve(image), atol=1e-6)


def test_what_interpolation_overshoots_is_clipped():
    image = np.zeros((1, 20, 20), np.float32)
    image[:, :, 10:] = 1

    class Rows:
        shape = image.shape

        def rows(self, top, bottom):
            return image[:, top:bottom]

    way = Resampling((20, 20), 2.5)
    assert way.rows(image, 0, way.target[0]).max() > 1.01
    assert way.strip(Rows(), 0, way.target[0]).max() == 1


@pytest.mark.parametrize("scale", SCALES)
def test_a_disc_keeps_its_place_and_its_size(scale):
    row, column = np.indices((120, 150))
    disc = (row - 60) ** 2 + (column - 80) ** 2 <= 30**2
    seen = resampled_mask(disc, scale)
    assert seen.shape == shape_at(disc.shape, scale)
    assert seen.sum() == pytest.approx(disc.sum() * scale**2, rel=0.05)
    assert_allclose(to_scan(np.argwhere(seen).mean(axis=0), scale), [60, 80], atol=0.2 / min(scale, 1))
    way = Resampling(disc.shape, scale, "linear")
    assert_array_equal(resampled_mask_rows(way, disc, 3, 9), seen[3:9])


def test_a_line_as_wide_as_a_mirrors_stays_whole_when_it_is_made_smaller():
    mask = np.zeros((200, 200), bool)
    mask[88:112] = True  # 24 pixels wide, at a quarter of the size 6
    assert (resampled_mask(mask, 0.25).sum(axis=0) == 6).all()
