"""What a tab hears of its mirror."""

from __future__ import annotations

import itertools

from pydantic import TypeAdapter

from annotate.messages import Message
from tests.annotate.serving import DRAWN, MIRROR, messages, running, start, stroke, until


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


def test_a_tab_that_begins_to_listen_is_told_the_places_as_they_are(site):
    with running(site.open_sessions()) as client:
        start(client, DRAWN)
        client.post(f"{MIRROR}/seen", json={"cell": 0})
        until(lambda: client.get(MIRROR).json()["places"]["state"][0] == "seen")
        with client.stream("GET", f"{MIRROR}/events") as stream:
            first, second = itertools.islice(messages(stream), 2)
        places = client.get(MIRROR).json()["places"]

    assert (first["type"], second["type"]) == ("hello", "places")
    assert second["places"] == places


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
