"""The bronze, what wear and corrosion do to it, and marks that nobody drew."""

from __future__ import annotations

import numpy as np
import pytest

from data.synthetic import corrosion, marks, surface
from data.synthetic.difficulty import CHOICES, MIXED, ODDS, SCALE, difficulty
from data.synthetic.maps import grain
from data.synthetic.outline import draw_outline

SHAPE = (600, 700)
WHOLE = np.ones(SHAPE, np.bool_)


@pytest.mark.parametrize("sigma_px", [1.0, 4.0, 40.0])
def test_grain_has_mean_zero_and_deviation_near_one(sigma_px, rng_of):
    noise = grain(1500, 900, sigma_px, rng_of(3))
    assert noise.shape == (1500, 900)
    assert noise.mean() == pytest.approx(0, abs=0.2)
    assert noise.std() == pytest.approx(1, abs=0.2)


def test_the_outline_is_interpolated_to_a_fraction_of_a_pixel(rng_of):
    outline = draw_outline(900, 1500, rng_of(4))
    exact = outline.inside_px(np.arange(900)[:, None], np.arange(1500)[None, :])
    near = np.abs(exact) < 20
    assert np.abs(outline.inside_map(900, 1500) - exact)[near].mean() < 0.1
    wrong = (outline.inside_map(900, 1500) > 0) != (exact > 0)
    assert np.abs(exact[wrong]).max() < 2  # at the handle's corners


def test_the_ground_is_as_rough_as_asked(rng_of):
    smooth, rough = (surface.bronze_ground(*SHAPE, rng_of(1), mm) for mm in (0.01, 0.02))
    np.testing.assert_allclose(rough, 2 * smooth, rtol=1e-4, atol=1e-7)
    assert 0.007 < smooth.std() < 0.014


def test_a_rim_is_raised_along_the_edge_only(rng_of):
    outline = draw_outline(*SHAPE, rng_of(2))
    inside = outline.inside_map(*SHAPE)
    for beads in (0.0, 1.0):
        relief = np.zeros(SHAPE, np.float32)
        surface.raise_rim(relief, outline, inside, rng_of(3), beads)
        assert relief.any()
        assert not relief[inside <= 0].any()
        assert np.abs(relief[inside > 0.25 * outline.radius_px]).max() < 1e-6


def test_beads_follow_each_other_along_the_rim(rng_of):
    outline = draw_outline(*SHAPE, rng_of(2))
    inside = outline.inside_map(*SHAPE)
    rows, cols = np.nonzero((inside > 12) & (inside < 16))
    turn = np.arctan2(rows - outline.centre[0], cols - outline.centre[1]) / (2 * np.pi) % 1
    strongest = []
    for beads in (0.0, 1.0):
        relief = np.zeros(SHAPE, np.float32)
        surface.raise_rim(relief, outline, inside, rng_of(3), beads)
        profile = np.bincount((512 * turn).astype(int), relief[rows, cols], 512) / np.bincount((512 * turn).astype(int))
        waves = np.abs(np.fft.rfft(profile))[30:120]  # that many around the rim
        strongest.append(waves.max() / np.median(waves))
    plain, beaded = strongest
    assert beaded > 20 > plain


def test_shoulders_stand_beside_the_groove_and_hold_no_more_metal_than_was_cut():
    groove = np.zeros((200, 200), np.float32)
    groove[95:106] = 0.1
    depth = np.zeros_like(groove)
    surface.raise_shoulders(depth, groove, share=0.9)
    assert depth[85:90].min() > 0.005
    assert depth[:40].max() < 1e-4
    assert depth[40:160].sum() == pytest.approx(0.9 * groove[40:160].sum(), rel=0.05)


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_wear_and_crust_lie_over_their_share_of_the_object(share, rng_of):
    mask = draw_outline(*SHAPE, rng_of(2)).inside_map(*SHAPE) > 0
    cover = corrosion.crust_cover(mask, rng_of(5), share)
    wear = surface.worn(mask, rng_of(6), share)
    for field in (cover, wear):
        assert field.min() == 0
        assert field.max() == 1
        assert (field[mask] > 0).mean() == pytest.approx(share, abs=0.02)
    assert not cover[~mask].any()


def test_no_share_means_no_wear_and_no_crust(rng_of):
    assert not surface.worn(WHOLE, rng_of(1), 0.0).any()
    assert not corrosion.crust_cover(WHOLE, rng_of(1), 0.0).any()


def test_crust_raises_and_roughens(rng_of):
    crust = corrosion.crust_relief(*SHAPE, rng_of(1), 0.08)
    assert 0.04 < crust.mean() < 0.12
    assert crust.std() == pytest.approx(0.08, rel=0.4)
    assert np.quantile(crust, 0.01) < -0.05  # holes


def test_warts_only_rise_and_crowd_in_places(rng_of):
    found = corrosion.warts(*SHAPE, rng_of(2), 0.05)
    assert found.min() == 0
    assert 0.01 < (found > 0).mean() < 0.2
    blocks = (found > 0).reshape(6, 100, 7, 100).mean(axis=(1, 3))
    assert blocks.max() > 4 * np.median(blocks)


def test_lines_are_lost_where_they_are_hidden_and_only_there():
    drawing, hidden = np.zeros((200, 300), np.bool_), np.zeros((200, 300), np.float32)
    drawing[100:112] = True
    hidden[:, 150:] = 0.9
    seen = corrosion.legible(drawing, hidden, below=0.5)
    np.testing.assert_array_equal(seen[:, :130], drawing[:, :130])
    assert not seen[:, 170:].any()
    np.testing.assert_array_equal(corrosion.legible(drawing, hidden, below=0.95), drawing)


def test_crumbs_of_lines_are_not_drawn():
    drawing = np.zeros((100, 100), np.bool_)
    drawing[10:14, 10:14] = drawing[50:60, 50:60] = True
    seen = corrosion.legible(drawing, np.zeros(drawing.shape, np.float32), below=0.5)
    assert seen.sum() == 100
    assert not seen[10:14].any()


@pytest.mark.parametrize(("make", "per_cm2"), [(marks.scratches, 40.0), (marks.pits, 80.0), (marks.tool_marks, 10.0)])
def test_marks_are_as_many_as_asked_and_start_on_the_object(make, per_cm2, rng_of):
    mask = np.zeros((1600, 1600), np.bool_)
    mask[:, :800] = True  # 20 x 40 mm: 8 cm2
    found = make(mask, rng_of(3), per_cm2)
    bundle = 5.5 if make is marks.tool_marks else 1.0
    assert len(found) == pytest.approx(8 * per_cm2 * bundle, rel=0.25)
    assert not make(mask, rng_of(3), 0.0)
    inside = [mark.path[len(mark.path) // 2][1] < 830 for mark in found]
    assert np.mean(inside) > 0.97


def test_cut_marks_are_grooves_and_the_deeper_one_stands(rng_of):
    relief = np.full(SHAPE, 0.01, np.float32)
    marks.cut(relief, marks.scratches(WHOLE, rng_of(4), 30.0))
    assert relief.min() == np.float32(0.01)
    assert 0.02 < relief.max() < 0.3


def test_bold_scratches_are_as_wide_as_lines_and_the_others_are_not(rng_of):
    bold = marks.scratches(WHOLE, rng_of(4), 30.0, bold=1.0)
    fine = marks.scratches(WHOLE, rng_of(4), 30.0, bold=0.0)
    assert min(mark.radius_px[0] for mark in bold) >= 3.5
    assert max(mark.radius_px[0] for mark in fine) <= 3.5


# --- the scale


def test_mixed_draws_every_level_about_as_often_as_its_odds(rng_of):
    rng = rng_of(9)
    drawn = [difficulty(MIXED, rng).name for _ in range(2000)]
    for name, odds in ODDS.items():
        assert drawn.count(name) / 2000 == pytest.approx(odds, abs=0.04)


def test_levels_are_found_by_name_and_others_refused(rng_of):
    assert [difficulty(name, rng_of(0)).name for name in SCALE] == list(SCALE)
    with pytest.raises(ValueError, match=rf"'hard'.*{', '.join(CHOICES)}"):
        difficulty("hard", rng_of(0))
