"""Line off the object: it stays in the drawing, is counted, and said; what exports leave out is no surprise."""

import numpy as np
import pytest

from annotate.session.publishing import OFF_OBJECT
from data.storage import PreparedView
from tests.annotate.models import FakeModels
from tests.annotate.serving import MODEL_SHAPE
from tests.annotate.session.sessions import Inbox, put
from tests.simulation.fakes import stroke_at


@pytest.fixture
def session(opened, monkeypatch):
    mask = np.zeros(MODEL_SHAPE, bool)
    mask[:, 50:] = True  # the object
    monkeypatch.setattr(PreparedView, "mask", property(lambda view: mask))
    return opened()


def counted(session):
    return int((session.drawing("current")[1][:, :50] > 127).sum())


def test_line_off_the_object_is_kept_counted_and_said(session):
    inbox = Inbox(session)
    put(session, stroke_at([(100, 40), (100, 60)], 2), refine=False)
    session.wait()

    assert session.state().off_object == counted(session) > 0
    assert inbox.changes[-1]["message"] == OFF_OBJECT
    assert inbox.changes[-1]["off_object"] == counted(session)

    session.undo()
    session.wait()
    assert session.state().off_object == counted(session) == 0
    assert inbox.changes[-1]["message"] is None


def test_line_on_the_object_and_erasing_off_it_say_nothing(session):
    put(session, stroke_at([(100, 20), (100, 30)], 2), refine=False)
    session.wait()
    inbox = Inbox(session)
    put(session, stroke_at([(100, 100), (100, 160)], 2), refine=False)
    put(session, stroke_at([(100, 20), (100, 25)], 3, -1), refine=False)
    session.wait()

    assert [message["message"] for message in inbox.changes] == [None, None]
    assert session.state().off_object == counted(session) > 0


def test_it_is_counted_when_a_mirror_is_opened(session, opened):
    put(session, stroke_at([(100, 20), (100, 30)], 2), refine=False)
    session.wait()
    before = session.state().off_object
    session.close()

    assert opened(FakeModels()).state().off_object == before > 0
