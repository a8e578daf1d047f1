"""A browser, and the whole page in it with its real server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from bench.page.tab import chromium
from tests.annotate.page.whole import Made, Site, site_of

PATIENCE_MS = 30_000  # cores may be shared

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="module")  # no longer: playwright holds the thread's event loop, and other tests want theirs
def browser() -> Iterator[Browser]:
    """Chromium, without a window; tests fail where it is not installed."""
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Mirrors and models; made once, and changed by nobody."""
    return Made.into(tmp_path_factory.mktemp("made"))


@pytest.fixture
def closed_site(made: Made, browser: Browser, tmp_path: Path) -> Iterator[Site]:
    """A site whose server is not running yet."""
    with site_of(made, browser, tmp_path / "annotations") as site:
        yield site


@pytest.fixture
def site(made: Made, closed_site: Site) -> Iterator[Site]:
    """A site with its server and the models."""
    with closed_site.serving(made.models):
        yield closed_site
