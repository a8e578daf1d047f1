"""The stream of events, in a real browser with a server that is told what to say: breaks, silence, restarts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.annotate.page.worlds import world

WORLD = """
<!doctype html><script type="module">
  window.opened = [];
  window.EventSource = class {
    static CLOSED = 2;
    constructor(address) {
      Object.assign(this, { address, readyState: 1 });
      opened.push(this);
    }
    close() { this.readyState = 2; }
  };
  const { EventStream } = await import("/page/core/stream.js");
  window.told = [];
  window.connections = [];
  window.stream = new EventStream((mirror, message) => told.push([mirror, message]), (well) => connections.push(well));
  window.say = (body) => opened.at(-1).onmessage({ data: JSON.stringify(body) });
  window.ready = true;
</script>
"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page with a stream alone, whose clock a test moves on."""
    with world(browser, WORLD) as page:
        page.clock.install()
        page.reload()
        page.wait_for_function("window.ready")
        yield page


def addresses(page: Page) -> Any:
    return page.evaluate("opened.filter((one) => one.readyState < 2).map((one) => one.address)")


def test_one_connection_follows_all_mirrors_and_none_where_there_are_none(page: Page) -> None:
    assert addresses(page) == []
    page.evaluate("stream.follow(['SYN-0001_R', 'Třebíč 3_R', 'SYN-0001_R'])")
    assert addresses(page) == ["/api/stream?mirror=SYN-0001_R&mirror=T%C5%99eb%C3%AD%C4%8D+3_R"]
    page.evaluate("stream.follow(['SYN-0001_R'])")
    assert addresses(page) == ["/api/stream?mirror=SYN-0001_R"]
    page.evaluate("stream.follow([])")
    assert addresses(page) == []


def test_a_message_goes_to_its_mirror_and_a_sign_of_life_to_none(page: Page) -> None:
    page.evaluate("stream.follow(['A_R'])")
    page.evaluate("say({ mirror: null, message: { type: 'alive' } })")
    page.evaluate("say({ mirror: 'A_R', message: { type: 'started', event: 1 } })")

    assert page.evaluate("told") == [["A_R", {"type": "started", "event": 1}]]


def test_a_connection_that_says_nothing_any_more_is_made_anew_as_after_a_sleep(page: Page) -> None:
    page.evaluate("stream.follow(['A_R']); opened[0].onopen()")
    for _ in range(4):
        page.clock.run_for(30_000)
        page.evaluate("say({ mirror: null, message: { type: 'alive' } })")
    assert page.evaluate("opened.length") == 1
    page.clock.run_for(60_000)
    assert page.evaluate("opened.length") == 2
    assert len(addresses(page)) == 1
    assert page.evaluate("connections") == [True, False]


def test_an_answer_that_is_no_stream_is_asked_for_again(page: Page) -> None:
    page.evaluate("stream.follow(['A_R']); opened[0].readyState = 2; opened[0].onerror()")
    assert page.evaluate("[opened.length, connections]") == [1, [False]]
    page.clock.run_for(2100)
    assert page.evaluate("opened.length") == 2


def test_a_break_that_the_browser_mends_itself_is_reported_and_left_to_it(page: Page) -> None:
    page.evaluate("stream.follow(['A_R']); opened[0].onopen(); opened[0].onerror()")
    page.clock.run_for(10_000)
    page.evaluate("opened[0].onopen()")
    assert page.evaluate("[opened.length, connections]") == [1, [True, False, True]]
