"""What a network is shown, in memory."""

import numpy as np
from hypothesis import strategies as st

from data.regions import shape_of, whole
from interaction.changes import View
from interaction.prompts.strokes import ADD, ERASE
from tests.simulation.fakes import SCALE, stroke_at

SHAPE = (40, 60)
seeds = st.integers(0, 2**31)


def view_of(current, *strokes):
    """Make what a rule is shown: the drawing before the newest stroke, and all strokes."""
    current = np.asarray(current, np.float32)
    region = whole(shape_of(current))
    return View(np.empty((0, *region.shape), np.float32), current, current, strokes, region, SCALE)


def probabilities(rng, shape):
    """Draw squares of 1/32, 3/32 and so on to 31/32: none at a threshold, and 1 less each is exact."""
    sixteenths = rng.integers(0, 16, (shape[0] // 5, shape[1] // 5)).repeat(5, axis=0).repeat(5, axis=1)
    return ((sixteenths + 0.5) / 16).astype(np.float32)


def random_view(seed):
    """Make a view with an older stroke of each kind, which hold, and a newest one; and an answer to it."""
    rng = np.random.default_rng(seed)
    places = rng.uniform(0, SHAPE, (3, 2))
    signs = ADD, ERASE, int(rng.choice([ADD, ERASE]))
    ends = places + rng.uniform(-6, 6, (3, 2))
    strokes = [stroke_at(path, 1.5, sign) for path, sign in zip(np.stack([places, ends], 1), signs, strict=True)]
    before = view_of(probabilities(rng, SHAPE), *strokes[:-1])
    return view_of(before.paste(before.current), *strokes), probabilities(rng, SHAPE)
