"""A browser, a page with one viewer in it, and the whole page with its real server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.annotate.page.made_up import Server
from tests.annotate.page.whole import Made, Site, site_of

CHROMIUM = Path("/usr/bin/chromium")
PATIENCE_MS = 30_000  # cores may be shared

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="module")  # no longer: playwright holds the thread's event loop, and other tests want theirs
def browser() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    if not CHROMIUM.exists():
        pytest.fail(f"{CHROMIUM} is not there: install Debian's package, `apt-get install chromium`")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """What answers the viewer, of the mirror that a test gives it."""
    serving = Server()
    yield serving
    serving.close()


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
    with closed_site.serving(made.engine):
        yield closed_site
