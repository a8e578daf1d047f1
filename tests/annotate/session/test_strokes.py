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
from tests.annotate.models import INTERACTIVE, ToldEngine, strokes
from tests.annotate.serving import MODEL_SHAPE
from tests.annotate.session.sessions import Ear, bits, kinds, put, reference
from tests.simulation.fakes import erratic, stroke_at


def test_a_person_gets_what_a_session_of_an_evaluation_gives(opened):
    desk = opened()
    session = reference(desk)

    for stroke in strokes(6, 1, MODEL_SHAPE):
        put(desk, stroke)
        session.commit(session.propose([stroke])[0])
    desk.wait()

    assert bits(desk) == session.current.tobytes()


def test_a_stroke_is_on_disk_before_it_is_acknowledged_and_answered_later(opened):
    desk = opened(engine := ToldEngine())
    engine.answers.clear()

    number = put(desk, stroke := stroke_at([(20, 20), (20, 40)]))

    with Log.read(desk.log.path) as log:
        state = replayed(log)
    assert state.waiting == [number]
    assert state.prompts[number].path_px.tolist() == stroke.path_px.tolist()
    assert desk.waiting == desk.state()["waiting"] == 1
    assert not desk.drawing("current")[1].any()
    engine.answers.set()
    desk.wait()
    assert desk.waiting == 0
    assert desk.drawing("current")[1].any()


def test_many_strokes_in_a_row_are_answered_in_turn_and_none_is_lost(opened):
    desk = opened(engine := ToldEngine())
    ear = Ear(desk)
    engine.answers.clear()

    numbers = [put(desk, stroke) for stroke in strokes(30, 2, MODEL_SHAPE)]
    assert desk.waiting == 30
    engine.answers.set()
    desk.wait()

    assert [message["stroke"] for message in ear.changes] == numbers
    assert [message["waiting"] for message in ear.changes] == list(range(29, -1, -1))
    assert desk.state()["strokes"] == 30


def test_a_stroke_sent_twice_is_taken_once(opened):
    desk = opened()
    stroke, client = stroke_at([(20, 20)]), str(uuid4())
    numbers = []

    threads = [threading.Thread(target=lambda: numbers.append(put(desk, stroke, client=client))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    desk.wait()
    desk.close()
    again = opened()

    assert {*numbers, put(again, stroke, client=client)} == {2}
    assert kinds(again) == ["start", "stroke", "change"]


def test_a_stroke_outside_the_drawing_is_refused_and_the_next_one_answered(opened):
    desk = opened()
    ear = Ear(desk)

    outside = put(desk, stroke_at([(-50, 20), (-50, 40)]))
    inside = put(desk, stroke_at([(20, 20)]))
    desk.wait()

    (message,), (event,) = ear.of("refused"), (event for event in desk.log.events() if event.kind == "refused")
    assert (message["stroke"], message["event"]) == (outside, event.number)
    assert event.body == {"stroke": outside, "message": message["message"]}
    assert "outside" in message["message"]
    assert [message["stroke"] for message in ear.changes] == [inside]
    assert replayed(desk.log).waiting == []
    assert desk.waiting == 0


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
    desk = opened()

    with pytest.raises(DataError, match=words):
        put(desk, stroke)

    put(desk, stroke_at([(20, 20)]))
    desk.wait()
    assert kinds(desk) == ["start", "stroke", "change"]


def test_a_stroke_that_the_model_fails_at_is_kept_alone(opened):
    failures = iter([RuntimeError("out of memory"), DataError("cut short"), None])

    def answer(view):
        if failure := next(failures):
            raise failure
        return erratic(view)

    desk = opened(ToldEngine(answer))
    ear = Ear(desk)
    first, second, third = strokes(3, 4, MODEL_SHAPE)

    put(desk, first)
    put(desk, second)
    put(desk, third)
    desk.wait()

    assert [message["bare"] for message in ear.changes] == [True, True, False]
    assert "out of memory" in ear.changes[0]["message"]
    assert "cut short" in ear.changes[1]["message"]
    assert ear.changes[2]["message"] is None
    assert desk.state()["pending_refine"] == 2
    assert desk.state()["read_only"] is None


def test_strokes_wait_for_models_that_are_being_loaded(opened):
    desk = opened(engine := ToldEngine(loaded=False))
    ear = Ear(desk)
    stroke = stroke_at([(20, 20)])
    assert not desk.state()["model_ready"]

    put(desk, stroke)
    time.sleep(0.05)
    assert not ear.changes
    engine.load()
    desk.wait()

    session = reference(desk)
    session.commit(session.propose([stroke])[0])
    assert bits(desk) == session.current.tobytes()
    (change,) = [event for event in desk.log.events() if event.kind == "change"]
    assert (change.body["model"], change.body["merge"], change.body["bare"]) == (INTERACTIVE, "whole", False)


def test_strokes_that_ask_nobody_do_not_wait_for_models(opened):
    desk = opened(ToldEngine(loaded=False))

    put(desk, stroke_at([(20, 20)]), refine=False)
    desk.wait()

    assert desk.state()["strokes"] == 1
    assert [event.body["model"] for event in desk.log.events() if event.kind == "change"] == [None]


def test_without_models_it_is_a_plain_drawing_page(opened, site):
    desk = opened(ModelService(None, None, site.config))
    ear = Ear(desk)

    put(desk, stroke := stroke_at([(20, 20), (20, 40)]))
    desk.wait()

    session = reference(desk)
    session.commit(session.unrefined_change(stroke))
    assert bits(desk) == session.current.tobytes()
    assert [(message["bare"], message["message"]) for message in ear.changes] == [(True, None)]
    assert desk.state()["sources"] == ["drawing", "empty"]
    assert not desk.state()["refines"]
