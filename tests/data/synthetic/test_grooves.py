"""Grooves and lines: their width along the way, their cross-section, and what they leave on the maps."""

from __future__ import annotations

import numpy as np
import pytest

from data.synthetic.grooves import (
    GROOVE_REACH,
    SECTIONS,
    carve,
    ink,
    line_depth,
    line_radius,
    raise_beside,
    resample,
    runs,
    spline,
)
from data.synthetic.layers import shifted

RADIUS_MEAN_PX, RADIUS_DEVIATION_PX = 6.19, 1.49  # published, of the annotators' lines


def rng_of(*seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def level_line(row: float = 20.0):
    path = resample(np.array([[row, 10.0], [row, 50.0]]))
    return path, np.full(len(path), 5.0), np.full(len(path), 0.1)


def test_radii_follow_the_published_gamma():
    rng = rng_of(11)
    radii = np.concatenate([line_radius(300, rng.standard_normal(), rng) for _ in range(1000)])
    assert radii.mean() == pytest.approx(RADIUS_MEAN_PX, rel=0.03)
    assert radii.std() == pytest.approx(RADIUS_DEVIATION_PX, rel=0.1)


def test_a_radius_changes_slowly_along_a_line():
    radius = line_radius(600, 0.0, rng_of(12))
    assert np.abs(np.diff(radius)).max() < 0.1
    assert np.ptp(radius) > 0.2


def test_a_line_fades_towards_its_ends():
    depths = np.array([line_depth(400, 0.0, 0.1, rng_of(13, seed)) for seed in range(60)]).mean(axis=0)
    assert depths[0] < 0.75 * depths[200]
    assert depths[-1] < 0.75 * depths[200]
    assert depths[200] == pytest.approx(0.1, rel=0.15)


def test_ink_covers_what_lies_within_the_radius_of_a_subpixel_line():
    drawing = np.zeros((40, 60), dtype=np.bool_)
    path, radius, _ = level_line(20.3)
    fresh = ink(drawing, path, radius)
    assert fresh == drawing.sum()
    assert list(np.flatnonzero(drawing[:, 30])) == list(range(16, 26))  # 15.3 < row < 25.3
    assert ink(drawing, path, radius) == 0


def test_a_coarser_step_draws_nearly_the_same_line():
    fine, coarse = np.zeros((2, 40, 60), dtype=np.bool_)
    path, radius, _ = level_line(20.3)
    ink(fine, path, radius)
    ink(coarse, path, radius, step=2)
    assert (fine ^ coarse).sum() <= 0.01 * fine.sum()


@pytest.mark.parametrize(
    ("name", "halfway"),
    [("round", 0.5), ("v", 0.5), ("u", np.sqrt(0.75)), ("flat", 1.0)],  # depth at half the groove's half-width
)
def test_a_groove_has_its_cross_section(name, halfway):
    relief = np.zeros((41, 60), dtype=np.float32)
    path, radius, depth = level_line()
    carve(relief, path, radius, depth, SECTIONS[name])
    across = relief[:, 30]
    assert across[20] == across.max() == pytest.approx(0.1)
    assert across[17] == across[23] == pytest.approx(0.1 * halfway, abs=1e-6)  # 3 px of GROOVE_REACH * 5 = 6
    assert (np.diff(across[:21]) >= 0).all()
    assert relief.min() == 0
    assert across[14] == across[26] == pytest.approx(0, abs=1e-6)


def test_where_grooves_meet_the_deeper_one_stands():
    relief = np.zeros((41, 60), dtype=np.float32)
    path, radius, depth = level_line()
    carve(relief, path, radius, depth)
    before = relief.copy()
    carve(relief, path, 2 * radius, 0.3 * depth)
    assert (relief >= before).all()
    assert relief[20, 30] == before[20, 30]
    assert relief[20 + int(1.5 * GROOVE_REACH * 5), 30] > 0


def test_burr_stands_up_beside_a_groove_but_never_in_one():
    relief = np.zeros((60, 60), dtype=np.float32)
    path, radius, depth = level_line()
    carve(relief, path, radius, depth)
    cut = relief.copy()
    raise_beside(relief, shifted(path, 8.0, 0.0), 0.6 * radius, 0.2 * depth, step=1)
    assert relief.min() == pytest.approx(-0.02)
    assert (relief[cut > 0] == cut[cut > 0]).all()
    assert relief[28, 30] == relief.min()


def test_a_groove_cut_later_goes_through_a_burr_and_spares_the_rest_of_it():
    relief = np.zeros((60, 60), dtype=np.float32)
    path, radius, depth = level_line()
    raise_beside(relief, path, radius, 0.2 * depth)
    carve(relief, path[:, ::-1] + [0.0, 10.0], radius, depth)  # down column 30
    assert relief[20, 30] == pytest.approx(0.1)
    assert relief[20, 44] == pytest.approx(-0.02)


def test_a_line_beyond_the_image_leaves_no_mark_on_its_edge():
    relief, drawing = np.zeros((30, 30), dtype=np.float32), np.zeros((30, 30), dtype=np.bool_)
    path, radius, depth = level_line(-20.0)
    carve(relief, path, radius, depth)
    raise_beside(relief, path, radius, depth)
    assert ink(drawing, path, radius) == 0
    assert not relief.any()
    assert not drawing.any()


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
