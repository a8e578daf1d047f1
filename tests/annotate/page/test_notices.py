"""Messages on the page: they stack, news fades, problems stay, and what is waited for is named."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.annotate.page.worlds import world

WORLD = """
<!doctype html>
<div id="notices" role="status" aria-live="polite"></div><div id="announcer"></div>
<p id="waits" hidden></p>
<div id="answer" hidden><span id="answer-text"></span><button id="undo">Undo</button></div>
<script type="module">
  import { AnswerBar } from "/page/core/answer.js";
  import { Notices } from "/page/core/notices.js";
  import { showWaits, waitingFor } from "/page/core/waits.js";
  const part = (id) => document.getElementById(id);
  window.notices = new Notices(part("notices"), part("announcer"));
  window.bar = new AnswerBar(part("answer"), part("answer-text"));
  showWaits(part("waits"));
  window.waitingFor = waitingFor;
  window.ready = true;
</script>
"""
SOON = 10_000  # ms, after which news and answers are gone


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page with nothing but notices, whose clock a test moves on."""
    with world(browser, WORLD) as page:
        page.clock.install()
        page.reload()
        page.wait_for_function("window.ready")
        yield page


def texts(page: Page) -> list[str]:
    return page.locator(".notice p").all_inner_texts()


def test_several_messages_are_readable_at_once_the_newest_below(page: Page) -> None:
    page.evaluate("for (const text of ['one', 'two', 'three']) notices.say(text)")

    assert texts(page) == ["One", "Two", "Three"]
    boxes = [box for one in page.locator(".notice").all() if (box := one.bounding_box())]
    assert all(above["y"] + above["height"] <= below["y"] for above, below in pairwise(boxes))


def test_news_fades_and_problems_stay_until_they_are_put_away(page: Page) -> None:
    page.evaluate("notices.say('news'); notices.say('the disk is full', 'problem')")
    page.clock.run_for(6100)
    assert page.locator(".notice").first.get_attribute("class") == "notice leaving"
    page.clock.run_for(SOON)
    assert texts(page) == ["The disk is full"]
    page.click(".notice button")
    assert texts(page) == []


def test_a_problem_that_is_solved_goes_by_itself(page: Page) -> None:
    page.evaluate("notices.say('no line', 'problem', 'the list'); notices.say('other', 'problem')")
    page.evaluate("notices.settle('the list'); notices.settle('nothing that was said')")

    assert texts(page) == ["Other"]


def test_what_is_said_of_the_same_thing_replaces_what_was_said_before(page: Page) -> None:
    page.evaluate("notices.say('is being made', 'progress', 'png')")
    page.clock.run_for(10 * SOON)
    assert texts(page) == ["Is being made"]  # as long as it takes
    page.evaluate("notices.say('is among your downloads', 'info', 'png')")
    assert texts(page) == ["Is among your downloads"]
    page.clock.run_for(SOON)
    assert texts(page) == []


def test_the_same_message_twice_is_shown_once_and_news_in_plenty_make_room(page: Page) -> None:
    page.evaluate("notices.say('problem', 'problem')")
    page.evaluate("for (const number of [1, 1, 2, 3, 4, 5, 6]) notices.say(`news ${number}`)")

    assert texts(page) == ["Problem", "News 3", "News 4", "News 5", "News 6"]


def test_news_stays_while_it_is_pointed_at(page: Page) -> None:
    page.evaluate("notices.say('a long story')")
    page.hover(".notice")
    page.clock.run_for(SOON)
    assert texts(page) == ["A long story"]
    page.mouse.move(0, 500)
    page.clock.run_for(SOON)
    assert texts(page) == []


def test_the_bar_about_an_answer_goes_after_a_while_but_not_while_it_is_used(page: Page) -> None:
    page.evaluate("bar.show('0.3 mm² repaired')")
    expect(page.locator("#answer")).to_be_visible()
    page.clock.run_for(SOON)
    expect(page.locator("#answer")).to_be_hidden()
    page.evaluate("bar.show('again')")
    page.focus("#undo")
    page.clock.run_for(SOON)
    expect(page.locator("#answer")).to_be_visible()
    page.evaluate("document.activeElement.blur()")
    page.clock.run_for(SOON)
    expect(page.locator("#answer")).to_be_hidden()


def test_what_is_waited_for_is_named_after_a_while_and_only_until_it_has_come(page: Page) -> None:
    page.evaluate("""() => {
        window.ends = [];
        const slow = () => new Promise((done, fail) => ends.push([done, fail]));
        waitingFor("opening SYN-0001_R", slow());
        waitingFor("saving a stroke", slow()).catch(() => {});
        waitingFor("saving a stroke", slow());
    }""")
    waits = page.locator("#waits")
    page.clock.run_for(2900)
    expect(waits).to_be_hidden()
    page.clock.run_for(200)
    expect(waits).to_have_text("Waiting for the server: opening SYN-0001_R, saving a stroke …")
    page.evaluate("ends[0][0](); ends[1][1](new Error('refused'))")
    expect(waits).to_have_text("Waiting for the server: saving a stroke …")
    page.evaluate("ends[2][0]()")
    expect(waits).to_be_hidden()
