"""The page's figures, each beside its target."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bench.page.program import Program
from bench.page.simulated_pen import around, button
from bench.page.tab import Tab
from bench.page.watch import CHANGES, Watch
from interaction.prompts.strokes import Stroke
from runs.report.markdown import markdown_table

if TYPE_CHECKING:
    from playwright.sync_api import Browser

WINDOW = {"width": 1280, "height": 800}
PAUSE_MS = 8  # between two reports of the pointer: 125 a second, as most mice have it
PROBED, BURST, UNDONE = 6, 8, 10  # strokes for the ink under the pen, in a row, and undone
LONG_PX, FAST_PX = 250, 24.0  # scan pixels of a stroke, CSS pixels of a movement that is wider than the pen
PAN_PX, ZOOM_STEP, MOVES = 12.0, 60.0, 90  # CSS pixels a movement, wheel's steps, and how many
LINE = 127


@dataclass(frozen=True)
class Figure:
    """A line of the table.

    Parameters
    ----------
    what : was measured
    unit : of the values
    values : all that were measured
    median, tail : targets for the median and the 95th percentile; None: none
    of : how many were looked at for the one value that was made of them
    """

    what: str
    unit: str
    values: Sequence[float]
    median: float | None = None
    tail: float | None = None
    of: int | None = None

    @property
    def cells(self) -> tuple[str, ...]:
        """The line's texts: what, how many, median, 95th percentile, targets, whether they are met."""
        middle, tail = (float(np.percentile(self.values, percent)) for percent in (50, 95))
        single = len(self.values) == 1
        targets = [target for target in (self.median, self.tail) if target is not None]
        reached = [(middle, self.median), (tail, self.tail)]
        met = all(value <= target for value, target in reached if target is not None)
        return (
            f"{self.what}, {self.unit}",
            str(self.of or len(self.values)),
            _text(middle),
            "" if single else _text(tail),
            " / ".join(_text(target) for target in targets),
            "" if not targets else "yes" if met else "no",
        )


def table(figures: Sequence[Figure]) -> str:
    """Return figures as a Markdown table."""
    head = ("", "of", "median", "95th percentile", "target", "met")
    return markdown_table([head, *(figure.cells for figure in figures)])


def _text(value: float) -> str:
    return f"{value:.0f}" if value >= 10 else f"{value:.2g}"


def tab_of(browser: Browser, server: Program, **options: object) -> Tab:
    """Open a window in which nothing is kept of earlier ones."""
    context = browser.new_context(**{"viewport": WINDOW, **options})  # type: ignore[arg-type]
    context.add_init_script(CHANGES)
    return Tab(context.new_page(), server.address)


def begun(tab: Tab, mirror: str, source: str = "model", seconds: float = 1800) -> list[Figure]:
    """Start a mirror as a user does: its tiles and its initial drawing are made."""
    started = perf_counter()
    tab.page.goto(f"{tab.address}/#/{mirror}")
    choice = tab.page.locator(f"#start-{source}")
    choice.wait_for(timeout=1000 * seconds)
    choice.click()
    tab.drawable(seconds)
    return [Figure("beginning: tiles and the model's drawing, once a mirror", "s", [perf_counter() - started])]


def drawing(server: Program, mirror: str) -> NDArray[np.bool_]:
    """Return a mirror's current drawing, (H, W) at model scale."""
    import cv2
    import httpx

    answer = httpx.get(f"{server.address}/api/mirrors/{mirror}/drawings/current", timeout=60).raise_for_status()
    return np.asarray(cv2.imdecode(np.frombuffer(answer.content, np.uint8), cv2.IMREAD_UNCHANGED)) > LINE


def opened(tab: Tab, mirror: str) -> list[Figure]:
    """Open a mirror from the list, until scan and drawing are on the screen, twice: then it is open on the server."""
    seconds = []
    for _ in range(2):
        tab.list()
        started = perf_counter()
        tab.page.click(f"[data-mirror='{mirror}']")
        tab.drawable()
        seconds.append(perf_counter() - started)
    return [
        Figure("opening a mirror", "s", seconds[:1], 3),
        Figure("opening it again", "s", seconds[1:], 3),
    ]


def answered(tab: Tab, strokes: Sequence[Stroke]) -> list[Figure]:
    """Draw strokes one at a time, each with its surroundings in view, and wait for each answer."""
    watch = Watch(tab)
    for stroke in strokes:
        _draw(tab.show(*around(stroke)), stroke)
        tab.answered()
    changes = watch.changes("stroke")
    if not (len(strokes) == len(changes) == len(watch.answers())):
        raise RuntimeError(f"{len(changes)} of {len(strokes)} strokes were answered")
    changed = sum(message["changed"] > 0 for message in changes)
    return [
        Figure("stroke to answer, on the server", "ms", [message["ms"] for message in changes], 100, 200),
        Figure("stroke released to refined picture on the screen", "ms", watch.answers(), 200, 400),
        Figure("strokes whose answer changed more than they did", "%", [100 * changed / len(changes)], of=len(changes)),
    ]


def burst(tab: Tab, strokes: Sequence[Stroke]) -> list[Figure]:
    """Draw strokes one after the other without waiting."""
    watch = Watch(tab)
    tab.show(*around(strokes[0]))
    shifted = [stroke.moved(*(strokes[0].path_px[0] - stroke.path_px[0])) for stroke in strokes]  # all are in view
    for number, stroke in enumerate(shifted):
        _draw(tab, stroke.moved(40 * (number - len(strokes) / 2), 0))
    tab.answered()
    left = len(strokes) - len(watch.changes("stroke"))
    return [
        Figure("strokes in a row that were not answered", "strokes", [left], 0, of=len(strokes)),
        Figure("each of them released to its answer on the screen", "ms", watch.answers()),
    ]


def undone(tab: Tab, number: int = UNDONE) -> list[Figure]:
    """Undo and redo strokes."""
    watch = Watch(tab)
    for cause, key in (("undo", "z"), ("redo", "Shift+Z")):
        for count in range(1, number + 1):
            tab.page.wait_for_selector(f"#{cause}:enabled")
            tab.press(key)
            tab.until(f"() => changes.filter(({{ cause }}) => cause === '{cause}').length === {count}")
    return [
        Figure(f"{cause}, on the server", "ms", [message["ms"] for message in watch.changes(cause)], None, 50)
        for cause in ("undo", "redo")
    ]


def inked(tab: Tab, strokes: Sequence[Stroke]) -> list[Figure]:
    """Look for ink under the pen while it moves so fast that earlier ink is not under it."""
    watch = Watch(tab)
    watch.look_for_ink()
    for stroke, angle in zip(strokes, np.linspace(0, 2 * np.pi, len(strokes), endpoint=False), strict=True):
        start = stroke.path_px[0]
        tab.show(*around(stroke))
        tab.draw([start, start + LONG_PX * np.array([np.sin(angle), np.cos(angle)])], step=FAST_PX, pause_ms=PAUSE_MS)
        tab.answered()
    seen = watch.inked()
    late = 100 * sum(not shown for shown, _ in seen) / len(seen)
    return [
        Figure("movements of the pen that the next frame does not show", "%", [late], 0, of=len(seen)),
        Figure("movement of the pen to that frame", "ms", [ms for _, ms in seen]),
    ]


def moved(tab: Tab, stroke: Stroke, moves: int = MOVES) -> list[Figure]:
    """Pan and zoom the picture, and measure the time between frames."""
    watch, page = Watch(tab), tab.page
    box = page.locator("#surface").bounding_box()
    assert box is not None
    centre = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    tab.show(*around(stroke))
    page.mouse.move(*centre)
    page.keyboard.down(" ")
    page.mouse.down()
    watch.begin_frames()
    for x, y in _circle(*centre, moves):
        page.mouse.move(x, y)
        page.wait_for_timeout(PAUSE_MS)
    panned = watch.frames()
    page.mouse.up()
    page.keyboard.up(" ")
    tab.rest()
    watch.begin_frames()
    for step in [ZOOM_STEP] * (moves // 2) + [-ZOOM_STEP] * (moves // 2):
        page.mouse.wheel(0, step)
        page.wait_for_timeout(PAUSE_MS)
    zoomed = watch.frames()
    tab.rest()
    return [
        Figure("between frames while the picture is moved", "ms", panned),
        Figure("between frames while it comes nearer or goes away", "ms", zoomed),
    ]


def memory(server: Program) -> list[Figure]:
    """Return the peak memory of the server so far."""
    return [Figure("memory of the server at most", "MiB", [server.peak_mib], 2048)]


def _draw(tab: Tab, stroke: Stroke) -> None:
    tab.draw(stroke.path_px, button=button(stroke), pause_ms=PAUSE_MS)


def _circle(x: float, y: float, number: int) -> Iterator[tuple[float, float]]:
    radius = PAN_PX * number / (2 * np.pi)
    for angle in np.linspace(0, 2 * np.pi, number):
        yield x + radius * float(np.sin(angle)), y + radius * float(np.cos(angle)) - radius
