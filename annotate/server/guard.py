"""Access control: only requests of the server's own page pass, from this machine or, with the token, from others.

Against DNS rebinding, the name in a request's Host must be one of the server's own; its port may be any, as ports are
forwarded (``ssh -L``) and remapped (``docker -p``). Against forged requests of other sites, a request must not come
from another origin, and one that changes anything must be JSON, which no form can send.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import ip_address
from urllib.parse import quote

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from annotate.server.refusals import refusal

MAX_BODY = 2 << 20  # bytes; the longest stroke takes about half of it
BODY_WITHIN_S = 30.0  # of its head; the largest body at 70 kB/s
LOOPBACK = ("127.0.0.1", "localhost", "::1")
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})  # methods that change nothing
UNREAD = (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.REQUEST_TIMEOUT)  # some of the body is left
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; object-src 'none'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@dataclass(frozen=True)
class ServerAddress:
    """Where a server listens, and the token that it asks for.

    Parameters
    ----------
    hosts : its names, as in a URL: ``localhost``, ``[::1]``; the first one is the one to use
    port : where it listens
    token : that a browser has to send; None: none is needed
    any_address : whether it listens on all of the machine's addresses, each of which is a host, too
    """

    hosts: tuple[str, ...]
    port: int
    token: str | None = None
    any_address: bool = False

    @classmethod
    def of(cls, name: str, address: str, port: int, token: str | None = None) -> ServerAddress:
        """Describe a server that listens on an address.

        Parameters
        ----------
        name : of the machine, as the user gave it: a host's name, or an address
        address, port : of the socket
        token : to ask for; None: a random one on any address but this machine's own, and there none
        """
        bound = ip_address(address.partition("%")[0])
        names = [_bracketed(each) for each in (name.lower(), str(bound), *LOOPBACK)]
        if token is None and not bound.is_loopback:
            token = random_token()
        return cls(tuple(dict.fromkeys(names)), port, token, bound.is_unspecified)

    @property
    def url(self) -> str:
        """What to open in a browser, without the token."""
        return f"http://{self.hosts[0]}:{self.port}/"

    @property
    def link(self) -> str:
        """What to open in a browser, with the token if one is needed."""
        return self.url + (f"?token={quote(self.token, safe='')}" if self.token else "")

    def is_host(self, authority: str) -> bool:
        """Whether the name in a Host header is this server's; an address cannot be rebound to another."""
        name, _ = _name_and_port(authority)
        return name in self.hosts or (self.any_address and _is_address(name))

    @property
    def cookie(self) -> str:
        """The cookie that holds the token; browsers share cookies between all ports of a host."""
        return f"annotate_{hashlib.sha256((self.token or '').encode()).hexdigest()[:16]}"

    def accepts_token(self, given: str | None) -> bool:
        """Whether this is the token, or none is needed."""
        return self.token is None or secrets.compare_digest(self.token.encode(), (given or "").encode())


def random_token() -> str:
    """Return a token that nobody guesses: 256 bits."""
    return secrets.token_urlsafe(32)


def _name_and_port(authority: str) -> tuple[str, str]:
    """Return name, in lower case, and port of a Host header or of the like part of an address; 80 where none stands."""
    name, _, port = authority.rpartition(":") if re.search(r":\d{1,5}$", authority) else (authority, "", "80")
    return name.lower(), port


def _is_same_origin(origin: str, host: str) -> bool:
    scheme, _, authority = origin.partition("://")
    return scheme == "http" and _name_and_port(authority) == _name_and_port(host)


def _bracketed(name: str) -> str:
    return f"[{name}]" if ":" in name else name


def _is_address(name: str) -> bool:
    bracketed = name.startswith("[") and name.endswith("]")
    try:
        return ip_address(name[1:-1] if bracketed else name).version == (6 if bracketed else 4)
    except ValueError:
        return False


class Refused(Exception):
    """A request that is refused; ``link`` is where a browser should go instead."""

    def __init__(self, status: HTTPStatus, detail: str, link: str = "/") -> None:
        super().__init__(detail)
        self.status, self.detail, self.link = status, detail, link


class Guard:
    """ASGI middleware that refuses foreign requests and large bodies, and sets headers for security.

    Parameters
    ----------
    app : that it guards
    server_address : where that listens
    """

    def __init__(self, app: ASGIApp, server_address: ServerAddress) -> None:
        self.app, self.server_address = app, server_address

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or hand it on."""
        if scope["type"] == "lifespan":
            return await self.app(scope, receive, send)
        if scope["type"] != "http":
            return await send({"type": "websocket.close", "code": 1008})
        send = _with_headers(send)
        request = Request(scope)
        try:
            self._check_origin(request)
            if letting_in := self._check_token(request):
                return await letting_in(scope, receive, send)
            if request.method not in SAFE:
                _check_json(request.headers)
                receive = await _bounded(request.headers, receive)
        except Refused as refused:
            headers = {"Connection": "close"} if refused.status in UNREAD else None
            response = refusal(request, refused.status, refused.detail, headers, refused.link)
            return await response(scope, receive, send)
        return await self.app(scope, receive, send)

    def _check_origin(self, request: Request) -> None:
        host, origin = request.headers.get("host", ""), request.headers.get("origin")
        if not self.server_address.is_host(host):
            own, near = self.server_address.url, f"http://localhost:{_name_and_port(host)[1]}/"
            raise Refused(
                HTTPStatus.FORBIDDEN,
                f"this server is not {host[:80]!r}; open {own} on its own machine, or {near} if its port is forwarded",
                near,
            )
        foreign = origin is not None and not _is_same_origin(origin, host)
        if foreign or request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
            raise Refused(
                HTTPStatus.FORBIDDEN, f"requests of other sites are refused; open http://{host}/ in a tab of its own"
            )

    def _check_token(self, request: Request) -> Response | None:
        """Refuse whoever has no token; one in the page's address goes into a cookie, and out of the address."""
        own, given = self.server_address, request.query_params.get("token")
        if own.token and given and own.accepts_token(given) and (request.method, request.url.path) == ("GET", "/"):
            response = RedirectResponse("/", HTTPStatus.SEE_OTHER)
            response.set_cookie(own.cookie, given, httponly=True, samesite="strict")
            return response
        if not own.accepts_token(request.cookies.get(own.cookie)):
            raise Refused(HTTPStatus.UNAUTHORIZED, "open the address with the token that the server printed on start")
        return None


def _check_json(headers: Headers) -> None:
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "what changes something is sent as application/json")


async def _bounded(headers: Headers, receive: Receive) -> Receive:
    """Read a body as far as it may go, and return what receives it again."""
    too_large = Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a request holds {MAX_BODY >> 20} MiB at most")
    length = headers.get("content-length", "0")
    if not length.isdecimal() or int(length[:20]) > MAX_BODY:
        raise too_large
    body, more, end = bytearray(), True, asyncio.get_running_loop().time() + BODY_WITHIN_S
    while more:
        try:
            async with asyncio.timeout_at(end):
                part = await receive()
        except TimeoutError:
            raise Refused(
                HTTPStatus.REQUEST_TIMEOUT, f"the rest of the request did not come within {BODY_WITHIN_S:g} s"
            ) from None
        if part["type"] == "http.disconnect":
            return _replaying(part, receive)
        body += part.get("body", b"")
        if len(body) > MAX_BODY:
            raise too_large
        more = part.get("more_body", False)
    return _replaying({"type": "http.request", "body": bytes(body), "more_body": False}, receive)


def _replaying(first: Message, receive: Receive) -> Callable[[], Awaitable[Message]]:
    waiting = [first]

    async def receive_again() -> Message:
        return waiting.pop() if waiting else await receive()

    return receive_again


def _with_headers(send: Send) -> Send:
    async def send_guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
            headers.setdefault("Cache-Control", "no-store")
        await send(message)

    return send_guarded
