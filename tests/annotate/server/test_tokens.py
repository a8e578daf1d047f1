"""The token: who is asked for it, where it is kept, and what it opens."""

from __future__ import annotations

import pytest

from annotate.server.guard import ServerAddress
from tests.annotate.server.guarded import JSON, OUTSIDE, at


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
