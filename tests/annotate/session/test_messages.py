"""Which messages a session publishes, and when."""

import base64

import cv2
import numpy as np

from data.regions import Region
from interaction.log.log import Log
from tests.annotate.models import FakeModels
from tests.annotate.serving import MODEL_SHAPE
from tests.annotate.session.sessions import Inbox, put
from tests.simulation.fakes import stroke_at


def test_a_message_says_what_has_changed(opened):
    def answer(view):
        return np.where(np.arange(view.region.width) < 2, np.float32(0.75), view.current)

    session = opened(FakeModels(answer))
    inbox = Inbox(session)

    number = put(session, stroke_at([(20, 20), (20, 40)], radius=2))
    session.wait()

    (message,) = inbox.changes
    event, grey = session.drawing("current")
    region = Region(*message["region"])
    png = cv2.imdecode(np.frombuffer(base64.b64decode(message["png"]), np.uint8), cv2.IMREAD_UNCHANGED)
    assert message["cause"], message["stroke"] == ("stroke", number)
    assert message["event"] == event == session.log.last
    assert region == Region(0, 0, 64, 64)
    assert (message["sign"], message["bare"], message["message"]) == (1, False, None)
    assert message["changed"] == 128
    assert png.tolist() == grey[region.slices].tolist()
    assert set(np.unique(png)) == {0, 191, 255}
    assert message["ms"] > 0
    assert message["can_undo"]
    assert message["can_keep"]
    assert not message["can_redo"]


def test_the_drawing_in_eight_bits_is_rounded(opened):
    models = FakeModels(drawing=np.random.default_rng(0).random(MODEL_SHAPE, np.float32))
    session = opened(models, source="model")

    event, grey = session.drawing("initial")

    assert event == 1
    assert grey.tolist() == np.rint(255 * session.exact()[1]).astype(np.uint8).tolist()
    assert set(np.unique(session.drawing("truth")[1])) == {0, 255}
    assert (session.drawing("truth")[1] > 0).tolist() == session.view.truth.tolist()


def test_an_answer_is_logged_before_anybody_hears_of_it(opened):
    session = opened()
    seen = []

    def look(message):
        if message.type == "change":
            with Log.read(session.log.path) as log:
                seen.append((message.event, log.last, session.state().event))

    session.subscribe(look)
    put(session, stroke_at([(20, 20)]))
    session.undo()
    session.redo()
    session.keep_stroke()
    session.wait()

    assert len(seen) == 4
    assert all(event == last == published for event, last, published in seen)


def test_a_subscriber_that_fails_is_not_called_again_and_harms_nobody(opened):
    session = opened()
    calls = []

    def failing(message):
        calls.append(message)
        raise RuntimeError("gone")

    session.subscribe(failing)
    inbox = Inbox(session)
    put(session, stroke_at([(20, 20)]))
    put(session, stroke_at([(40, 40)]))
    session.wait()

    assert len(calls) == 1
    assert len(inbox.changes) == 2


def test_who_no_longer_listens_hears_nothing(opened):
    session = opened()
    inbox = Inbox(session)
    inbox.stop()
    put(session, stroke_at([(20, 20)]))
    session.wait()

    assert inbox.received == []
