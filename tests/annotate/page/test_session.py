"""What a tab knows of its mirror, in a real browser with a server that is told what to answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.annotate.page.worlds import world

# A session whose server says what `answers` has for each path, and whose stream says what `say` is given.
WORLD = """
<!doctype html><script type="module">
  import { Session } from "/page/core/session.js";
  const counts = { strokes: 0, waiting: 0, can_undo: false, can_redo: false, can_keep: false, pending_refine: 0 };
  const start = { name: "mirror", version: "scan", event: 1, started: true, jobs: [], refused: {}, ...counts };
  const did = (window.did = { loads: 0, patches: 0, ink: [], streams: [], notices: [], refused: [], sent: [] });
  const answers = (window.answers = {
    state: async () => [200, start], strokes: async () => [201, { event: 2 }], seen: async () => [201, { event: 2 }],
  });
  window.fetch = async (path, options = {}) => {
    if (path.endsWith("/strokes")) did.sent.push(JSON.parse(options.body).client);
    const answer = answers[path.split("/").slice(4)[0] ?? "state"];
    const [status, body] = await answer();
    return new Response(JSON.stringify(body), { status });
  };
  window.SharedWorker = undefined;  // a stream of its own; what windows share is in test_windows.py
  window.EventSource = class {
    constructor() { did.streams.push(this); }
    close() { did.streams.splice(did.streams.indexOf(this), 1); }
  };
  const turns = () => new Promise((done) => setTimeout(done, 5));
  window.say = async (...messages) => {
    for (const message of messages) {
      if (message.type === "hello") [, message.state] = await answers.state();
      did.streams[0].onmessage({ data: JSON.stringify({ mirror: "mirror", message }) });
    }
    await turns();
  };
  window.change = (event, stroke, more) =>
    ({ type: "change", event, stroke, region: [0, 0, 1, 1], png: "", message: null, ...counts, ...more });
  window.state = (event, more) => (answers.state = async () => [200, { ...start, event, ...more }]);
  window.later = () => { let go; const wait = new Promise((done) => (go = done)); return [wait, go]; };
  window.stroke = (client) => ({ client, sign: 1, path_px: [[1, 1]], radius_px: [2] });
  window.turns = turns;
  window.shown = 1;
  window.viewer = {
    loadDrawing: async (which) => (which === "current" && did.loads++, shown),
    patch: async () => did.patches++,
    stroke: (path, radii, sign, client) => did.ink.push(client),
    markRefused: (client) => did.refused.push(client),
    dropStroke: (client) => (did.ink = did.ink.filter((id) => id !== client)),
  };
  window.session = new Session("mirror");
  session.addEventListener("notice", ({ detail }) => did.notices.push(detail.text));
  window.ready = true;
</script>
"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page with a session on a made-up server."""
    with world(browser, WORLD) as page:
        yield page


def _run(page: Page, script: str) -> Any:
    return page.evaluate(f"async () => {{ {script} }}")


OPENED = """
    await session.open();
    await say({ type: "hello", event: 1 });
    await session.attach(viewer);
"""


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
    assert _run(page, left) == 0


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
    assert _run(page, script) == [0, 1, 3, 1, 0]


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
    assert _run(page, script) == [0, "made"]


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
    assert _run(page, script) == [[], 0]


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
    assert _run(page, script) == [[["one"], 1], [], 0]


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
    assert _run(page, script) == [2, 4]


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
    assert _run(page, script) == [["not now"], 2]


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
    assert _run(page, script) == [[["one"], 1, "open elsewhere", []], 2, 0]


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
    assert _run(page, script) == [["one"], ["one"], 1, 1, "off the scan", 0]


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
    assert _run(page, script) == [[], 0, 0, 2, 2]  # under a name of its own: the first may have been noted


def test_a_refused_stroke_goes_when_it_is_discarded(page: Page) -> None:
    script = (
        REFUSED
        + """
        session.own.refused.discard();
        return [did.ink, session.own.left.length, session.own.refused.size, did.sent];
    """
    )
    assert _run(page, script) == [[], 0, 0, ["one"]]


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
    assert _run(page, script) == [["one"], ["one"], 1, "lies outside the drawing", 0]


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
    assert _run(page, script) == [["one"], ["one"], 1, "lies outside the drawing"]


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
    assert _run(page, script) == [["one"], ["one"], 1, "lies outside the drawing", 0]


def test_what_other_tabs_draw_leaves_nothing_behind(page: Page) -> None:
    script = OPENED + "await say(change(3, 2), change(5, 4)); return session.own.early.size;"
    assert _run(page, script) == 0


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
    assert _run(page, script) == [0, 2, 2]


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
    assert _run(page, script) == [[], ["one"], 0, 0, None]


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
    assert _run(page, script) == [[""], ["the log was deleted"]]


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
    assert _run(page, script) == [[["one"], 1, "too many wait"], [], 0, 0, None]


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
    assert _run(page, script) == [["the log was deleted", 1], None, 0, ["This mirror can be drawn on again."]]


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
    assert _run(page, script) == [None, ["the log was written again", "This mirror can be drawn on again."]]


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
    assert _run(page, script) == 0


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
    assert _run(page, script) == [1, []]


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
    assert _run(page, script) == [["no room"], [None], []]


def test_all_that_the_first_message_tells_is_taken_over(page: Page) -> None:
    told = {"model_ready": False, "model_problem": "no weights", "read_only": "the disk is full", "places": {"next": 3}}
    script = f"""
        await session.open();
        state(1, {json.dumps(told)});
        await say({{ type: "hello", event: 1 }});
        const {{ model_ready, model_problem, read_only, places }} = session.state;
        return {{ model_ready, model_problem, read_only, places }};
    """
    assert _run(page, script) == told


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
    assert _run(page, script) == [[False, "open in another program"], True, None]


def test_a_scan_that_was_prepared_anew_loads_the_page_anew(page: Page) -> None:
    _run(page, OPENED)
    with page.expect_navigation():
        page.evaluate("""() => {
            state(1, { version: "another scan" });
            say({ type: "hello", event: 1 });
        }""")
