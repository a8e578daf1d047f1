"""Where things are on the screen, and how the view is moved."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.annotate.page.viewer.made_up import base64_png
from tests.annotate.page.viewer.screen import COLUMNS, ROWS, WINDOW, Screen, centre, plain, scribbled


@pytest.mark.parametrize("ratio", [1, 1.5, 2])
def test_pixels_of_scan_drawing_and_stroke_lie_where_it_says(windows: Callable[..., Screen], ratio: float) -> None:
    row, column = 301, 422
    depth = np.zeros((ROWS, COLUMNS), np.uint8)
    depth[row, column] = 255
    drawing = np.zeros((ROWS // 2, COLUMNS // 2), np.uint8)
    drawing[150, 211] = 255  # model pixel (150, 211) covers scan pixels 300 and 301, 422 and 423
    screen = windows(device_scale_factor=ratio).open(plain({"current": drawing}, depth=depth), "current")
    screen.do(
        """([row, column]) => {
          viewer.camera.goTo([row / 2 - 3, column / 2 - 3, 6, 6]);
          viewer.stroke([[row, column]], [3], 1, "dot");
        }""",
        [row, column],
    )
    screen.settle()
    assert screen.do("viewer.camera.zoom") > 15
    assert screen.canvas("current").shape[:2] == (WINDOW["height"] * ratio, WINDOW["width"] * ratio)
    stretch = 1.5 * ratio  # OpenSeadragon draws a tile a CSS pixel larger than it is, so that no gap is seen
    assert centre(screen.pictures()[..., 0]) == pytest.approx(screen.at(row, column), abs=stretch)
    assert centre(screen.canvas("current")[..., 3]) == pytest.approx(screen.at(300.5, 422.5), abs=0.5)
    assert centre(screen.canvas("strokes")[..., 3]) == pytest.approx(screen.at(row, column), abs=0.05)


def test_there_and_back(screen: Screen) -> None:
    screen.open(plain()).do("viewer.camera.zoomBy(3.3, {x: 100, y: 50})")
    assert screen.do("viewer.camera.scanOf(viewer.camera.screenOf([123.25, 456.5]))") == pytest.approx([123.25, 456.5])


def test_a_drag_moves_the_picture_with_the_hand(screen: Screen) -> None:
    screen.open(plain()).do("viewer.camera.zoomBy(4, {x: 240, y: 180})")
    before = screen.do("viewer.camera.screenOf([450, 650])")
    for _ in range(10):
        screen.do("viewer.camera.panBy(3.3, -1.4)")
    after = screen.do("viewer.camera.screenOf([450, 650])")
    assert [after["x"] - before["x"], after["y"] - before["y"]] == pytest.approx([33, -14], abs=0.51)


def test_what_is_under_the_finger_stays_there_when_zoomed(screen: Screen) -> None:
    screen.open(plain())
    there = screen.do("viewer.camera.scanOf({x: 300, y: 200})")
    zoom = screen.do("viewer.camera.zoom")
    screen.do("viewer.camera.zoomBy(2.5, {x: 300, y: 200})")
    assert screen.do("viewer.camera.scanOf({x: 300, y: 200})") == pytest.approx(there)
    assert screen.do("viewer.camera.zoom") == pytest.approx(2.5 * zoom)


def test_a_place_is_shown_whole_and_in_the_middle(screen: Screen) -> None:
    screen.open(plain()).do("viewer.camera.goTo([100, 200, 64, 64])")
    screen.settle()
    assert screen.at(2 * 132 - 0.5, 2 * 232 - 0.5) == pytest.approx([239.5, 179.5], abs=0.6)
    assert (screen.at(200, 400) > 0).all()
    screen.do("viewer.camera.fit()")
    screen.settle()
    assert (screen.at(0, 0) >= -0.5).all()
    assert (screen.at(ROWS - 1, COLUMNS - 1) < (480, 360)).all()


def test_all_follows_when_the_window_changes(screen: Screen) -> None:
    screen.open(plain({"current": scribbled(0)}), "current")
    screen.page.set_viewport_size({"width": 400, "height": 300})
    screen.do("until(() => canvas('current').width === 400)")
    screen.settle()
    assert screen.canvas("current").shape[:2] == screen.pictures().shape[:2] == (300, 400)
    assert screen.do("viewer.camera.scanOf(viewer.camera.screenOf([5, 6]))") == pytest.approx([5, 6])
    assert screen.canvas("current")[..., 3].any()


def test_who_wants_to_know_is_told_of_moves_until_they_do_not(screen: Screen) -> None:
    screen.open(plain()).do("window.moves = 0; window.stop = viewer.onMove(() => moves++); null")
    screen.do("viewer.camera.panBy(5, 0)")
    screen.settle()
    assert screen.do("moves") == 1
    screen.do("stop(); viewer.camera.panBy(5, 0)")
    screen.settle()
    assert screen.do("moves") == 1


def test_a_viewer_that_is_gone_leaves_nothing(screen: Screen) -> None:
    screen.open(plain({"current": scribbled(9)}), "current")
    screen.do(
        """async (png) => {
          viewer.patch([0, 0, 4, 4], png);
          viewer.flash([0, 0, 50, 50]);
          viewer.destroy();
          await new Promise((go) => setTimeout(go, 100));
        }""",
        base64_png(np.zeros((4, 4), np.uint8)),
    )
    assert screen.do("document.getElementById('mirror').childNodes.length") == 0
    screen.do("show()")  # the next one
    assert screen.do("viewer.camera.zoom") > 0
