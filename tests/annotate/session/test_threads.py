"""Many people at one desk at once."""

import base64
import threading
from functools import partial

import cv2
import numpy as np
import pytest

from annotate.session import worker as worker_module
from annotate.session.publishing import as_grey
from data.regions import Region
from interaction.log.replay import replayed
from tests.annotate.models import ToldEngine, strokes
from tests.annotate.serving import MODEL_SHAPE
from tests.annotate.session.sessions import Ear, bits, put
from tests.simulation.fakes import erratic


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
    assert desk.state()["strokes"] == len(state.history.done)
    assert ear.of("places")[-1]["places"] == desk.state()["places"]
    before = {name: value for name, value in desk.state().items() if name not in ("event", "places")}
    places = desk.state()["places"]
    desk.close()
    again = opened()
    again.wait()
    assert bits(again) == exact.tobytes()
    assert {name: again.state()[name] for name in before} == before
    assert again.state()["places"] == places
