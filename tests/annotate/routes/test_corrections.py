"""Strokes and orders: what is taken is on disk, and what is none is refused with one sentence."""

from __future__ import annotations

import threading
from contextlib import closing, contextmanager
from uuid import uuid4

import pytest

from annotate.limits import MAX_POINTS, MAX_RADIUS_PX
from annotate.routes import corrections as module
from interaction.log.log import Log
from tests.annotate.serving import DRAWN, MIRROR, picture, settled, stroke, until

FINE = [[300.0, 200.0], [300.0, 260.0]]


@contextmanager
def busy(client, sessions):
    """A mirror whose worker has answered one stroke, and is kept from answering more."""
    told, go_on = threading.Event(), threading.Event()
    with sessions.session(DRAWN) as session:
        stop = session.subscribe(lambda message: (told.set(), go_on.wait(10)))
        client.post(f"{MIRROR}/strokes", json=stroke())
        assert told.wait(10)
        yield
        stop()
        go_on.set()


def test_a_stroke_is_on_disk_when_it_is_acknowledged_long_before_it_is_answered(site, begun, sessions):
    with busy(begun, sessions):
        event = begun.post(f"{MIRROR}/strokes", json=stroke()).json()["event"]
        with closing(Log.read(site.image_list().log_path(DRAWN))) as log:
            kinds = [entry.kind for entry in log.events(event - 1)]

    assert kinds == ["stroke"]


def test_a_stroke_sent_twice_is_taken_once(begun):
    sent = stroke()
    events = [begun.post(f"{MIRROR}/strokes", json=sent).json()["event"] for _ in range(3)]
    settled(begun, 1)

    assert len(set(events)) == 1


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"path_px": []}, "path_px"),
        ({"path_px": FINE * (MAX_POINTS // 2) + FINE[:1], "radius_px": [6.0] * (MAX_POINTS + 1)}, "20000"),
        ({"path_px": [*FINE, [300.0, 261.0]]}, "3 points came with 2 radii"),
        ({"path_px": [[300.0], [300.0, 1.0]]}, "path_px.0.1"),
        ({"path_px": [[300.0, "200"], [300.0, 1.0]]}, "path_px.0.1"),
        ({"path_px": "here"}, "path_px"),
        ({"path_px": [[300.0, 200.0], [-650.0, 200.0]]}, "far off the scan"),
        ({"path_px": [[300.0, 1e300], [300.0, 1.0]]}, "far off the scan"),
        ({"path_px": [[-150.0, 50.0], [-150.0, 60.0]]}, "outside the scan"),
        ({"path_px": [[0.0, 0.0], [599.0, 799.0]] * 2000, "radius_px": [1.0] * 4000}, "3,993,401 px"),
        ({"radius_px": [6.0, 0.0]}, "radius_px.1"),
        ({"radius_px": [6.0, -1.0]}, "radius_px.1"),
        ({"radius_px": [6.0, MAX_RADIUS_PX + 1]}, "radius_px.1"),
        ({"radius_px": [6.0, True]}, "radius_px.1"),
        ({"radius_px": [6.0, None]}, "radius_px.1"),
        ({"sign": 0}, "sign"),
        ({"sign": 2}, "sign"),
        ({"refine": "yes"}, "refine"),
        ({"client": "me"}, "client"),
        ({"client": None}, "client"),
        ({"more": 1}, "more"),
    ],
)
def test_what_is_no_stroke_is_refused_with_one_sentence_and_the_next_one_taken(shared, fields, message):
    response = shared.post(f"{MIRROR}/strokes", json=stroke() | fields)

    assert response.status_code == 422
    assert message in response.json()["detail"]
    assert "\n" not in response.json()["detail"]
    assert shared.post(f"{MIRROR}/strokes", json=stroke()).status_code == 201


def test_a_stroke_that_runs_off_the_scan_is_taken_whole(shared):
    # the whole scan in view, a hand's breadth beside it is hundreds of its pixels
    sent = stroke((300.0, 700.0), (300.0, 1400.0), (-500.0, 1400.0))

    assert shared.post(f"{MIRROR}/strokes", json=sent).status_code == 201


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"NaN",
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"1" * 6000,
        b'{"client": "\xed\xa0\x80"}',
        b'{"client": "\\ud800"}',
    ],
)
def test_what_is_no_json_is_refused_and_the_session_lives(shared, body):
    response = shared.post(f"{MIRROR}/strokes", content=body)

    assert response.status_code in (400, 422)
    assert set(response.json()) == {"detail"}
    assert shared.post(f"{MIRROR}/strokes", json=stroke()).status_code == 201


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999"])
@pytest.mark.parametrize(
    "field", ['"path_px": [[300, {}]], "radius_px": [6]', '"path_px": [[300, 200]], "radius_px": [{}]']
)
def test_numbers_that_are_none_are_refused(shared, field, value):
    body = f'{{"client": "{uuid4()}", "sign": 1, "refine": false, {field.format(value)}}}'

    response = shared.post(f"{MIRROR}/strokes", content=body)

    assert response.status_code == 422
    assert "finite" in response.json()["detail"]


def test_a_million_points_are_refused_before_they_are_read(shared):
    response = shared.post(f"{MIRROR}/strokes", json=stroke(*[(300.0, 200.0)] * 1_000_000))

    assert response.status_code == 413


def test_a_long_queue_refuses_strokes_until_it_is_shorter(begun, sessions, monkeypatch):
    monkeypatch.setattr(module, "MOST_WAITING", 3)
    with busy(begun, sessions):
        statuses = [begun.post(f"{MIRROR}/strokes", json=stroke()).status_code for _ in range(4)]
    settled(begun, 4)

    assert statuses == [201, 201, 201, 429]
    assert begun.post(f"{MIRROR}/strokes", json=stroke()).status_code == 201


@pytest.mark.parametrize("order", ["undo", "redo", "refine", "keep"])
def test_orders_with_nothing_to_do_are_taken_and_change_nothing(shared, order):
    before = picture(shared.get(f"{MIRROR}/drawings/initial"))

    assert shared.post(f"{MIRROR}/{order}", json={}).status_code == 202
    assert (picture(shared.get(f"{MIRROR}/drawings/initial")) == before).all()


def test_places_looked_at_are_counted_and_others_refused(begun):
    before = begun.get(MIRROR).json()["places"]
    seen = begun.post(f"{MIRROR}/seen", json={"cell": 0})
    until(lambda: begun.get(MIRROR).json()["places"]["state"][0] == "seen")

    assert seen.status_code == 201
    assert begun.get("/api/mirrors").json()[0]["progress"] == pytest.approx(1 / len(before["grid"]))
    assert begun.post(f"{MIRROR}/seen", json={"cell": len(before["grid"])}).status_code == 409
    assert begun.post(f"{MIRROR}/seen", json={"cell": -1}).status_code == 422
    assert begun.post(f"{MIRROR}/seen", json={"cell": 1.5}).status_code == 422
