"""Discs on a grid: the pixels whose centres they hold, told one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lines import discs as module
from lines.discs import discs

eighths = st.integers(-80, 240).map(lambda number: number / 8)  # exact, so that a pixel on a disc's rim is told alike


def one_by_one(centres, radii, shape):
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    inside = np.zeros(shape, bool)
    for (row, column), radius in zip(centres, radii, strict=True):
        inside |= (rows - row) ** 2 + (columns - column) ** 2 <= radius**2
    return inside


@pytest.mark.slow
@given(
    st.lists(st.tuples(eighths, eighths, st.sampled_from([0, 0.5, 0.7, 1, 2.5, 5, 13, 40])), max_size=6),
    st.tuples(st.integers(1, 25), st.integers(1, 25)),
)
def test_a_pixel_is_set_if_its_centre_lies_in_a_disc(circles, shape):
    centres, radii = (
        np.array([circle[:2] for circle in circles]).reshape(-1, 2),
        np.array([c[2] for c in circles], float),
    )
    assert np.array_equal(discs(centres, radii, shape), one_by_one(centres, radii, shape))


def test_a_disc_of_radius_two_has_thirteen_pixels():
    drawn = discs(np.array([[3.0, 3.0]]), np.array([2.0]), (7, 7))
    assert drawn.sum(axis=1).tolist() == [0, 1, 3, 5, 3, 1, 0]


@pytest.mark.parametrize("rows", [1, 7, 100])
def test_many_discs_are_drawn_some_at_a_time(monkeypatch, rows):
    rng = np.random.default_rng(0)
    centres, radii = rng.uniform(-5, 45, (50, 2)), rng.uniform(0.5, 9, 50)
    monkeypatch.setattr(module, "ROWS_AT_ONCE", rows)
    assert np.array_equal(discs(centres, radii, (40, 40)), one_by_one(centres, radii, (40, 40)))


def test_what_is_drawn_does_not_depend_on_the_maps_corner():
    rng = np.random.default_rng(1)
    for _ in range(300):
        centre, radius = np.round(rng.uniform(20, 40, (1, 2)), 1), np.round(rng.uniform(0.5, 9, 1), 1)  # rims on pixels
        whole, part = discs(centre, radius, (60, 60)), discs(centre - [8, 5], radius, (40, 40))
        assert np.array_equal(whole[8:48, 5:45], part)
