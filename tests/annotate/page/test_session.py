"""What a tab knows of its mirror, in a real browser with a server that is told what to answer."""

from __future__ import annotations

import json
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


def test_a_mirror_left_while_it_opens_leaves_no_stream_behind(page: Page) -> None:
    # Given a mirror that takes its time to open
    left = """
        const [wait, go] = later();
        answers.state = async () => (await wait, [200, { name: "mirror", version: "scan", event: 1 }]);
        const opening = session.open();
        session.close();
        go();
        await opening;
        return did.streams.length;
    """
    # When it is left before, then nobody listens to it
    assert run(page, left) == 0


def test_a_tab_that_is_not_to_be_seen_holds_no_connection_and_catches_up(page: Page) -> None:
    # Given six connections to a server at most, for all tabs
    script = (
        OPENED
        + """
        const see = (hidden) => {
          Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
          document.dispatchEvent(new Event("visibilitychange"));
        };
        see(true);
        const hidden = did.streams.length;
        state(3, { strokes: 1 });
        shown = 3;
        see(false);
        const seen = did.streams.length;
        await say({ type: "hello", event: 3 });
        session.close();
        see(true);
        see(false);
        return [hidden, seen, session.drawn, session.state.strokes, did.streams.length];
    """
    )
    assert run(page, script) == [0, 1, 3, 1, 0]


def test_a_tab_opened_behind_others_reads_its_state_again_when_it_is_seen(page: Page) -> None:
    script = """
        Object.defineProperty(document, "hidden", { configurable: true, get: () => true });
        await session.open();
        const hidden = did.streams.length;
        state(1, { tiles: "made" });
        Object.defineProperty(document, "hidden", { configurable: true, get: () => false });
        document.dispatchEvent(new Event("visibilitychange"));
        await say({ type: "hello", event: 1 });
        return [hidden, session.state.tiles];
    """
    assert run(page, script) == [0, "made"]


def test_unanswered_stroke_goes_when_its_answer_was_seen_before_it_was_acknowledged(page: Page) -> None:
    # Given a stroke whose acknowledgement is lost with the connection, and which is answered meanwhile
    script = (
        OPENED
        + """
        const [wait, go] = later();
        let tries = 0;
        answers.strokes = async () => {
          if (!tries++) throw new TypeError("lost");
          await wait;
          return [201, { event: 2 }];
        };
        did.ink.push("one");
        const sent = session.own.draw(stroke("one"), true);
        await turns();
        state(3, { strokes: 1 });
        shown = 3;
        session.connection(true);
        await say({ type: "hello", event: 3 });
        go();  // when it is acknowledged at the second try
        await sent;
        return [did.ink, session.underWay];
    """
    )
    assert run(page, script) == [[], 0]


def test_unanswered_stroke_stays_while_it_waits_for_its_answer(page: Page) -> None:
    script = (
        OPENED
        + """
        did.ink.push("one");
        await session.own.draw(stroke("one"), true);
        const waiting = [[...did.ink], session.underWay];
        await say(change(3, 2));
        return [waiting, did.ink, session.underWay];
    """
    )
    assert run(page, script) == [[["one"], 1], [], 0]


def test_a_change_that_was_missed_is_loaded_whatever_was_acknowledged_since(page: Page) -> None:
    # Given a tab that missed what another one drew, and then noted a place, as event 4, before the server began anew
    script = (
        OPENED
        + """
        answers.seen = async () => [201, { event: 4 }];
        await session.seen(0);
        state(4);  // all that was logged is in the drawing of a server that begins
        shown = 4;
        await say({ type: "hello", event: 4 });
        return [did.loads, session.drawn];
    """
    )
    assert run(page, script) == [2, 4]


def test_state_that_could_not_be_read_is_read_when_the_stream_begins_again(page: Page) -> None:
    script = """
        await session.open();
        await session.attach(viewer);
        answers.state = async () => [503, { detail: "not now" }];
        await say({ type: "started", event: 2 });
        state(2);
        shown = 2;
        await say({ type: "hello", event: 2 });
        return [did.notices, session.drawn];
    """
    assert run(page, script) == [["not now"], 2]


def test_a_mark_that_the_server_refuses_is_taken_back_on_the_page(page: Page) -> None:
    script = (
        OPENED
        + """
        answers.seen = async () => [503, { detail: "the log was deleted" }];
        state(1, { places: { state: [""] } });
        session.state.places = { state: ["seen"] };
        await session.seen(0);
        await session.turn;
        return [session.state.places.state, did.notices];
    """
    )
    assert run(page, script) == [[""], ["the log was deleted"]]


def test_a_mirror_in_trouble_is_asked_for_until_it_can_be_drawn_on(page: Page) -> None:
    # Given a log that was lost, and a stroke that is kept for that
    script = (
        OPENED
        + """
        let tries = 0;
        answers.strokes = async () => (tries++ ? [201, { event: 2 }] : [503, { detail: "the log was deleted" }]);
        await say({ type: "trouble", message: "the log was deleted" });
        const sent = session.own.draw(stroke("one"), true);
        await turns();
        const before = [session.state.read_only, session.own.left.length];
        // When it has been written again, and the message of that is lost
        state(1, { read_only: null });
        await session.recovery.ask();
        await session.turn;
        await sent;
        return [before, session.state.read_only, session.own.left.length, did.notices];
    """
    )
    assert run(page, script) == [["the log was deleted", 1], None, 0, ["This mirror can be drawn on again."]]


def test_what_was_mended_is_said(page: Page) -> None:
    script = (
        OPENED
        + """
        await say({ type: "trouble", message: "the log was deleted" });
        state(2, { read_only: null });
        await say({ type: "recovered", event: 2, message: "the log was written again" });
        await session.turn;
        return [session.state.read_only, did.notices];
    """
    )
    assert run(page, script) == [None, ["the log was written again", "This mirror can be drawn on again."]]


def test_a_mirror_that_is_left_is_asked_for_no_more(page: Page) -> None:
    script = (
        OPENED
        + """
        await say({ type: "trouble", message: "the log was deleted" });
        session.close();
        let asked = 0;
        answers.state = async () => (asked++, [200, {}]);
        await new Promise((done) => setTimeout(done, 3500));
        return asked;
    """
    )
    assert run(page, script) == 0


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('attachment; filename="SYN-0001_R_drawings.png"', "SYN-0001_R_drawings.png"),
        ("attachment; filename*=utf-8''N%C3%BCrnberg%201_drawings.png", "Nürnberg 1_drawings.png"),
        (None, "mirror.png"),
    ],
)
def test_an_export_has_the_name_that_the_server_gave_it(page: Page, header: str | None, name: str) -> None:
    script = """async (header) => {
        window.fetch = async () => new Response("", { headers: header ? { "Content-Disposition": header } : {} });
        return (await session.api.export("png")).name;
    }"""
    assert page.evaluate(script, header) == name


JOB = '{ type: "job", job: "tiles", share: 0.4, done: false, error: null, waits_for: null }'


def test_a_job_that_a_new_server_knows_nothing_of_is_under_way_no_more(page: Page) -> None:
    script = (
        OPENED
        + f"""
        await say({JOB});
        const before = session.state.jobs.length;
        await say({{ type: "hello", event: 1 }});  // of a server that was started anew
        return [before, session.state.jobs];
    """
    )
    assert run(page, script) == [1, []]


def test_a_job_that_failed_is_known_until_it_is_tried_again(page: Page) -> None:
    script = (
        OPENED
        + f"""
        const job = {JOB};
        await say({{ ...job, done: true, error: "no room" }});
        const failed = session.state.jobs.map(({{ error }}) => error);
        await say({{ ...job, share: 0 }});
        const again = session.state.jobs.map(({{ error }}) => error);
        await say({{ ...job, share: 1, done: true }});
        return [failed, again, session.state.jobs];
    """
    )
    assert run(page, script) == [["no room"], [None], []]


def test_all_that_the_first_message_tells_is_taken_over(page: Page) -> None:
    told = {"model_ready": False, "model_problem": "no weights", "read_only": "the disk is full", "places": {"next": 3}}
    script = f"""
        await session.open();
        state(1, {json.dumps(told)});
        await say({{ type: "hello", event: 1 }});
        const {{ model_ready, model_problem, read_only, places }} = session.state;
        return {{ model_ready, model_problem, read_only, places }};
    """
    assert run(page, script) == told


def test_a_mirror_that_the_server_cannot_open_says_why_until_it_can(page: Page) -> None:
    script = (
        OPENED
        + """
        await say({ type: "unavailable", message: "open in another program" });
        const before = [session.connected, session.unavailable];
        await say({ type: "hello", event: 1 });
        return [before, session.connected, session.unavailable];
    """
    )
    assert run(page, script) == [[False, "open in another program"], True, None]


def test_a_scan_that_was_prepared_anew_loads_the_page_anew(page: Page) -> None:
    run(page, OPENED)
    with page.expect_navigation():
        page.evaluate("""() => {
            state(1, { version: "another scan" });
            say({ type: "hello", event: 1 });
        }""")
