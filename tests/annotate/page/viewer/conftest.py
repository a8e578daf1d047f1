"""Windows with a viewer in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.annotate.page.viewer.made_up import Server
from tests.annotate.page.viewer.screen import WINDOW, Screen, plain


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """What answers the viewer, of the mirror that a test gives it."""
    serving = Server()
    yield serving
    serving.close()


@pytest.fixture(scope="module")
def windows(browser: Browser, server: Server) -> Callable[..., Screen]:
    """What gives a window with some options of the browser's; one for all tests that want the same."""
    opened: dict[tuple[tuple[str, Any], ...], Screen] = {}

    def window(**changed: Any) -> Screen:
        options = {"reduced_motion": "reduce", **changed}  # views that are there at once
        key = tuple(sorted(options.items()))
        if key not in opened:
            page = browser.new_page(viewport=WINDOW, **options)
            page.goto(server.address)
            page.wait_for_load_state("load")
            opened[key] = Screen(page, server)
        return opened[key]

    server.mirror = plain()
    return window


@pytest.fixture
def screen(windows: Callable[..., Screen]) -> Iterator[Screen]:
    """A window whose page must not complain."""
    screen = windows()
    problems: list[str] = []
    told = lambda message: problems.append(message.text) if message.type in ("error", "warning") else None  # noqa: E731
    failed = lambda error: problems.append(str(error))  # noqa: E731
    screen.page.on("console", told)
    screen.page.on("pageerror", failed)
    yield screen
    screen.page.remove_listener("console", told)
    screen.page.remove_listener("pageerror", failed)
    screen.page.set_viewport_size(WINDOW)
    assert problems == []
