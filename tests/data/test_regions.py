"""Regions on a pixel grid: every pixel is counted once, every window lies inside, coordinates go there and back."""

from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from data.regions import (
    Region,
    cell_at,
    cells,
    grown,
    sliding_windows,
    to_scale,
    to_scan,
    whole,
    window_around,
)

shapes = st.tuples(st.integers(1, 40), st.integers(1, 40))
sizes = st.integers(1, 50)
regions = st.builds(Region, st.integers(0, 6), st.integers(0, 6), st.integers(1, 5), st.integers(1, 5))


def painted(shape: tuple[int, int], *parts: Region) -> np.ndarray:
    """Count how often each pixel is in one of the regions."""
    counts = np.zeros(shape, int)
    for part in parts:
        counts[part.slices] += 1
    return counts


def test_a_region_grows_on_each_side_as_far_as_the_map_reaches():
    assert grown(Region(5, 6, 2, 3), 2, (20, 20)) == Region(3, 4, 6, 7)
    assert grown(Region(1, 0, 2, 3), 2, (4, 4)) == Region(0, 0, 4, 4)


def test_a_region_is_half_open():
    region = Region(2, 3, 4, 5)
    assert (region.bottom, region.right, region.shape) == (6, 8, (4, 5))
    assert painted((10, 10), region).sum() == 20
    assert np.arange(100).reshape(10, 10)[region.slices][0, 0] == 23


def test_the_index_of_a_region_cuts_the_last_two_axes():
    assert np.zeros((3, 10, 10))[..., *Region(2, 3, 4, 5).slices].shape == (3, 4, 5)


def test_the_whole_of_a_map_starts_at_its_corner():
    assert whole((6, 7)) == Region(0, 0, 6, 7)


@given(regions, regions)
def test_regions_overlap_where_they_share_a_pixel(one, other):
    assert one.overlaps(other) == bool((painted((12, 12), one, other) == 2).any())


def test_a_region_within_another_counts_from_its_corner():
    assert Region(12, 25, 3, 4).within(Region(10, 20, 50, 50)) == Region(2, 5, 3, 4)


@given(regions)
def test_a_region_comes_back_from_json(region):
    assert Region(*json.loads(json.dumps(region.to_json()))) == region


@given(shapes, sizes)
def test_cells_hold_every_pixel_exactly_once(shape, size):
    assert_array_equal(painted(shape, *cells(shape, size)), 1)


def test_the_last_cells_are_what_is_left():
    assert cells((5, 3), 3) == [Region(0, 0, 3, 3), Region(3, 0, 2, 3)]


@given(shapes, sizes, st.data())
def test_the_cell_at_a_pixel_is_the_one_that_holds_it(shape, size, data):
    row, column = (data.draw(st.integers(0, length - 1)) for length in shape)
    cell = cell_at(shape, size, (row, column))
    assert cell in cells(shape, size)
    assert painted(shape, cell)[row, column] == 1


@pytest.mark.parametrize(
    ("point", "corner"),
    [((3.4, 0), (0, 0)), ((3.6, 0), (4, 0)), ((-9, -9), (0, 0)), ((99, 5), (8, 4)), ((5, 99), (4, 8))],
)
def test_a_point_between_pixels_or_outside_goes_to_the_nearest_cell(point, corner):
    cell = cell_at((10, 10), 4, point)
    assert (cell.top, cell.left) == corner


@given(shapes, sizes, st.integers(0, 20))
def test_a_window_around_a_cell_holds_it_and_stays_inside(shape, size, more):
    window_size = size + more
    for cell in cells(shape, size):
        window = window_around(cell, shape, window_size)
        assert window.shape == (min(window_size, shape[0]), min(window_size, shape[1]))
        assert painted(shape, window).sum() == window.height * window.width
        assert (painted(shape, window, cell) == 2).sum() == cell.height * cell.width


@given(shapes, sizes, st.data())
def test_sliding_windows_cover_every_pixel_and_stay_inside(shape, size, data):
    step = data.draw(st.integers(1, size))
    windows = list(sliding_windows(shape, size, step))
    counts = painted(shape, *windows)
    assert counts.min() >= 1
    assert counts.sum() == len(windows) * min(size, shape[0]) * min(size, shape[1])


@given(shapes, sizes, st.data())
def test_sliding_windows_never_step_further_than_asked(shape, size, data):
    step = data.draw(st.integers(1, size))
    tops = sorted({window.top for window in sliding_windows(shape, size, step)})
    assert all(below - above <= step for above, below in pairwise(tops))


def test_sliding_windows_step_evenly():
    assert [window.left for window in sliding_windows((4, 10), 4, 4)] == [0, 3, 6]


@pytest.mark.parametrize("step", [0, 5])
def test_a_step_that_leaves_gaps_or_stands_still_is_refused(step):
    with pytest.raises(ValueError, match="choose 1 to 4"):
        list(sliding_windows((10, 10), 4, step))


def test_a_model_pixel_lies_amid_its_four_scan_pixels():
    assert_allclose(to_scan(np.array([[0, 0], [3, 5]]), 0.5), [[0.5, 0.5], [6.5, 10.5]])


@pytest.mark.slow
@given(st.lists(st.tuples(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4)), min_size=1), st.sampled_from([0.25, 0.5, 1.0]))
def test_coordinates_go_to_the_scan_and_back(points, scale):
    assert_allclose(to_scale(to_scan(np.array(points), scale), scale), points, atol=1e-9)
