"""Places that were seen, and how good each is thought to be."""

import numpy as np
import pytest

from annotate.library.places import Places
from data.errors import DataError
from tests.annotate.models import FakeModels, strokes
from tests.annotate.serving import MODEL_SHAPE
from tests.annotate.session.sessions import Inbox, kinds, put


def test_places_that_were_seen_stay_so(opened):
    session = opened()
    inbox = Inbox(session)

    number = session.seen(2)
    session.wait()
    session.close()
    again = opened()

    assert number == 2
    assert inbox.of("places")[-1]["places"]["state"] == ["", "", "seen", ""]
    assert again.state().places.state == ["", "", "seen", ""]
    assert again.state().places.progress == 0.25


@pytest.mark.parametrize("cell", [-1, 4])
def test_a_place_that_is_not_there_cannot_be_seen(opened, cell):
    session = opened()

    with pytest.raises(DataError, match="no place"):
        session.seen(cell)

    assert kinds(session) == ["start"]


def test_answers_do_not_wait_for_estimates(opened, monkeypatch):
    told = []
    estimate = Places.estimate
    monkeypatch.setattr(Places, "estimate", lambda places: told.append("estimate") or estimate(places))
    models = FakeModels(drawing=np.full(MODEL_SHAPE, 0.7, np.float32))
    session = opened(models, source="model")
    session.wait()
    session.subscribe(lambda message: told.append(message.type))
    models.answers.clear()
    told.clear()

    for stroke in strokes(4, 3, MODEL_SHAPE):
        put(session, stroke)
    models.answers.set()
    session.wait()

    assert told[:4] == ["change"] * 4
    assert told[4] == "estimate"
    assert told.count("places") == 1
    assert told[-1] == "places"


def test_estimates_come_when_models_are_loaded_after_the_opening(opened):
    session = opened(FakeModels(drawing=np.full(MODEL_SHAPE, 0.7, np.float32)), source="model")
    session.close()
    again = opened(models := FakeModels(loaded=False))
    again.wait()
    assert again.state().places.quality == [None] * 4

    models.load()
    again.wait()

    assert all(again.state().places.quality)
