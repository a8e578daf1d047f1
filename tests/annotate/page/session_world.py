"""A tab's session on a made-up server, which tests tell what to answer."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

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

OPENED = """
    await session.open();
    await say({ type: "hello", event: 1 });
    await session.attach(viewer);
"""


def run(page: Page, script: str) -> Any:
    """Run a script in the page; returns what it returns."""
    return page.evaluate(f"async () => {{ {script} }}")
