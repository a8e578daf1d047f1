"""A pen on a made-up viewer in a real browser, and what moves it: mouse, pen, fingers."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page

from tests.annotate.page.worlds import world

SCALE = 2  # scan pixels a CSS pixel in the made-up viewer
RADIUS = 6.0
WORLD = f"""
<!doctype html><div id="surface" tabindex="0"></div><div id="ring" hidden></div><p id="label"></p>
<link rel="stylesheet" href="/world.css">
<script type="module">
  import {{ Pen }} from "/page/tools/pen.js";
  import {{ Tools }} from "/page/tools/toolbar.js";
  import {{ Measure }} from "/page/tools/measure.js";
  const part = (id) => document.getElementById(id);
  const did = (window.did = {{
    strokes: [], shown: {{}}, pans: [], zooms: [], centres: [], marks: [], measured: [], fingers: 0,
  }});
  const viewer = {{
    surface: part("surface"), onMove() {{}},
    camera: {{
      zoom: 1 / {SCALE}, rest() {{}}, scanOf: ({{ x, y }}) => [{SCALE} * y, {SCALE} * x],
      panBy: (dx, dy) => did.pans.push([dx, dy]),
      zoomBy: (factor, centre) => {{ did.zooms.push(factor); did.centres.push(centre); }},
    }},
    stroke: (points, radii, sign, id) => (did.shown[id] = {{ points: points.length, sign }}),
    dropStroke: (id) => delete did.shown[id], mark: (points) => did.marks.push(points),
  }};
  window.tools = new Tools({RADIUS}, 40);
  window.pen = new Pen(viewer, tools, {{
    mayDraw: () => true, onBegin() {{}}, onStroke: (stroke) => did.strokes.push(stroke),
    measure: new Measure(viewer, 40, part("label")), onMeasured: (says) => did.measured.push(says), ring: part("ring"),
    onFinger: () => did.fingers++,
  }});
  window.ready = true;
</script>
"""
STYLE = "body { margin: 0 } #surface { position: absolute; inset: 0; touch-action: none }"


def pen_world(browser: Browser) -> AbstractContextManager[Page]:
    """Open a page with a pen on a made-up viewer, its files straight from the folder."""
    return world(browser, WORLD, STYLE, viewport={"width": 600, "height": 400}, has_touch=True)


def drag(page: Page, *points: tuple[int, int], button: Any = "left") -> None:
    page.mouse.move(*points[0])
    page.mouse.down(button=button)
    for point in points[1:]:
        page.mouse.move(*point)
    page.mouse.up(button=button)


def touch(session: CDPSession, kind: str, *points: tuple[float, float]) -> None:
    fingers = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(points)]
    session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})


def press_pen(session: CDPSession, kind: str, x: int, y: int, force: float) -> None:
    down = {"button": "left", "buttons": 1, "clickCount": 1, "pointerType": "pen"}
    session.send("Input.dispatchMouseEvent", {"type": kind, "x": x, "y": y, "force": force, **down})
