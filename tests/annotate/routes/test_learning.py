"""Learning is asked for, goes on in the background, and what it proposes is settled."""

from __future__ import annotations

import numpy as np
import pytest

from annotate.server.app import create_app
from annotate.session.annotation_session import AnnotationSession
from annotate.session.open_sessions import OpenSessions
from tests.annotate.learners import FakeLearner
from tests.annotate.models import FakeModels
from tests.annotate.serving import DRAWN, MIRROR, MODEL_SHAPE, asking, picture, start, until

REDRAWN = np.zeros(MODEL_SHAPE, np.float32)
REDRAWN[20:24, 20:380] = 0.9  # in the places 0 and 1


@pytest.fixture
def models():
    made = FakeModels(drawing=np.zeros(MODEL_SHAPE, np.float32))
    made.learner = FakeLearner(REDRAWN)
    return made


@pytest.fixture
def client(site, models):
    """A client of a server whose models learn, after one of the mirrors was begun."""
    sessions = OpenSessions(
        site.image_list(), models, lambda view: AnnotationSession.open(view, site.config, models), site.config
    )
    with asking(create_app(sessions)) as made:
        start(made, DRAWN, "model")
        yield made


def learning(client):
    return client.get(MIRROR).json()["learning"]


def learned(client, cell):
    assert client.post(f"{MIRROR}/learn", json={"cell": cell}).status_code == 202
    until(lambda: bool(learning(client)["redrawing"]))


def test_a_place_is_marked_and_learned_from_and_a_redrawing_is_taken_over(client):
    learned(client, 2)
    state = client.get(MIRROR).json()
    shown = client.get(f"{MIRROR}/drawings/proposed")
    answers = [client.post(f"{MIRROR}/redrawing/{word}", json={"cells": [cell]}).status_code
               for word, cell in (("accept", 1), ("dismiss", 0))]  # fmt: skip
    until(lambda: learning(client)["redrawing"] is None)
    drawn = picture(client.get(f"{MIRROR}/drawings/current"))

    assert state["places"]["state"][2] == "seen"
    assert state["learning"]["redrawing"]["cells"] == [0, 1]
    assert picture(shown)[22, 100] == 230
    assert answers == [202, 202]
    assert (drawn[22, 100], drawn[22, 300]) == (0, 230)


def test_a_place_that_looks_right_is_not_marked_again(client):
    client.post(f"{MIRROR}/seen", json={"cell": 2})
    until(lambda: client.get(MIRROR).json()["places"]["state"][2] == "seen")
    before = client.get(MIRROR).json()["event"]

    learned(client, 2)

    assert client.get(MIRROR).json()["event"] == before


def test_who_asks_while_it_learns_is_asked_to_wait(client, models):
    models.learner.teaches.clear()
    first = client.post(f"{MIRROR}/learn", json={"cell": 2})
    again = client.post(f"{MIRROR}/learn", json={"cell": None})
    job = client.get(MIRROR).json()["jobs"]
    models.learner.teaches.set()
    until(lambda: not client.get(MIRROR).json()["jobs"])

    assert (first.status_code, again.status_code) == (202, 409)
    assert "wait for that" in again.json()["detail"]
    assert [one["job"] for one in job] == ["learn"]


def test_what_was_learned_is_shown_on_request_and_forgotten(client):
    learned(client, 2)
    client.post(f"{MIRROR}/redrawing/dismiss", json={"cells": None})
    until(lambda: learning(client)["redrawing"] is None)
    assert client.post(f"{MIRROR}/redraw", json={}).status_code == 202
    until(lambda: bool(learning(client)["redrawing"]))

    assert client.post(f"{MIRROR}/forget", json={}).status_code == 202
    until(lambda: not learning(client)["learned"])

    assert learning(client)["version"] == "told"
    assert client.get(f"{MIRROR}/drawings/proposed").status_code == 409


@pytest.mark.parametrize("body", [{}, {"cell": -1}, {"cell": 1.5}, {"cell": 1, "more": 1}])
def test_what_is_no_place_is_refused(client, body):
    assert client.post(f"{MIRROR}/learn", json=body).status_code == 422
    assert client.post(f"{MIRROR}/learn", json={"cell": 4}).status_code == 409


@pytest.mark.parametrize("route", ["learn", "redraw", "forget"])
def test_without_models_nothing_is_learned(sessions, route):
    with asking(create_app(sessions)) as client:
        before = client.post(f"{MIRROR}/{route}", json={"cell": None} if route == "learn" else {})
        start(client, DRAWN)
        after = client.post(f"{MIRROR}/{route}", json={"cell": None} if route == "learn" else {})

    assert (before.status_code, after.status_code) == (409, 409)
    assert "not started" in before.json()["detail"]
    assert "nothing can be learned" in after.json()["detail"]
