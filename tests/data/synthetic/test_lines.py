"""One line: its width and depth on the way, who cuts and who draws it, double strokes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import label

from data.synthetic.lines import Annotator, Engraver, Hands, engrave_line, line_depth, line_radius
from data.synthetic.paths import resample

RADIUS_MEAN_PX, RADIUS_DEVIATION_PX = 6.19, 1.49  # published, of the annotators' lines


PLAIN = Engraver(sections={"round": 1.0}, double_odds=0.0)
EXACT = Annotator(sway_px=0.0, offset_px=0.0)


def cut(hands: Hands, seed: int, length: float = 900.0):
    relief, drawing = np.zeros((160, 1000), np.float32), np.zeros((160, 1000), np.bool_)
    path = resample(np.array([[80.0, 50.0], [80.0, 50.0 + length]]))
    fresh = engrave_line(relief, drawing, path, 0.0, 0.1, hands, np.random.default_rng(seed))
    return relief, drawing, fresh


def middle_rows(drawing: np.ndarray) -> np.ndarray:
    """The row of the line's middle in each of its columns."""
    inside = drawing[:, 80:920]
    return (inside * np.arange(160)[:, None]).sum(axis=0) / inside.sum(axis=0)


def test_the_drawing_counts_its_pixels_and_lies_on_the_groove():
    relief, drawing, fresh = cut(Hands(PLAIN, EXACT), seed=0)
    assert fresh == drawing.sum()
    assert (relief[drawing] > 0).all()
    assert middle_rows(drawing) == pytest.approx(80.0, abs=0.5)


def test_an_annotator_strays_by_the_stated_pixels():
    sway, offset = 1.0, 1.5
    rows = np.array([middle_rows(cut(Hands(PLAIN, Annotator(sway, offset)), seed)[1]) for seed in range(60)]) - 80.0
    assert rows.std() == pytest.approx(np.hypot(sway, offset), rel=0.2)
    assert rows.mean(axis=1).std() == pytest.approx(offset, rel=0.3)  # of whole lines
    assert np.abs(np.diff(rows, axis=1)).max() <= 1.0  # a smooth wander


def test_usual_annotators_are_a_pixel_or_two_off():
    rows = np.abs([middle_rows(cut(Hands(PLAIN), seed)[1]) - 80.0 for seed in range(30)])
    assert 0.4 < np.median(rows) < 1.2
    assert np.quantile(rows, 0.99) < 3.5


def test_a_double_stroke_widens_the_groove_and_is_drawn_once_where_the_strokes_overlap():
    single = cut(Hands(PLAIN, EXACT), seed=3)
    double = cut(Hands(replace(PLAIN, double_odds=1.0, slip_px=4.0), EXACT), seed=3)
    assert (double[0] > 0).sum() > 1.15 * (single[0] > 0).sum()
    assert (double[1] == single[1]).all()


def test_a_double_stroke_is_drawn_twice_where_the_ground_shows_between():
    relief, drawing, _ = cut(Hands(replace(PLAIN, double_odds=1.0, slip_px=30.0), EXACT), seed=3)
    lines = np.array([label(column)[1] for column in drawing[:, 80:920].T])
    assert set(np.unique(lines)) == {1, 2}
    assert (relief[drawing] > 0).all()


def test_cross_sections_are_drawn_by_their_odds():
    flat = cut(Hands(replace(PLAIN, sections={"flat": 1.0}), EXACT), seed=2)[0][:, 500]
    pointed = cut(Hands(replace(PLAIN, sections={"v": 1.0}), EXACT), seed=2)[0][:, 500]
    assert flat.sum() > 1.5 * pointed.sum()


def test_radii_follow_the_published_gamma(rng_of):
    rng = rng_of(11)
    radii = np.concatenate([line_radius(300, rng.standard_normal(), rng) for _ in range(1000)])
    assert radii.mean() == pytest.approx(RADIUS_MEAN_PX, rel=0.03)
    assert radii.std() == pytest.approx(RADIUS_DEVIATION_PX, rel=0.1)


def test_a_radius_changes_slowly_along_a_line(rng_of):
    radius = line_radius(600, 0.0, rng_of(12))
    assert np.abs(np.diff(radius)).max() < 0.1
    assert np.ptp(radius) > 0.2


def test_a_line_fades_towards_its_ends(rng_of):
    depths = np.array([line_depth(400, 0.0, 0.1, rng_of(13, seed)) for seed in range(60)]).mean(axis=0)
    assert depths[0] < 0.75 * depths[200]
    assert depths[-1] < 0.75 * depths[200]
    assert depths[200] == pytest.approx(0.1, rel=0.15)
