"""The strokes of a tab until they are answered: kept, sent again, refused, given up; in a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.annotate.page.session_world import OPENED, WORLD, run
from tests.annotate.page.worlds import world


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page with a session on a made-up server."""
    with world(browser, WORLD) as page:
        yield page


@pytest.mark.parametrize("status", [401, 404, 409, 503])
def test_a_stroke_is_kept_and_sent_again_where_the_server_is_not_ready_for_it(page: Page, status: int) -> None:
    script = (
        OPENED
        + f"""
        let tries = 0;
        answers.strokes = async () => (tries++ ? [201, {{ event: 2 }}] : [{status}, {{ detail: "open elsewhere" }}]);
        did.ink.push("one");
        const sent = session.own.draw(stroke("one"), true);
        await turns();
        const kept = [[...did.ink], session.own.left.length, session.trouble?.message, [...did.notices]];
        session.connection(true);
        await sent;
        return [kept, tries, session.own.left.length];
    """
    )
    assert run(page, script) == [[["one"], 1, "open elsewhere", []], 2, 0]


@pytest.mark.parametrize("status", [400, 413, 415, 422])
def test_a_stroke_that_is_refused_stays_with_the_reason_and_is_kept_in_the_browser(page: Page, status: int) -> None:
    script = (
        OPENED
        + f"""
        answers.strokes = async () => [{status}, {{ detail: "off the scan" }}];
        did.ink.push("one");
        await session.own.draw(stroke("one"), true);
        const {{ refused }} = session.own;
        return [did.ink, did.refused, session.own.left.length, refused.size, refused.reason, session.underWay];
    """
    )
    assert run(page, script) == [["one"], ["one"], 1, 1, "off the scan", 0]


REFUSED = (
    OPENED
    + """
    answers.strokes = async () => [422, { detail: "off the scan" }];
    did.ink.push("one");
    await session.own.draw(stroke("one"), true);
"""
)


def test_a_refused_stroke_is_sent_again_if_that_is_wanted(page: Page) -> None:
    script = (
        REFUSED
        + """
        answers.strokes = async () => [201, { event: 2 }];
        session.own.refused.sendAgain();
        await turns();
        await say(change(3, 2));
        return [did.ink, session.own.left.length, session.own.refused.size, did.sent.length, new Set(did.sent).size];
    """
    )
    assert run(page, script) == [[], 0, 0, 2, 2]  # under a name of its own: the first may have been noted


def test_a_refused_stroke_goes_when_it_is_discarded(page: Page) -> None:
    script = (
        REFUSED
        + """
        session.own.refused.discard();
        return [did.ink, session.own.left.length, session.own.refused.size, did.sent];
    """
    )
    assert run(page, script) == [[], 0, 0, ["one"]]


def test_a_stroke_that_could_not_be_answered_stays_too(page: Page) -> None:
    # Given a stroke that was acknowledged
    script = (
        OPENED
        + """
        did.ink.push("one");
        await session.own.draw(stroke("one"), true);
        // When the server finds that it cannot be answered
        await say({ type: "refused", event: 3, stroke: 2, message: "lies outside the drawing" });
        return [did.ink, did.refused, session.own.left.length, session.own.refused.reason, session.underWay];
    """
    )
    assert run(page, script) == [["one"], ["one"], 1, "lies outside the drawing", 0]


def test_a_refusal_that_comes_before_the_acknowledgement_is_no_answer(page: Page) -> None:
    # Given a stroke whose acknowledgement takes its time
    script = (
        OPENED
        + """
        const [wait, go] = later();
        answers.strokes = async () => (await wait, [201, { event: 2 }]);
        did.ink.push("one");
        const sent = session.own.draw(stroke("one"), true);
        // When the server tells that it can't be answered, and acknowledges it then
        await say({ type: "refused", event: 3, stroke: 2, message: "lies outside the drawing" });
        go();
        await sent;
        return [did.ink, did.refused, session.own.left.length, session.own.refused.reason];
    """
    )
    assert run(page, script) == [["one"], ["one"], 1, "lies outside the drawing"]


def test_a_refusal_that_was_told_while_the_connection_was_broken_is_learnt_from_the_state(page: Page) -> None:
    # Given two strokes that were acknowledged
    script = (
        OPENED
        + """
        did.ink.push("one", "two");
        await session.own.draw(stroke("one"), true);
        answers.strokes = async () => [201, { event: 3 }];
        await session.own.draw(stroke("two"), true);
        // When one is refused and one answered, and nothing of that is heard
        state(5, { refused: { 2: "lies outside the drawing" } });
        await say({ type: "hello", event: 5 });
        return [did.ink, did.refused, session.own.left.length, session.own.refused.reason, session.underWay];
    """
    )
    assert run(page, script) == [["one"], ["one"], 1, "lies outside the drawing", 0]


def test_what_other_tabs_draw_leaves_nothing_behind(page: Page) -> None:
    script = OPENED + "await say(change(3, 2), change(5, 4)); return session.own.early.size;"
    assert run(page, script) == 0


def test_a_refused_stroke_of_an_earlier_visit_is_sent_under_a_name_that_the_server_does_not_know(page: Page) -> None:
    script = (
        REFUSED
        + """
        answers.strokes = async () => [201, { event: 2 }];
        session.own.settleLeft(true);
        await turns();
        return [session.own.left.length, did.sent.length, new Set(did.sent).size];
    """
    )
    assert run(page, script) == [0, 2, 2]


def test_all_that_waits_is_discarded_together(page: Page) -> None:
    # Given two strokes and a command behind one that is not taken
    script = (
        OPENED
        + """
        answers.strokes = async () => [429, { detail: "too many wait" }];
        did.ink.push("one", "two");
        const strokes = ["one", "two"].map((client) => session.own.draw(stroke(client), true));
        const undone = session.command("undo");
        await turns();
        // When they are discarded, then nothing of them is sent any more
        session.outbox.giveUp();
        await Promise.all([...strokes, undone]);
        return [did.ink, did.sent, session.own.left.length, session.outbox.length, session.trouble];
    """
    )
    assert run(page, script) == [[], ["one"], 0, 0, None]


def test_a_stroke_that_is_sent_again_and_again_can_be_given_up(page: Page) -> None:
    script = (
        OPENED
        + """
        answers.strokes = async () => [429, { detail: "too many wait" }];
        did.ink.push("one");
        const sent = session.own.draw(stroke("one"), true);
        await turns();
        const kept = [[...did.ink], session.own.left.length, session.trouble?.message];
        session.outbox.giveUp();
        await sent;
        return [kept, did.ink, session.own.left.length, session.outbox.length, session.trouble];
    """
    )
    assert run(page, script) == [[["one"], 1, "too many wait"], [], 0, 0, None]
