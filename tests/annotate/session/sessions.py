"""What is done in a session, and read of it."""

from uuid import uuid4

import numpy as np

from interaction.session import RefinementSession
from tests.annotate.serving import MODEL_SHAPE
from tests.simulation.fakes import SCALE, Told, erratic


def put(session, stroke, refine=True, client=None):
    return session.draw(stroke, refine=refine, client=client or str(uuid4()))


def kinds(session):
    return [event.kind for event in session.log.events()]


def bits(session):
    return session.exact()[1].tobytes()


def reference(session, answer=erratic):
    """Return a session as an evaluation makes it, of the same view, initial drawing and answers."""
    initial = np.zeros(MODEL_SHAPE, np.float32)
    return RefinementSession(session.view, initial, Told(answer, patch=64), scale=SCALE, undoable=0)


class Inbox:
    """Keeps the messages of a session, as a page gets them."""

    def __init__(self, session):
        self.received = []
        self.stop = session.subscribe(lambda message: self.received.append(message.model_dump(mode="json")))

    def of(self, kind):
        return [message for message in self.received if message["type"] == kind]

    @property
    def changes(self):
        return self.of("change")
