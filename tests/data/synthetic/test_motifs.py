"""Every motif by name: continuous paths of about its size, the same for a seed, another for another seed."""

from __future__ import annotations

import numpy as np
import pytest

from data.synthetic.fillers import FILLERS
from data.synthetic.lettering import LETTERS, NAMES, inscription
from data.synthetic.motifs import MOTIFS


@pytest.mark.parametrize("name", MOTIFS)
def test_a_motif_is_continuous_and_of_its_size(name, rng_of):
    for size_px in (150.0, 1200.0):
        paths = MOTIFS[name](size_px, rng_of(2))
        points = np.concatenate(paths)
        assert np.isfinite(points).all()
        assert 0.15 * min(size_px, 200.0) < np.hypot(*points.T).max() < 3 * size_px + 300
        assert all(np.hypot(*np.diff(path, axis=0).T).max() < 1.8 for path in paths if len(path) > 1)


@pytest.mark.parametrize("name", MOTIFS)
def test_a_motif_is_the_same_for_a_seed_and_varies_with_it(name, rng_of):
    first, again, other = (np.concatenate(MOTIFS[name](500.0, rng_of(seed))) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert first.shape != other.shape or not np.allclose(first, other)


def test_fillers_are_motifs_with_odds():
    assert FILLERS.keys() <= MOTIFS.keys()
    assert sum(odds for _, odds in FILLERS.values()) == pytest.approx(1)


def test_names_are_spelt_with_letters_that_exist():
    assert {letter for name in NAMES for letter in name.split()} <= LETTERS.keys()


def test_an_inscription_runs_from_right_to_left(rng_of):
    first = inscription(400.0, rng_of(4), name="i t")
    assert first[0][:, 1].mean() > np.concatenate(first[1:])[:, 1].mean()  # the one stroke of i is to the right of t


def test_a_name_is_chosen_that_the_room_holds(rng_of):
    for seed in range(20):
        points = np.concatenate(inscription(300.0, rng_of(seed)))
        assert np.abs(points[:, 1]).max() < 330
