"""Assertions that the page shows what its server holds."""

from __future__ import annotations

import base64

import cv2
import numpy as np
from playwright.sync_api import expect

from bench.page.tab import Tab
from data.regions import whole
from interaction.prompts.strokes import Stroke, draw
from tests.annotate.page.whole import LINE, Grey, Lines, Site, decoded


def covered(stroke: Stroke, grey: Grey) -> Lines:
    """The pixels of a drawing that a stroke alone draws."""
    return draw(stroke, whole(grey.shape), 0.5)


def only_the_drawing(tab: Tab) -> None:
    """Show nothing but the current drawing, opaque."""
    tab.page.uncheck("#layer-depth")
    tab.page.locator("#opacity-current").fill("100")


def on_canvas(tab: Tab) -> Lines:
    """Where the drawing's own canvas has line, (H, W) in the stage's pixels."""
    data = tab.page.evaluate("document.querySelector('[data-canvas=current]').toDataURL()")
    return decoded(base64.b64decode(data.partition(",")[2]))[..., 3] > LINE


def on_screen(tab: Tab, background: tuple[int, int, int], line: tuple[int, int, int]) -> Lines:
    """Where a picture of the stage is nearer to the colour of line than to that of what is behind, (H, W)."""
    picture = decoded(tab.page.locator("#stage").screenshot(), cv2.IMREAD_COLOR_RGB).astype(float)
    away = [np.linalg.norm(picture - np.array(colour), axis=2) for colour in (background, line)]
    return away[1] < away[0]


def to_be_shown(tab: Tab, grey: Grey) -> Lines:
    """Where a drawing should be seen, (H, W) in the stage's pixels."""
    box = tab.page.locator("#stage").bounding_box()
    assert box is not None
    (left, top), (right, _) = tab.screen_of([[-0.5, -0.5], [-0.5, 2 * grey.shape[1] - 0.5]]) - [box["x"], box["y"]]
    step = (right - left) / grey.shape[1]  # window pixels a model pixel
    moved = np.array([[step, 0, left + step / 2 - 0.5], [0, step, top + step / 2 - 0.5]])
    size = round(box["width"]), round(box["height"])
    lines = np.where(grey > LINE, np.float32(1), np.float32(0))
    return cv2.warpAffine(lines, moved, size, flags=cv2.INTER_LINEAR) > 0.5


def furthest(one: Lines, other: Lines) -> float:
    """How far, in pixels, a line of either is from the nearest of the other, at most."""
    assert one.any()
    assert other.any()
    away = [cv2.distanceTransform((~lines).astype(np.uint8), cv2.DIST_L2, 5) for lines in (one, other)]
    return float(max(away[0][other].max(), away[1][one].max()))


def require_strokes(tab: Tab, strokes: int) -> None:
    """Assert that the page comes to say that there are so many strokes."""
    expect(tab.page.locator("#strokes")).to_have_text(f"{strokes} stroke{'' if strokes == 1 else 's'}")


def require_shown(site: Site, tab: Tab) -> None:
    """Assert that the drawing's canvas shows what the server has."""
    tab.rest()
    assert furthest(on_canvas(tab), to_be_shown(tab, site.drawing())) <= 1.5
