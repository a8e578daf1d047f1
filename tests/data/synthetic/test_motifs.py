"""Every motif by name: continuous paths of about its size, the same for a seed, another for another seed."""

from __future__ import annotations

import numpy as np
import pytest

from data.synthetic.lettering import LETTERS, NAMES, inscription
from data.synthetic.motifs import FILLERS, MOTIFS
from data.synthetic.ornaments import ORNAMENTS, Band, repeats, rings


def rng_of(*seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("name", MOTIFS)
def test_a_motif_is_continuous_and_of_its_size(name):
    for size_px in (150.0, 1200.0):
        paths = MOTIFS[name](size_px, rng_of(2))
        points = np.concatenate(paths)
        assert np.isfinite(points).all()
        assert 0.15 * min(size_px, 200.0) < np.hypot(*points.T).max() < 3 * size_px + 300
        assert all(np.hypot(*np.diff(path, axis=0).T).max() < 1.8 for path in paths if len(path) > 1)


@pytest.mark.parametrize("name", MOTIFS)
def test_a_motif_is_the_same_for_a_seed_and_varies_with_it(name):
    first, again, other = (np.concatenate(MOTIFS[name](500.0, rng_of(seed))) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert first.shape != other.shape or not np.allclose(first, other)


def test_fillers_are_motifs_with_odds():
    assert FILLERS.keys() <= MOTIFS.keys()
    assert sum(FILLERS.values()) == pytest.approx(1)


@pytest.mark.parametrize("name", ORNAMENTS)
def test_an_ornament_stays_near_its_band_and_goes_all_around_it(name):
    ornament, (least, most) = ORNAMENTS[name]
    band = Band((500.0, 600.0), 800.0 - (least + most) / 2, 800.0, start=0.4, span=2 * np.pi)
    points = np.concatenate(band.filled(ornament, rng_of(1))) - band.centre
    radius = np.hypot(*points.T)
    assert radius.min() > band.inner_px - 25
    assert radius.max() < band.outer_px + 25
    gaps = np.diff(np.sort(np.arctan2(*points.T)))
    assert gaps.max() * 800.0 < 1.2 * most


def test_rings_bound_a_band_on_both_sides():
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


def test_names_are_spelt_with_letters_that_exist():
    assert {letter for name in NAMES for letter in name.split()} <= LETTERS.keys()


def test_an_inscription_runs_from_right_to_left():
    first = inscription(400.0, rng_of(4), name="i t")
    assert first[0][:, 1].mean() > np.concatenate(first[1:])[:, 1].mean()  # the one stroke of i is to the right of t


def test_a_name_is_chosen_that_the_room_holds():
    for seed in range(20):
        points = np.concatenate(inscription(300.0, rng_of(seed)))
        assert np.abs(points[:, 1]).max() < 330
