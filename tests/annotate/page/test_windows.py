"""Many windows of one browser on one server: browsers open six connections to a server, for all windows together."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import expect

from bench.page.tab import Tab
from tests.annotate.page.seen import require_shown, require_strokes
from tests.annotate.page.whole import BEGUN, UNTOUCHED, Site
from tests.annotate.serving import until

WINDOWS = 8
NO_WORKER = "delete window.SharedWorker"


def followed(site: Site) -> int:
    """How many mirrors the server's event streams tell of at this moment, counted once a stream."""
    assert site.sessions is not None
    return len(site.sessions.jobs._subscribers)


def opened(site: Site, count: int, first: Tab | None = None) -> list[Tab]:
    """Windows of one browser, in which two mirrors are open in turn."""
    tabs = [first or site.tab()]
    for _ in range(count - 1):
        tabs.append(site.tab(beside=tabs[0]))
    for number, tab in enumerate(tabs):
        tab.page.goto(f"{site.address}/#/{(BEGUN, UNTOUCHED)[number % 2]}")
        if number == 1:
            tab.page.click("#start-empty")
        tab.drawable()
    return tabs


def draw_and_wait(tab: Tab, number: int) -> None:
    tab.page.bring_to_front()  # a browser gives windows behind others a frame a second
    row = 120.0 + 60 * number
    tab.draw([[row, 200.0], [row, 320.0]])
    tab.answered()


def test_each_of_eight_windows_draws_and_is_answered(site: Site) -> None:
    tabs = opened(site, WINDOWS)
    for number, tab in enumerate(tabs):
        draw_and_wait(tab, number)
        require_strokes(tab, number // 2 + 1)
    for tab in tabs:
        require_strokes(tab, WINDOWS // 2)
    assert followed(site) == 2  # each mirror once, for all its windows
    for tab in tabs[::4]:
        tab.page.bring_to_front()
        require_shown(site, tab)


def test_windows_that_are_closed_leave_the_others_their_stream(site: Site) -> None:
    first, second, third, fourth = opened(site, 4)
    for closed in (first, second):  # the one that was there before all others among them
        closed.page.close()
    draw_and_wait(third, 0)
    require_strokes(third, 1)
    fourth.page.close()
    draw_and_wait(third, 1)
    require_strokes(third, 2)
    assert followed(site) == 1
    third.page.close()
    until(lambda: followed(site) == 0, 20)


def test_a_window_that_is_frozen_keeps_nobody_waiting_and_catches_up(site: Site) -> None:
    first, _, third, _ = opened(site, 4)
    frozen = first.page.context.new_cdp_session(first.page)
    frozen.send("Emulation.setFocusEmulationEnabled", {"enabled": False})
    frozen.send("Page.setWebLifecycleState", {"state": "frozen"})
    draw_and_wait(third, 0)
    require_strokes(third, 1)
    frozen.send("Page.setWebLifecycleState", {"state": "active"})
    require_strokes(first, 1)
    require_shown(site, first)


def test_without_shared_workers_a_window_has_a_stream_of_its_own(site: Site) -> None:
    tab = site.tab()
    tab.page.context.add_init_script(NO_WORKER)
    tabs = opened(site, 3, tab)
    assert tab.page.evaluate("'SharedWorker' in window") is False
    for number, one in enumerate(tabs[:2]):
        draw_and_wait(one, number)
        require_strokes(one, 1)
    require_strokes(tabs[2], 1)
    assert followed(site) == 3


def test_a_worker_that_cannot_be_loaded_is_done_without(site: Site) -> None:
    tab = site.tab()
    tab.page.context.add_init_script(
        "window.SharedWorker = class extends SharedWorker { constructor(_, how) { super('/page/nothing.js', how); } }"
    )
    site.expected = "404"
    tab.open(BEGUN)
    draw_and_wait(tab, 0)
    require_strokes(tab, 1)


@pytest.mark.parametrize("connected", [True, False])
def test_what_happened_while_a_window_was_away_is_caught_up_with(site: Site, connected: bool) -> None:
    here, away = site.tab().open(BEGUN), site.tab().open(BEGUN)
    before = np.array(site.drawing())
    hide = "Object.defineProperty(document, 'hidden', { configurable: true, get: () => %s });"
    tell = "document.dispatchEvent(new Event('visibilitychange'))"
    away.page.evaluate(hide % "true" + tell)
    draw_and_wait(here, 0)
    if not connected:
        here.page.close()
    assert (site.drawing() != before).any()
    away.page.evaluate(hide % "false" + tell)
    require_strokes(away, 1)
    expect(away.page.locator("#connection")).to_have_attribute("data-kind", "well")
    require_shown(site, away)
