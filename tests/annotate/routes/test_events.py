"""What a tab hears of its mirror."""

from __future__ import annotations

import itertools

import pytest
from pydantic import TypeAdapter

from annotate.images.pyramid import Pyramid
from annotate.routes import events
from annotate.stream_messages import Message
from tests.annotate.serving import DRAWN, MIRROR, UNDRAWN, messages, running, start, stroke, until


def test_two_tabs_hear_the_same_and_each_begins_with_hello(site):
    with running(site.open_sessions()) as client:
        start(client, DRAWN)
        with client.stream("GET", f"{MIRROR}/events") as one, client.stream("GET", f"{MIRROR}/events") as other:
            told = [messages(one), messages(other)]
            hellos = [next(tab) for tab in told]
            client.post(f"{MIRROR}/strokes", json=stroke())
            client.post(f"{MIRROR}/undo", json={})
            heard = [list(itertools.islice((m for m in tab if m["type"] == "change"), 2)) for tab in told]
        with client.stream("GET", f"{MIRROR}/events", headers={"Last-Event-ID": "1"}) as later:
            again = next(messages(later))

    assert [hello["type"] for hello in hellos] == ["hello", "hello"]
    assert heard[0] == heard[1]
    assert [message["cause"] for message in heard[0]] == ["stroke", "undo"]
    assert again["event"] == heard[0][-1]["event"] > hellos[0]["event"]


def test_a_tab_that_begins_to_listen_is_told_the_whole_state(site):
    with running(site.open_sessions()) as client:
        start(client, DRAWN)
        client.post(f"{MIRROR}/seen", json={"cell": 0})
        until(lambda: client.get(MIRROR).json()["places"]["state"][0] == "seen")
        with client.stream("GET", f"{MIRROR}/events") as stream:
            first = next(messages(stream))
        state = client.get(MIRROR).json()

    assert first == {"type": "hello", "event": state["event"], "state": state}


@pytest.mark.parametrize("fails", [False, True])
def test_a_job_that_ended_before_anybody_listened_is_told_by_the_first_message(site, monkeypatch, fails):
    def full(pyramid, progress):
        raise OSError(28, "No space left on device")

    if fails:
        monkeypatch.setattr(Pyramid, "make", full)
    with running(site.open_sessions()) as client:
        client.post(f"{MIRROR}/tiles", json={})
        until(lambda: (state := client.get(MIRROR).json())["tiles"]["ready"] or state["jobs"][0]["done"])
        with client.stream("GET", f"{MIRROR}/events") as stream:
            state = next(messages(stream))["state"]

    jobs = [job for job in state["jobs"] if job["job"] == "tiles"]
    assert state["tiles"]["ready"] is not fails
    assert ["No space left" in job["error"] for job in jobs] == [True] * fails


def test_one_stream_serves_several_mirrors_and_says_which_a_message_is_about(site):
    with running(site.open_sessions()) as client:
        start(client, DRAWN)
        with client.stream("GET", "/api/stream", params={"mirror": [DRAWN, UNDRAWN]}) as stream:
            told = messages(stream)
            hellos = {next(told)["mirror"] for _ in range(2)}
            client.post(f"{MIRROR}/strokes", json=stroke())
            change = next(one for one in told if one["message"]["type"] == "change")
            start(client, UNDRAWN)
            started = next(one for one in told if one["message"]["type"] == "started")

    assert hellos == {DRAWN, UNDRAWN}
    assert (change["mirror"], started["mirror"]) == (DRAWN, UNDRAWN)


def test_a_mirror_that_cannot_be_opened_is_reported_and_the_others_are_told_of(site, monkeypatch):
    monkeypatch.setattr(events, "AGAIN_S", 0.05)
    path = site.config.annotations / DRAWN / "log.sqlite"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"no database" * 100)
    with (
        running(site.open_sessions()) as client,
        client.stream("GET", "/api/stream", params={"mirror": [DRAWN, UNDRAWN, "nobody"]}) as stream,
    ):
        told = messages(stream)
        first: dict[str, dict] = {}
        nobody = 0
        while len(first) < 3:
            one = next(told)
            first.setdefault(one["mirror"], one["message"])
            nobody += one["mirror"] == "nobody"
        path.unlink()  # as somebody does who reads that
        for again in told:
            nobody += again["mirror"] == "nobody"
            if (again["mirror"], again["message"]["type"]) == (DRAWN, "hello"):
                break

    assert {name: message["type"] for name, message in first.items()} == {
        DRAWN: "unavailable",
        UNDRAWN: "hello",
        "nobody": "unavailable",
    }
    assert nobody == 1  # however often it is tried
    assert "log.sqlite" in first[DRAWN]["message"]
    assert again["message"]["state"]["name"] == DRAWN


def test_a_stream_that_has_ended_keeps_no_mirror_open(site):
    sessions = site.open_sessions()
    with running(sessions) as client:
        with client.stream("GET", "/api/stream", params={"mirror": [DRAWN, UNDRAWN]}) as stream:
            told = messages(stream)
            names = {next(told)["mirror"] for _ in range(2)}
            used = dict(sessions._users)
        until(lambda: not any(sessions._users.values()))

    assert names == {DRAWN, UNDRAWN}
    assert used == {DRAWN: 1, UNDRAWN: 1}


def test_every_message_is_as_the_schema_says_and_in_the_headers_of_a_stream(site):
    kinds = TypeAdapter(Message)
    with running(site.open_sessions()) as client, client.stream("GET", f"{MIRROR}/events") as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        told = messages(stream)
        client.post(f"{MIRROR}/tiles", json={})
        client.post(f"{MIRROR}/start", json={"source": "empty"})
        heard = [next(told)]
        while heard[-1]["type"] != "started":
            heard.append(next(told))
        for number in range(3):
            client.post(f"{MIRROR}/strokes", json=stroke(sign=(-1) ** number))
        client.post(f"{MIRROR}/seen", json={"cell": 0})
        client.post(f"{MIRROR}/undo", json={})
        while heard[-1].get("cause") != "undo":
            heard.append(next(told))
        while heard[-1]["type"] != "places":
            heard.append(next(told))

    for message in heard:
        assert message == kinds.validate_python(message).model_dump(mode="json")
    assert {message["type"] for message in heard} == {"hello", "job", "started", "change", "marked", "places"}
