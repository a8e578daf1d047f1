"""Drawings of known lines are traced: what comes out is those lines."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotate.export.curves import flattened
from annotate.export.lines import line_art
from metrics import iou
from metrics.thinning import thin
from tests.annotate.export.painting import arc, painted, pen, tolerant_f

SHAPE = (200, 240)
WAVE = np.column_stack([100 + 40 * np.sin(np.linspace(0, 6, 200)), np.linspace(20, 220, 200)])


def to_line(points, line):
    """Distance of each point to the nearest of a densely sampled line."""
    return np.linalg.norm(points[:, None] - line[None], axis=2).min(axis=1)


def traced(*strokes, shape=SHAPE):
    drawing = np.zeros(shape, bool)
    for path, radius in strokes:
        drawing |= pen(path, radius, shape)
    return line_art(drawing), drawing


def test_a_bent_line_is_one_smooth_line_of_its_width():
    art, _ = traced((WAVE, 3.2))
    (line,) = art.lines
    assert line.width == pytest.approx(6.4, abs=0.3)
    points = flattened(line.curve)
    dense = np.column_stack([100 + 40 * np.sin(np.linspace(0, 6, 4000)), np.linspace(20, 220, 4000)])
    assert to_line(points, dense).max() < 0.7
    assert to_line(WAVE, flattened(line.curve, 200)).max() < 1.0  # to its very ends
    assert len(line.curve) <= 16


def test_a_nearly_upright_line_has_no_staircase():
    ends = np.array([[10.0, 100.0], [190.0, 104.4]])
    art, _ = traced((ends, 2.6))
    (line,) = art.lines
    points = flattened(line.curve)
    along = (ends[1] - ends[0]) / np.linalg.norm(ends[1] - ends[0])
    off = (points - ends[0]) @ np.array([-along[1], along[0]])
    assert np.abs(off[2:-2]).max() < 0.3
    assert np.abs(off).max() < 0.7  # at its ends, whose corners are ragged
    turn = np.diff(np.unwrap(np.arctan2(*np.diff(points[2:-2], axis=0).T)))
    assert np.rad2deg(np.abs(turn)).sum() < 6


def test_a_ring_is_closed():
    art, _ = traced((arc((100, 120), 40), 2.5))
    (line,) = art.lines
    assert line.closed
    np.testing.assert_array_equal(line.curve[0, 0], line.curve[-1, 3])
    radius = np.linalg.norm(flattened(line.curve) - (100, 120), axis=1)
    assert np.abs(radius - 40).max() < 0.35
    assert line.width == pytest.approx(5.0, abs=0.3)


@pytest.mark.parametrize("radius", [1.0, 3.3, 7.0])
def test_a_dot_is_a_dot(radius):
    art, drawing = traced(([[50.4, 60.3]], radius))
    (dot,) = art.dots
    assert not art.lines
    assert dot.centre == pytest.approx((50.4, 60.3), abs=0.4)
    assert np.pi * dot.radius**2 == pytest.approx(drawing.sum())


def test_where_lines_cross_both_run_through():
    one, other = [[20, 20], [180, 220]], [[180, 30], [30, 200]]
    art, _ = traced((one, 3.0), (other, 3.0))
    assert len(art.lines) == 2
    for line in art.lines:
        points = flattened(line.curve)
        assert np.linalg.norm(points[-1] - points[0]) > 220
        start, end = min((np.array(way, float) for way in (one, other)), key=lambda way: to_line(way, points).max())
        off = to_line(points, start + np.linspace(0, 1, 4000)[:, None] * (end - start))
        assert off.max() < 1.2
        assert np.median(off) < 0.25


def test_a_line_that_ends_on_another_touches_its_middle():
    art, _ = traced(([[100, 20], [100, 220]], 3.2), ([[104, 120], [180, 130]], 2.2))
    through, arm = sorted(art.lines, key=lambda line: -abs(line.curve[-1, 3, 1] - line.curve[0, 0, 1]))
    assert len(art.lines) == 2
    ends = np.array([arm.curve[0, 0], arm.curve[-1, 3]])
    assert to_line(ends, flattened(through.curve, 200)).min() < 0.3
    assert through.width == pytest.approx(7, abs=0.5)
    assert arm.width == pytest.approx(4.4, abs=0.5)


def test_a_corner_stays_sharp():
    corner = np.array([60.0, 120.0])
    art, drawing = traced(([[150, 80], corner, [150, 160]], 2.5))
    points = np.concatenate([flattened(line.curve) for line in art.lines])
    assert np.linalg.norm(points - corner, axis=1).min() < 1.2
    assert tolerant_f(painted(art), drawing, 1) > 0.995


def test_a_line_is_parted_where_its_width_changes():
    radii = np.repeat([2.2, 5.2], 2)
    art, _ = traced(([[60, 20], [109, 119], [110, 121], [160, 220]], radii))
    widths = [line.width for line in sorted(art.lines, key=lambda line: line.curve[:, :, 1].mean())]
    assert 2 <= len(widths) <= 4
    assert widths == sorted(widths)
    assert widths[0] == pytest.approx(4.4, abs=0.6)
    assert widths[-1] == pytest.approx(10.4, abs=1)
    ends = [line.curve[place] for line in art.lines for place in ((0, 0), (-1, 3))]
    gaps = [np.linalg.norm(one - other) for at, one in enumerate(ends) for other in ends[:at]]
    assert min(gaps) == 0


def test_one_width_stays_one_line():
    art, _ = traced((arc((100, 120), 60, 0, 4), 3.0))
    assert len(art.lines) == 1


def test_a_filled_area_is_outlined():
    art, drawing = traced(
        ([[100, 120]], 30.0), ([[20, 20], [20, 220]], 2.0), ([[180, 20], [180, 220]], 2.0), ([[40, 20], [160, 20]], 2.0)
    )
    assert len(art.areas) == 1
    (outline,) = art.areas[0].outlines
    assert np.linalg.norm(flattened(outline) - (100, 120), axis=1) == pytest.approx(30, abs=1)
    assert iou(painted(art), drawing) > 0.93


def test_nothing_comes_of_nothing():
    art = line_art(np.zeros((30, 40), bool))
    assert (art.height, art.width) == (30, 40)
    assert (art.lines, art.dots, art.areas) == ((), (), ())


def test_scaled_to_millimetres_pixels_begin_at_the_corner():
    art, _ = traced((WAVE, 3.2))
    small = art.scaled(0.05)
    assert (small.height, small.width) == pytest.approx((10.0, 12.0))
    np.testing.assert_allclose(small.lines[0].curve, (art.lines[0].curve + 0.5) * 0.05)
    assert small.lines[0].width == pytest.approx(art.lines[0].width * 0.05)


def busy(seed=0):
    """A drawing as full as a mirror's: arcs, rings, hatching, dots, crossings."""
    rng = np.random.default_rng(seed)
    strokes = [(arc((150, 160), 120, 0.2, 5.5), 3.2), (arc((150, 160), 105, 0.2, 5.5), 2.2)]
    for number in range(14):
        at = np.array([60 + 13 * number, 120.0])
        strokes.append((at + np.array([[0, 0], [8, 60]]), rng.uniform(1.5, 3.5)))
    for angle in np.linspace(0, 6, 9):
        strokes.append((arc(np.array([150, 230]) + 22 * np.array([np.sin(angle), np.cos(angle)]), 6), 1.6))
    strokes.append(([[230, 60], [60, 250]], 3.0))
    strokes += [([[285 + 5.0 * (n % 2), 60 + 14.0 * n]], 2.5) for n in range(8)]
    return traced(*strokes, shape=(300, 320))


def test_a_full_drawing_is_what_it_was():
    art, drawing = busy()
    again = painted(art)
    assert tolerant_f(again, drawing) >= 0.99
    assert iou(again, drawing) >= 0.85
    middles, found = np.argwhere(thin(drawing)), np.argwhere(thin(again))
    assert to_line(middles, found).mean() < 0.5
    assert to_line(found, middles).mean() < 0.5
    assert len(art.dots) == 8


@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1), st.floats(0.02, 0.9))
def test_any_pixels_are_traced_somehow(seed, share):
    drawing = np.random.default_rng(seed).random((24, 31)) < share
    art = line_art(drawing)
    for line in art.lines:
        assert np.isfinite(line.curve).all()
        assert line.width > 0
        np.testing.assert_array_equal(line.curve[1:, 0], line.curve[:-1, 3])
    assert all(dot.radius > 0 for dot in art.dots)
    assert bool(art.lines or art.dots or art.areas) == bool(drawing.any())


def test_the_same_drawing_gives_the_same_lines():
    one, other = busy()[0], busy()[0]
    for first, second in zip(one.lines, other.lines, strict=True):
        np.testing.assert_array_equal(first.curve, second.curve)
        assert first.width == second.width
