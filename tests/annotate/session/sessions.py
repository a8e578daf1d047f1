"""What is done at a desk, and read of it."""

from uuid import uuid4

import numpy as np

from interaction.session import RefinementSession
from tests.annotate.serving import MODEL_SHAPE
from tests.simulation.fakes import SCALE, Told, erratic


def put(desk, stroke, refine=True, client=None):
    return desk.draw(stroke, refine=refine, client=client or str(uuid4()))


def kinds(desk):
    return [event.kind for event in desk.log.events()]


def bits(desk):
    return desk.exact()[1].tobytes()


def reference(desk, answer=erratic):
    """Return a session as an evaluation makes it, of the same view, initial drawing and answers."""
    initial = np.zeros(MODEL_SHAPE, np.float32)
    return RefinementSession(desk.view, initial, Told(answer, patch=64), scale=SCALE, undoable=0)


class Ear:
    """Keeps what it is told."""

    def __init__(self, desk):
        self.heard = []
        self.stop = desk.listen(self.heard.append)

    def of(self, kind):
        return [message for message in self.heard if message["type"] == kind]

    @property
    def changes(self):
        return self.of("change")
