"""Small sessions, strokes and refiners on which the refinement session is tested."""

import numpy as np
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from interaction.prompts import ADD, ERASE
from interaction.refiners import ManualRefiner
from interaction.session import RefinementSession
from tests.simulation.fakes import SCALE, BlankCanvas, drawn, stroke_at

SHAPE = (32, 48)
ACROSS = stroke_at([(10, 5), (10, 20)])
DOWN = stroke_at([(5, 10), (20, 10)], sign=ERASE)
FAR = stroke_at([(28, 40), (28, 45)])


def grey(seed=0):
    return np.random.default_rng(seed).random(SHAPE, dtype=np.float32)


def session(refiner=None, initial=None, **options):
    initial = grey() if initial is None else initial
    return RefinementSession(BlankCanvas(SHAPE), initial, refiner or ManualRefiner(SCALE), scale=SCALE, **options)


def commit(to, *strokes):
    for stroke in strokes:
        to.commit(to.propose([stroke])[0])


def pasted(drawing, strokes):
    """Draw strokes into a drawing one after the other, in the plainest way."""
    drawing = drawing.copy()
    for stroke in strokes:
        drawing[drawn(stroke, SHAPE)] = stroke.sign == ADD
    return drawing


def grow(view):
    """Answer with a drawing that is a little more line everywhere."""
    return np.minimum(view.current + np.float32(0.125), 1)


@st.composite
def any_strokes(draw):
    point = st.tuples(st.integers(-2, SHAPE[0] + 1), st.integers(-2, SHAPE[1] + 1))
    inside = st.tuples(st.integers(0, SHAPE[0] - 1), st.integers(0, SHAPE[1] - 1))
    points = [draw(inside), *draw(st.lists(point, max_size=2))]
    return stroke_at(points, radius=draw(st.floats(0.4, 5)), sign=draw(st.sampled_from([ADD, ERASE])))


def bits(drawing):
    return drawing.view(np.uint32)


def assert_same(change, other):
    """Assert that two changes are alike, bit for bit."""
    for name in ("prompt", "region", "earlier", "asked"):
        assert getattr(change, name) == getattr(other, name)
    for name in ("before", "after", "unrefined"):
        assert_array_equal(bits(getattr(change, name)), bits(getattr(other, name)))


def quarter(view):
    """Answer with a drawing that differs from the current one in a quarter of its pixels, and there in signs of 0."""
    rng = np.random.default_rng([len(view.prompts), view.region.top, view.region.left])
    answer = np.where(rng.random(view.region.shape) < 0.25, rng.integers(-1, 3, view.region.shape), view.current)
    return np.where(answer < 0, np.float32(-0.0), answer).astype(np.float32)
