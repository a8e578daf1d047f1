"""A desk that was closed goes on where it was when it is opened again."""

import threading
import time

import numpy as np
import pytest

from annotate.session import worker as worker_module
from data.errors import DataError
from interaction.log.log import Log
from tests.annotate.models import ToldEngine, strokes
from tests.annotate.serving import MODEL_SHAPE, until
from tests.annotate.session.sessions import bits, kinds, put, reference
from tests.simulation.fakes import stroke_at


def test_strokes_that_were_not_answered_are_answered_at_the_next_opening(opened):
    desk = opened(ToldEngine(loaded=False))
    drawn = strokes(5, 8, MODEL_SHAPE)
    for stroke in drawn:
        put(desk, stroke)
    began = time.monotonic()
    desk.close()
    assert time.monotonic() - began < 2

    again = opened()
    again.wait()

    session = reference(again)
    for stroke in drawn:
        session.commit(session.propose([stroke])[0])
    assert bits(again) == session.current.tobytes()
    assert again.waiting == 0


def test_what_came_behind_a_stroke_that_is_left_is_left_too(opened):
    """An undo that overtook its stroke would take back another one."""
    desk = opened()
    put(desk, stroke_at([(20, 20)]))
    desk.wait()
    desk.close()
    again = opened(ToldEngine(loaded=False))
    put(again, stroke_at([(50, 50)]))
    again.undo()
    again.close()

    last = opened()
    last.wait()

    assert kinds(last) == ["start", "stroke", "change", "stroke", "change"]


def test_a_refinement_on_its_way_is_given_up_when_the_desk_closes(opened):
    desk = opened(engine := ToldEngine())
    for stroke in strokes(3, 9, MODEL_SHAPE):
        put(desk, stroke, refine=False)
    desk.wait()
    before = bits(desk)
    engine.answers.clear()
    desk.refine()
    until(lambda: engine.calls)
    closing = threading.Thread(target=desk.close)
    closing.start()
    time.sleep(0.02)
    engine.answers.set()
    closing.join()

    again = opened()
    assert bits(again) == before
    assert again.state()["pending_refine"] == 3
    assert "undo" not in kinds(again)


def test_a_closed_desk_takes_nothing(opened):
    desk = opened()
    desk.close()
    desk.close()

    with pytest.raises(DataError, match="closed"):
        put(desk, stroke_at([(20, 20)]))
    with pytest.raises(DataError, match="closed"):
        desk.undo()


def test_a_desk_that_cannot_be_opened_leaves_no_thread_and_no_lock(opened, site, monkeypatch):
    opened().close()
    monkeypatch.setattr("annotate.session.annotation_session.replayed", lambda log: 1 / 0)
    before = threading.active_count()

    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            opened()

    assert threading.active_count() == before


def test_a_mirror_is_open_once(opened):
    opened()

    with pytest.raises(DataError, match="open"):
        opened()


def test_snapshots_are_kept_on_the_way_and_at_the_end(opened, monkeypatch):
    monkeypatch.setattr(worker_module, "SNAPSHOT_EVERY", 3)
    desk = opened()
    initial = np.zeros(MODEL_SHAPE, np.float32)
    drawn = strokes(4, 10, MODEL_SHAPE)

    for stroke in drawn[:2]:
        put(desk, stroke)
        desk.wait()
    assert desk.log.latest_snapshot(initial) is None
    put(desk, drawn[2])
    desk.wait()
    event, current = desk.log.latest_snapshot(initial)
    assert event == desk.log.last
    assert current.tobytes() == bits(desk)
    put(desk, drawn[3])
    desk.wait()
    last, after = desk.log.last, bits(desk)
    desk.close()

    with Log.read(desk.log.path) as log:
        event, current = log.latest_snapshot(initial)
    assert (event, current.tobytes()) == (last, after)
    assert bits(opened()) == after
