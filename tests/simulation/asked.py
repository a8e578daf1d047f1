"""Annotators asked for a stroke."""

import numpy as np

from data.regions import to_scale
from simulation.simulated_user import History
from tests.simulation.fakes import SCALE, bar

SHAPE = (40, 60)
EMPTY = np.zeros(SHAPE, bool)
SHORT = bar(SHAPE, 10, slice(10, 15))  # 5 pixels
LONG = bar(SHAPE, 30, slice(10, 19))  # 9 pixels
ENDLESS = bar(SHAPE, 10, slice(5, 55)), bar(SHAPE, 30, slice(5, 55))  # more than a stroke can follow


def no_peeking(strokes):
    raise AssertionError("this user may not look at answers")


def rng(seed=0):
    return np.random.default_rng(seed)


def ask(annotator, drawing, truth, seed=0, preview=no_peeking):
    return annotator(drawing, truth, History((), preview), rng(seed))


def way(stroke):
    """The model pixels of a stroke's points, as a set."""
    return {tuple(point) for point in to_scale(stroke.path_px, SCALE).astype(int).tolist()}
