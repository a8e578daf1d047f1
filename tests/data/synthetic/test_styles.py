"""Workshops: foreign ones differ in what counts, and widths of truths vary where that is asked for."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from data.line_statistics import line_radii
from data.synthetic.difficulty import SCALE
from data.synthetic.files import VARIED, view_files, with_varied_widths, write_mirrors
from data.synthetic.foreign import FILLERS, ORNAMENTS
from data.synthetic.grooves import SECTIONS
from data.synthetic.mirror import make_mirror
from data.synthetic.styles import STYLES

SIDE = 384


@pytest.fixture(scope="module")
def made():
    """A clean mirror of each workshop, of one seed."""
    return {
        name: make_mirror(SIDE, SIDE, np.random.default_rng(2), SCALE["clean"], style) for name, style in STYLES.items()
    }


def test_foreign_lines_are_thinner_or_broader_than_those_that_models_learn(made):
    radius = {name: float(line_radii(mirror.drawing).mean()) for name, mirror in made.items()}
    assert radius["scribed"] < 0.6 * radius["engraved"]
    assert radius["chased"] > 0.9 * radius["engraved"]


def test_a_chased_line_has_a_ridge_between_two_furrows():
    depth = SECTIONS["furrows"](np.linspace(0, 1, 101))
    assert depth[0] < 0.1
    assert depth.max() == pytest.approx(1.0, abs=0.01)
    assert 0.5 < depth.argmax() / 100 < 0.75


def test_a_foreign_mirror_has_its_lines_where_its_depth_is_low(made):
    for name, mirror in made.items():
        depth = np.nan_to_num(mirror.depth, nan=float(np.nanmedian(mirror.depth)))
        relief = depth - cv2.GaussianBlur(depth, (0, 0), 40)
        inside = mirror.mask & ~mirror.drawing
        assert relief[mirror.drawing].mean() < relief[inside].mean(), name


def test_the_object_is_the_same_in_each_style_and_the_lines_are_not(made):
    usual = made["engraved"]
    for name in ("scribed", "chased"):
        assert (made[name].mask == usual.mask).all()
        assert (made[name].drawing & usual.drawing).sum() < 0.5 * usual.drawing.sum()


@pytest.mark.parametrize("name", ORNAMENTS)
def test_a_foreign_ornament_stays_in_its_strip(name):
    ornament, (narrow, wide) = ORNAMENTS[name]
    for width in (narrow, wide):
        points = np.concatenate(ornament(1500.0, width, np.random.default_rng(0)))
        assert -1 <= points[:, 0].min() <= points[:, 0].max() <= 1.05 * width
        assert -1 <= points[:, 1].min() <= points[:, 1].max() <= 1600


@pytest.mark.parametrize("name", FILLERS)
def test_a_foreign_filler_reaches_about_as_far_as_asked(name):
    points = np.concatenate(FILLERS[name][0](150.0, np.random.default_rng(0)))
    assert 60 < np.abs(points).max() < 220


def test_varied_truths_are_drawn_thinner_than_their_grooves_and_each_mirror_otherwise():
    styles = [with_varied_widths(STYLES["engraved"], np.random.default_rng(seed)) for seed in range(40)]
    pens = [style.hands.annotator.width for style in styles]
    assert 0.55 <= min(pens) < 0.65
    assert 0.9 < max(pens) <= 1.0
    assert len({style.hands.engraver.width for style in styles}) == 40


def test_varied_widths_on_disk_change_the_drawing_and_leave_the_object(tmp_path):
    for name, options in (("usual", {}), ("varied", {"truth_widths": VARIED})):
        write_mirrors(tmp_path / name, 1, 256, 256, seed=6, level="clean", **options)
    masks, drawings = (
        [view_files(tmp_path / name, "SYN-0001")[part].read_bytes() for name in ("usual", "varied")]
        for part in ("mask", "drawing")
    )
    assert masks[0] == masks[1]
    assert drawings[0] != drawings[1]
