"""What lies over the drawings: bare strokes, and guides."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from data.regions import whole
from interaction.prompts.strokes import Stroke, draw
from tests.annotate.page.viewer.screen import COLUMNS, ROWS, Screen, centre, plain


class TestStrokes:
    def test_an_unanswered_stroke_is_there_at_once_and_gone_when_dropped(self, screen: Screen) -> None:
        screen.open(plain())
        drawn = screen.do(
            """() => {
              viewer.stroke([[400, 500], [420, 700]], [20, 20], 1, "one");
              const { x, y } = viewer.camera.screenOf([410, 600]);
              return [...canvas("strokes").getContext("2d").getImageData(x, y, 1, 1).data];
            }"""
        )
        assert drawn[3] == 255
        screen.do("viewer.dropStroke('one')")
        assert screen.do("canvas('strokes').style.display") == "none"

    def test_it_covers_what_the_session_will_draw(self, screen: Screen) -> None:
        rng = np.random.default_rng(8)
        path = np.cumsum(rng.normal((3, 8), 3, (40, 2)), axis=0) + np.array([300, 400])
        stroke = Stroke(path, rng.uniform(4, 14, 40), 1)
        screen.open(plain()).do("viewer.camera.zoomBy(3, {x: 240, y: 140})")
        screen.settle()
        screen.do(
            "([points, radii]) => viewer.stroke(points, radii, 1, 'pen')", [path.tolist(), stroke.radius_px.tolist()]
        )
        ink = screen.canvas("strokes")[..., 3] > 127
        first, last = screen.do("[viewer.camera.scanOf({x: 0.5, y: 0.5}), viewer.camera.scanOf({x: 479.5, y: 359.5})]")
        rows, columns = (
            np.linspace(start, end, count).round().astype(int).clip(0)
            for start, end, count in zip(first, last, ink.shape, strict=True)
        )
        expected = draw(stroke, whole((ROWS, COLUMNS)), 1.0)[np.ix_(rows, columns)]
        assert (ink & expected).sum() / (ink | expected).sum() > 0.97

    def test_grown_bit_by_bit_or_shown_whole_it_is_the_same(self, screen: Screen) -> None:
        grown = """() => {
          const points = [], radii = [];
          for (let place = 0; place < 60; place++) {
            points.push([300 + 4 * place, 500 + 60 * Math.sin(place / 6)]);
            radii.push(place < 30 ? 6 : 6 + (place % 5));
            if (place % 7 === 0) viewer.stroke(points, radii, -1, "pen");
          }
          viewer.stroke(points, radii, -1, "pen");
        }"""
        screen.open(plain()).do(grown)
        bit_by_bit = screen.canvas("strokes")
        screen.do("viewer.stroke([[1, 1]], [1], 1, 'other'); viewer.dropStroke('other')")
        at_once = screen.canvas("strokes")
        assert np.abs(bit_by_bit - at_once)[..., 3].max() <= 128  # edges that are drawn twice are a shade stronger
        assert ((bit_by_bit[..., 3] > 200) == (at_once[..., 3] > 200)).mean() > 0.999

    def test_an_end_that_moves_leaves_nothing_behind(self, screen: Screen) -> None:
        screen.open(plain())
        for row in (700, 200):
            screen.do("row => viewer.stroke([[450, 300], [row, 900]], [9, 9], 1, 'straight')", row)
        x, y = screen.at(690, 880).round().astype(int)
        assert not screen.canvas("strokes")[y - 5 : y + 5, x - 5 : x + 5].any()

    def test_it_moves_with_the_picture(self, screen: Screen) -> None:
        screen.open(plain()).do("viewer.camera.zoomBy(3, {x: 240, y: 180})")
        screen.settle().do("viewer.stroke([[450, 650]], [10], 1, 'dot'); viewer.camera.panBy(30, 20)")
        screen.settle()
        assert centre(screen.canvas("strokes")[..., 3]) == pytest.approx(screen.at(450, 650), abs=0.1)


class TestGuides:
    GRID = ([0, 0, 225, 325], [0, 325, 225, 325], [225, 0, 225, 325], [225, 325, 225, 325])

    def show(self, screen: Screen, looked: int | None = None) -> NDArray[np.float64]:
        places = {"grid": self.GRID, "quality": [0, 1, None, 0.5], "state": ["", "", "seen", ""], "next": 0}
        screen.do("([places, looked]) => viewer.setPlaces(places, looked)", [places, looked])
        return screen.canvas("quality")

    def test_quality_has_a_colour_and_a_value(self, screen: Screen) -> None:
        screen.open(plain()).do("viewer.setLayer('quality', 1)")
        canvas = self.show(screen)
        inner = [canvas[tuple(screen.at(row, column).round().astype(int)[::-1])] for row, column in self.corners()]
        assert inner[0][:3] == pytest.approx((213, 94, 0), abs=2)
        assert inner[1][:3] == pytest.approx((0, 114, 178), abs=2)
        assert inner[2][3] == 0
        x, y = screen.at(225, 325).round().astype(int)
        label = canvas[y - 10 : y + 10, x - 20 : x + 20]
        assert (label[..., :3].min(axis=2) > 240).any()

    def corners(self) -> list[tuple[int, int]]:
        """Points of the cells, in scan pixels, that neither labels nor outlines come to."""
        return [(2 * (top + 60), 2 * (left + 60)) for top, left, _, _ in self.GRID]

    def test_the_place_that_is_looked_at_is_framed(self, screen: Screen) -> None:
        screen.open(plain())
        assert screen.do("canvas('guides').style.display") == "none"
        self.show(screen, looked=3)
        x, y = screen.at(2 * 225 - 0.5, 2 * 325 - 0.5).round().astype(int)
        assert screen.canvas("guides")[y - 2 : y + 3, x - 2 : x + 3, 3].max() > 200
        self.show(screen)
        assert screen.do("canvas('guides').style.display") == "none"

    def test_a_measured_line_and_its_length(self, screen: Screen) -> None:
        screen.open(plain()).do("viewer.mark([[450, 300], [450, 900]], '15.00 mm')")
        canvas = screen.canvas("guides")
        x, y = screen.at(450, 450).round().astype(int)
        assert canvas[y, x, 3] > 200
        x, y = screen.at(450, 600).round().astype(int)
        assert (canvas[y - 26 : y - 6, x - 30 : x + 30, :3].min(axis=2) > 240).any()
        screen.do("viewer.mark([])")
        assert screen.do("canvas('guides').style.display") == "none"
