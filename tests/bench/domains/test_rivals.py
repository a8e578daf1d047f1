"""Rivals learn from strokes to draw the rest, and never touch what a person has drawn."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from bench.domains.rivals import NEAR, Forest, ForestRival, RivalLoop, Threshold, known_near, learns_after
from interaction.refiners import ManualRefiner
from interaction.session import RefinementSession
from simulation.annotators.published import Longer
from simulation.strokes import MIRROR_BRUSH
from tests.simulation.fakes import SCALE, BlankCanvas, scene, stroke_at

SHAPE = (96, 128)
EVERYWHERE = np.ones(SHAPE, bool)


def session(initial):
    return RefinementSession(BlankCanvas(SHAPE), initial, ManualRefiner(SCALE), scale=SCALE, channels=(), undoable=0)


@pytest.mark.parametrize(
    ("strokes", "learns"), [(0, False), (5, True), (10, True), (15, False), (20, True), (40, True)]
)
def test_when_rivals_learn(strokes, learns):
    assert learns_after(strokes) == learns


def test_what_is_known_lies_near_strokes():
    tested = session(np.zeros(SHAPE, np.float32))
    assert not known_near(tested).any()
    tested.commit(tested.propose([stroke_at([(40, 60)], radius=0.5)])[0])
    rows, columns = np.indices(SHAPE)
    away = np.hypot(rows - 40, columns - 60)
    assert known_near(tested)[away <= NEAR - 2].all()
    assert not known_near(tested)[away > NEAR + 2].any()


class TestThreshold:
    def test_it_cuts_where_that_agrees_with_what_is_known(self):
        truth = scene(0, SHAPE)[1]
        probability = np.where(truth, np.float32(0.3), np.float32(0.1))
        known = np.zeros(SHAPE, bool)
        known[:, :64] = True
        drawn = Threshold(probability).drawing(truth, known)
        assert_array_equal(drawn > 0.5, truth)
        assert drawn.dtype == np.float32

    @pytest.mark.parametrize("line", [np.zeros(SHAPE, bool), np.ones(SHAPE, bool)])
    def test_without_line_or_ground_it_says_nothing(self, line):
        assert Threshold(np.zeros(SHAPE, np.float32)).drawing(line, EVERYWHERE) is None


class TestForest:
    def test_it_learns_what_lines_look_like(self):
        truth = scene(0, SHAPE)[1]
        image = np.where(truth, np.float32(0.2), np.float32(0.8))[None]
        known = np.zeros(SHAPE, bool)
        known[:, :64] = True
        drawn = Forest(image, EVERYWHERE, 0).redrawn(truth, known)
        assert ((drawn > 0.5) == truth)[:, 64:].mean() > 0.97

    def test_nothing_is_drawn_off_the_object(self):
        truth = scene(0, SHAPE)[1]
        image, valid = np.where(truth, np.float32(0.2), np.float32(0.8))[None], EVERYWHERE.copy()
        valid[:40] = False
        assert not Forest(image, valid, 0).redrawn(truth, EVERYWHERE)[:40].any()

    def test_without_line_it_says_nothing(self):
        forest = Forest(np.zeros((1, *SHAPE), np.float32), EVERYWHERE, 0)
        assert ForestRival(forest).drawing(np.zeros(SHAPE, bool), EVERYWHERE) is None


class Spoiling:
    """A rival that draws nothing, and keeps what it was told is known."""

    def __init__(self):
        self.known = []

    def drawing(self, line, known):
        self.known.append(known.copy())
        return np.full(SHAPE, 0.1, np.float32)


def test_places_that_the_person_has_gone_through_are_known_and_stay():
    prediction, truth = scene(4, SHAPE)
    rival = Spoiling()
    tested = session(np.where(prediction, np.float32(0.9), np.float32(0.1)))
    loop = RivalLoop(tested, truth, EVERYWHERE, Longer(MIRROR_BRUSH), rival=rival, patch=32, seed=0)
    gone_through, seen = np.zeros(SHAPE, bool), 0
    for _ in loop.run():
        if len(rival.known) > seen:
            seen = len(rival.known)
            assert rival.known[-1][gone_through].all()
        retired = [place for place, is_retired in zip(loop._grid, loop.retired, strict=True) if is_retired]
        assert all(not gone_through[place.slices].any() or gone_through[place.slices].all() for place in loop._grid)
        assert gone_through.sum() <= sum(place.height * place.width for place in retired)  # none was opened again
        for place in retired:
            gone_through[place.slices] = True
    assert seen


class Knowing:
    """A rival that knows the truth once it has seen anything."""

    def __init__(self, truth):
        self.truth, self.calls = truth, 0

    def drawing(self, line, known):
        self.calls += 1
        return np.where(self.truth, np.float32(0.9), np.float32(0.1))


def test_the_rest_is_drawn_anew_after_some_strokes_and_strokes_stay():
    prediction, truth = scene(4, SHAPE)
    rival = Knowing(truth)
    tested = session(np.where(prediction, np.float32(0.9), np.float32(0.1)))
    loop = RivalLoop(tested, truth, EVERYWHERE, Longer(MIRROR_BRUSH), rival=rival, patch=32, seed=0)
    steps = list(loop.run())
    again = next(step for step in range(1, len(steps)) if steps[step].interaction == steps[step - 1].interaction)
    assert steps[again].interaction == 5
    assert steps[again].refined.counts.pfm > steps[again - 1].refined.counts.pfm + 0.1
    assert rival.calls >= 1
    assert loop.retired.all()
