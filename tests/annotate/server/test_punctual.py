"""Requests that begin and do not go on: the connection ends, and others are served meanwhile."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import h11
import httpx
import pytest

from annotate.server import guard, punctual
from tests.annotate.serving import MIRROR, running, until

HEAD = b"POST /api/mirrors/x/strokes HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


@pytest.fixture
def server(sessions, monkeypatch) -> Iterator[httpx.Client]:
    monkeypatch.setattr(punctual, "WITHIN_S", {h11.IDLE: 0.4, h11.SEND_BODY: 0.8})
    monkeypatch.setattr(guard, "BODY_WITHIN_S", 0.4)
    with running(sessions) as client:
        yield client


@contextmanager
def connection(client: httpx.Client) -> Iterator[socket.socket]:
    with socket.create_connection((client.base_url.host, client.base_url.port), timeout=10) as made:
        yield made


def read_to_the_end(made: socket.socket) -> bytes:
    """What comes until the server ends the connection; fails if it does not."""
    parts = []
    while part := made.recv(1 << 16):
        parts.append(part)
    return b"".join(parts)


@pytest.mark.parametrize("sent", [b"", b"G", b"GET / HTTP/1.1\r\nHost: localhost", HEAD])
def test_half_a_head_ends_the_connection(server, sent):
    with connection(server) as made:
        made.sendall(sent)
        began = time.monotonic()
        assert read_to_the_end(made) == b""

    assert time.monotonic() - began < 5


def test_a_head_that_comes_letter_by_letter_gains_no_time(server):
    with connection(server) as made:
        ended = threading.Event()

        def drip():
            while not ended.wait(0.05):
                try:
                    made.sendall(b"x")
                except OSError:
                    return

        made.sendall(b"GET /")
        thread = threading.Thread(target=drip)
        thread.start()
        try:
            until(lambda: _ended(made), 5)
        finally:
            ended.set()
            thread.join()


def _ended(made: socket.socket) -> bool:
    made.settimeout(0.05)
    try:
        return made.recv(1024) == b""
    except TimeoutError:
        return False
    except ConnectionError:
        return True


def test_half_a_body_is_refused_and_the_connection_ends(server):
    with connection(server) as made:
        made.sendall(HEAD + b"Content-Length: 100\r\n\r\n{")
        answer = read_to_the_end(made)

    assert answer.startswith(b"HTTP/1.1 408 ")


def test_a_body_that_nobody_asked_for_does_not_hold_the_connection(server):
    with connection(server) as made:
        made.sendall(b"GET /api/mirrors HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{")
        answer = read_to_the_end(made)

    assert answer.startswith(b"HTTP/1.1 200 ")


def test_others_are_served_while_many_requests_stand_still(server):
    made = [
        socket.create_connection((server.base_url.host, server.base_url.port), timeout=10) for _ in range(60)
    ]  # more than there are threads
    for each in made:
        each.sendall(HEAD + b"Content-Length: 100\r\n\r\n{")
    began = time.monotonic()

    assert server.get(MIRROR).status_code == 200

    assert time.monotonic() - began < 5
    for each in made:
        each.close()


def test_a_connection_that_is_used_again_and_an_event_stream_are_not_ended(server):
    with server.stream("GET", f"{MIRROR}/events") as stream:
        lines = stream.iter_lines()
        assert "hello" in next(lines)
        for _ in range(4):
            assert server.get("/api/mirrors").status_code == 200
            time.sleep(0.3)  # in all more than the limit of one head
        assert server.post(f"{MIRROR}/start", json={"source": "empty"}).status_code == 202
        assert any("started" in line for line in lines)
