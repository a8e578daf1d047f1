"""A simulated user who clicks, in the correction of a whole drawing: the loop takes any prompt."""

import json

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from interaction.prompts import Click
from interaction.refiners import ManualRefiner
from interaction.session import RefinementSession
from simulation.correction_loop import PATIENCE, CorrectionLoop
from tests.simulation.fakes import SCALE, BlankCanvas, Told, bar

SHAPE, PATCH = (64, 96), 32
EVERYWHERE = np.ones(SHAPE, bool)
TRUTH = bar(SHAPE, slice(10, 14), slice(5, 30)) | bar(SHAPE, slice(40, 44), slice(60, 90))
EMPTY = np.zeros(SHAPE, bool)


class Clicker:
    """Clicks on the first wrong pixel in reading order; remembers what it was told."""

    previews = 0

    def __init__(self):
        self.earlier = []

    def __call__(self, mask, truth, history, rng):
        self.earlier.append(tuple(history.prompts))
        wrong = np.argwhere(mask != truth)
        if not len(wrong):
            return None
        row, column = wrong[0]
        return Click((row + 0.5) / SCALE - 0.5, (column + 0.5) / SCALE - 0.5, bool(truth[row, column]))


def loop_of(user, refiner, initial=EMPTY, published=False):
    session = RefinementSession(BlankCanvas(SHAPE), initial.astype(np.float32), refiner, scale=SCALE, undoable=0)
    return CorrectionLoop(session, TRUTH, EVERYWHERE, user, patch=PATCH, seed=0, published=published)


def right(view):
    """Predict the truth."""
    return TRUTH[view.region.slices].astype(np.float32)


def test_clicks_correct_a_drawing_and_each_costs_one_pixel():
    loop = loop_of(Clicker(), Told(right, PATCH))

    progress = list(loop.run())

    assert_array_equal(loop.session.drawing, TRUTH)
    assert [step.effort for step in progress] == [1, 2, 3][: len(progress)]
    assert all(isinstance(prompt, Click) for prompt in loop.session.prompts)
    assert loop.retired.all()


@pytest.mark.parametrize("published", [False, True])
def test_the_manual_baseline_of_clicks_is_the_drawing_as_it_was(published):
    """Under either rule nothing is committed, since no click changes a pixel; and the loop ends."""
    user = Clicker()
    loop = loop_of(user, ManualRefiner(SCALE), published=published)

    assert list(loop.run()) == []

    assert not loop.session.drawing.any()
    assert loop.progress.effort == 0
    assert len(user.earlier) <= PATIENCE * len(loop.retired)


def test_a_useless_click_leaves_its_pixel_so_that_the_next_one_is_elsewhere():
    user = Clicker()
    loop = loop_of(user, ManualRefiner(SCALE))
    list(loop.run())

    useless = [tuple(fields.values()) for fields in loop.state()["useless"]]

    assert useless
    assert len(set(useless)) == len(useless)


def test_all_pixels_that_a_prediction_turned_wrong_count_as_spoiled_since_a_click_pins_none():
    def wrong_below(view):
        prediction = right(view)
        prediction[28:30] = 1  # two rows of the cell, far from its line
        return prediction

    loop = loop_of(Clicker(), Told(wrong_below, PATCH))
    first = next(loop.run())

    assert first.spoiled == 2 * PATCH


def test_a_loop_with_clicks_is_taken_up_where_it_stood():
    whole, half = loop_of(Clicker(), Told(right, PATCH)), loop_of(Clicker(), Told(right, PATCH))
    next(half.run())
    state = half.state()
    state |= json.loads(json.dumps({name: value for name, value in state.items() if name != "current"}))
    again = loop_of(Clicker(), Told(right, PATCH))

    again.restore(state)

    assert again.progress == half.progress
    assert [*again.run()][-1] == [*whole.run()][-1]
    assert again.session.prompts == whole.session.prompts


def test_the_user_knows_its_earlier_clicks_in_the_same_place():
    def half(view):
        return np.where(np.arange(view.region.width) < 20, right(view), view.current)

    user = Clicker()
    loop = loop_of(user, Told(half, PATCH))
    list(loop.run())

    assert any(len(earlier) == 1 and isinstance(earlier[0], Click) for earlier in user.earlier)
