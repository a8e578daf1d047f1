import base64
import os
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path
from uuid import uuid4

import cv2
import numpy as np
import pytest

from annotate import worker as worker_module
from annotate.desk import Desk
from annotate.engine import Engine
from annotate.places import Places
from annotate.telling import as_grey
from data.errors import DataError
from data.regions import Region
from journal.log import Log
from journal.replay import replayed
from simulation.refinement import RefinementSession
from simulation.strokes import Stroke
from tests.annotate.models import BASE, INTERACTIVE, ToldEngine, strokes
from tests.annotate.server import DRAWN, UNDRAWN, Site
from tests.simulation.fakes import SCALE, Told, erratic, stroke_at

ROOT = Path(__file__).parents[2]
MODEL_SHAPE = (300, 400)  # of the views: two rows of two places


@pytest.fixture
def site(tmp_path):
    site = Site(tmp_path)
    site.prepare(DRAWN, UNDRAWN)
    return site


@pytest.fixture
def opened(site):
    """Open desks; those that are still open in the end are closed."""
    desks = []

    def open_desk(engine=None, name=DRAWN, source="empty"):
        view = next(view for view in site.views() if view.name == name)
        desk = Desk.open(view, site.config, engine or ToldEngine())
        desks.append(desk)
        if source and not desk.started:
            desk.start(source)
            desk.wait()
        return desk

    yield open_desk
    for desk in desks:
        desk.close()


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


def until(true, seconds=10):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.002)


# Strokes


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
    assert state.strokes[number].path_px.tolist() == stroke.path_px.tolist()
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


def test_answers_do_not_wait_for_estimates(opened, monkeypatch):
    told = []
    estimate = Places.estimate
    monkeypatch.setattr(Places, "estimate", lambda places: told.append("estimate") or estimate(places))
    engine = ToldEngine(drawing=np.full(MODEL_SHAPE, 0.7, np.float32))
    desk = opened(engine, source="model")
    desk.wait()
    desk.listen(lambda message: told.append(message["type"]))
    engine.answers.clear()
    told.clear()

    for stroke in strokes(4, 3, MODEL_SHAPE):
        put(desk, stroke)
    engine.answers.set()
    desk.wait()

    assert told[:4] == ["change"] * 4
    assert told[4] == "estimate"
    assert told.count("places") == 1
    assert told[-1] == "places"


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


# Models


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
    desk = opened(Engine(None, None, site.config))
    ear = Ear(desk)

    put(desk, stroke := stroke_at([(20, 20), (20, 40)]))
    desk.wait()

    session = reference(desk)
    session.commit(session.bare_change(stroke))
    assert bits(desk) == session.current.tobytes()
    assert [(message["bare"], message["message"]) for message in ear.changes] == [(True, None)]
    assert desk.state()["sources"] == ["drawing", "empty"]
    assert not desk.state()["refines"]


# Undo, redo, keep, refine


def test_undo_and_redo_have_no_limit_also_after_a_restart(opened):
    desk = opened()
    stands = [bits(desk)]
    for stroke in strokes(12, 5, MODEL_SHAPE):
        put(desk, stroke)
        desk.wait()
        stands.append(bits(desk))
    for _ in range(4):
        desk.undo()
    desk.wait()
    desk.close()

    again = opened()
    back, forth = [bits(again)], []
    for _ in range(10):
        again.undo()
        again.wait()
        back.append(bits(again))
    for _ in range(14):
        again.redo()
        again.wait()
        forth.append(bits(again))

    assert back == [*stands[8::-1], stands[0], stands[0]]
    assert forth == [*stands[1:], stands[12], stands[12]]
    assert again.state()["can_undo"]
    assert not again.state()["can_redo"]


def test_undo_waits_for_the_strokes_before_it(opened):
    desk = opened(engine := ToldEngine())
    engine.answers.clear()
    ear = Ear(desk)

    first, second = (put(desk, stroke) for stroke in strokes(2, 6, MODEL_SHAPE))
    desk.undo()
    engine.answers.set()
    desk.wait()

    assert [(message["cause"], message["stroke"]) for message in ear.changes] == [
        ("stroke", first),
        ("stroke", second),
        ("undo", second),
    ]


def test_the_stroke_alone_can_be_kept(opened):
    desk = opened()
    ear = Ear(desk)
    stroke = stroke_at([(20, 20), (20, 40)])

    number = put(desk, stroke)
    desk.keep_stroke()
    desk.keep_stroke()
    desk.wait()

    assert kinds(desk) == ["start", "stroke", "change", "undo", "change"]
    assert np.count_nonzero(desk.exact()[1]) == reference(desk).bare_change(stroke).after.sum()
    kept = ear.changes[1]
    assert (kept["cause"], kept["stroke"], kept["bare"], kept["event"]) == ("keep", number, True, 5)
    assert kept["region"] == ear.changes[0]["region"]
    assert not kept["can_keep"]
    assert kept["pending_refine"] == 0
    desk.undo()
    desk.wait()
    assert not desk.exact()[1].any()


def test_strokes_are_refined_on_request_as_if_that_had_been_asked_at_once(opened):
    desk = opened()
    ear = Ear(desk)
    first, second, third, fourth = strokes(4, 7, MODEL_SHAPE)
    session = reference(desk)
    session.commit(session.propose([first])[0])
    session.commit(session.propose([second])[0])
    session.commit(session.bare_change(third))
    session.commit(session.propose([fourth])[0])

    put(desk, first)
    put(desk, second, refine=False)
    put(desk, third)
    desk.keep_stroke()
    put(desk, fourth)
    desk.wait()
    assert desk.state()["pending_refine"] == 1
    desk.refine()
    desk.refine()
    desk.wait()

    assert bits(desk) == session.current.tobytes()
    assert kinds(desk)[-6:] == ["undo"] * 3 + ["change"] * 3
    refined = [message for message in ear.changes if message["cause"] == "refine"]
    assert [message["bare"] for message in refined] == [False, True, False]
    assert [message["event"] for message in refined] == [desk.log.last - 2, desk.log.last - 1, desk.log.last]
    assert desk.state()["pending_refine"] == 0
    assert ear.of("job")[-1]["done"]
    desk.close()
    again = opened()
    assert bits(again) == session.current.tobytes()
    assert again.state()["pending_refine"] == 0


def test_what_waits_to_be_refined_is_known_after_a_restart(opened):
    desk = opened()
    put(desk, stroke_at([(20, 20)]), refine=False)
    put(desk, stroke_at([(60, 60)]))
    desk.keep_stroke()
    desk.wait()
    desk.close()

    assert opened().state()["pending_refine"] == 1


# Trouble


@pytest.mark.parametrize("order", ["undo", "redo", "keep_stroke", "refine", "draw"])
def test_nothing_in_memory_is_ahead_of_a_log_that_cannot_be_written(opened, monkeypatch, order):
    desk = opened()
    put(desk, stroke_at([(20, 20)]), refine=False)
    put(desk, stroke_at([(90, 90)]))
    put(desk, stroke_at([(30, 30)]))
    if order == "redo":
        desk.undo()
    desk.wait()
    ear, before, last = Ear(desk), bits(desk), desk.log.last
    written = desk.log.append_all

    def full(entries):
        if order != "draw" or entries[0][0] != "stroke":
            raise DataError("the disk is full")
        return written(entries)

    monkeypatch.setattr(desk.log, "append_all", full)
    if order == "draw":
        put(desk, stroke_at([(60, 60)]))
    else:
        getattr(desk, order)()
    desk.wait()

    assert bits(desk) == before
    assert as_grey(desk.exact()[1]).tolist() == desk.drawing("current")[1].tolist()
    assert ear.heard[-1] == {"type": "trouble", "message": "the disk is full"}
    assert not ear.changes
    assert desk.state()["read_only"] == "the disk is full"
    assert desk.log.last == last + (order == "draw")
    for refused in (partial(put, desk, stroke_at([(20, 20)])), desk.undo, desk.redo, desk.refine, desk.keep_stroke):
        with pytest.raises(DataError, match="full"):
            refused()
    desk.close()
    monkeypatch.undo()
    again = opened()
    again.wait()
    if order == "draw":
        assert again.state()["strokes"] == 4
    else:
        assert bits(again) == before


def test_a_stroke_that_cannot_be_written_down_is_not_taken_and_those_that_wait_are_left(opened, monkeypatch):
    desk = opened(engine := ToldEngine())
    ear = Ear(desk)
    engine.answers.clear()
    under_way = put(desk, stroke_at([(20, 20)]))
    until(lambda: engine.calls)
    waits = put(desk, stroke_at([(50, 50)]))
    written, failures = desk.log.append_all, iter([DataError("the disk is full")])

    def full_once(entries):
        if failure := next(failures, None):
            raise failure
        return written(entries)

    monkeypatch.setattr(desk.log, "append_all", full_once)
    with pytest.raises(DataError, match="full"):
        put(desk, stroke_at([(60, 60)]))
    engine.answers.set()
    desk.wait()

    assert [(message["type"], message.get("stroke")) for message in ear.heard] == [
        ("change", under_way),
        ("trouble", None),
    ]
    state = replayed(desk.log)
    assert state.waiting == [waits]
    assert bits(desk) == state.current.tobytes()


def test_a_fault_of_the_program_stops_the_drawing_and_not_the_worker(opened, monkeypatch):
    desk = opened()
    ear = Ear(desk)
    monkeypatch.setattr(Places, "drawn", lambda *anything: 1 / 0)

    put(desk, stroke_at([(20, 20)]))
    desk.wait()

    assert "ZeroDivisionError" in ear.of("trouble")[0]["message"]
    assert "ZeroDivisionError" in desk.state()["read_only"]


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


# Opening and closing


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
    monkeypatch.setattr("annotate.desk.replayed", lambda log: 1 / 0)
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


# Starting


def test_before_the_start_nothing_can_be_drawn(opened):
    desk = opened(source=None)

    state = desk.state()
    assert not state["started"]
    assert (state["event"], state["strokes"], state["places"], state["source"]) == (0, 0, None, None)
    assert state["sources"] == ["model", "drawing", "empty"]
    for refused in (partial(put, desk, stroke_at([(20, 20)])), desk.undo, partial(desk.seen, 0), desk.exact):
        with pytest.raises(DataError, match="not started"):
            refused()
    with pytest.raises(DataError, match="not started"):
        desk.drawing("current")
    assert desk.drawing("truth")[0] == 0
    desk.wait()


def test_it_starts_from_the_models_drawing(opened):
    drawing = np.random.default_rng(1).random(MODEL_SHAPE, np.float32)
    desk = opened(ToldEngine(drawing=drawing), source=None)
    ear, shares = Ear(desk), []

    desk.start("model", shares.append)
    desk.wait()

    (event,) = desk.log.events()
    assert bits(desk) == drawing.tobytes()
    assert event.body == {"source": "model", "base_model": BASE, "made_by": "told.ckpt"}
    assert shares == [0.5]
    assert ear.of("started") == [{"type": "started", "event": 1}]
    assert all(quality is not None for quality in ear.of("places")[-1]["places"]["quality"])
    assert desk.state()["places"] == ear.of("places")[-1]["places"]


@pytest.mark.parametrize("source", ["drawing", "empty"])
def test_where_it_starts_without_a_model_no_quality_is_said(opened, source):
    desk = opened(source=source)
    put(desk, stroke_at([(20, 20)]))
    desk.wait()

    state = desk.state()
    assert state["source"] == source
    assert state["places"]["quality"] == [None] * 4
    assert state["places"]["state"] == ["corrected", "", "", ""]
    truth = desk.view.truth.astype(np.float32) if source == "drawing" else np.zeros(MODEL_SHAPE)
    assert (desk.drawing("initial")[1] / 255).tolist() == truth.tolist()


def test_estimates_come_when_models_are_loaded_after_the_opening(opened):
    desk = opened(ToldEngine(drawing=np.full(MODEL_SHAPE, 0.7, np.float32)), source="model")
    desk.close()
    again = opened(engine := ToldEngine(loaded=False))
    again.wait()
    assert again.state()["places"]["quality"] == [None] * 4

    engine.load()
    again.wait()

    assert all(again.state()["places"]["quality"])


def test_a_start_that_fails_can_be_made_again(opened):
    desk = opened(ToldEngine(drawing=np.zeros(MODEL_SHAPE, np.float32)), source=None)

    def stop(share):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        desk.start("model", stop)
    with pytest.raises(DataError, match="cannot start from 'oracle'; take model or drawing or empty"):
        desk.start("oracle")
    assert not desk.started
    desk.start("model")
    with pytest.raises(DataError, match="started already, from model"):
        desk.start("empty")


def test_a_mirror_that_nobody_drew_has_no_drawing_to_start_from(opened):
    desk = opened(name=UNDRAWN, source=None)

    assert desk.state()["sources"] == ["model", "empty"]
    with pytest.raises(DataError, match="take model or empty"):
        desk.start("drawing")
    with pytest.raises(DataError, match="no truth"):
        desk.drawing("truth")


# Places


def test_places_that_were_seen_stay_so(opened):
    desk = opened()
    ear = Ear(desk)

    number = desk.seen(2)
    desk.wait()
    desk.close()
    again = opened()

    assert number == 2
    assert ear.of("places")[-1]["places"]["state"] == ["", "", "seen", ""]
    assert again.state()["places"]["state"] == ["", "", "seen", ""]
    assert again.state()["places"]["progress"] == 0.25


@pytest.mark.parametrize("cell", [-1, 4])
def test_a_place_that_is_not_there_cannot_be_seen(opened, cell):
    desk = opened()

    with pytest.raises(DataError, match="no place"):
        desk.seen(cell)

    assert kinds(desk) == ["start"]


# Killed

DRAWING = """
import sys
import numpy as np
from annotate.desk import Desk
from data.storage import PreparedSet
from tests.annotate.models import ToldEngine, strokes
from user_config import settings
name, seed = sys.argv[1], int(sys.argv[2])
desk = Desk.open(PreparedSet.open(settings().storage, "mirrors").view(name), settings(), ToldEngine())
if not desk.started:
    desk.start("empty")
orders = [desk.undo, desk.redo, desk.keep_stroke, desk.refine]
rng = np.random.default_rng(seed)
for turn, stroke in enumerate(strokes(5000, seed, (300, 400))):
    client = f"{seed} {turn}"
    desk.draw(stroke, refine=bool(rng.random() < 0.7), client=client)
    print(client, flush=True)
    if rng.random() < 0.3:
        rng.choice(orders)()
"""


def test_no_stroke_that_was_acknowledged_is_lost_when_the_program_is_killed(site, opened):
    rng, acknowledged = np.random.default_rng(0), []
    for seed in range(3):
        arguments = [sys.executable, "-c", DRAWING, DRAWN, str(seed)]
        environment = os.environ | site.environment
        with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment) as program:
            acknowledged.append(program.stdout.readline().strip())
            time.sleep(rng.uniform(0, 0.5))
            program.kill()
            acknowledged += [line.strip() for line in program.stdout if line.endswith("\n")]

    desk = opened()
    desk.wait()

    state = replayed(desk.log, thorough=True)
    assert len(acknowledged) > 3
    assert set(acknowledged) <= set(state.clients)
    assert bits(desk) == state.current.tobytes()
    assert state.waiting == []
    held = {state.stroke_of[number] for number, _ in state.done + state.undone}
    dropped = set(state.strokes) - held  # by strokes that were drawn after an undo
    assert dropped <= {state.stroke_of[event.body["change"]] for event in desk.log.events() if event.kind == "undo"}


# Many at once


@pytest.mark.parametrize("seed", range(3))
def test_whatever_many_threads_do_at_once_the_log_says_the_same(opened, monkeypatch, seed):
    """What is in memory, in the log, in 8 bits, and what a page has made of the messages, are one drawing."""
    monkeypatch.setattr(worker_module, "SNAPSHOT_EVERY", 7)
    failing = np.random.default_rng(seed)

    def answer(view):
        if failing.random() < 0.1:
            raise RuntimeError("now and then")
        return erratic(view)

    desk = opened(ToldEngine(answer, drawing=np.full(MODEL_SHAPE, 0.4, np.float32)), source="model")
    desk.wait()
    ear = Ear(desk)
    shown = desk.drawing("current")[1]
    acknowledged, problems = [], []

    def person(number):
        rng = np.random.default_rng([seed, number])
        orders = [desk.undo, desk.redo, desk.keep_stroke, desk.refine, partial(desk.seen, number % 4)]
        try:
            for stroke in strokes(25, 100 * seed + number, MODEL_SHAPE):
                acknowledged.append(put(desk, stroke, refine=bool(rng.random() < 0.7)))
                if rng.random() < 0.5:
                    orders[rng.choice(5, p=[0.4, 0.3, 0.1, 0.1, 0.1])]()
                event, grey = desk.drawing("current")
                assert grey.shape == MODEL_SHAPE
                assert event <= desk.state()["event"] <= desk.log.last
        except BaseException as error:
            problems.append(error)
            raise

    threads = [threading.Thread(target=person, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    desk.wait()

    assert not problems
    assert sorted(acknowledged) == [event.number for event in desk.log.events() if event.kind == "stroke"]
    assert len(acknowledged) == 100
    numbers = [message["event"] for message in ear.changes]
    assert numbers == sorted(set(numbers))
    for message in ear.changes:
        png = cv2.imdecode(np.frombuffer(base64.b64decode(message["png"]), np.uint8), cv2.IMREAD_UNCHANGED)
        shown[Region(*message["region"]).slices] = png
    state, exact = replayed(desk.log, thorough=True), desk.exact()[1]
    assert exact.tobytes() == state.current.tobytes()
    assert exact.tobytes() == replayed(desk.log).current.tobytes()
    assert shown.tolist() == desk.drawing("current")[1].tolist() == as_grey(exact).tolist()
    assert state.waiting == []
    assert desk.state()["strokes"] == len(state.done)
    assert ear.of("places")[-1]["places"] == desk.state()["places"]
    before = {name: value for name, value in desk.state().items() if name not in ("event", "places")}
    places = desk.state()["places"]
    desk.close()
    again = opened()
    again.wait()
    assert bits(again) == exact.tobytes()
    assert {name: again.state()[name] for name in before} == before
    assert again.state()["places"] == places
