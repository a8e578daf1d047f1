"""Borders: ornaments bent into bands, whole rings where the pixels suffice, arches with closed ends where not."""

from __future__ import annotations

import numpy as np
import pytest

from data.synthetic.borders import SPANS, Band, engrave_border, rings
from data.synthetic.lines import Hands
from data.synthetic.ornaments import ORNAMENTS, repeats
from data.synthetic.outline import draw_outline
from data.synthetic.plate import CELL_PX, Plate

SIDE = 1200


def bordered(goal_px: float, rng: np.random.Generator, upright: float = 0.0):
    outline, cells = draw_outline(SIDE, SIDE, rng), SIDE // CELL_PX
    plate = Plate(outline, np.zeros((SIDE, SIDE), np.float32), np.zeros((SIDE, SIDE), np.bool_),
                  np.zeros((cells, cells), np.bool_), Hands())  # fmt: skip
    return (*engrave_border(plate, goal_px, upright, rng), plate.drawing)


@pytest.mark.parametrize("name", ORNAMENTS)
def test_an_ornament_stays_near_its_band_and_goes_all_around_it(name, rng_of):
    ornament, (least, most) = ORNAMENTS[name]
    band = Band((500.0, 600.0), 800.0 - (least + most) / 2, 800.0, start=0.4, span=2 * np.pi)
    points = np.concatenate(band.filled(ornament, rng_of(1))) - band.centre
    radius = np.hypot(*points.T)
    assert radius.min() > band.inner_px - 25
    assert radius.max() < band.outer_px + 25
    gaps = np.diff(np.sort(np.arctan2(*points.T)))
    assert gaps.max() * 800.0 < 1.2 * most


def test_rings_bound_a_band_on_both_sides(rng_of):
    band = Band((0.0, 0.0), 700.0, 800.0, 0.0, 2 * np.pi)
    radii = [np.hypot(*line.T) for line in rings(band, rng_of(0), doubled=1.0, gap_px=30.0)]
    assert [float(r.mean()) for r in radii] == pytest.approx([673, 643, 827, 857], abs=0.5)
    assert all(np.ptp(r) < 0.1 for r in radii)


def test_a_strip_bends_around_the_centre_at_its_own_radius():
    band = Band((10.0, 20.0), 90.0, 110.0, 0.0, np.pi / 2)
    assert band.length_px == pytest.approx(50 * np.pi)
    bent = band.bent(np.array([[0.0, 0.0], [20.0, band.length_px]]))
    assert bent == pytest.approx(np.array([[10.0, 110.0], [120.0, 20.0]]))


def test_repeats_fill_a_length_evenly():
    starts, pitch = repeats(100.0, 33.0)
    assert starts == pytest.approx([0, 100 / 3, 200 / 3])
    assert pitch == pytest.approx(100 / 3)


def test_a_border_goes_all_around_where_the_pixels_suffice(rng_of):
    band, drawn, drawing = bordered(1e6, rng_of(1))
    assert band.span == SPANS[0]
    assert drawn == drawing.sum()
    angle = np.linspace(0, 2 * np.pi, 360, endpoint=False)
    radii = np.linspace(band.inner_px, band.outer_px, 400)[:, None]
    rows, cols = band.centre[0] + radii * np.sin(angle), band.centre[1] + radii * np.cos(angle)
    assert drawing[rows.astype(int), cols.astype(int)].any(axis=0).all()


def test_where_they_do_not_an_arch_stands_over_the_scene_or_there_is_no_border(rng_of):
    spans = []
    for seed, goal_px in enumerate((5_000, 70_000, 70_000, 70_000, 70_000, 70_000)):
        band, drawn, drawing = bordered(goal_px, rng_of(seed))
        spans.append(round(band.span / np.pi, 1))
        assert bool(band.span) == bool(drawn) == drawing.any()
        if 0 < band.span < 2 * np.pi:
            assert drawing[: int(band.centre[0]) - 60].sum() > drawing[int(band.centre[0]) + 60 :].sum()
            left, right = drawing[:, : SIDE // 2].sum(), drawing[:, SIDE // 2 :].sum()
            assert left == pytest.approx(right, rel=0.25)
    assert spans[0] == 0.0
    assert any(1.0 <= span < 1.9 for span in spans)


def test_an_arch_turns_with_the_scene(rng_of):
    for seed in range(6):
        band, _, drawing = bordered(70_000, rng_of(seed), upright=0.5 * np.pi)  # its foot is to the right
        if 0 < band.span < 2 * np.pi:
            assert drawing[:, : SIDE // 2 - 60].sum() > drawing[:, SIDE // 2 + 60 :].sum()
            return
    pytest.fail("no arch was drawn")
