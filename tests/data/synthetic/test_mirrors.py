"""Made-up mirrors: lines, bronze, surroundings and drawing agree with one another, at every difficulty."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from data.synthetic.difficulty import SCALE
from data.synthetic.maps import PIXELS_PER_MM
from data.synthetic.mirror import add_relief, make_mirror
from data.synthetic.parts import SIDE_PX, as_seen
from data.synthetic.styles import Style
from metrics import pfm
from tests.data.synthetic.likeness import adaptive_mean, made_up_patches


def test_maps_have_their_types_and_the_object_its_depth_everywhere(mirrors):
    for mirror in mirrors:
        assert mirror.depth.dtype == mirror.normals.dtype == mirror.albedo.dtype == np.float32
        assert mirror.drawing.dtype == mirror.mask.dtype == np.bool_
        assert np.isfinite(mirror.depth[mirror.mask]).all()
        assert np.isfinite(mirror.normals).all()
        assert mirror.albedo.min() >= 0
        assert mirror.albedo.max() <= 1


def test_scans_come_with_and_without_a_table(mirrors):
    assert {bool(np.isnan(mirror.depth[~mirror.mask]).all()) for mirror in mirrors} == {True, False}
    for mirror in mirrors:
        off = mirror.depth[~mirror.mask]
        assert np.isnan(off).all() or np.isfinite(off).all()


def test_truth_lies_on_the_object(mirrors, levels):
    for mirror in (*mirrors, *levels.values()):
        assert mirror.drawing.any()
        assert not (mirror.drawing & ~mirror.mask).any()


def test_lines_read_dark_after_the_highpass(mirrors):
    for mirror in mirrors:
        depth, drawing, mask = as_seen(mirror)
        ground = depth[mask & ~drawing]
        assert depth[drawing].mean() < ground.mean() - 0.4 * ground.std()


def test_lines_hold_the_share_of_real_patches(mirrors):
    shares = [mirror.line_share for mirror in mirrors]
    assert 0.08 <= np.mean(shares) <= 0.16
    assert min(shares) > 0.04
    assert max(shares) < 0.2


def test_drawn_lines_are_as_wide_as_annotators_draw_them(mirrors):
    from skimage.morphology import thin

    radii = []
    for mirror in mirrors:
        distance = cv2.distanceTransform(mirror.drawing.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        radii.append(distance[thin(mirror.drawing)])
    assert np.concatenate(radii).mean() == pytest.approx(6.19, rel=0.1)  # published mean radius


def test_normals_agree_with_the_slope_of_the_depth(mirrors):
    for mirror in mirrors:
        inner = cv2.erode(mirror.mask.astype(np.uint8), np.ones((5, 5))) > 0
        for channel, axis in ((0, 1), (1, 0)):
            slope = np.gradient(mirror.depth, axis=axis)[inner] * PIXELS_PER_MM
            ratio = (mirror.normals[..., channel] / mirror.normals[..., 2])[inner]
            assert np.corrcoef(slope, ratio)[0, 1] < -0.95
            assert (ratio + slope).std() < 1.5 * mirror.difficulty.normal_noise
            assert np.polyfit(slope, ratio, 1)[0] == pytest.approx(-1, abs=0.05)


def test_larger_scans_get_a_handle_along_the_longer_side(rng_of):
    mirror = make_mirror(300, 600, rng_of(5))
    columns = np.flatnonzero(mirror.mask.any(axis=0))
    rows = np.flatnonzero(mirror.mask.any(axis=1))
    assert len(columns) > 1.5 * len(rows)


@pytest.mark.parametrize(
    ("shape", "level"),
    list(zip([(256, 256), (256, 700), (611, 257), (300, 353), (353, 300)], SCALE.values(), strict=True)),
)
def test_any_size_and_level_can_be_made(shape, level, rng_of):
    mirror = make_mirror(*shape, rng_of(0), level)
    assert mirror.depth.shape == mirror.mask.shape == mirror.drawing.shape == shape
    assert mirror.difficulty is level


def test_a_scan_too_small_is_refused(rng_of):
    with pytest.raises(ValueError, match="255 x 400"):
        make_mirror(255, 400, rng_of(0))


# --- difficulty


def test_one_seed_carries_one_engraving_at_every_difficulty(levels):
    clean = levels["clean"]
    for mirror in levels.values():
        np.testing.assert_array_equal(mirror.mask, clean.mask)
        assert not (mirror.drawing & ~clean.drawing).any()  # a harder mirror loses lines, it never gains any


def test_the_harder_the_less_a_simple_method_finds(levels):
    scores, contrasts = [], []
    for mirror in levels.values():
        depth, drawing, mask = as_seen(mirror)
        ground = depth[mask & ~drawing]
        contrasts.append((ground.mean() - depth[drawing].mean()) / ground.std())
        scores.append(pfm(adaptive_mean(depth) & mask, drawing))
    assert (np.diff(scores) < -0.03).all()
    assert (np.diff(contrasts) < -0.05).all()
    assert scores[0] > 0.55
    assert scores[-1] < 0.3


def test_the_harder_the_more_crust_and_the_less_truth(levels):
    crust = [mirror.crust_share for mirror in levels.values()]
    lost = [mirror.lost_share for mirror in levels.values()]
    assert (np.diff(crust) > 0).all()
    assert (np.diff(lost) > 0).all()
    assert crust[0] == 0
    assert lost[0] < 0.01  # crumbs only


def test_crust_stays_within_the_share_of_its_level(levels):
    for mirror in levels.values():
        low, high = mirror.difficulty.crust_share
        assert low - 0.02 <= mirror.crust_share <= high + 0.02


def test_lost_lines_leave_no_dark_trace_and_kept_ones_do(levels):
    depth, kept, mask = as_seen(levels["corroded"])
    engraved = as_seen(levels["clean"])[1]
    lost = engraved & ~cv2.dilate(kept.astype(np.uint8), np.ones((9, 9))).astype(bool)
    ground = depth[mask & ~engraved]
    assert lost.sum() > 500
    assert depth[kept].mean() < ground.mean() - 0.25 * ground.std()
    assert depth[lost].mean() > ground.mean() - 0.1 * ground.std()


@pytest.mark.parametrize(("cover", "shows"), [(0.0, 1.0), (0.6, 0.4), (1.0, 0.0)])
def test_grooves_fade_out_under_crust(cover, shows, rng_of):
    whole, groove = np.ones((200, 200), np.bool_), np.zeros((200, 200), np.float32)
    groove[95:106] = 0.1
    reliefs = []
    for cut in (groove, np.zeros_like(groove)):
        depth = np.zeros((200, 200), np.float32)
        add_relief(depth, cut, np.full_like(depth, cover), whole, rng_of(1), rng_of(2), SCALE["corroded"], Style())
        reliefs.append(depth)
    np.testing.assert_allclose((reliefs[1] - reliefs[0])[100].mean(), shows * 0.06, atol=0.02 * shows + 1e-7)


def test_patches_that_are_compared_lie_on_the_object_and_show_lines(levels):
    patches = list(made_up_patches(levels["light"]))
    assert patches
    for depth, drawing in patches:
        assert depth.shape == drawing.shape == (SIDE_PX, SIDE_PX)
        assert drawing.mean() >= 0.04
        assert depth.min() >= 0
        assert depth.max() <= 1
