"""A small drawing with a line in each place, and what a person does with its places."""

import numpy as np

from annotate.library.places import Places
from data.regions import cells
from interaction.changes import Change
from interaction.refiners import ManualRefiner
from interaction.session import RefinementSession
from interaction.steps import Mark
from tests.simulation.fakes import SCALE, BlankCanvas, stroke_at

SHAPE, PATCH = (80, 100), 32  # three rows of four cells
LEVELS = np.array([[0.99, 0.6, 0.8, 0.95], [0.7, 0.9, 0.55, 0.85], [0.65, 0.75, 0.97, 0.93]], np.float32)


def drawn_session():
    """Each cell has one line, the surer the higher its level."""
    initial = np.zeros(SHAPE, np.float32)
    for cell, level in zip(cells(SHAPE, PATCH), LEVELS.ravel(), strict=True):
        initial[cell.top + 5 : cell.top + 8, cell.left : cell.left + cell.width] = level
    return RefinementSession(BlankCanvas(SHAPE), initial, ManualRefiner(SCALE), scale=SCALE, channels=())


def made(session, calibration=None, mask=None, seen=()):
    return Places(session, np.ones(SHAPE, bool) if mask is None else mask, PATCH, calibration, seen)


def mark(session, places, place, right=True):
    """Say of a place that it looks right, or no longer."""
    cell = places.regions[place]
    session.mark(Mark.of(cell, right, session.drawing[cell.slices]))
    places.marked()


def draw(session, places, stroke):
    """Draw a stroke that nobody answers; all estimates are made anew."""
    change = session.unrefined_change(stroke)
    session.commit(change)
    places.drawn(stroke)
    places.changed(change.region)
    estimated(places)


def undo(session, places):
    change = session.undo()
    places.drawn(change.prompt, -1)
    places.changed(change.region)
    estimated(places)


def whole_turned(session, cell, pixels):
    """Return a change that turns so many pixels of a cell, far from its stroke."""
    change = session.unrefined_change(stroke_at([(79, 99)], radius=0.1))
    before = session.current[cell.slices].copy()
    after = before.copy()
    after.ravel()[:pixels] = 1 - np.round(after.ravel()[:pixels])
    return Change(change.prompt, cell, before, after, before, earlier=session.prompts_near(cell))


def estimated(places):
    """Make all estimates; return how many there were."""
    count = 1
    while places.estimate():
        count += 1
    return count
