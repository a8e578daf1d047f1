"""Errors that a user can correct: depths compared as whole numbers, regions that a stroke can go into."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from interaction.prompts.strokes import ADD, ERASE
from simulation.error_regions import ErrorRegions, error_regions
from simulation.strokes import MIRROR_BRUSH
from tests.simulation.fakes import THIN, bar, picture, scene

SHAPE = (40, 60)
EMPTY = np.zeros(SHAPE, bool)
seeds = st.integers(0, 100_000)


@given(seeds)
def test_lines_lie_on_what_is_wrong_in_their_way(seed):
    drawing, truth = scene(seed)
    negatives, positives = error_regions(drawing, truth, THIN)
    assert (negatives.sign, positives.sign) == (ADD, ERASE)
    assert_array_equal(negatives.wrong, truth & ~drawing)
    assert_array_equal(positives.wrong, drawing & ~truth)
    for kind in (negatives, positives):
        assert not (kind.line & ~kind.wrong).any()
        assert kind.line[tuple(kind.places.T)].all()
        assert len(kind.places) == kind.line.sum()


@given(seeds)
def test_depth_is_the_squared_distance_to_the_nearest_pixel_that_is_not_wrong(seed):
    for kind in error_regions(*scene(seed, (40, 40)), THIN):
        right = np.argwhere(~np.pad(kind.wrong, 1)) - 1
        expected = [int(((place - right) ** 2).sum(axis=1).min()) for place in kind.places]
        assert kind.squared_depth().tolist() == expected


def test_beyond_the_map_nothing_is_wrong():
    everywhere = ErrorRegions(ADD, np.ones((7, 9), bool), bar((7, 9), 3, slice(None)))
    assert_array_equal(everywhere.squared_depth(), np.array([1, 4, 9, 16, 16, 16, 9, 4, 1]))


def test_depths_are_whole_numbers_in_the_largest_patches_too():
    """One right pixel, 450 rows and 480 to 490 columns away."""
    wrong = ~bar((1501, 1501), 1200, 1230)
    line = bar(wrong.shape, 750, slice(740, 751))
    assert ErrorRegions(ADD, wrong, line).squared_depth().tolist() == [450**2 + (490 - step) ** 2 for step in range(11)]


REGIONS = picture("""
    ###......
    ###.....#
    ###....#.
    ......#..
    .#####...
""")


@pytest.mark.parametrize(
    ("line", "area", "pixels"),
    [
        ([(1, 1), (2, 7), (4, 2)], 9, {(1, 1)}),
        ([(2, 7), (4, 2)], 8, {(2, 7), (4, 2)}),
        ([], 0, set()),
    ],
)
def test_the_largest_region_is_one_that_a_stroke_can_go_into(line, area, pixels):
    """A square of 9 and, joined by a corner, a bar and a diagonal of 8."""
    places = np.zeros(REGIONS.shape, bool)
    for pixel in line:
        places[pixel] = True
    found_area, found = ErrorRegions(ERASE, REGIONS, places).largest_region()
    assert found_area == area
    assert {tuple(pixel) for pixel in np.argwhere(found).tolist()} == pixels


def test_of_two_regions_alike_the_first_is_the_largest():
    two = bar(SHAPE, 5, slice(5, 10)) | bar(SHAPE, 30, slice(5, 10))
    negatives, positives = error_regions(EMPTY, two, MIRROR_BRUSH)
    assert_array_equal(negatives.largest_region()[1], bar(SHAPE, 5, slice(5, 10)))
    assert positives.largest_region()[0] == 0
