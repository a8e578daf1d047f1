"""What people with other eyes or hands need: contrast, labels, roles, as axe finds them, in both colour schemes."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from interaction.prompts.strokes import ADD
from tests.annotate.page.whole import BEGUN, UNTOUCHED, Site


def require_none(page: Page) -> None:
    """Assert that axe finds nothing wrong, by all of its rules."""
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_fault(site: Site, scheme: str) -> None:
    tab = site.tab(color_scheme=scheme).list()
    page = tab.page
    require_none(page)
    page.click(f"[data-mirror={UNTOUCHED}]")
    page.wait_for_selector("#start-model:visible")
    expect(page.locator("#tiles-job")).to_be_hidden()
    require_none(page)
    tab.open(BEGUN)
    tab.draw(site.mistake(ADD).path_px)
    tab.answered()
    for layer in ("normals", "quality"):
        page.check(f"#layer-{layer}")
    page.click("#next-place")
    page.click("#export summary")
    require_none(page)
    tab.press("Escape")
    tab.press("?")
    expect(page.locator("#help")).to_be_visible()
    require_none(page)
