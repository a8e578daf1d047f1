"""What is in view and in hand is as it was when the page is loaded anew."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

from bench.page.tab import Tab
from tests.annotate.page.seen import require_strokes
from tests.annotate.page.whole import BEGUN, UNTOUCHED, Site

CORNERS = [[0.0, 0.0], [767.0, 767.0]]


def _reloaded(tab: Tab) -> Tab:
    tab.page.reload()
    return tab.drawable()


def _store(tab: Tab, name: str, value: Any) -> None:
    """Put a setting into the browser as it is, while no mirror is open that keeps its own."""
    tab.list()
    tab.page.evaluate(
        "([name, text]) => localStorage.setItem(`retrace.settings.${name}`, text)",
        [name, value if isinstance(value, str) else json.dumps(value)],
    )


def test_view_tool_width_and_layers_outlive_a_reload(site: Site) -> None:
    tab = site.tab().open(BEGUN)
    page = tab.page
    whole = tab.screen_of(CORNERS)

    # Given a mirror that was zoomed, with another tool, a wider pen, other layers
    tab.show(100, 300, 200, 260)
    page.click("#tool-erase")
    page.click("#straight")
    page.locator("#width").fill("1.2")
    page.uncheck("#layer-depth")
    page.check("#layer-initial")
    page.locator("#opacity-initial").fill("35")
    page.mouse.move(0, 0)
    before, shown = tab.screen_of(CORNERS), page.inner_text("#width-shown")

    # When the page is loaded anew
    _reloaded(tab)

    # Then all of it is as it was
    assert tab.screen_of(CORNERS) == pytest.approx(before, abs=1)
    expect(page.locator("#tool-erase")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#straight")).to_have_attribute("aria-pressed", "true")
    assert page.inner_text("#width-shown") == shown
    expect(page.locator("#layer-depth")).not_to_be_checked()
    expect(page.locator("#opacity-initial")).to_have_value("35")
    expect(page.locator("[data-canvas=initial]")).to_be_visible()

    # And another mirror has a view of its own: the whole, until it is moved
    page.goto(f"{site.address}/#/{UNTOUCHED}")
    page.click("#start-empty")
    tab.drawable()
    assert tab.screen_of(CORNERS) == pytest.approx(whole, abs=1)
    page.goto(f"{site.address}/#/{BEGUN}")
    tab.drawable()
    assert tab.screen_of(CORNERS) == pytest.approx(before, abs=1)

    # And a whole mirror stays whole in a window of another size
    page.keyboard.press("0")
    tab.rest()
    page.set_viewport_size({"width": 800, "height": 600})
    _reloaded(tab)
    stage = page.locator("#stage").bounding_box()
    assert stage is not None
    (left, top), (right, bottom) = tab.screen_of(CORNERS)
    assert stage["x"] <= left < right <= stage["x"] + stage["width"]
    assert stage["y"] - 1 <= top < bottom <= stage["y"] + stage["height"] + 1


def test_kept_view_that_does_not_fit_is_left_aside(site: Site) -> None:
    tab = site.tab().open(BEGUN)
    whole = tab.screen_of(CORNERS)
    near = {"shape": [768, 768], "centre": [100.0, 100.0], "zoom": 4.0}
    kept = (
        near | {"shape": [700, 768]},  # of another scan by that name
        near | {"centre": [100.0, 5000.0]},
        near | {"centre": [None, 100.0]},  # NaN, as JSON has it
        near | {"centre": 7},
        near | {"zoom": None},
        near | {"zoom": -2},
        "{no JSON",
        [1, 2],
    )
    for view in kept:
        _store(tab, f"view.{BEGUN}", view)
        tab.open(BEGUN)
        assert tab.screen_of(CORNERS) == pytest.approx(whole, abs=1), view
    for name, value in (("tool", "hammer"), ("width.mm", "wide"), ("light", ["x", None]), ("layers", {"depth": 3})):
        _store(tab, name, value)
    tab.open(BEGUN)
    expect(tab.page.locator("#tool-add")).to_have_attribute("aria-pressed", "true")
    expect(tab.page.locator("#layer-depth")).to_be_checked()

    # Whereas one that fits is shown, and one too near as near as can be
    _store(tab, f"view.{BEGUN}", near)
    tab.open(BEGUN)
    assert np.ptp(tab.screen_of(CORNERS)[:, 0]) == pytest.approx(4 * 767, rel=0.01)
    _store(tab, f"view.{BEGUN}", near | {"zoom": 1e9})
    tab.open(BEGUN)
    assert np.ptp(tab.screen_of(CORNERS)[:, 0]) == pytest.approx(24 * 767, rel=0.01)


def test_place_that_was_looked_at_is_marked_after_a_reload(site: Site) -> None:
    tab = site.tab().open(BEGUN)
    guides = tab.page.locator("[data-canvas=guides]")
    expect(guides).to_be_hidden()
    tab.page.click("#next-place")
    tab.rest()
    before = tab.screen_of(CORNERS)
    _reloaded(tab)
    expect(guides).to_be_visible()
    expect(tab.page.locator("#looks-right")).to_be_enabled()
    assert tab.screen_of(CORNERS) == pytest.approx(before, abs=1)
    for place in (99, -1, "x", None):  # none that there is
        _store(tab, f"place.{BEGUN}", place)
        tab.open(BEGUN)
        expect(guides).to_be_hidden()
        expect(tab.page.locator("#looks-right")).to_be_disabled()


def test_stroke_under_way_is_kept_when_the_mirror_is_left_and_dropped_by_escape(site: Site) -> None:
    tab = site.tab().open(BEGUN)
    (x, y), mouse = tab.screen_of([[300.0, 300.0]])[0], tab.page.mouse
    mouse.move(x, y)
    mouse.down()
    mouse.move(x + 40, y + 10, steps=4)
    tab.press("Escape")
    expect(tab.page.locator("[data-canvas=strokes]")).to_be_hidden()
    mouse.up()
    mouse.down()
    mouse.move(x + 40, y + 60, steps=4)
    tab.page.evaluate("location.hash = '#/'")
    mouse.up()
    expect(tab.page.locator(f"[data-mirror={BEGUN}]")).to_be_visible()
    tab.open(BEGUN)
    require_strokes(tab, 1)
    assert len(site.events("stroke")) == 1
