"""The whole engraving: its share of the object, truth on grooves, where things stand, and that it is repeatable."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from data.line_statistics import line_radii
from data.synthetic.engraving import engrave
from data.synthetic.outline import draw_outline
from data.synthetic.tondo import figures, scene


def engraved(height: int, width: int, seed: int):
    rng = np.random.default_rng([21, seed])
    outline = draw_outline(height, width, rng)
    mask = outline.inside_px(np.arange(height)[:, None], np.arange(width)[None, :]) > 0
    return (*engrave(outline, mask, rng), mask, outline)


@pytest.fixture(scope="module")
def small():
    return [engraved(512, 512, seed) for seed in range(3)]


@pytest.fixture(scope="module")
def large():
    return engraved(2000, 1600, 0)


def test_lines_hold_the_share_of_real_patches(small, large):
    for _, drawing, mask, _ in [*small, large]:
        assert 0.1 <= drawing.sum() / mask.sum() <= 0.16


@pytest.mark.parametrize("side", [256, 384, 1024])
def test_mirrors_of_any_size_hold_lines(side):
    _, drawing, mask, _ = engraved(side, side, 1)
    assert 0.09 < drawing.sum() / mask.sum() < 0.2


def test_nothing_is_cut_or_drawn_off_the_object(small, large):
    for groove, drawing, mask, _ in [*small, large]:
        assert groove.dtype == np.float32
        assert drawing.dtype == np.bool_
        assert not groove[~mask].any()
        assert not drawing[~mask].any()


def test_the_drawing_lies_on_the_grooves(large):
    groove, drawing, *_ = large
    cut = cv2.distanceTransform((groove <= 0).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    assert (cut[drawing] <= 1.5).mean() > 0.98
    assert cut[drawing].max() < 6


def test_the_grooves_are_drawn(large):
    groove, drawing, *_ = large
    drawn = cv2.distanceTransform((~drawing).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    assert np.quantile(drawn[groove > 0.5 * np.quantile(groove[groove > 0], 0.9)], 0.97) <= 3.0


def test_drawn_lines_are_as_wide_as_annotators_draw_them(large):
    assert float(np.mean(line_radii(large[1]))) == pytest.approx(6.19, rel=0.1)  # published mean radius


def test_the_handle_is_engraved(large):
    _, drawing, _, outline = large
    assert outline.handle is not None
    beyond = np.array(outline.centre) + (outline.radius_px + 0.15 * outline.handle_length_px) * np.array(outline.handle)
    rows = slice(int(beyond[0]), None) if outline.handle[0] > 0 else slice(0, int(beyond[0]))
    assert drawing[rows].any()


def test_a_scene_stands_upright_on_its_ground():
    people = figures(2, 2000.0, 1500.0, 800.0, np.random.default_rng(0))
    points = np.concatenate([line for person in people for layer in person for line in layer.lines])
    assert points[:, 0].max() < 800 + 60
    assert points[:, 0].min() < 800 - 0.7 * 2000
    assert np.ptp(points[:, 1]) > 0.5 * 2000


def test_a_small_tondo_shows_part_of_a_large_figure():
    things = scene(200.0, np.random.default_rng(0))
    points = np.concatenate([line for thing in things for layer in thing for line in layer.lines])
    assert np.ptp(points[:, 0]) > 1000
