"""Where models may learn most: what is computed of the drawings of several versions."""

import numpy as np
import pytest

from data.regions import cells
from interaction.learning_places import ExpectedGain, LeastSure, disagreement, entropy
from interaction.refiners import ManualRefiner
from interaction.session import RefinementSession
from metrics.calibration import AS_THEY_ARE
from tests.simulation.fakes import SCALE, BlankCanvas

SHAPE = (32, 96)


def test_versions_that_are_unsure_alike_do_not_disagree():
    unsure = np.full((4, 4), 0.5, np.float32)
    assert disagreement([unsure, unsure]) == pytest.approx(0, abs=1e-6)


def test_versions_that_are_sure_of_opposites_disagree_by_one_bit():
    line, ground = np.ones((4, 4), np.float32), np.zeros((4, 4), np.float32)
    assert disagreement([line, ground]) == pytest.approx(np.log(2), abs=1e-4)


def test_the_entropy_of_a_pixel_that_is_line_as_likely_as_not_is_one_bit():
    assert entropy(np.array([0.5, 0.0, 1.0])) == pytest.approx([np.log(2), 0, 0], abs=1e-4)


def test_places_are_ranked_by_doubt_first_and_by_disagreement_then_and_those_without_line_last():
    drawing = np.zeros(SHAPE, np.float32)
    drawing[:, :32], drawing[:, 32:64] = 0.5, 0.7  # no line is likely in the third place
    session = RefinementSession(BlankCanvas(SHAPE), drawing, ManualRefiner(SCALE), scale=SCALE, channels=())
    everywhere = np.ones(SHAPE, bool)
    ranking = ExpectedGain(session, everywhere, 32, AS_THEY_ARE)
    assert len(cells(SHAPE, 32)) == 3
    assert list(ranking.ranks) == list(LeastSure(session, everywhere, 32, AS_THEY_ARE).ranks)
    assert list(np.argsort(ranking.ranks)) == [0, 1, 2]
    apart = np.zeros(SHAPE, np.float32)
    apart[:, 32:64], apart[:, 64:] = 0.1, 0.6
    ranking.tell(apart)
    assert list(np.argsort(ranking.ranks)) == [1, 0, 2]
    assert np.isposinf(ranking.ranks[2])
