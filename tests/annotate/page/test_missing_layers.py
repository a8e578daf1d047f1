"""A layer that is switched on is on the screen, or the panel says what is missing and why."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from bench.page.tab import Tab
from data.storage import PreparedView
from tests.annotate.page.whole import BEGUN, Site

PAINTED = """() => {
  const canvas = document.querySelector("[data-canvas=errors]");
  if (canvas.style.display === "none" || !canvas.width) return false;
  const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", { willReadFrequently: true });
  copy.drawImage(canvas, 0, 0);
  const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
  return data.some((value, at) => at % 4 === 3 && value > 0);
}"""


def _note(page: Page, layer: str) -> Locator:
    """What the panel says beneath a layer."""
    return page.locator(f"[data-layer={layer}] .layer-note")


def _require_errors(tab: Tab) -> None:
    """Assert that the errors come to be seen, and that nothing is said to be missing of them."""
    tab.until(PAINTED, 20)
    expect(_note(tab.page, "errors")).to_be_hidden()


def test_errors_that_were_switched_on_are_seen_after_a_reload_and_in_the_next_mirror(site: Site) -> None:
    # Given a mirror with the errors switched on
    tab = site.tab().open(BEGUN)
    tab.page.check("#layer-errors")
    _require_errors(tab)

    # When the page is loaded anew, then they are seen as before
    tab.page.reload()
    expect(tab.drawable().page.locator("#layer-errors")).to_be_checked()
    _require_errors(tab)

    # When the mirror is left and opened again, too
    tab.page.click("#back")
    tab.page.click(f"[data-mirror={BEGUN}]")
    tab.drawable()
    _require_errors(tab)


def test_panel_says_what_could_not_be_loaded_and_loads_it_when_told(site: Site) -> None:
    # Given a truth, an initial drawing and tiles that don't come
    site.expected = "Failed to load resource|failed to load"
    tab = site.tab()
    page = tab.page
    refused = {"status": 503, "json": {"detail": "the disk is being mended"}}
    page.route("**/drawings/truth", lambda route: route.fulfill(**refused))
    page.route("**/drawings/initial", lambda route: route.abort())
    page.route("**/tiles/depth/**", lambda route: route.abort())
    page.goto(f"{site.address}/#/{BEGUN}")
    page.wait_for_selector("#mirror[aria-busy=false]")

    # When their layers are switched on
    page.check("#layer-errors")
    page.check("#layer-initial")

    # Then each says why it is not to be seen
    expect(_note(page, "errors")).to_have_text("Could not be loaded: the disk is being mended")
    expect(_note(page, "initial")).to_have_text("Could not be loaded: the server can't be reached")
    expect(_note(page, "depth")).to_have_text("Could not be loaded: the server can't be reached")
    page.keyboard.down("c")
    expect(page.locator("#comparing")).to_have_text(re.compile("^Initial drawing: (Could not|Is being)"))
    page.keyboard.up("c")

    # When what was in the way is gone, then "Try again" loads them
    page.unroute_all()
    for layer in ("errors", "initial", "depth"):
        page.click(f"[data-layer={layer}] .layer-again")
        expect(_note(page, layer)).to_be_hidden()
    _require_errors(tab)
    tab.rest()
    page.keyboard.down("c")
    expect(page.locator("#comparing")).to_have_text("Initial drawing")
    page.keyboard.up("c")


def test_panel_says_that_a_truth_is_still_on_its_way(site: Site) -> None:
    tab = site.tab().open(BEGUN)
    held: list[Route] = []
    tab.page.route("**/drawings/truth", lambda route: held.append(route))
    tab.page.check("#layer-errors")
    expect(_note(tab.page, "errors")).to_have_text("Is being loaded …")
    held[0].continue_()
    _require_errors(tab)


def test_panel_says_that_there_is_no_truth_where_errors_were_switched_on_elsewhere(site: Site) -> None:
    # Given a browser in which the errors are switched on
    tab = site.tab().open(BEGUN)
    tab.page.check("#layer-errors")
    _require_errors(tab)

    # When a scan is opened that came without a drawing
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PreparedView, "has_truth", False)
        tab.page.reload()
        tab.drawable()

        # Then the panel says so, and not one where they are switched off
        absent = tab.page.locator(".layer-absent")
        expect(absent).to_have_text("Errors: no drawing came with this scan that it could be compared with.")
    tab.page.reload()
    tab.drawable()
    expect(absent).to_be_hidden()
