"""The bodies that the guard lets through: JSON, not too long, and soon."""

from __future__ import annotations

import asyncio

import pytest

from annotate.server.guard import MAX_BODY, Guard
from tests.annotate.server.guarded import JSON, LOCAL, at


@pytest.mark.parametrize(
    "kind", [None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/json"]
)
@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_what_changes_something_is_json_which_no_form_can_send(method, kind):
    with at(LOCAL) as client:
        refused = client.request(method, "/", content=b"{}", headers={} if kind is None else {"Content-Type": kind})
        taken = client.request(method, "/", content=b"{}", headers={"Content-Type": "Application/JSON; charset=utf-8"})

    assert (refused.status_code, taken.status_code) == (415, 200)


@pytest.mark.parametrize("announced", [True, False])
@pytest.mark.parametrize(("size", "status"), [(MAX_BODY, 200), (MAX_BODY + 1, 413)])
def test_a_body_is_counted_as_it_comes_whatever_was_announced(size, status, announced):
    def parts():
        for begin in range(0, size, 1 << 16):
            yield b" " * min(1 << 16, size - begin)

    with at(LOCAL) as client:
        response = client.post("/", content=b" " * size if announced else parts(), headers=JSON)

    assert response.status_code == status
    assert (response.json().get("bytes") == size) == (status == 200)


def test_a_body_is_not_read_further_than_it_may_go():
    read = 0

    async def receive():
        nonlocal read
        read += 1 << 20
        return {"type": "http.request", "body": b" " * (1 << 20), "more_body": True}

    async def send(message):
        sent.append(message)

    async def never(scope, receive, send):
        raise AssertionError("was let in")

    sent: list[dict] = []
    headers = [(b"host", b"127.0.0.1:8765"), (b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": headers}
    asyncio.run(Guard(never, LOCAL)(scope, receive, send))

    assert sent[0]["status"] == 413
    assert read == MAX_BODY + (1 << 20)


@pytest.mark.parametrize("length", ["-1", "x", "9" * 5000, "3000000"])
def test_a_length_that_makes_no_sense_or_is_too_large_is_refused_unread(length):
    with at(LOCAL) as client:
        assert client.post("/", content=b"{}", headers=JSON | {"Content-Length": length}).status_code == 413


def test_a_body_that_does_not_come_is_not_awaited_for_ever(monkeypatch):
    monkeypatch.setattr("annotate.server.guard.BODY_WITHIN_S", 0.05)
    sent: list[dict] = []

    async def receive():
        if sent:
            return {"type": "http.disconnect"}
        await asyncio.sleep(0.02)  # little by little: no gain
        return {"type": "http.request", "body": b"{", "more_body": True}

    async def send(message):
        sent.append(message)

    async def never(scope, receive, send):
        raise AssertionError("was let in")

    headers = [(b"host", b"127.0.0.1:8765"), (b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": headers}
    asyncio.run(asyncio.wait_for(Guard(never, LOCAL)(scope, receive, send), 5))

    assert sent[0]["status"] == 408
    assert dict(sent[0]["headers"])[b"connection"] == b"close"


def test_answers_are_handed_on_as_they_come():
    """A stream is not gathered first: its first part is there before the second is made."""
    seen: list[str] = []

    async def slow(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"1", "more_body": True})
        seen.append("first sent")
        await send({"type": "http.response.body", "body": b"2"})

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        seen.append(message["type"])

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "query_string": b"",
        "headers": [(b"host", b"localhost:8765")],
    }
    asyncio.run(Guard(slow, LOCAL)(scope, receive, send))

    assert seen == ["http.response.start", "http.response.body", "first sent", "http.response.body"]
