"""Beginning a mirror: what the server did is told, whenever the page begins to listen; and the first minute."""

from __future__ import annotations

import shutil
import threading
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from annotate.images.pyramid import Pyramid
from annotate.library.image_list import TILES
from annotate.routes.events import Subscription
from bench.page.program import program
from bench.page.tab import Tab
from tests.annotate.page.pens import touch
from tests.annotate.page.whole import BEGUN, UNTOUCHED, Site
from tests.annotate.serving import until

LINES = "#first-lines"


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Nobody is told of anything before this is set, as on a slow line."""
    is_open, subscribe = threading.Event(), Subscription._subscribe

    def slowly(subscription: Subscription, ends: Any) -> Any:
        assert is_open.wait(30)
        return subscribe(subscription, ends)

    monkeypatch.setattr(Subscription, "_subscribe", slowly)
    return is_open


def full(pyramid: Pyramid, progress: Any) -> None:
    raise OSError(28, "No space left on device")


def without_tiles(site: Site) -> None:
    shutil.rmtree(site.config.annotations / BEGUN / TILES)


def state(site: Site, name: str) -> dict[str, Any]:
    answer: dict[str, Any] = httpx.get(f"{site.address}/api/mirrors/{name}").raise_for_status().json()
    return answer


def card(site: Site, name: str) -> Tab:
    tab = site.tab()
    tab.page.goto(f"{site.address}/#/{name}")
    tab.page.wait_for_selector("#start-card:visible")
    return tab


def test_tiles_that_were_made_before_anybody_listened_are_shown(site: Site, line: threading.Event) -> None:
    without_tiles(site)
    tab = card(site, BEGUN)
    expect(tab.page.locator("#tiles-text")).to_have_text("Preparing the picture: 0 %")
    until(lambda: state(site, BEGUN)["tiles"]["ready"], 30)
    line.set()
    tab.drawable()


def test_a_drawing_that_was_begun_before_anybody_listened_is_shown(site: Site, line: threading.Event) -> None:
    tab = card(site, UNTOUCHED)
    tab.page.click("#start-empty")
    until(lambda: state(site, UNTOUCHED)["started"] and state(site, UNTOUCHED)["tiles"]["ready"], 30)
    line.set()
    tab.drawable()


def test_a_failure_is_told_to_who_listens_later_and_stays_until_it_is_tried_again(
    site: Site, line: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_tiles(site)
    with monkeypatch.context() as disk:
        disk.setattr(Pyramid, "make", full)
        tab = card(site, BEGUN)
        until(lambda: any(job["error"] for job in state(site, BEGUN)["jobs"]), 30)
        line.set()
        text = tab.page.locator("#tiles-text")
        expect(text).to_contain_text("No space left")
        tab.page.reload()
        expect(text).to_contain_text("No space left")
    tab.page.click("#tiles-again")
    tab.drawable()


def test_a_task_that_waits_for_another_says_for_which(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    go, make = threading.Event(), Pyramid.make

    def slowly(pyramid: Pyramid, progress: Any) -> None:
        assert go.wait(60)
        make(pyramid, progress)

    monkeypatch.setattr(Pyramid, "make", slowly)
    without_tiles(site)
    first, second = card(site, BEGUN), card(site, UNTOUCHED)
    expect(second.page.locator("#tiles-text")).to_have_text(
        f"Preparing the picture: waits until the picture of {BEGUN} is prepared"
    )
    go.set()
    first.drawable()
    expect(second.page.locator("#tiles-job")).to_be_hidden()


def test_a_slow_server_is_named_as_what_the_page_waits_for(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    assert site.sessions is not None
    go, open_session = threading.Event(), site.sessions._open_session
    monkeypatch.setattr(site.sessions, "_open_session", lambda view: go.wait(60) and open_session(view))
    tab = site.tab().list()
    tab.page.click(f"[data-mirror={BEGUN}]")
    expect(tab.page.locator("#waits")).to_have_text(f"Waiting for the server: opening {BEGUN} …")
    go.set()
    tab.drawable()
    expect(tab.page.locator("#waits")).to_be_hidden()


def test_three_lines_say_what_to_do_until_the_first_stroke_of_this_browser(site: Site) -> None:
    tab = site.tab().open(BEGUN)
    lines = tab.page.locator(LINES)
    expect(lines).to_be_visible()
    assert len(lines.inner_text().splitlines()) == 3
    start = tab.screen_of([[700.0, 384.0]])[0]
    over = lines.bounding_box()
    assert over is not None
    assert over["y"] < start[1] < over["y"] + over["height"]  # the stroke begins under them
    tab.draw([[700.0, 384.0], [540.0, 384.0]])
    expect(lines).to_be_hidden()
    tab.answered()
    assert len(site.events("stroke")) == 1
    tab.press("z")
    expect(tab.page.locator("#strokes")).to_have_text("0 strokes")
    tab.page.reload()
    tab.drawable()
    expect(lines).to_be_hidden()
    other = site.tab(beside=tab)
    other.page.goto(f"{site.address}/#/{UNTOUCHED}")
    other.page.click("#start-empty")
    other.drawable()
    expect(other.page.locator(LINES)).to_be_hidden()


def test_a_finger_is_told_what_a_finger_does(site: Site) -> None:
    tab = site.tab(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True).open(BEGUN)
    text = tab.page.locator(LINES).inner_text()
    assert "two fingers" in text
    assert "button" not in text
    assert "Space" not in text
    x, y = tab.screen_of([[300.0, 300.0]])[0]
    session = tab.page.context.new_cdp_session(tab.page)
    for kind, *places in (("touchStart", (x, y)), ("touchMove", (x + 60, y)), ("touchEnd",)):
        touch(session, kind, *places)
    tab.rest()
    assert tab.screen_of([[300.0, 300.0]])[0][0] > x + 30  # the finger has moved the picture
    expect(tab.page.locator(".notice")).to_have_count(0)  # it is told once


def test_the_bar_about_an_answer_keeps_to_a_corner_and_goes_with_the_next_stroke(site: Site) -> None:
    tab = site.tab().open(BEGUN)
    tab.page.evaluate("document.querySelector('#answer').hidden = false")
    bar, work = tab.page.locator("#answer").bounding_box(), tab.page.locator("#work").bounding_box()
    assert bar is not None
    assert work is not None
    assert bar["x"] - work["x"] < 20
    assert work["y"] + work["height"] - bar["y"] - bar["height"] < 20
    assert bar["width"] * bar["height"] < 0.06 * work["width"] * work["height"]
    x, y = tab.screen_of([[300.0, 300.0]])[0]
    tab.page.mouse.move(x, y)
    tab.page.mouse.down()
    expect(tab.page.locator("#answer")).to_be_hidden()
    tab.page.mouse.up()


def test_a_server_that_is_started_anew_goes_on_with_what_the_page_waits_for(closed_site: Site) -> None:
    site = closed_site
    site.expected = "ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE"
    with program(site.config, "--no_models") as server:
        site.address, port = server.address, server.port
        tab = card(site, UNTOUCHED)
        expect(tab.page.locator("#tiles-job")).to_be_hidden()
    shutil.rmtree(site.config.annotations / UNTOUCHED / TILES)  # as if it had not come to an end
    with program(site.config, "--no_models", port=port):
        until(lambda: (site.config.annotations / UNTOUCHED / TILES).exists(), 30)
        tab.page.click("#start-empty")
        tab.drawable()
        site.leave()
