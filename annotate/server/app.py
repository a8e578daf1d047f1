"""The web application: its routes, its page, and one clear sentence for each error."""

from __future__ import annotations

import mimetypes
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, Response
from fastapi.staticfiles import StaticFiles
from fastapi.telemetry import TelemetryConfig
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Scope

from annotate.errors import NotWrittenError, reason
from annotate.library.image_list import UnknownMirror
from annotate.routes import corrections, events, exports, gives, learning, mirrors, pictures, refusals
from annotate.routes.feed import Feed
from annotate.server.refusals import refusal
from annotate.session.open_sessions import OpenSessions
from runs.errors import MENDABLE

PAGE = Path(__file__).parents[1] / "page"
NO_CACHE = {"Cache-Control": "no-cache"}  # kept, but asked whether it is still the same
NO_TELEMETRY: TelemetryConfig = {  # nothing leaves this machine, whatever the environment says
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}


class PageFiles(StaticFiles):
    """The files of the page; browsers check on each load whether they changed."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return a file, to be asked for again each time."""
        response = await super().get_response(path, scope)
        response.headers.update(NO_CACHE)
        return response


def create_app(open_sessions: OpenSessions) -> FastAPI:
    """Make the application, without its guard; when it ends the open sessions are closed."""
    mimetypes.add_type("text/javascript", ".js")  # some systems have it otherwise, and browsers then refuse modules
    app = FastAPI(
        title="Annotation page",
        lifespan=_lifespan,
        docs_url=None,  # these would load scripts from elsewhere
        redoc_url=None,
        telemetry=NO_TELEMETRY,
        responses=refusals(400, 401, 403, 413, 415, 422, 500, 503),
    )
    app.state.open_sessions, app.state.feeds = open_sessions, set[Feed]()
    for part in (mirrors, pictures, corrections, learning, events, exports):
        app.include_router(part.router)
    for kind in (*MENDABLE, Exception):
        app.add_exception_handler(kind, _refuse)
    app.add_exception_handler(HTTPException, _refuse_http)
    app.add_exception_handler(RequestValidationError, _refuse_values)

    @app.get("/", response_class=FileResponse, responses=gives("text/html"), tags=["page"])
    async def page() -> FileResponse:
        """Return the page itself."""
        return FileResponse(PAGE / "index.html", headers=NO_CACHE)

    app.mount("/page", PageFiles(directory=PAGE), name="page")
    return app


def end_streams(app: FastAPI) -> None:
    """End the event streams, which otherwise never do; to be called in the event loop."""
    for feed in app.state.feeds:
        feed.end()


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    yield
    await run_in_threadpool(app.state.open_sessions.close)


async def _refuse(request: Request, error: Exception) -> Response:
    if isinstance(error, UnknownMirror):
        status = HTTPStatus.NOT_FOUND
    elif isinstance(error, (NotWrittenError, OSError)):  # pages keep a stroke then, and send it again
        status = HTTPStatus.SERVICE_UNAVAILABLE
    elif isinstance(error, MENDABLE):
        status = HTTPStatus.CONFLICT
    else:
        status = HTTPStatus.INTERNAL_SERVER_ERROR
    return refusal(request, status, reason(error))


async def _refuse_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    path = request.url.path[:200]
    plainer = {
        "Not Found": f"there is no {path}",
        "Method Not Allowed": f"{path} takes no {request.method}",
        "There was an error parsing the body": "the body cannot be read as JSON in UTF-8",
    }
    return refusal(request, error.status_code, plainer.get(error.detail, error.detail), error.headers)


async def _refuse_values(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first: dict[str, Any] = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"] if part not in ("body", "path", "query"))
    what = str(first["msg"]).removeprefix("Value error, ")
    return refusal(request, HTTPStatus.UNPROCESSABLE_ENTITY, f"{where[:200]}: {what}" if where else what)
