"""A page of one module's own: its files straight from the folder, all around it made up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Route

import annotate

PAGE = Path(annotate.__file__).with_name("page")
HOST = "http://page.test"


@contextmanager
def world(browser: Browser, html: str, style: str = "", **options: Any) -> Iterator[Page]:
    """Open a page with ``world.css`` beside it, once it sets ``ready``; options are the browser context's."""
    own = {"/": (html, "text/html"), "/world.css": (style, "text/css")}

    def serve(route: Route) -> None:
        path = route.request.url.removeprefix(HOST)
        if path in own:
            body, kind = own[path]
            route.fulfill(body=body, content_type=kind)
        else:
            route.fulfill(path=PAGE / path.removeprefix("/page/"), content_type="text/javascript")

    context = browser.new_context(**options)
    page = context.new_page()
    page.route(f"{HOST}/**", serve)
    page.goto(f"{HOST}/")
    page.wait_for_function("window.ready")
    yield page
    context.close()
