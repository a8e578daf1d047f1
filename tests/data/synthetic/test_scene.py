"""What lies around the object, and what the scanner makes of it all."""

from __future__ import annotations

import numpy as np
import pytest

from data.synthetic import scene, sensor
from data.synthetic.maps import PIXELS_PER_MM, grain
from data.synthetic.outline import draw_outline
from data.synthetic.scene import Box


@pytest.mark.parametrize("shape", [(256, 256), (400, 900), (1200, 800), (671, 896)])
def test_ruler_and_chart_lie_on_the_table_clear_of_the_object_and_of_each_other(shape, rng_of):
    for seed in range(8):
        mask = draw_outline(*shape, rng_of(seed)).inside_map(*shape) > 0
        ruler, chart = scene.place_scale(mask, rng_of(seed, 1))
        covered = np.zeros(shape, int)
        for box in (ruler, chart):
            assert 0 <= box.top < box.bottom <= shape[0]
            assert 0 <= box.left < box.right <= shape[1]
            covered[box.slices] += 1
        assert covered.max() == 1
        assert not mask[covered > 0].any()


def test_no_room_for_ruler_and_chart_is_an_error(rng_of):
    with pytest.raises(ValueError, match="no room"):
        scene.place_scale(np.ones((300, 300), np.bool_), rng_of(0))


def test_the_table_is_dark_and_lies_below_the_object():
    depth, albedo = np.zeros((40, 40), np.float32), np.full((40, 40), 0.4, np.float32)
    mask = np.zeros((40, 40), np.bool_)
    mask[10:30, 10:30] = True
    scene.lay_table(depth, albedo, mask, below_mm=0.2)
    assert not depth[mask].any()
    assert (depth[~mask] == np.float32(-0.2)).all()
    assert (albedo[~mask] < 0.1).all()
    assert (albedo[mask] == np.float32(0.4)).all()


@pytest.mark.parametrize("box", [Box(10, 10, 60, 455), Box(10, 10, 455, 60)])
def test_a_ruler_has_a_tick_each_millimetre_and_longer_ones_at_ten(box):
    depth, albedo = np.zeros((500, 500), np.float32), np.zeros((500, 500), np.float32)
    scene.lay_ruler(depth, albedo, box)
    print_, relief = albedo[box.slices], depth[box.slices]
    if print_.shape[0] > print_.shape[1]:
        print_, relief = print_.T, relief.T
    black = print_ < 0.5
    starts = np.flatnonzero(np.diff(np.concatenate([[False], black[0]]).astype(int)) == 1)
    np.testing.assert_array_equal(starts, np.arange(0, 445, 40))  # 40 pixels a millimetre
    lengths = black[:, starts].sum(axis=0)
    assert lengths[0] == lengths[10] > lengths[5] > lengths[1]
    assert (relief[black] > relief[~black].max()).all()
    assert not np.delete(depth, np.s_[box.top : box.bottom], axis=0)[:, : box.left].any()


def test_a_chart_is_a_grid_of_even_patches_each_a_step_of_relief(rng_of):
    depth, albedo = np.zeros((300, 400), np.float32), np.zeros((300, 400), np.float32)
    box = Box(20, 30, 260, 390)
    scene.lay_chart(depth, albedo, box, rng_of(1))
    centres = albedo[box.slices][30::60, 30::60]
    assert centres.shape == (4, 6)
    np.testing.assert_allclose(centres[-1], scene.GREYS)
    assert len(np.unique(depth)) == 3  # table, frame, patches
    outside = np.ones(albedo.shape, np.bool_)
    outside[box.slices] = False
    assert not albedo[outside].any()


# --- the sensor


def test_measured_depth_is_blurred_and_noisy(rng_of):
    depth = np.zeros((300, 300), np.float32)
    depth[:, 150:] = 1.0
    blurred = sensor.measure_depth(depth, rng_of(1), noise_mm=0.0)
    assert blurred[100].max() == pytest.approx(1, abs=1e-5)
    assert 0.1 < blurred[100, 149] < 0.45
    noisy = sensor.measure_depth(depth, rng_of(1), noise_mm=0.01)
    assert (noisy - blurred).std() == pytest.approx(0.01, rel=0.2)


def test_normals_of_a_tilted_plane_are_its_own(rng_of):
    rows, cols = np.mgrid[:600, :300].astype(np.float32)  # more rows than are computed at once
    depth = (0.3 * cols + 0.4 * rows) / PIXELS_PER_MM
    normals = sensor.normals_of(depth, rng_of(1), noise=0.0)
    expected = np.array([-0.3, -0.4, 1.0]) / np.sqrt(1.25)
    np.testing.assert_allclose(normals, np.broadcast_to(expected, normals.shape), atol=2e-4)


def test_normals_are_made_in_strips_without_seams(rng_of):
    depth = grain(600, 200, 6.0, rng_of(2))
    normals = sensor.normals_of(depth, rng_of(1), noise=0.0)
    down, right = np.gradient(depth)
    np.testing.assert_allclose(normals[..., 0] / normals[..., 2], -right * PIXELS_PER_MM, rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(normals[..., 1] / normals[..., 2], -down * PIXELS_PER_MM, rtol=1e-3, atol=1e-3)


def test_noise_of_normals_is_as_asked_and_leaves_them_unit(rng_of):
    normals = sensor.normals_of(np.zeros((300, 300), np.float32), rng_of(1), noise=0.03)
    assert normals[..., 0].std() == pytest.approx(0.03, rel=0.05)
    np.testing.assert_allclose(np.linalg.norm(normals, axis=2), 1, atol=1e-5)


def test_corrosion_is_paler_and_grooves_are_dirty(rng_of):
    cover, groove = np.zeros((300, 300), np.float32), np.zeros((300, 300), np.float32)
    cover[:100], groove[200:] = 1.0, 0.1
    albedo = np.full((300, 300), 0.4, np.float32)
    sensor.tint(albedo, cover, groove, rng_of(2))
    assert albedo[:100].min() > 0.44
    assert (albedo[100:200] == np.float32(0.4)).all()
    assert albedo[200:].max() == pytest.approx(0.4 * 0.8)


def test_patina_deviates_as_asked_and_albedo_stays_a_reflectance(rng_of):
    albedo = sensor.patina(1500, 1500, rng_of(4), amount=0.2)
    assert np.log(albedo).std() == pytest.approx(0.2, rel=0.35)
    albedo *= 3.0
    sensor.measure_albedo(albedo, rng_of(5), noise=0.1)
    assert albedo.min() >= 0
    assert albedo.max() == 1
