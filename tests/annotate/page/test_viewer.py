"""The viewer in a real browser: what is on its canvases, against what the arrays say."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser, Error, Page, ViewportSize

from data.regions import Region, whole
from simulation.strokes import Stroke, draw
from tests.annotate.page.made_up import Grey, MadeUpMirror, Server, base64_png

WINDOW: ViewportSize = {"width": 480, "height": 360}
ROWS, COLUMNS = 900, 1300  # of the scan; odd halves of halves: 450 x 650, 225 x 325, ...
CURRENT, MISSING, SUPERFLUOUS = (240, 228, 66), (86, 180, 233), (213, 94, 0)
Box = tuple[int, int, int, int]


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

    def sheet(self, name: str) -> NDArray[np.float64]:
        """Return a canvas of the viewer, (h, w, 4): red, green, blue, alpha in [0, 255]."""
        return _decoded(self.do("name => sheet(name).toDataURL()", name))

    def pictures(self) -> NDArray[np.float64]:
        """Return what OpenSeadragon has drawn, as of ``sheet``."""
        return _decoded(self.do("viewer.osd.drawer.canvas.toDataURL()"))

    def at(self, row: float, column: float) -> NDArray[np.float64]:
        """Return where a scan pixel is on the canvases: column and row of theirs, whole at their pixels' centres."""
        place = self.do("point => viewer.screenOf(point)", [row, column])
        ratio = self.do("devicePixelRatio")
        return np.array([place["x"], place["y"]]) * ratio - 0.5


def _decoded(address: str) -> NDArray[np.float64]:
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
    light = [sheet[..., :3] * sheet[..., 3:] / 255 for sheet in (one, other)]
    return bool(np.abs(one[..., 3] - other[..., 3]).max() <= 1 and np.abs(light[0] - light[1]).max() <= 2)


@pytest.fixture(scope="module")
def windows(browser: Browser, server: Server) -> Callable[..., Screen]:
    opened: dict[tuple[tuple[str, Any], ...], Screen] = {}

    def window(**changed: Any) -> Screen:
        options = {"reduced_motion": "reduce", **changed}  # views that are there at once
        key = tuple(sorted(options.items()))
        if key not in opened:
            page = browser.new_page(viewport=WINDOW, **options)
            page.goto(server.address)
            page.wait_for_load_state("load")
            opened[key] = Screen(page, server)
        return opened[key]

    server.mirror = plain()
    return window


@pytest.fixture
def screen(windows: Callable[..., Screen]) -> Iterator[Screen]:
    """A window whose page must not complain."""
    screen = windows()
    problems: list[str] = []
    told = lambda message: problems.append(message.text) if message.type in ("error", "warning") else None  # noqa: E731
    failed = lambda error: problems.append(str(error))  # noqa: E731
    screen.page.on("console", told)
    screen.page.on("pageerror", failed)
    yield screen
    screen.page.remove_listener("console", told)
    screen.page.remove_listener("pageerror", failed)
    screen.page.set_viewport_size(WINDOW)
    assert problems == []


def plain(drawings: dict[str, Grey] | None = None, **pictures: NDArray[Any]) -> MadeUpMirror:
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


class TestWhereThingsAre:
    @pytest.mark.parametrize("ratio", [1, 1.5, 2])
    def test_pixels_of_scan_drawing_and_stroke_lie_where_it_says(
        self, windows: Callable[..., Screen], ratio: float
    ) -> None:
        row, column = 301, 422
        depth = np.zeros((ROWS, COLUMNS), np.uint8)
        depth[row, column] = 255
        drawing = np.zeros((ROWS // 2, COLUMNS // 2), np.uint8)
        drawing[150, 211] = 255  # model pixel (150, 211) covers scan pixels 300 and 301, 422 and 423
        screen = windows(device_scale_factor=ratio).open(plain({"current": drawing}, depth=depth), "current")
        screen.do(
            """([row, column]) => {
              viewer.goTo([row / 2 - 3, column / 2 - 3, 6, 6]);
              viewer.stroke([[row, column]], [3], 1, "dot");
            }""",
            [row, column],
        )
        screen.settle()
        assert screen.do("viewer.zoom") > 15
        assert screen.sheet("current").shape[:2] == (WINDOW["height"] * ratio, WINDOW["width"] * ratio)
        stretch = 1.5 * ratio  # OpenSeadragon draws a tile a CSS pixel larger than it is, so that no gap is seen
        assert centre(screen.pictures()[..., 0]) == pytest.approx(screen.at(row, column), abs=stretch)
        assert centre(screen.sheet("current")[..., 3]) == pytest.approx(screen.at(300.5, 422.5), abs=0.5)
        assert centre(screen.sheet("strokes")[..., 3]) == pytest.approx(screen.at(row, column), abs=0.05)

    def test_there_and_back(self, screen: Screen) -> None:
        screen.open(plain()).do("viewer.zoomBy(3.3, {x: 100, y: 50})")
        assert screen.do("viewer.scanOf(viewer.screenOf([123.25, 456.5]))") == pytest.approx([123.25, 456.5])

    def test_a_drag_moves_the_picture_with_the_hand(self, screen: Screen) -> None:
        screen.open(plain()).do("viewer.zoomBy(4, {x: 240, y: 180})")
        before = screen.do("viewer.screenOf([450, 650])")
        for _ in range(10):
            screen.do("viewer.panBy(3.3, -1.4)")
        after = screen.do("viewer.screenOf([450, 650])")
        assert [after["x"] - before["x"], after["y"] - before["y"]] == pytest.approx([33, -14], abs=0.51)

    def test_what_is_under_the_finger_stays_there_when_zoomed(self, screen: Screen) -> None:
        screen.open(plain())
        there = screen.do("viewer.scanOf({x: 300, y: 200})")
        zoom = screen.do("viewer.zoom")
        screen.do("viewer.zoomBy(2.5, {x: 300, y: 200})")
        assert screen.do("viewer.scanOf({x: 300, y: 200})") == pytest.approx(there)
        assert screen.do("viewer.zoom") == pytest.approx(2.5 * zoom)

    def test_a_place_is_shown_whole_and_in_the_middle(self, screen: Screen) -> None:
        screen.open(plain()).do("viewer.goTo([100, 200, 64, 64])")
        screen.settle()
        assert screen.at(2 * 132 - 0.5, 2 * 232 - 0.5) == pytest.approx([239.5, 179.5], abs=0.6)
        assert (screen.at(200, 400) > 0).all()
        screen.do("viewer.fit()")
        screen.settle()
        assert (screen.at(0, 0) >= -0.5).all()
        assert (screen.at(ROWS - 1, COLUMNS - 1) < (480, 360)).all()

    def test_all_follows_when_the_window_changes(self, screen: Screen) -> None:
        screen.open(plain({"current": scribbled(0)}), "current")
        screen.page.set_viewport_size({"width": 400, "height": 300})
        screen.do("until(() => sheet('current').width === 400)")
        screen.settle()
        assert screen.sheet("current").shape[:2] == screen.pictures().shape[:2] == (300, 400)
        assert screen.do("viewer.scanOf(viewer.screenOf([5, 6]))") == pytest.approx([5, 6])
        assert screen.sheet("current")[..., 3].any()

    def test_who_wants_to_know_is_told_of_moves_until_they_do_not(self, screen: Screen) -> None:
        screen.open(plain()).do("window.moves = 0; window.stop = viewer.onMove(() => moves++); null")
        screen.do("viewer.panBy(5, 0)")
        screen.settle()
        assert screen.do("moves") == 1
        screen.do("stop(); viewer.panBy(5, 0)")
        screen.settle()
        assert screen.do("moves") == 1


class TestDrawings:
    def test_current_is_line_or_none_and_initial_is_soft(self, screen: Screen) -> None:
        ramp = np.tile(np.linspace(0, 255, COLUMNS // 2).astype(np.uint8), (ROWS // 2, 1))
        screen.open(plain({"current": ramp, "initial": ramp}), "current", "initial")
        screen.do("viewer.setLayer('initial', 0.5); viewer.zoomBy(2, {x: 240, y: 180})")
        screen.settle()
        line = screen.sheet("current")[180]
        assert set(np.unique(line[np.abs(np.arange(480) - 240) > 3, 3])) == {0, 255}
        assert line[-1] == pytest.approx([*CURRENT, 255])
        soft = screen.sheet("initial")[180, :, 3]
        assert np.ptp(np.diff(soft)) <= 2
        assert soft[240] == pytest.approx(128, abs=3)
        assert screen.do("sheet('initial').style.opacity") == "0.5"

    def test_every_value_arrives(self, screen: Screen) -> None:
        rng = np.random.default_rng(10)
        drawing = rng.integers(0, 256, (1100, 700), np.uint8)  # decoded in several parts
        mirror = MadeUpMirror({"depth": np.zeros((2200, 1400), np.uint8)}, {"initial": drawing})
        screen.open(mirror, "initial")
        places = rng.integers(0, drawing.size, 2000)
        values = screen.do(
            "places => places.map((place) => viewer.drawings.maps.initial.planes[0].values[place])", places.tolist()
        )
        assert np.array_equal(values, drawing.reshape(-1)[places])

    def test_from_afar_a_line_is_the_mean_of_its_pixels(self, screen: Screen) -> None:
        hatched = np.zeros((3 * ROWS, 3 * COLUMNS), np.uint8)
        hatched[::4] = 255
        screen.open(
            MadeUpMirror({"depth": np.zeros((6 * ROWS, 6 * COLUMNS), np.uint8)}, {"current": hatched}), "current"
        )
        assert screen.do("viewer.zoom") < 0.1
        alpha = screen.sheet("current")[100:260, 100:380, 3]
        assert alpha == pytest.approx(np.full(alpha.shape, 64), abs=2)

    @pytest.mark.parametrize("factor", [1.0, 1.37, 2.9])
    def test_no_seam_is_seen_between_tiles(self, screen: Screen, factor: float) -> None:
        size = (2 * ROWS, 2 * COLUMNS)  # more than one tile of the drawing either way
        full = np.full((ROWS, COLUMNS), 255, np.uint8)
        screen.open(MadeUpMirror({"depth": np.zeros(size, np.uint8)}, {"current": full}), "current")
        screen.do("factor => { viewer.zoomBy(3 * factor, {x: 240, y: 180}); viewer.panBy(61, -23); }", factor)
        screen.settle()
        assert screen.sheet("current")[..., 3].min() >= 253

    @pytest.mark.parametrize("factor", [1, 2.3, 7, 40])
    def test_dragged_by_parts_or_drawn_at_once_it_is_the_same(self, screen: Screen, factor: float) -> None:
        screen.open(plain({"current": scribbled(1)}), "current")
        screen.do("factor => viewer.zoomBy(factor, {x: 200, y: 170})", factor)
        screen.settle()
        for dx, dy in [(7, 3), (-40, 11), (0, -90), (5, 0), (300, 200)]:
            screen.do("([dx, dy]) => viewer.panBy(dx, dy)", [dx, dy])
            screen.do("new Promise(requestAnimationFrame)")
        dragged = screen.settle().sheet("current")
        screen.do("viewer.setLayer('current', 0); viewer.setLayer('current', 1)")
        assert alike(dragged, screen.settle().sheet("current"))

    def test_errors_are_told_apart(self, screen: Screen) -> None:
        truth, current = np.zeros((2, ROWS // 2, COLUMNS // 2), np.uint8)
        truth[100:200, 100:200] = current[100:200, 150:250] = 255
        screen.open(plain({"current": current, "truth": truth}), "current", "truth")
        screen.do("viewer.setLayer('errors', 1)")
        for level in ("copies", "map"):
            if level == "map":
                screen.do("viewer.goTo([80, 80, 140, 190])")
            screen.settle()
            errors = screen.sheet("errors")
            for place, expected in [(125, (*MISSING, 255)), (175, (0, 0, 0, 0)), (225, (*SUPERFLUOUS, 255))]:
                x, y = screen.at(2 * 150, 2 * place).round().astype(int)
                assert errors[y, x] == pytest.approx(expected), (level, place)

    def test_compared_with_the_initial_one_in_its_place(self, screen: Screen) -> None:
        screen.open(plain({"initial": scribbled(2), "current": scribbled(3)}), "current", "initial")
        shown = "['initial', 'current'].filter((name) => sheet(name).style.display !== 'none')"
        assert screen.do(shown) == ["current"]
        screen.do("viewer.setCompare(true)")
        assert screen.do(shown) == ["initial"]
        assert screen.sheet("initial")[..., 3].any()
        screen.do("viewer.setCompare(false)")
        assert screen.do(shown) == ["current"]

    def test_a_drawing_of_another_size_is_refused_and_the_next_is_not(self, screen: Screen) -> None:
        mirror = plain({"initial": np.zeros((10, 20), np.uint8), "current": scribbled(4)})
        screen.open(mirror, "current")
        with pytest.raises(Error, match="initial drawing has 10 x 20 pixels instead of 450 x 650"):
            screen.do("viewer.loadDrawing('initial')")
        with pytest.raises(Error, match="2 x 3 pixels in a region of 5 x 5"):
            screen.do("png => viewer.patch([0, 0, 5, 5], png)", base64_png(np.zeros((2, 3), np.uint8)))
        assert screen.do("viewer.loadDrawing('current')") == mirror.event


class TestPatches:
    @pytest.mark.parametrize("factor", [1, 3.1, 11])
    def test_patched_or_loaded_it_is_the_same(self, screen: Screen, factor: float) -> None:
        before, after = scribbled(5), scribbled(5)
        region = Region(101, 203, 150, 99)
        after[region.slices] = scribbled(6)[region.slices]
        truth = scribbled(7)
        place = "factor => { viewer.setLayer('errors', 1); viewer.zoomBy(factor, {x: 215, y: 165}) }"
        screen.open(plain({"current": before, "truth": truth}), "current", "truth").do(place, factor)
        screen.settle()
        change = [[region.top, region.left, *region.shape], base64_png(after[region.slices])]
        counts = screen.do("([region, png]) => viewer.patch(region, png)", change)
        patched = [screen.settle().sheet(name) for name in ("current", "errors")]
        screen.open(plain({"current": after, "truth": truth}), "current", "truth").do(place, factor)
        loaded = [screen.settle().sheet(name) for name in ("current", "errors")]
        for one, other in zip(patched, loaded, strict=True):
            assert alike(one, other)
        assert counts["added"] == ((after > 0) & (before == 0)).sum()
        assert counts["removed"] == ((after == 0) & (before > 0)).sum()

    def test_a_part_that_was_empty_gets_its_first_line(self, screen: Screen) -> None:
        screen.open(plain(), "current")
        assert not screen.sheet("current")[..., 3].any()
        screen.do("png => viewer.patch([200, 300, 20, 20], png)", base64_png(np.full((20, 20), 255, np.uint8)))
        x, y = screen.at(2 * 210, 2 * 310).round().astype(int)
        assert screen.sheet("current")[y, x] == pytest.approx([*CURRENT, 255])

    def test_the_last_one_counts_however_long_the_first_takes(self, screen: Screen) -> None:
        screen.open(plain(), "current")
        large = base64_png(np.full((ROWS // 2, COLUMNS // 2), 255, np.uint8))
        small = base64_png(np.zeros((4, 4), np.uint8))
        screen.do(
            """([large, small, rows, columns]) => Promise.all([
              viewer.patch([0, 0, rows, columns], large), viewer.patch([100, 100, 4, 4], small)])""",
            [large, small, ROWS // 2, COLUMNS // 2],
        )
        values = "viewer.drawings.maps.current.planes[0].values[%d]"
        assert screen.do(values % (101 * (COLUMNS // 2) + 101)) == 0
        assert screen.do(values % (99 * (COLUMNS // 2) + 99)) == 255

    def test_what_changed_flashes_and_nothing_else(self, screen: Screen) -> None:
        before = np.zeros((20, 30), np.uint8)
        before[5, 5:25] = before[9, 5:25] = 255
        drawing = np.zeros((ROWS // 2, COLUMNS // 2), np.uint8)
        drawing[100:120, 200:230] = before
        after = before.copy()
        after[9], after[14, 5:25] = 0, 255
        screen.open(plain({"current": drawing}), "current").do("viewer.goTo([100, 200, 20, 30])")
        screen.settle()
        flash = screen.do(
            """async (png) => {
              await viewer.patch([100, 200, 20, 30], png);
              viewer.flash([100, 200, 20, 30]);
              return sheet("guides").toDataURL();
            }""",
            base64_png(after),
        )
        picture = _decoded(flash)
        for row, expected in [(5, (0, 0, 0)), (9, SUPERFLUOUS), (14, (255, 255, 255))]:
            x, y = screen.at(2 * (100 + row) + 0.5, 2 * 215).round().astype(int)
            assert picture[y, x, :3] == pytest.approx(expected, abs=2)
            assert (picture[y, x, 3] > 200) == (row != 5)
        screen.do("until(() => sheet('guides').style.display === 'none')")

    @pytest.mark.parametrize(("motion", "fades"), [("no-preference", True), ("reduce", False)])
    def test_it_fades_unless_less_motion_is_wanted(
        self, windows: Callable[..., Screen], motion: str, fades: bool
    ) -> None:
        screen = windows(reduced_motion=motion).open(plain(), "current")
        fading = """async (png) => {
          await viewer.patch([0, 0, 90, 90], png);
          viewer.flash([0, 0, 90, 90]);
          const { x, y } = viewer.screenOf([90, 90]);
          const alphas = [];
          for (let count = 0; count < 12; count++) {
            alphas.push(sheet("guides").getContext("2d").getImageData(x, y, 1, 1).data[3]);
            await frame();
          }
          return alphas.filter((alpha) => alpha);
        }"""
        alphas = screen.do(fading, base64_png(np.full((90, 90), 255, np.uint8)))
        assert alphas[0] > 250
        assert (alphas[-1] < alphas[0]) == fades


class TestStrokes:
    def test_a_bare_stroke_is_there_at_once_and_gone_when_dropped(self, screen: Screen) -> None:
        screen.open(plain())
        drawn = screen.do(
            """() => {
              viewer.stroke([[400, 500], [420, 700]], [20, 20], 1, "one");
              const { x, y } = viewer.screenOf([410, 600]);
              return [...sheet("strokes").getContext("2d").getImageData(x, y, 1, 1).data];
            }"""
        )
        assert drawn[3] == 255
        screen.do("viewer.dropStroke('one')")
        assert screen.do("sheet('strokes').style.display") == "none"

    def test_it_covers_what_the_session_will_draw(self, screen: Screen) -> None:
        rng = np.random.default_rng(8)
        path = np.cumsum(rng.normal((3, 8), 3, (40, 2)), axis=0) + np.array([300, 400])
        stroke = Stroke(path, rng.uniform(4, 14, 40), 1)
        screen.open(plain()).do("viewer.zoomBy(3, {x: 240, y: 140})")
        screen.settle()
        screen.do(
            "([points, radii]) => viewer.stroke(points, radii, 1, 'pen')", [path.tolist(), stroke.radius_px.tolist()]
        )
        ink = screen.sheet("strokes")[..., 3] > 127
        first, last = screen.do("[viewer.scanOf({x: 0.5, y: 0.5}), viewer.scanOf({x: 479.5, y: 359.5})]")
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
        bit_by_bit = screen.sheet("strokes")
        screen.do("viewer.stroke([[1, 1]], [1], 1, 'other'); viewer.dropStroke('other')")
        at_once = screen.sheet("strokes")
        assert np.abs(bit_by_bit - at_once)[..., 3].max() <= 128  # edges that are drawn twice are a shade stronger
        assert ((bit_by_bit[..., 3] > 200) == (at_once[..., 3] > 200)).mean() > 0.999

    def test_an_end_that_moves_leaves_nothing_behind(self, screen: Screen) -> None:
        screen.open(plain())
        for row in (700, 200):
            screen.do("row => viewer.stroke([[450, 300], [row, 900]], [9, 9], 1, 'straight')", row)
        x, y = screen.at(690, 880).round().astype(int)
        assert not screen.sheet("strokes")[y - 5 : y + 5, x - 5 : x + 5].any()

    def test_it_moves_with_the_picture(self, screen: Screen) -> None:
        screen.open(plain()).do("viewer.zoomBy(3, {x: 240, y: 180})")
        screen.settle().do("viewer.stroke([[450, 650]], [10], 1, 'dot'); viewer.panBy(30, 20)")
        screen.settle()
        assert centre(screen.sheet("strokes")[..., 3]) == pytest.approx(screen.at(450, 650), abs=0.1)


class TestPictures:
    def test_relief_is_lambertian_and_follows_the_light(self, screen: Screen) -> None:
        tilted = np.zeros((ROWS, COLUMNS, 3), np.uint8)
        tilted[...] = (128, 166, 0)  # leans down: y = 0.3
        tilted[:, COLUMNS // 2 :, 0] = 179  # and to the right: x = 0.4
        screen.open(plain(depth=np.zeros((ROWS, COLUMNS), np.uint8), normals=tilted))
        screen.do("viewer.setLayer('normals', 1)")
        for light in [(0.6, 0.0), (-0.6, 0.3), (0.0, 0.0)]:
            screen.do("([x, y]) => viewer.setLight(x, y)", light)
            picture = screen.settle().pictures()
            up = np.sqrt(1 - light[0] ** 2 - light[1] ** 2)
            for column, red in [(300, 128), (1000, 179)]:
                x, y = screen.at(450, column).round().astype(int)
                across, down = red / 127.5 - 1, 166 / 127.5 - 1
                facing = across * light[0] + down * light[1] + np.sqrt(1 - across**2 - down**2) * up
                assert picture[y, x, 0] == pytest.approx(min(255, 255 * 0.55 * facing / up), abs=1)

    def test_what_is_covered_is_neither_asked_for_nor_drawn(self, screen: Screen) -> None:
        grey = np.full((ROWS, COLUMNS), 60, np.uint8)
        mirror = plain(depth=grey, albedo=grey + 100)
        screen.open(mirror).do("viewer.setLayer('albedo', 1)")
        assert screen.settle().pictures()[180, 240, 0] == 160
        mirror.asked.clear()
        screen.do("viewer.zoomBy(3, {x: 240, y: 180})")
        screen.settle()
        assert {path.split("/")[5] for path in mirror.asked} == {"albedo"}
        screen.do("viewer.setLayer('albedo', 0.5)")
        assert screen.settle().pictures()[180, 240, 0] == pytest.approx(110, abs=1)

    def test_layers_can_be_chosen_before_it_is_open(self, screen: Screen) -> None:
        grey = np.full((ROWS, COLUMNS), 60, np.uint8)
        screen.open(plain(depth=grey, albedo=grey + 100)).do(
            """() => {
              const { element, state, constructor } = viewer;
              viewer.destroy();
              viewer = new constructor(element, state);
              viewer.setLayer("albedo", 1);
              return viewer.ready;
            }"""
        )
        assert screen.settle().pictures()[180, 240, 0] == 160

    def test_without_pictures_there_is_the_drawing(self, screen: Screen) -> None:
        mirror = plain({"current": np.full((ROWS // 2, COLUMNS // 2), 255, np.uint8)})
        mirror.layers = []
        screen.open(mirror, "current")
        assert screen.sheet("current")[180, 240, 3] == 255
        assert not any("tiles" in path for path in mirror.asked)

    def test_tiles_are_asked_for_when_they_are_made(self, screen: Screen) -> None:
        mirror = plain()
        mirror.tiles_ready = False
        screen.open(mirror)
        assert not any("tiles" in path for path in mirror.asked)
        assert screen.do("viewer.zoom") > 0
        screen.do("viewer.tilesReady()")
        screen.settle()
        assert any("tiles" in path for path in mirror.asked)
        assert screen.pictures()[180, 240, 0] == 100

    def test_only_tiles_that_exist_are_asked_for(self, screen: Screen) -> None:
        mirror = plain()
        screen.open(mirror).do("viewer.goTo([440, 640, 10, 10])")
        screen.settle()
        for path in mirror.asked:
            level, column, row = map(int, path.partition("?")[0].split("/")[6:])
            height, width = mirror.levels["depth"][level].shape
            assert row * 256 < height
            assert column * 256 < width


class TestGuides:
    GRID = ([0, 0, 225, 325], [0, 325, 225, 325], [225, 0, 225, 325], [225, 325, 225, 325])

    def show(self, screen: Screen, looked: int | None = None) -> NDArray[np.float64]:
        places = {"grid": self.GRID, "quality": [0, 1, None, 0.5], "state": ["", "", "seen", ""], "next": 0}
        screen.do("([places, looked]) => viewer.setPlaces(places, looked)", [places, looked])
        return screen.sheet("quality")

    def test_quality_has_a_colour_and_a_value(self, screen: Screen) -> None:
        screen.open(plain()).do("viewer.setLayer('quality', 1)")
        sheet = self.show(screen)
        inner = [sheet[tuple(screen.at(row, column).round().astype(int)[::-1])] for row, column in self.corners()]
        assert inner[0][:3] == pytest.approx((213, 94, 0), abs=2)
        assert inner[1][:3] == pytest.approx((0, 114, 178), abs=2)
        assert inner[2][3] == 0
        x, y = screen.at(225, 325).round().astype(int)
        label = sheet[y - 10 : y + 10, x - 20 : x + 20]
        assert (label[..., :3].min(axis=2) > 240).any()

    def corners(self) -> list[tuple[int, int]]:
        """Points of the cells, in scan pixels, that neither labels nor outlines come to."""
        return [(2 * (top + 60), 2 * (left + 60)) for top, left, _, _ in self.GRID]

    def test_the_place_that_is_looked_at_is_framed(self, screen: Screen) -> None:
        screen.open(plain())
        assert screen.do("sheet('guides').style.display") == "none"
        self.show(screen, looked=3)
        x, y = screen.at(2 * 225 - 0.5, 2 * 325 - 0.5).round().astype(int)
        assert screen.sheet("guides")[y - 2 : y + 3, x - 2 : x + 3, 3].max() > 200
        self.show(screen)
        assert screen.do("sheet('guides').style.display") == "none"

    def test_a_measured_line_and_its_length(self, screen: Screen) -> None:
        screen.open(plain()).do("viewer.mark([[450, 300], [450, 900]], '15.00 mm')")
        sheet = screen.sheet("guides")
        x, y = screen.at(450, 450).round().astype(int)
        assert sheet[y, x, 3] > 200
        x, y = screen.at(450, 600).round().astype(int)
        assert (sheet[y - 26 : y - 6, x - 30 : x + 30, :3].min(axis=2) > 240).any()
        screen.do("viewer.mark([])")
        assert screen.do("sheet('guides').style.display") == "none"


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
    assert screen.do("viewer.zoom") > 0
