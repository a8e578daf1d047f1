"""Grooves and drawn lines: their cross-section, and what they leave on the maps."""

from __future__ import annotations

import numpy as np
import pytest

from data.synthetic.grooves import GROOVE_REACH, SECTIONS, carve, ink
from data.synthetic.paths import resample


def level_line(row: float = 20.0):
    path = resample(np.array([[row, 10.0], [row, 50.0]]))
    return path, np.full(len(path), 5.0), np.full(len(path), 0.1)


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


def test_a_line_beyond_the_image_leaves_no_mark_on_its_edge():
    relief, drawing = np.zeros((30, 30), dtype=np.float32), np.zeros((30, 30), dtype=np.bool_)
    path, radius, depth = level_line(-20.0)
    carve(relief, path, radius, depth)
    assert ink(drawing, path, radius) == 0
    assert not relief.any()
    assert not drawing.any()
