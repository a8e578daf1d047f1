"""The annotation page in a browser, used as a user does: by pointer and by keys."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

STEP_PX = 4.0  # CSS pixels between two reports of the pointer
OPEN = "#mirror[aria-busy=false]"  # its drawing is on the screen

# Where points of the scan, [row, column], are in the window, as OpenSeadragon itself has it.
SCREEN_OF = """(path) => {
  const element = document.querySelector("[data-layer=pictures]");
  const { viewport, world } = OpenSeadragon.getViewer(element);
  const { left, top, width } = element.getBoundingClientRect();
  const bounds = viewport.getBoundsNoRotate(true);
  const [unit, columns] = [width / bounds.width, world.getItemAt(0).source.dimensions.x];
  const at = (pixel, origin) => unit * ((pixel + 0.5) / columns - origin);
  return path.map(([row, column]) => [left + at(column, bounds.x), top + at(row, bounds.y)]);
}"""

# Show a part of the scan: top, left, height, width in scan pixels.
SHOW = """([top, left, height, width]) => {
  const { viewport, world } = OpenSeadragon.getViewer(document.querySelector("[data-layer=pictures]"));
  const columns = world.getItemAt(0).source.dimensions.x;
  const box = new OpenSeadragon.Rect(left / columns, top / columns, width / columns, height / columns);
  viewport.fitBounds(box, true);
}"""

# Nothing moves any more, and every tile that is in view has been drawn.
AT_REST = """() => {
  const viewer = OpenSeadragon.getViewer(document.querySelector("[data-layer=pictures]"));
  const pictures = [...Array(viewer.world.getItemCount()).keys()].map((place) => viewer.world.getItemAt(place));
  return !viewer.isAnimating() && pictures.every((one) => !one.getOpacity() || one.getFullyLoaded());
}"""
UNTIL = """async (ms) => {{
  const [condition, end] = [{condition}, performance.now() + ms];
  while (!condition()) {{
    if (performance.now() > end) throw new Error(`waited in vain until ${{condition}}`);
    await new Promise(requestAnimationFrame);
  }}
}}"""
FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Chromium without a window.

    Raises
    ------
    SystemExit
        If it is not installed.
    """
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium")
    if path is None:
        raise SystemExit("no chromium on this machine: install Debian's package, `apt-get install chromium`")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


class Tab:
    """One tab of the browser.

    Parameters
    ----------
    page : nothing needs to be open in it yet
    address : the server's
    """

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address.rstrip("/")

    def list(self) -> Tab:
        """Open the list of mirrors."""
        self.page.goto(f"{self.address}/")
        self.page.wait_for_selector("#gallery:not([aria-busy]) .mirror-link")
        return self

    def open(self, mirror: str) -> Tab:
        """Open a mirror that has been begun, and wait until it can be drawn on."""
        self.page.goto(f"{self.address}/#/{mirror}")
        return self.drawable()

    def drawable(self, seconds: float = 60) -> Tab:
        """Wait until the current drawing and what is in view of the scan are on the screen."""
        self.page.wait_for_selector(OPEN, timeout=1000 * seconds)
        return self.rest()

    def rest(self) -> Tab:
        """Wait until the view has come to rest, and all of it is drawn."""
        self.until(AT_REST)
        self.page.evaluate(FRAMES)
        return self

    def until(self, condition: str, seconds: float = 60) -> None:
        """Wait until a function of the page says yes; Playwright's own way needs ``eval``, which the page forbids.

        Parameters
        ----------
        condition : JavaScript of a function without arguments
        seconds : to wait at most

        Raises
        ------
        playwright.sync_api.Error
            If it does not in that time.
        """
        self.page.evaluate(UNTIL.format(condition=condition), 1000 * seconds)

    def show(self, top: float, left: float, height: float, width: float) -> Tab:
        """Bring a part of the scan into view, in scan pixels."""
        self.page.evaluate(SHOW, [top, left, height, width])
        return self.rest()

    def screen_of(self, path_px: ArrayLike) -> NDArray[np.float64]:
        """Return where points of the scan, (N, 2) rows and columns, are in the window: (N, 2) x and y."""
        points = np.asarray(path_px, float).tolist()
        return np.array(self.page.evaluate(SCREEN_OF, points), float)

    def draw(self, path_px: ArrayLike, *, button: Any = "left", pause_ms: float = 0, step: float = STEP_PX) -> None:
        """Draw a stroke along points of the scan, (N, 2) rows and columns.

        Parameters
        ----------
        path_px : scan pixels
        button : the right one does the opposite
        pause_ms : between two reports of the pointer; a mouse makes 60 to 1000 a second
        step : CSS pixels between two reports, at most
        """
        mouse = self.page.mouse
        first, *others = along(self.screen_of(path_px), step)
        mouse.move(*first)
        mouse.down(button=button)
        for point in others:
            if pause_ms:
                self.page.wait_for_timeout(pause_ms)
            mouse.move(*point)
        mouse.up(button=button)

    def press(self, key: str) -> None:
        """Press a key, as the browser names it."""
        self.page.keyboard.press(key)

    def answered(self, seconds: float = 60) -> Tab:
        """Wait until every stroke is on the server's disk and its answer on the screen."""
        self.page.wait_for_selector("#connection[data-kind=well]", timeout=1000 * seconds)
        self.page.evaluate(FRAMES)
        return self


def along(points: NDArray[np.float64], step: float = STEP_PX) -> Sequence[tuple[float, float]]:
    """Return points (N, 2) with others between them, no two further apart than a step; at least two."""
    made = [points[:1]]
    for start, end in pairwise(points):
        count = max(1, int(np.ceil(np.linalg.norm(end - start) / step)))
        made.append(start + (end - start) * np.linspace(0, 1, count + 1)[1:, None])
    return [(float(x), float(y)) for x, y in np.concatenate(made)]
