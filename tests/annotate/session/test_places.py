"""Places that were seen, and how good each is thought to be."""

import numpy as np
import pytest

from annotate.library.places import Places
from data.errors import DataError
from tests.annotate.models import ToldEngine, strokes
from tests.annotate.serving import MODEL_SHAPE
from tests.annotate.session.sessions import Ear, kinds, put


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


def test_estimates_come_when_models_are_loaded_after_the_opening(opened):
    desk = opened(ToldEngine(drawing=np.full(MODEL_SHAPE, 0.7, np.float32)), source="model")
    desk.close()
    again = opened(engine := ToldEngine(loaded=False))
    again.wait()
    assert again.state()["places"]["quality"] == [None] * 4

    engine.load()
    again.wait()

    assert all(again.state()["places"]["quality"])
