"""Layers: what lies in front hides what lies behind; shapes are where they should be."""

from __future__ import annotations

import numpy as np
import pytest

from data.synthetic.layers import (
    CELL_PX,
    Layer,
    blend,
    ellipse,
    hatching,
    limb,
    moved,
    part,
    polyline,
    reach,
    shifted,
    sides,
    visible,
)
from data.synthetic.paths import resample

SQUARE = polyline([[-50, -50], [-50, 50], [50, 50], [50, -50], [-50, -50]])
ACROSS = polyline([[0, -150], [0, 150]])


def test_a_line_ends_where_something_stands_in_front():
    seen = visible([Layer([SQUARE], [SQUARE]), Layer([ACROSS])])
    assert len(seen) == 3
    beyond = np.concatenate(seen[1:])
    assert np.abs(beyond[:, 1]).min() == pytest.approx(50, abs=2 * CELL_PX)
    assert np.abs(beyond[:, 1]).max() == 150


def test_a_line_in_front_is_whole_and_its_own_cover_does_not_hide_it():
    assert len(np.concatenate(visible([Layer([ACROSS]), Layer([SQUARE], [SQUARE])]))) == len(ACROSS) + len(SQUARE)


def test_every_layer_in_front_hides():
    far = shifted(SQUARE, 0.0, 100.0)
    seen = visible([Layer([], [SQUARE]), Layer([], [far]), Layer([ACROSS])])
    assert np.concatenate(seen)[:, 1].max() < -50 + 2 * CELL_PX


def test_crumbs_are_left_out_but_dots_are_kept():
    dot, hidden_dot = np.array([[0.0, 80.0]]), np.array([[0.0, 20.0]])
    crumb = polyline([[10, 40], [10, 58]])  # 8 of its 18 pixels are seen
    assert [len(line) for line in visible([Layer([], [SQUARE]), Layer([dot, hidden_dot, crumb])])] == [1]


def test_moving_mirrors_then_turns_then_shifts():
    layer = moved([Layer([np.array([[0.0, 10.0]])])], (5.0, 0.0), angle=np.pi / 2, mirrored=True)[0]
    # mirrored: 10 to the left; turned from down to right, left becomes down: row 10
    assert layer.lines[0][0] == pytest.approx([15.0, 0.0])


def test_reach_measures_angles_from_straight_down_to_the_right():
    assert reach((1.0, 1.0), 0.0, 10.0) == pytest.approx([11.0, 1.0])
    assert reach((1.0, 1.0), np.pi / 2, 10.0) == pytest.approx([1.0, 11.0])


def test_an_ellipse_has_its_radii():
    points = ellipse((10.0, 20.0), (30.0, 60.0))
    assert np.ptp(points, axis=0) == pytest.approx([60.0, 120.0], abs=1.0)


def test_the_sides_of_a_limb_keep_their_distance_even_in_a_bend():
    spine = resample(np.array([[0.0, 0.0], [200.0, 0.0], [200.0, 200.0]]))
    for outline in sides(spine, ((0, 20, 20), (1, 20, 20))):
        gaps = np.hypot(*(outline[:, None] - spine[None]).transpose(2, 0, 1)).min(axis=1)
        assert 0.75 * 20 < gaps.min() < gaps.max() < 1.05 * 20


def test_a_limb_with_a_tip_is_drawn_around_its_end():
    shape = limb(polyline([[0, 0], [100, 0]]), ((0, 10, 10), (1, 10, 10)), tip=True)
    points = np.concatenate(shape.lines)
    assert points[:, 0].max() == pytest.approx(110, abs=0.5)
    assert points[:, 0].min() == pytest.approx(0, abs=0.5)
    assert shape.covers[0][:, 0].min() == pytest.approx(-10, abs=0.5)


def test_blending_goes_from_one_path_to_the_other():
    first, second = polyline([[0, 0], [0, 100]]), polyline([[40, 0], [40, 300]])
    assert blend(first, second, 0.25)[:, 0] == pytest.approx(10)
    assert blend(first, second, 0.25)[-1, 1] == pytest.approx(150)


def test_hatching_fills_the_room_between_two_paths_evenly():
    first, second = polyline([[0, 0], [0, 400]]), polyline([[300, 0], [300, 400]])
    rows = [line[:, 0].mean() for line in hatching(first, second, 50.0, np.random.default_rng(0))]
    assert len(rows) == 5
    assert np.diff(rows) == pytest.approx(50, abs=21)


def test_a_part_of_a_path_is_given_by_shares_of_its_length():
    assert part(polyline([[0, 0], [0, 100]]), 0.2, 0.5)[[0, -1], 1] == pytest.approx([20, 50], abs=1)
