"""An application that answers whatever is asked, behind the guard of a server at some address."""

from __future__ import annotations

from contextlib import contextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from annotate.server.guard import Guard, ServerAddress

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
