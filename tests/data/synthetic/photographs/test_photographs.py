"""Made-up photographs: their masks hold their lines, each family has some, and chance is fixed by the seed."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from data.line_statistics import line_radii
from data.synthetic.photographs.episodes import make_episode
from data.synthetic.photographs.families import FAMILIES
from data.synthetic.photographs.grounds import GROUNDS
from data.synthetic.photographs.photograph import make_photograph
from data.synthetic.photographs.strokes import Stroke, coverage, strengths

SIDE, LINE = 256, 5.0


def contrast(photograph):
    """How much lighter the lines are than the ground right beside them, in grey values."""
    mask = photograph.mask.astype(np.uint8)
    grey = cv2.cvtColor(photograph.image, cv2.COLOR_RGB2GRAY).astype(float)
    near, far = (cv2.dilate(mask, np.ones((side, side), np.uint8)) > 0 for side in (5, 13))
    return grey[photograph.mask].mean() - grey[far & ~near].mean()


@pytest.mark.parametrize("family", FAMILIES)
def test_the_mask_holds_the_lines_of_each_family(family):
    rng = np.random.default_rng(4)
    for photograph in (make_photograph(SIDE, SIDE, rng, family, LINE) for _ in range(3)):
        assert photograph.image.shape == (SIDE, SIDE, 3)
        assert 0.002 < photograph.mask.mean() < 0.6
        sign = 1 if photograph.kind.startswith("bright") else -1
        assert sign * contrast(photograph) > 2, photograph.kind


@pytest.mark.parametrize("line_px", [3.0, 6.0, 14.0])
def test_lines_are_as_wide_as_asked_for(line_px):
    rng = np.random.default_rng(1)
    radii = np.concatenate(
        [
            line_radii(make_photograph(SIDE, SIDE, rng, name, line_px).mask)
            for name in ("writing", "streets", "contours")
        ]
    )
    assert 0.7 < 2 * np.median(radii) / line_px < 1.4


def test_widths_vary_within_an_image_as_those_of_vessels_do():
    radii = line_radii(make_photograph(384, 384, np.random.default_rng(2), "trees", LINE).mask)
    assert radii.std() / radii.mean() > 0.25


@pytest.mark.parametrize("ground", GROUNDS.values(), ids=GROUNDS)
def test_a_ground_has_a_texture_of_unit_deviation_and_light_that_varies_slowly(ground):
    made = ground(SIDE, SIDE, 2.0, np.random.default_rng(0))
    assert made.texture.shape == made.light.shape == (SIDE, SIDE)
    assert 0.5 < made.texture.std() < 2.5
    assert 0.1 < made.light.mean() < 1.0
    assert np.abs(np.diff(made.light, axis=0)).max() < 0.2


def test_coverage_is_the_area_of_a_stroke_and_its_strength_that_of_the_bolder_one_at_a_crossing():
    across = np.stack([np.full(60, 32.0), np.arange(60.0)], axis=1)
    down = across[:, ::-1]
    faint, bold = Stroke(across, np.full(60, 3.0), 0.5), Stroke(down, np.full(60, 3.0))

    assert coverage([faint], 64, 64)[:, 10:50].sum() == pytest.approx(6.0 * 40, rel=0.1)
    shown = strengths([bold, faint], 64, 64)
    assert shown[32, 10] == 0.5
    assert shown[32, 32] == shown[10, 32] == shown[5, 5] == 1.0


def test_one_image_of_an_episode_has_two_masks_and_shows_the_lines_of_both():
    rng = np.random.default_rng(3)
    for _ in range(6):
        one, other = make_episode(SIDE, SIDE, rng, LINE)
        assert (one.image == other.image).all()
        assert one.kind != other.kind
        both = (one.mask & other.mask).sum()
        assert both < 0.5 * min(one.mask.sum(), other.mask.sum()), "two kinds lie apart, but where they cross"
        assert min(abs(contrast(one)), abs(contrast(other))) > 0.5


def test_the_seed_fixes_all_and_another_one_changes_it():
    first, again, other = (make_photograph(64, 96, np.random.default_rng(seed)) for seed in (7, 7, 8))
    assert first.image.tobytes() == again.image.tobytes()
    assert first.mask.tobytes() == again.mask.tobytes()
    assert first.image.tobytes() != other.image.tobytes()


def test_a_photograph_too_small_for_a_line_is_refused():
    with pytest.raises(ValueError, match="too small"):
        make_photograph(31, 400, np.random.default_rng(0))
