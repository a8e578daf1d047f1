"""What the page does when the server dies, or a log cannot be used: nothing is lost, and people are told."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
from contextlib import ExitStack, closing

import numpy as np
from playwright.sync_api import Request, expect

from annotate.session.annotation_session import AnnotationSession
from bench.page.program import program
from bench.page.tab import Tab
from interaction.log.log import Log
from interaction.log.replay import replayed
from tests.annotate.page.seen import furthest, on_canvas, require_shown, to_be_shown
from tests.annotate.page.whole import BEGUN, Made, Site

KILLS = 2
REFUSED = "ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_INCOMPLETE_CHUNKED|ERR_EMPTY_RESPONSE|ERR_NETWORK"


def test_log_of_a_newer_version_is_reported_and_left_as_it_is(closed_site: Site, made: Made) -> None:
    with closing(sqlite3.connect(closed_site.log_path())) as log:
        log.execute("PRAGMA journal_mode = DELETE")
        log.execute("PRAGMA user_version = 99")
    before = closed_site.log_path().read_bytes()
    closed_site.expected = "409"  # a browser notes each refusal on its console
    with closed_site.serving(made.models):
        tab = closed_site.tab().list()
        card = tab.page.locator(f"[data-mirror={BEGUN}]")
        expect(card).to_contain_text("Can't be read")
        card.click()
        expect(tab.page.locator("#notices")).to_contain_text("newer version")
        expect(tab.page.locator("#start-card")).to_be_hidden()
        expect(tab.page.locator("#loading")).to_be_hidden()
    assert closed_site.log_path().read_bytes() == before


def strokes_in(site: Site) -> set[str]:
    """The clients' names of the strokes that the log holds."""
    with closing(Log.read(site.log_path())) as log:
        return set(replayed(log).clients)


def test_killed_while_strokes_are_drawn_it_has_lost_none_that_it_acknowledged(closed_site: Site) -> None:
    site, rng = closed_site, np.random.default_rng(0)
    site.expected = REFUSED
    drawn: list[str] = []
    acknowledged: list[str] = []

    def client(request: Request) -> str:
        return str(json.loads(request.post_data or "")["client"])

    def sent(request: Request) -> None:
        if request.url.endswith("/strokes") and client(request) not in drawn:
            drawn.append(client(request))

    def finished(request: Request) -> None:
        response = request.response() if request.url.endswith("/strokes") else None
        if response is not None and response.status == 201:
            acknowledged.append(client(request))

    def draw(tab: Tab) -> None:
        start = rng.uniform(150, 550, 2)
        tab.draw([start, start + rng.uniform(-60, 60, 2)])

    tab, port = None, 0
    for kill in range(KILLS):
        with program(site.config, "--no_models", port=port) as server:
            site.address, port = server.address, server.port
            if tab is None:
                tab = site.tab().open(BEGUN)
                tab.page.on("request", sent)
                tab.page.on("requestfinished", finished)
            expect(tab.page.locator("#connection")).not_to_have_attribute("data-kind", "lost", timeout=20_000)
            for stroke in range(6):
                draw(tab)
                if stroke == 3:
                    tab.page.wait_for_timeout(rng.uniform(0, 40))
                    os.kill(server.process.pid, signal.SIGKILL)
        expect(tab.page.locator("#connection")).to_have_attribute("data-kind", "lost")
        assert len(acknowledged) > 3 * kill  # it was killed while it worked, not before
        assert set(acknowledged) <= strokes_in(site)
    with program(site.config, "--no_models", port=port):
        assert tab is not None
        tab.answered()
        expect(tab.page.locator("#strokes")).to_have_text(f"{6 * KILLS} strokes")
        assert len(drawn) == 6 * KILLS
        assert strokes_in(site) == set(drawn)  # those that were not acknowledged were sent again
        assert len(site.events("stroke")) == len(drawn)  # and none was taken twice
        assert furthest(on_canvas(tab), to_be_shown(tab, site.drawing())) <= 1.5
        tab.page.reload()
        tab.drawable()
        expect(tab.page.locator("#left-over")).to_be_hidden()
        site.leave()


LINE = [[200.0, 200.0], [200.0, 320.0]]  # a stroke, scan pixels


def test_log_that_is_deleted_is_said_and_written_again_without_a_reload(site: Site) -> None:
    # Given a page on which a stroke was drawn
    site.expected = "503"
    tab = site.tab().open(BEGUN)
    tab.draw(LINE)
    tab.answered()
    expect(tab.page.locator("#strokes")).to_contain_text("1 stroke")
    loads: list[str] = []
    tab.page.on("load", lambda page: loads.append(page.url))

    # When the log is deleted
    for path in site.log_path().parent.glob("log.sqlite*"):
        path.unlink()
    tab.draw([[400.0, 200.0], [400.0, 320.0]])

    # Then it is said, the stroke is taken once it has been written again, and all is there
    expect(tab.page.locator("#notices")).to_contain_text("nothing that was drawn is missing")
    tab.answered()
    expect(tab.page.locator("#strokes")).to_contain_text("2 strokes")
    expect(tab.page.locator("#read-only")).to_be_hidden()
    assert len(strokes_in(site)) == 2
    assert loads == []
    require_shown(site, tab)


def test_mirror_that_another_program_has_open_can_be_looked_at_and_drawn_on_once_that_has_ended(
    closed_site: Site, made: Made
) -> None:
    site = closed_site
    with ExitStack() as other:
        session = AnnotationSession.open(site.view(), site.config, made.models)
        other.callback(session.close)
        with site.serving(made.models):
            # Given a mirror that is open elsewhere: it is shown, with the reason why it cannot be drawn on
            tab = site.tab().open(BEGUN)
            banner = tab.page.locator("#read-only")
            expect(banner).to_contain_text("is open in another program")
            expect(banner).to_contain_text("Trying again by itself")
            expect(tab.page.locator("#first-lines")).to_be_hidden()  # nobody is told to draw here
            require_shown(site, tab)
            tab.draw(LINE)
            assert strokes_in(site) == set()
            # When the other program has ended, then it can be drawn on without a reload
            other.close()
            expect(banner).to_be_hidden()
            tab.draw(LINE)
            tab.answered()
            assert len(strokes_in(site)) == 1


def test_stroke_that_is_refused_is_marked_with_the_reason_and_can_be_sent_again_or_discarded(site: Site) -> None:
    site.expected = "422"
    tab = site.tab().open(BEGUN)
    page = tab.page
    refusal = json.dumps({"detail": "a stroke of 9 points; draw at most 8 at a time"})

    # Given a stroke that the server refuses
    page.route("**/strokes", lambda route: route.fulfill(status=422, body=refusal, content_type="application/json"))
    tab.draw(LINE)
    banner = page.locator("#refused")
    expect(banner).to_contain_text("1 stroke not taken by the server: a stroke of 9 points; draw at most 8 at a time.")
    expect(page.locator("#connection")).to_contain_text("1 stroke not taken")
    assert page.evaluate("document.querySelector('[data-canvas=strokes]').style.display") != "none"

    # When it is loaded anew, then it is still there
    page.reload()
    tab.drawable()
    expect(page.locator("#left-over")).to_contain_text("1 stroke drawn earlier not taken by the server")
    page.click("#send-left")
    expect(banner).to_be_visible()

    # and it is taken when the server takes it
    page.unroute("**/strokes")
    page.click("#send-refused")
    tab.answered()
    expect(banner).to_be_hidden()
    assert len(strokes_in(site)) == 1

    # When another one is discarded, then it is gone
    page.route("**/strokes", lambda route: route.fulfill(status=422, body=refusal, content_type="application/json"))
    tab.draw([[400.0, 200.0], [400.0, 320.0]])
    page.click("#drop-refused")
    expect(banner).to_be_hidden()
    tab.answered()
    page.reload()
    tab.drawable()
    expect(page.locator("#left-over")).to_be_hidden()
    assert len(strokes_in(site)) == 1
