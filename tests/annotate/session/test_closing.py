"""A session that was closed goes on where it was when it is opened again."""

import threading
import time

import numpy as np
import pytest

from annotate.errors import NotWrittenError
from annotate.session import worker as worker_module
from data.errors import DataError
from interaction.log.log import Log
from tests.annotate.models import FakeModels, strokes
from tests.annotate.serving import MODEL_SHAPE, until
from tests.annotate.session.sessions import bits, kinds, put, reference
from tests.simulation.fakes import stroke_at


def test_strokes_that_were_not_answered_are_answered_at_the_next_opening(opened):
    session = opened(FakeModels(loaded=False))
    drawn = strokes(5, 8, MODEL_SHAPE)
    for stroke in drawn:
        put(session, stroke)
    began = time.monotonic()
    session.close()
    assert time.monotonic() - began < 2

    again = opened()
    again.wait()

    expected = reference(again)
    for stroke in drawn:
        expected.commit(expected.propose([stroke])[0])
    assert bits(again) == expected.current.tobytes()
    assert again.waiting == 0


def test_what_came_behind_a_stroke_that_is_left_is_left_too(opened):
    """An undo that overtook its stroke would take back another one."""
    session = opened()
    put(session, stroke_at([(20, 20)]))
    session.wait()
    session.close()
    again = opened(FakeModels(loaded=False))
    put(again, stroke_at([(50, 50)]))
    again.undo()
    again.close()

    last = opened()
    last.wait()

    assert kinds(last) == ["start", "stroke", "change", "stroke", "change"]


def test_a_refinement_on_its_way_is_given_up_when_the_session_closes(opened):
    session = opened(models := FakeModels())
    for stroke in strokes(3, 9, MODEL_SHAPE):
        put(session, stroke, refine=False)
    session.wait()
    before = bits(session)
    models.answers.clear()
    session.refine()
    until(lambda: models.calls)
    closing = threading.Thread(target=session.close)
    closing.start()
    time.sleep(0.02)
    models.answers.set()
    closing.join()

    again = opened()
    assert bits(again) == before
    assert again.state().pending_refine == 3
    assert "undo" not in kinds(again)


def test_a_closed_session_takes_nothing(opened):
    session = opened()
    session.close()
    session.close()

    with pytest.raises(DataError, match="closed"):
        put(session, stroke_at([(20, 20)]))
    with pytest.raises(DataError, match="closed"):
        session.undo()


def test_a_session_that_cannot_be_opened_leaves_no_thread_and_no_lock(opened, site, monkeypatch):
    opened().close()
    monkeypatch.setattr("annotate.session.annotation_session.replayed", lambda log: 1 / 0)
    before = threading.active_count()

    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            opened()

    assert threading.active_count() == before


def test_a_mirror_is_open_once_and_others_look_at_it(opened):
    first = opened()
    put(first, stroke_at([(20, 20)]))
    first.wait()

    second = opened()

    assert "is open in another program" in second.state().read_only
    assert bits(second) == bits(first)
    with pytest.raises(NotWrittenError, match="is open in another program"):
        put(second, stroke_at([(50, 50)]))


def test_snapshots_are_kept_on_the_way_and_at_the_end(opened, monkeypatch):
    monkeypatch.setattr(worker_module, "SNAPSHOT_EVERY", 3)
    session = opened()
    initial = np.zeros(MODEL_SHAPE, np.float32)
    drawn = strokes(4, 10, MODEL_SHAPE)

    for stroke in drawn[:2]:
        put(session, stroke)
        session.wait()
    assert session.log.latest_snapshot(initial) is None
    put(session, drawn[2])
    session.wait()
    event, current = session.log.latest_snapshot(initial)
    assert event == session.log.last
    assert current.tobytes() == bits(session)
    put(session, drawn[3])
    session.wait()
    last, after = session.log.last, bits(session)
    session.close()

    with Log.read(session.log.path) as log:
        event, current = log.latest_snapshot(initial)
    assert (event, current.tobytes()) == (last, after)
    assert bits(opened()) == after
