"""Somebody who draws and logs, as the page does."""

import numpy as np

from interaction.log.packing import pack_drawing
from interaction.session import RefinementSession
from tests.interaction.log.sessions import answered
from tests.interaction.log.views import SHAPE
from tests.simulation.fakes import SCALE, BlankCanvas, Told, erratic

INITIAL = np.random.default_rng(0).random(SHAPE, dtype=np.float32)
START = {"source": "model", "base_model": "abc", "made_by": "a test"}


def session():
    return RefinementSession(BlankCanvas(SHAPE), INITIAL, Told(erratic, patch=24), scale=SCALE)


class Drawer:
    """Draws and logs, as the page does."""

    def __init__(self, log):
        self.log, self.session = log, session()
        self.done, self.undone = [], []
        log.append("start", START, pack_drawing(INITIAL))

    def draw(self, stroke, client=None):
        body = {"stroke": stroke.to_json(), "refine": True, "client": client or f"client {self.log.last}"}
        return self.log.append("stroke", body).number

    def answer(self, number, stroke, bare=False):
        self.done.append(answered(self.log, self.session, number, stroke, bare=bare, merge="sure", ms=1.5))
        self.undone.clear()
        return self.done[-1]

    def make(self, stroke, bare=False):
        return self.answer(self.draw(stroke), stroke, bare)

    def undo(self):
        if self.session.undo():
            self.undone.append(self.done.pop())
            self.log.append("undo", {"change": self.undone[-1]})

    def redo(self):
        if self.session.redo():
            self.done.append(self.undone.pop())
            self.log.append("redo", {"change": self.done[-1]})

    def snapshot(self):
        self.log.snapshot(self.log.last, self.session.current, self.session.begun)
