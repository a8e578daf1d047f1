"""Paths: smooth through their points, moved sideways, cut into runs."""

from __future__ import annotations

import numpy as np
import pytest

from data.synthetic.paths import beside, resample, runs, spline


def test_a_spline_passes_through_its_points_and_closes():
    corners = np.array([[0.0, 0.0], [0.0, 90.0], [80.0, 90.0], [80.0, 0.0]])
    path = spline(corners, closed=True)
    nearest = np.hypot(*(path[:, None] - corners[None]).transpose(2, 0, 1)).min(axis=0)
    assert nearest.max() < 0.75
    assert np.hypot(*(path[0] - path[-1])) < 1e-6
    assert np.hypot(*np.diff(path, axis=0).T).max() < 1.01


def test_a_spline_makes_no_loop_where_two_points_are_close():
    path = spline(np.array([[0.0, 0.0], [0.0, 200.0], [3.0, 203.0], [200.0, 210.0]]))
    assert path[:, 1].max() < 225
    assert path[:, 0].min() > -25


def test_runs_are_the_unbroken_pieces_long_enough():
    keep = np.array([1, 1, 0, 1, 0, 1, 1, 1], dtype=np.bool_)
    assert runs(keep, 2) == [slice(0, 2), slice(5, 8)]


def test_a_path_beside_another_keeps_its_distance():
    path = resample(np.array([[10.0, 0.0], [10.0, 100.0]]))
    moved = beside(path, np.full(len(path), 7.0))
    assert moved[:, 0] == pytest.approx(3.0)  # to the left of the way from left to right, that is, up
    assert moved[:, 1] == pytest.approx(path[:, 1])
