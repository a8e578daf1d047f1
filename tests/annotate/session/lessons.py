"""A made-up mirror and its redrawing, and what is done to learn and to decide of it."""

import numpy as np

from tests.annotate.serving import MODEL_SHAPE

BEGUN = np.zeros(MODEL_SHAPE, np.float32)
BEGUN[100:104, 50:350] = 0.9
REDRAWN = np.zeros(MODEL_SHAPE, np.float32)
REDRAWN[100:104, 50:300] = 0.9  # some of it goes, from the places 0 and 1,
REDRAWN[280:284, 20:380] = 0.8  # and some comes, in the places 2 and 3
REDRAWN[200:204, 300:340] = 0.003  # so slight a change is none


def nothing(share):
    """Report no progress."""


def learned(session, *cells):
    """Let places look right, and learn from what is done."""
    for cell in cells:
        session.seen(cell)
    session.wait()
    session.teaching.learn(nothing)
    return session.state().learning


def settle(session, cells=None, wanted=True):
    session.settle(cells, wanted=wanted)
    session.wait()


def proposed(session):
    return session.drawing("proposed")[1]
