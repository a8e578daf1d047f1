"""Nobody in: what the guard lets through, and what it turns away before anything else sees it."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from annotate.server.guard import HEADERS, MAX_BODY, Guard, ServerAddress

LOCAL = ServerAddress.of("127.0.0.1", "127.0.0.1", 8765)
OUTSIDE = ServerAddress.of("scans.example", "192.168.1.5", 8765)
EVERYWHERE = ServerAddress.of("Scans.example", "0.0.0.0", 8765)
JSON = {"Content-Type": "application/json"}


async def answer(request: Request) -> JSONResponse:
    return JSONResponse({"method": request.method, "bytes": len(await request.body())})


@contextmanager
def at(server_address: ServerAddress, address: str = ""):
    app = Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "POST", "DELETE"])])
    with TestClient(
        Guard(app, server_address), base_url=address or server_address.url, follow_redirects=False
    ) as client:
        yield client


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:8765",
        "localhost:8765",
        "LOCALHOST:8765",
        "[::1]:8765",
        "localhost:9000",  # ssh -L 9000:127.0.0.1:8765
        "127.0.0.1:9000",
        "[::1]:9000",
        "localhost",  # port 80
        "127.0.0.1",
        "[::1]",
    ],
)
def test_the_server_answers_to_its_own_names_whatever_port_is_forwarded_to_it(host):
    with at(LOCAL) as client:
        assert client.get("/", headers={"Host": host}).status_code == 200
        posted = client.post("/", headers=JSON | {"Host": host, "Origin": f"http://{host}"})
        assert posted.status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example:8765",
        "evil.example",
        "127.0.0.1.nip.io",
        "127.0.0.1.nip.io:8765",
        "127.0.0.1.evil.example:8765",
        "localhost.evil.example:8765",
        "evil.example:localhost",
        "localhost:8765@evil.example",
        "localhost:123456",
        "localhost.:8765",
        "evil@127.0.0.1:8765",
        "192.168.1.5:8765",
        "::1:8765",
        "",
    ],
)
def test_another_host_name_is_refused_as_it_would_be_rebound(host):
    with at(LOCAL) as client:
        response = client.get("/", headers={"Host": host})

    assert response.status_code == 403
    assert "http://127.0.0.1:8765/" in response.json()["detail"]


def test_a_refused_name_is_told_of_the_port_that_the_browser_used():
    with at(LOCAL) as client:
        response = client.get("/", headers={"Host": "laptop.example:9000"})

    assert "http://localhost:9000/ if its port is forwarded" in response.json()["detail"]


@pytest.mark.parametrize(
    ("host", "answered"),
    [
        ("scans.example:8765", True),
        ("10.1.2.3:8765", True),  # an address is no name that could be rebound
        ("[fe80::1]:8765", True),
        ("fe80::1:8765", False),
        ("[10.1.2.3]:8765", False),
        ("10.1.2.3:80", True),  # docker -p 80:8765
        ("scans.example", True),
        ("evil.example:8765", False),
    ],
)
def test_a_server_on_all_addresses_answers_to_each_of_them_and_its_name(host, answered):
    assert EVERYWHERE.is_host(host) == answered


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("Origin", "http://127.0.0.1:8765", 200),
        ("Origin", "http://localhost:8765", 403),  # not the name that the request went to
        ("Origin", "HTTP://127.0.0.1:8765", 403),  # browsers write it small
        ("Origin", "http://127.0.0.1", 403),
        ("Origin", "http://evil.example", 403),
        ("Origin", "http://127.0.0.1:3000", 403),
        ("Origin", "https://127.0.0.1:8765", 403),
        ("Origin", "null", 403),
        ("Origin", "", 403),
        ("Sec-Fetch-Site", "same-origin", 200),
        ("Sec-Fetch-Site", "none", 200),
        ("Sec-Fetch-Site", "same-site", 403),  # another port of this machine
        ("Sec-Fetch-Site", "cross-site", 403),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_requests_of_other_origins_are_refused(method, name, value, status):
    with at(LOCAL) as client:
        assert client.request(method, "/", headers=JSON | {name: value}).status_code == status


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        ("localhost:9000", "http://localhost:9000", 200),
        ("localhost:9000", "http://localhost:8765", 403),  # another server of this machine
        ("localhost", "http://localhost", 200),
        ("localhost:80", "http://localhost", 200),
        ("LOCALHOST:9000", "http://localhost:9000", 200),
        ("[::1]:9000", "http://[::1]:9000", 200),
        ("localhost:9000", "http://localhost:9000.evil.example", 403),
        ("localhost:9000", "http://evil.example:9000", 403),
        ("localhost:9000", "null", 403),
    ],
)
def test_the_origin_is_that_of_the_page_that_the_browser_opened(host, origin, status):
    with at(LOCAL) as client:
        assert client.post("/", headers=JSON | {"Host": host, "Origin": origin}).status_code == status


BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.mark.parametrize(
    ("server_address", "headers", "status", "link"),
    [
        (LOCAL, {"Host": "localhost:9000", "Sec-Fetch-Site": "cross-site"}, 403, "/"),  # a link in a mail
        (OUTSIDE, {"Host": "localhost:9000"}, 401, "/"),
        (LOCAL, {"Host": "laptop.example:9000"}, 403, "http://localhost:9000/"),
    ],
)
def test_a_link_that_is_refused_gives_a_page_with_a_link_that_works(server_address, headers, status, link):
    with at(server_address) as client:
        page = client.get("/", headers=BROWSER | headers)
        program = client.get("/", headers={"Accept": "*/*"} | headers)
        posted = client.post("/", headers=BROWSER | JSON | headers)

    assert page.status_code == program.status_code == posted.status_code == status
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert f'<a href="{link}">' in page.text
    assert page.headers["Vary"] == "Accept"
    assert isinstance(program.json()["detail"], str)
    assert isinstance(posted.json()["detail"], str)


def test_a_refusal_writes_no_foreign_markup():
    with at(LOCAL) as client:
        page = client.get("/", headers=BROWSER | {"Host": "<script>alert(1)</script>:80"})

    assert page.status_code == 403
    assert "<script" not in page.text
    assert "&lt;script" in page.text


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


def test_every_answer_bears_the_safe_headers_refusals_too():
    with at(LOCAL) as client:
        answers = [client.get("/"), client.get("/", headers={"Host": "evil.example"})]

    for response in answers:
        assert (
            HEADERS.items() <= dict(zip(HEADERS, (response.headers.get(name) for name in HEADERS), strict=True)).items()
        )
        assert response.headers["Cache-Control"] == "no-store"
    assert "default-src 'self'" in HEADERS["Content-Security-Policy"]
    assert "unsafe" not in HEADERS["Content-Security-Policy"]


def test_loopback_asks_for_no_token_and_every_other_address_does():
    tokens = {
        address: ServerAddress.of(address, address, 80).token for address in ("127.0.0.1", "::1", "0.0.0.0", "10.0.0.1")
    }

    assert [address for address, token in tokens.items() if token is None] == ["127.0.0.1", "::1"]
    assert len(tokens["0.0.0.0"] or "") >= 43  # 256 bits
    assert tokens["0.0.0.0"] != tokens["10.0.0.1"]


def test_a_token_that_is_given_protects_loopback_too():
    guarded = ServerAddress.of("127.0.0.1", "127.0.0.1", 8765, "a b&c")

    assert guarded.link == "http://127.0.0.1:8765/?token=a%20b%26c"
    with at(guarded) as client:
        closed = client.get("/api/mirrors")
        client.get(guarded.link)
        opened = client.get("/api/mirrors")
    assert (closed.status_code, opened.status_code) == (401, 200)


def test_two_servers_behind_one_name_do_not_take_each_others_cookie():
    """Cookies know no ports: two servers on port 8765 of two machines, forwarded to ports of this one."""
    one, other = (ServerAddress.of("127.0.0.1", "127.0.0.1", 8765, token) for token in ("one", "other"))

    assert one.cookie != other.cookie
    assert one.cookie == ServerAddress.of("localhost", "127.0.0.1", 9000, "one").cookie
    assert "one" not in one.cookie


@pytest.mark.parametrize("path", ["/", "/api/mirrors", "/page/main.js", "/openapi.json"])
def test_without_the_token_nothing_is_shown(path):
    with at(OUTSIDE) as client:
        for address in (path, f"{path}?token=", f"{path}?token=wrong", f"{path}?token=ä"):
            assert client.get(address).status_code == 401
        client.cookies.set(OUTSIDE.cookie, "wrong")
        assert client.get(path).status_code == 401
        assert client.post(path, headers=JSON).status_code == 401


def test_the_token_goes_from_the_address_into_a_cookie_that_no_script_and_no_other_site_has():
    with at(OUTSIDE) as client:
        first = client.get(f"/?token={OUTSIDE.token}")
        later = client.get("/api/mirrors")
        again = client.get(f"/?token={OUTSIDE.token}")

    assert (first.status_code, first.headers["Location"]) == (303, "/")
    assert again.status_code == 303
    cookie = first.headers["Set-Cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert later.status_code == 200


def test_the_token_opens_nothing_but_the_page():
    with at(OUTSIDE) as client:
        assert client.get(f"/api/mirrors?token={OUTSIDE.token}").status_code == 401
        assert client.post(f"/?token={OUTSIDE.token}", headers=JSON).status_code == 401


def test_the_right_token_does_not_open_to_another_host_name():
    with at(OUTSIDE) as client:
        assert client.get(f"/?token={OUTSIDE.token}", headers={"Host": "evil.example:8765"}).status_code == 403


def test_a_web_socket_is_closed():
    with at(LOCAL) as client, pytest.raises(WebSocketDisconnect) as closed, client.websocket_connect("/"):
        pass

    assert closed.value.code == 1008


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
