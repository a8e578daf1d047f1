"""A stroke is taken once, is on disk at once, and answered in its turn, by a model or without."""

import threading
import time
from uuid import uuid4

import numpy as np
import pytest

from annotate.library.model_service import ModelService
from data.errors import DataError
from interaction.log.log import Log
from interaction.log.replay import replayed
from interaction.prompts.strokes import Stroke
from tests.annotate.models import INTERACTIVE, FakeModels, strokes
from tests.annotate.serving import MODEL_SHAPE
from tests.annotate.session.sessions import Inbox, bits, kinds, put, reference
from tests.simulation.fakes import erratic, stroke_at


def test_a_user_gets_what_a_session_of_an_evaluation_gives(opened):
    session = opened()
    expected = reference(session)

    for stroke in strokes(6, 1, MODEL_SHAPE):
        put(session, stroke)
        expected.commit(expected.propose([stroke])[0])
    session.wait()

    assert bits(session) == expected.current.tobytes()


def test_a_stroke_is_on_disk_before_it_is_acknowledged_and_answered_later(opened):
    session = opened(models := FakeModels())
    models.answers.clear()

    number = put(session, stroke := stroke_at([(20, 20), (20, 40)]))

    with Log.read(session.log.path) as log:
        state = replayed(log)
    assert state.waiting == [number]
    assert state.prompts[number].path_px.tolist() == stroke.path_px.tolist()
    assert session.waiting == session.state().waiting == 1
    assert not session.drawing("current")[1].any()
    models.answers.set()
    session.wait()
    assert session.waiting == 0
    assert session.drawing("current")[1].any()


def test_many_strokes_in_a_row_are_answered_in_turn_and_none_is_lost(opened):
    session = opened(models := FakeModels())
    inbox = Inbox(session)
    models.answers.clear()

    numbers = [put(session, stroke) for stroke in strokes(30, 2, MODEL_SHAPE)]
    assert session.waiting == 30
    models.answers.set()
    session.wait()

    assert [message["stroke"] for message in inbox.changes] == numbers
    assert [message["waiting"] for message in inbox.changes] == list(range(29, -1, -1))
    assert session.state().strokes == 30


def test_a_stroke_sent_twice_is_taken_once(opened):
    session = opened()
    stroke, client = stroke_at([(20, 20)]), str(uuid4())
    numbers = []

    threads = [threading.Thread(target=lambda: numbers.append(put(session, stroke, client=client))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    session.wait()
    session.close()
    again = opened()

    assert {*numbers, put(again, stroke, client=client)} == {2}
    assert kinds(again) == ["start", "stroke", "change"]


def test_a_stroke_outside_the_drawing_is_refused_and_the_next_one_answered(opened):
    session = opened()
    inbox = Inbox(session)

    outside = put(session, stroke_at([(-50, 20), (-50, 40)]))
    inside = put(session, stroke_at([(20, 20)]))
    session.wait()

    (message,), (event,) = inbox.of("refused"), (event for event in session.log.events() if event.kind == "refused")
    assert (message["stroke"], message["event"]) == (outside, event.number)
    assert event.body == {"stroke": outside, "message": message["message"]}
    assert "outside" in message["message"]
    assert [message["stroke"] for message in inbox.changes] == [inside]
    assert replayed(session.log).waiting == []
    assert session.waiting == 0


@pytest.mark.parametrize(
    ("stroke", "words"),
    [
        (Stroke(np.zeros((20_001, 2)), np.ones(20_001), 1), "20,001 points"),
        (Stroke(np.zeros((1, 2)), np.array([201.0]), 1), "radius of 201"),
        (Stroke(np.array([[10.0, 10], [1e300, 10]]), np.ones(2), 1), "far off the scan"),
        (Stroke(np.array([[10.0, 10], [10, -900]]), np.ones(2), 1), "far off the scan"),
        (Stroke(np.tile([[0.0, 0], [0, 799]], (8, 1)), np.ones(16), 1), "11,985 px"),
    ],
)
def test_what_no_hand_draws_is_not_taken(opened, stroke, words):
    session = opened()

    with pytest.raises(DataError, match=words):
        put(session, stroke)

    put(session, stroke_at([(20, 20)]))
    session.wait()
    assert kinds(session) == ["start", "stroke", "change"]


def test_a_stroke_that_the_model_fails_at_is_kept_alone(opened):
    failures = iter([RuntimeError("out of memory"), DataError("cut short"), None])

    def answer(view):
        if failure := next(failures):
            raise failure
        return erratic(view)

    session = opened(FakeModels(answer))
    inbox = Inbox(session)
    first, second, third = strokes(3, 4, MODEL_SHAPE)

    put(session, first)
    put(session, second)
    put(session, third)
    session.wait()

    assert [message["bare"] for message in inbox.changes] == [True, True, False]
    assert "out of memory" in inbox.changes[0]["message"]
    assert "cut short" in inbox.changes[1]["message"]
    assert inbox.changes[2]["message"] is None
    assert session.state().pending_refine == 2
    assert session.state().read_only is None


def test_strokes_wait_for_models_that_are_being_loaded(opened):
    session = opened(models := FakeModels(loaded=False))
    inbox = Inbox(session)
    stroke = stroke_at([(20, 20)])
    assert not session.state().model_ready

    put(session, stroke)
    time.sleep(0.05)
    assert not inbox.changes
    models.load()
    session.wait()

    expected = reference(session)
    expected.commit(expected.propose([stroke])[0])
    assert bits(session) == expected.current.tobytes()
    (change,) = [event for event in session.log.events() if event.kind == "change"]
    assert (change.body["model"], change.body["merge"], change.body["bare"]) == (INTERACTIVE, "whole", False)


def test_strokes_that_ask_nobody_do_not_wait_for_models(opened):
    session = opened(FakeModels(loaded=False))

    put(session, stroke_at([(20, 20)]), refine=False)
    session.wait()

    assert session.state().strokes == 1
    assert [event.body["model"] for event in session.log.events() if event.kind == "change"] == [None]


def test_without_models_it_is_a_plain_drawing_page(opened, site):
    session = opened(ModelService(None, None, site.config))
    inbox = Inbox(session)

    put(session, stroke := stroke_at([(20, 20), (20, 40)]))
    session.wait()

    expected = reference(session)
    expected.commit(expected.unrefined_change(stroke))
    assert bits(session) == expected.current.tobytes()
    assert [(message["bare"], message["message"]) for message in inbox.changes] == [(True, None)]
    assert session.state().sources == ["otsu", "sauvola", "drawing", "empty"]
    assert not session.state().refines
