"""Many users at one session at once."""

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
from interaction.steps import steps_of
from tests.annotate.models import FakeModels, strokes
from tests.annotate.serving import MODEL_SHAPE
from tests.annotate.session.sessions import Inbox, bits, put
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

    session = opened(FakeModels(answer, drawing=np.full(MODEL_SHAPE, 0.4, np.float32)), source="model")
    session.wait()
    inbox = Inbox(session)
    shown = session.drawing("current")[1]
    acknowledged, problems = [], []

    def user(number):
        rng = np.random.default_rng([seed, number])
        orders = [session.undo, session.redo, session.keep_stroke, session.refine, partial(session.seen, number % 4)]
        try:
            for stroke in strokes(25, 100 * seed + number, MODEL_SHAPE):
                acknowledged.append(put(session, stroke, refine=bool(rng.random() < 0.7)))
                if rng.random() < 0.5:
                    orders[rng.choice(5, p=[0.4, 0.3, 0.1, 0.1, 0.1])]()
                event, grey = session.drawing("current")
                assert grey.shape == MODEL_SHAPE
                assert event <= session.state().event <= session.log.last
        except BaseException as error:
            problems.append(error)
            raise

    threads = [threading.Thread(target=user, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    session.wait()

    assert not problems
    assert sorted(acknowledged) == [event.number for event in session.log.events() if event.kind == "stroke"]
    assert len(acknowledged) == 100
    numbers = [message["event"] for message in inbox.changes]
    assert numbers == sorted(set(numbers))
    for message in inbox.changes:
        png = cv2.imdecode(np.frombuffer(base64.b64decode(message["png"]), np.uint8), cv2.IMREAD_UNCHANGED)
        shown[Region(*message["region"]).slices] = png
    state, exact = replayed(session.log, thorough=True), session.exact()[1]
    assert exact.tobytes() == state.current.tobytes()
    assert exact.tobytes() == replayed(session.log).current.tobytes()
    assert shown.tolist() == session.drawing("current")[1].tolist() == as_grey(exact).tolist()
    assert state.waiting == []
    assert session.state().strokes == len(steps_of(state.history.done))
    assert inbox.of("places")[-1]["places"] == session.state().places.model_dump(mode="json")
    before = session.state().model_dump(exclude={"event", "places"})
    places = session.state().places
    session.close()
    again = opened()
    again.wait()
    assert bits(again) == exact.tobytes()
    assert again.state().model_dump(exclude={"event", "places"}) == before
    assert again.state().places == places
