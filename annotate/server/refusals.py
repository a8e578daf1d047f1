"""Refusals: JSON for programs and for the page's own requests, a small page with a link for who followed a link."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Not opened</title>
<h1>Not opened</h1>
<p>{detail}.</p>
<p><a href="{link}">Open the annotation page</a></p>
</html>
"""


def refusal(
    request: Request, status: int, detail: str, headers: Mapping[str, str] | None = None, link: str = "/"
) -> Response:
    """Return the response to a request that is refused.

    Parameters
    ----------
    request : that is refused
    status : HTTP's
    detail : why, and what to do
    headers : of the response
    link : where the annotation page is, for a browser; ``/`` is at the host and port that the browser asked
    """
    own = {**(headers or {}), "Vary": "Accept"}
    if not _follows_link(request):
        return JSONResponse({"detail": detail}, status, own)
    sentence = escape(detail[:1].upper() + detail[1:])
    return HTMLResponse(PAGE.format(detail=sentence, link=escape(link)), status, own)


def _follows_link(request: Request) -> bool:
    """Whether a browser asks for a page to show: its scripts and other programs do not ask for HTML."""
    return request.method in ("GET", "HEAD") and "text/html" in request.headers.get("accept", "").lower()
