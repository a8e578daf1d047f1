"""What listeners are told of a desk, and when."""

import base64

import cv2
import numpy as np

from data.regions import Region
from interaction.log.log import Log
from tests.annotate.models import ToldEngine
from tests.annotate.serving import MODEL_SHAPE
from tests.annotate.session.sessions import Ear, put
from tests.simulation.fakes import stroke_at


def test_a_message_says_what_has_changed(opened):
    def answer(view):
        return np.where(np.arange(view.region.width) < 2, np.float32(0.75), view.current)

    desk = opened(ToldEngine(answer))
    ear = Ear(desk)

    number = put(desk, stroke_at([(20, 20), (20, 40)], radius=2))
    desk.wait()

    (message,) = ear.changes
    event, grey = desk.drawing("current")
    region = Region(*message["region"])
    png = cv2.imdecode(np.frombuffer(base64.b64decode(message["png"]), np.uint8), cv2.IMREAD_UNCHANGED)
    assert message["cause"], message["stroke"] == ("stroke", number)
    assert message["event"] == event == desk.log.last
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
    engine = ToldEngine(drawing=np.random.default_rng(0).random(MODEL_SHAPE, np.float32))
    desk = opened(engine, source="model")

    event, grey = desk.drawing("initial")

    assert event == 1
    assert grey.tolist() == np.rint(255 * desk.exact()[1]).astype(np.uint8).tolist()
    assert set(np.unique(desk.drawing("truth")[1])) == {0, 255}
    assert (desk.drawing("truth")[1] > 0).tolist() == desk.view.truth.tolist()


def test_an_answer_is_logged_before_anybody_hears_of_it(opened):
    desk = opened()
    seen = []

    def look(message):
        if message["type"] == "change":
            with Log.read(desk.log.path) as log:
                seen.append((message["event"], log.last, desk.state()["event"]))

    desk.listen(look)
    put(desk, stroke_at([(20, 20)]))
    desk.undo()
    desk.redo()
    desk.keep_stroke()
    desk.wait()

    assert len(seen) == 4
    assert all(event == last == published for event, last, published in seen)


def test_a_listener_that_fails_is_not_called_again_and_harms_nobody(opened):
    desk = opened()
    calls = []

    def failing(message):
        calls.append(message)
        raise RuntimeError("gone")

    desk.listen(failing)
    ear = Ear(desk)
    put(desk, stroke_at([(20, 20)]))
    put(desk, stroke_at([(40, 40)]))
    desk.wait()

    assert len(calls) == 1
    assert len(ear.changes) == 2


def test_who_no_longer_listens_hears_nothing(opened):
    desk = opened()
    ear = Ear(desk)
    ear.stop()
    put(desk, stroke_at([(20, 20)]))
    desk.wait()

    assert ear.heard == []
