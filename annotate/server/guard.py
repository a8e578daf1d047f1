"""Who may ask: the server's own page, in a browser of this machine, or of another one that has the token.

Against DNS rebinding a request must name the server by a name that it answers to; against forged requests of other
sites it must not come from another origin, and what changes something must be JSON, which no form can send.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import ip_address

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY = 2 << 20  # bytes; the longest stroke takes about half of it
LOOPBACK = ("127.0.0.1", "localhost", "::1")
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})  # methods that change nothing
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; object-src 'none'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@dataclass(frozen=True)
class Door:
    """Where a server listens, and what opens it.

    Parameters
    ----------
    names : how it may be named, as in an address: ``localhost``, ``[::1]``; the first one is the one to use
    port : where it listens
    token : what a browser has to bring; None: nothing
    everywhere : whether it listens on all of the machine's addresses, each of which is a name, too
    """

    names: tuple[str, ...]
    port: int
    token: str | None = None
    everywhere: bool = False

    @classmethod
    def of(cls, name: str, address: str, port: int) -> Door:
        """Describe a server that listens on an address; any but this machine's own makes up a token.

        Parameters
        ----------
        name : what the user calls the machine: a host's name, or an address
        address, port : of the socket
        """
        bound = ip_address(address.partition("%")[0])
        names = [_bracketed(each) for each in (name.lower(), str(bound), *LOOPBACK)]
        token = None if bound.is_loopback else secrets.token_urlsafe(32)
        return cls(tuple(dict.fromkeys(names)), port, token, bound.is_unspecified)

    @property
    def address(self) -> str:
        """What to open in a browser; the token is not in it."""
        return f"http://{self.names[0]}:{self.port}/"

    def answers_to(self, authority: str) -> bool:
        """Whether ``name:port``, as a browser writes it, is this server; an address cannot be rebound to another."""
        name, _, port = authority.lower().rpartition(":") if re.search(r":\d+$", authority) else (authority, "", "80")
        if port != str(self.port):
            return False
        return name.lower() in self.names or (self.everywhere and _is_address(name))

    @property
    def cookie(self) -> str:
        """The cookie that holds the token; browsers share cookies between the ports of a host."""
        return f"annotate_{self.port}"

    def opened_by(self, given: str | None) -> bool:
        """Whether this is the token."""
        return self.token is None or secrets.compare_digest(self.token.encode(), (given or "").encode())


def _bracketed(name: str) -> str:
    return f"[{name}]" if ":" in name else name


def _is_address(name: str) -> bool:
    bracketed = name.startswith("[") and name.endswith("]")
    try:
        return ip_address(name[1:-1] if bracketed else name).version == (6 if bracketed else 4)
    except ValueError:
        return False


class Refused(Exception):
    """A request that is not let in."""

    def __init__(self, status: HTTPStatus, detail: str) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail


class Guard:
    """ASGI middleware that lets in what the door opens to, with bodies of bounded size, and sets the safe headers.

    Parameters
    ----------
    app : what it guards
    door : where that listens
    """

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self.app, self.door = app, door

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
            headers = {"Connection": "close"} if refused.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE else None
            response = JSONResponse({"detail": refused.detail}, refused.status, headers)
            return await response(scope, receive, send)
        return await self.app(scope, receive, send)

    def _check_origin(self, request: Request) -> None:
        host, origin, own = request.headers.get("host", ""), request.headers.get("origin"), self.door.address
        if not self.door.answers_to(host):
            raise Refused(HTTPStatus.FORBIDDEN, f"this server is not {host[:80]!r}; open {own}")
        foreign = origin is not None and not (
            origin.startswith("http://") and self.door.answers_to(origin.removeprefix("http://"))
        )
        if foreign or request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
            raise Refused(HTTPStatus.FORBIDDEN, f"requests of other sites are refused; open {own} in a tab of its own")

    def _check_token(self, request: Request) -> Response | None:
        """Refuse whoever has no token; one in the page's address goes into a cookie, and out of the address."""
        door, given = self.door, request.query_params.get("token")
        if door.token and given and door.opened_by(given) and (request.method, request.url.path) == ("GET", "/"):
            response = RedirectResponse("/", HTTPStatus.SEE_OTHER)
            response.set_cookie(door.cookie, given, httponly=True, samesite="strict")
            return response
        if not door.opened_by(request.cookies.get(door.cookie)):
            raise Refused(HTTPStatus.UNAUTHORIZED, "open the address with the token that the server printed on start")
        return None


def _check_json(headers: Headers) -> None:
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "what changes something is sent as application/json")


async def _bounded(headers: Headers, receive: Receive) -> Receive:
    """Read a body as far as it may go, and return what hands it on."""
    too_large = Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a request holds {MAX_BODY >> 20} MiB at most")
    length = headers.get("content-length", "0")
    if not length.isdecimal() or int(length[:20]) > MAX_BODY:
        raise too_large
    body, more = bytearray(), True
    while more:
        part = await receive()
        if part["type"] == "http.disconnect":
            return _handing_on(part, receive)
        body += part.get("body", b"")
        if len(body) > MAX_BODY:
            raise too_large
        more = part.get("more_body", False)
    return _handing_on({"type": "http.request", "body": bytes(body), "more_body": False}, receive)


def _handing_on(first: Message, receive: Receive) -> Callable[[], Awaitable[Message]]:
    waiting = [first]

    async def hand_on() -> Message:
        return waiting.pop() if waiting else await receive()

    return hand_on


def _with_headers(send: Send) -> Send:
    async def send_guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
            headers.setdefault("Cache-Control", "no-store")
        await send(message)

    return send_guarded
