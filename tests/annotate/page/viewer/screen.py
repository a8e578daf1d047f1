"""A page with one viewer, and what is on its canvases."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Page, ViewportSize

from tests.annotate.page.viewer.made_up import Grey, MadeUpMirror, Server

WINDOW: ViewportSize = {"width": 480, "height": 360}
ROWS, COLUMNS = 900, 1300  # of the scan; odd halves of halves: 450 x 650, 225 x 325, ...
CURRENT, FALSE_NEGATIVE, FALSE_POSITIVE = (240, 228, 66), (86, 180, 233), (213, 94, 0)


@dataclass
class Screen:
    """A page with a viewer, and what can be asked of it."""

    page: Page
    server: Server

    def open(self, mirror: MadeUpMirror, *drawings: str) -> Screen:
        self.server.mirror = mirror
        self.page.evaluate("show()")
        for name in drawings:
            self.page.evaluate("name => viewer.loadDrawing(name)", name)
        return self.settle()

    def do(self, script: str, argument: Any = None) -> Any:
        return self.page.evaluate(script, argument)

    def settle(self) -> Screen:
        self.page.evaluate("settled()")
        return self

    def canvas(self, name: str) -> NDArray[np.float64]:
        """Return a canvas of the viewer, (h, w, 4): red, green, blue, alpha in [0, 255]."""
        return decoded(self.do("name => canvas(name).toDataURL()", name))

    def pictures(self) -> NDArray[np.float64]:
        """Return what OpenSeadragon has drawn, as of ``canvas``."""
        return decoded(self.do("viewer.osd.drawer.canvas.toDataURL()"))

    def at(self, row: float, column: float) -> NDArray[np.float64]:
        """Return where a scan pixel is on the canvases: column and row of theirs, whole at their pixels' centres."""
        place = self.do("point => viewer.camera.screenOf(point)", [row, column])
        ratio = self.do("devicePixelRatio")
        return np.array([place["x"], place["y"]]) * ratio - 0.5


def decoded(address: str) -> NDArray[np.float64]:
    """Return the pixels of a canvas's data address, (h, w, 4): red, green, blue, alpha in [0, 255]."""
    data = np.frombuffer(base64.b64decode(address.partition(",")[2]), np.uint8)
    picture = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)
    assert picture is not None
    return cv2.cvtColor(picture, cv2.COLOR_BGRA2RGBA).astype(np.float64)


def centre(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the centre of mass, column and row."""
    rows, columns = np.indices(weights.shape)
    return np.array([(columns * weights).sum(), (rows * weights).sum()]) / weights.sum()


def alike(one: NDArray[np.float64], other: NDArray[np.float64]) -> bool:
    """Whether two canvases look the same, but for rounding where pixels are blended."""
    light = [canvas[..., :3] * canvas[..., 3:] / 255 for canvas in (one, other)]
    return bool(np.abs(one[..., 3] - other[..., 3]).max() <= 1 and np.abs(light[0] - light[1]).max() <= 2)


def plain(drawings: dict[str, Grey] | None = None, **pictures: NDArray[Any]) -> MadeUpMirror:
    """A mirror of even depth on which nothing is drawn, but for what is given."""
    grey = np.full((ROWS, COLUMNS), 100, np.uint8)
    nothing = np.zeros((ROWS // 2, COLUMNS // 2), np.uint8)
    return MadeUpMirror(pictures or {"depth": grey}, {"current": nothing, **(drawings or {})})


def scribbled(seed: int) -> Grey:
    """Lines all over a drawing."""
    rng = np.random.default_rng(seed)
    drawing = np.zeros((ROWS // 2, COLUMNS // 2), np.uint8)
    for _ in range(60):
        ends = rng.integers(0, (COLUMNS // 2, ROWS // 2), (2, 2)).tolist()
        cv2.line(drawing, ends[0], ends[1], 255, 5)
    return drawing
