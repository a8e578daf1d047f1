"""Corrections of a small picture, and what they drew."""

import numpy as np
from hypothesis import strategies as st

from data.regions import cell_at, to_scale
from interaction.refiners import ManualRefiner
from interaction.session import RefinementSession
from simulation.annotators.published import Longer
from simulation.correction_loop import CorrectionLoop
from simulation.strokes import MIRROR_BRUSH
from tests.simulation.fakes import SCALE, BlankCanvas, Told, erratic, helpful, oracle

SHAPE, PATCH = (70, 90), 32  # no multiple of a patch: the last cells are 6 rows high and 26 columns wide
ONE_PATCH = (32, 32)
seeds = st.integers(0, 10_000)


def loop_on(prediction, truth, refiner=None, *, annotator=None, valid_mask=None, seed=0, published=False, patch=PATCH):
    initial = np.where(prediction, 0.9, 0.1).astype(np.float32)
    session = RefinementSession(
        BlankCanvas(prediction.shape), initial, refiner or ManualRefiner(SCALE), scale=SCALE, undoable=0
    )
    annotator = annotator or Longer(MIRROR_BRUSH)
    valid_mask = np.ones(prediction.shape, bool) if valid_mask is None else valid_mask
    return CorrectionLoop(session, truth, valid_mask, annotator, patch=patch, seed=seed, published=published)


def run(tested, most=10_000):
    """Go on to the end, or for so many strokes."""
    return [progress for progress, _ in zip(tested.run(), range(most), strict=False)]


def cell_of(stroke, shape=SHAPE):
    row, column = to_scale(np.array(stroke.centre_px), SCALE)
    return cell_at(shape, PATCH, (row, column))


class Scripted:
    """A simulated user who makes given strokes; remembers how often it was asked, and what it was shown."""

    def __init__(self, *strokes):
        self.strokes, self.asked, self.shown, self.histories = list(strokes), 0, [], []

    def __call__(self, drawing, truth, history, rng):
        self.asked += 1
        self.shown.append(drawing)
        self.histories.append(history)
        return self.strokes.pop(0) if self.strokes else None


REFINERS = {
    "manual": lambda truth: ManualRefiner(SCALE),
    "helpful": lambda truth: Told(helpful(truth), PATCH),
    "oracle": lambda truth: Told(oracle(truth), PATCH),
    "erratic": lambda truth: Told(erratic, PATCH),
    "seeing the whole mirror": lambda truth: Told(helpful(truth, reach=12)),
}
any_refiner = st.sampled_from(sorted(REFINERS))
