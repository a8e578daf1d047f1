"""A person measures a line on the start card, and all images are prepared anew with what was measured."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from annotate.library.model_service import ModelService
from tests.annotate.page.whole import Site
from tests.annotate.photographed import PhotographSite
from tests.annotate.serving import until

WIDE = 18.0  # pixels that the pointer goes across


@pytest.fixture
def photographs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> PhotographSite:
    made = PhotographSite(tmp_path)
    made.photograph("a", "b")
    return made


@pytest.fixture
def site(photographs: PhotographSite, browser: Browser) -> Iterator[Site]:
    made = Site(browser, photographs.config, photographs.views())
    with made.serving(ModelService(None, None, photographs.config)):
        yield made
    assert not made.problems, made.problems


def test_a_line_is_measured_with_the_pointer_and_the_page_goes_on_with_that(
    site: Site, photographs: PhotographSite
) -> None:
    page = site.tab().page
    page.goto(f"{site.address}/#/a")
    says = page.locator("#shown-says")
    expect(says).to_contain_text("only an estimate")
    page.click("#show-otherwise")
    image = page.locator("#close-up img")
    until(lambda: image.evaluate("(image) => image.naturalWidth") > 0)
    image.scroll_into_view_if_needed()
    box, natural = image.bounding_box(), image.evaluate("(image) => image.naturalWidth")
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 4
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + WIDE * box["width"] / natural, steps=5)
    page.mouse.up()
    page.check("#polarity input[value=bright]")
    page.click("#showing-form button[type=submit]")

    expect(says).to_contain_text("bright")
    expect(says).to_contain_text("as given")
    showing = photographs.prepared.showing
    assert showing is not None
    assert showing.line_width == pytest.approx(WIDE, abs=1.0)
    assert showing.named_polarity == "bright"
    page.click("#start-empty")
    expect(page.locator("#start-card")).to_be_hidden()


def test_a_refusal_is_said_on_the_card_and_what_was_typed_can_be_mended(site: Site) -> None:
    assert site.sessions is not None
    page = site.tab(beside=(drawn := site.tab())).page
    drawn.page.goto(f"{site.address}/#/b")
    drawn.page.click("#start-empty")
    drawn.drawable()
    drawn.draw([[60.0, 60.0], [60.0, 120.0]])
    drawn.answered()
    page.goto(f"{site.address}/#/a")
    site.expected = "409"
    page.click("#show-otherwise")
    page.fill("#line-width", "20")
    page.click("#showing-form button[type=submit]")

    expect(page.locator("#showing-text")).to_contain_text("somebody has drawn on b")
    expect(page.locator("#start-empty")).to_be_enabled()
    expect(page.locator("#show-otherwise")).to_be_enabled()
