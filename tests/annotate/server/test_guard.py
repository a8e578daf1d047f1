"""Nobody in: which names and origins the guard lets through, and what it tells those that it turns away."""

from __future__ import annotations

import pytest
from starlette.websockets import WebSocketDisconnect

from annotate.server.guard import HEADERS
from tests.annotate.server.guarded import EVERYWHERE, JSON, LOCAL, OUTSIDE, at


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


def test_a_web_socket_is_closed():
    with at(LOCAL) as client, pytest.raises(WebSocketDisconnect) as closed, client.websocket_connect("/"):
        pass

    assert closed.value.code == 1008
