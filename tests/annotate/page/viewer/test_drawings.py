"""The drawings on the canvases, against what the arrays say; loaded whole, and patched."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Error

from data.regions import Region
from tests.annotate.page.viewer.made_up import MadeUpMirror, base64_png
from tests.annotate.page.viewer.screen import (
    COLUMNS,
    CURRENT,
    FALSE_NEGATIVE,
    FALSE_POSITIVE,
    ROWS,
    Screen,
    alike,
    decoded,
    plain,
    scribbled,
)


class TestDrawings:
    def test_current_is_line_or_none_and_initial_is_soft(self, screen: Screen) -> None:
        ramp = np.tile(np.linspace(0, 255, COLUMNS // 2).astype(np.uint8), (ROWS // 2, 1))
        screen.open(plain({"current": ramp, "initial": ramp}), "current", "initial")
        screen.do("viewer.setLayer('initial', 0.5); viewer.camera.zoomBy(2, {x: 240, y: 180})")
        screen.settle()
        line = screen.canvas("current")[180]
        assert set(np.unique(line[np.abs(np.arange(480) - 240) > 3, 3])) == {0, 255}
        assert line[-1] == pytest.approx([*CURRENT, 255])
        soft = screen.canvas("initial")[180, :, 3]
        assert np.ptp(np.diff(soft)) <= 2
        assert soft[240] == pytest.approx(128, abs=3)
        assert screen.do("canvas('initial').style.opacity") == "0.5"

    def test_every_value_arrives(self, screen: Screen) -> None:
        rng = np.random.default_rng(10)
        drawing = rng.integers(0, 256, (1100, 700), np.uint8)  # decoded in several parts
        mirror = MadeUpMirror({"depth": np.zeros((2200, 1400), np.uint8)}, {"initial": drawing})
        screen.open(mirror, "initial")
        places = rng.integers(0, drawing.size, 2000)
        values = screen.do(
            "places => places.map((place) => viewer.drawings.maps.initial.levels[0].values[place])", places.tolist()
        )
        assert np.array_equal(values, drawing.reshape(-1)[places])

    def test_from_afar_a_line_is_the_mean_of_its_pixels(self, screen: Screen) -> None:
        hatched = np.zeros((3 * ROWS, 3 * COLUMNS), np.uint8)
        hatched[::4] = 255
        screen.open(
            MadeUpMirror({"depth": np.zeros((6 * ROWS, 6 * COLUMNS), np.uint8)}, {"current": hatched}), "current"
        )
        assert screen.do("viewer.camera.zoom") < 0.1
        alpha = screen.canvas("current")[100:260, 100:380, 3]
        assert alpha == pytest.approx(np.full(alpha.shape, 64), abs=2)

    @pytest.mark.parametrize("factor", [1.0, 1.37, 2.9])
    def test_no_seam_is_seen_between_tiles(self, screen: Screen, factor: float) -> None:
        size = (2 * ROWS, 2 * COLUMNS)  # more than one tile of the drawing either way
        full = np.full((ROWS, COLUMNS), 255, np.uint8)
        screen.open(MadeUpMirror({"depth": np.zeros(size, np.uint8)}, {"current": full}), "current")
        screen.do("factor => viewer.camera.zoomBy(3 * factor, {x: 240, y: 180})", factor)
        screen.do("() => viewer.camera.panBy(61, -23)")
        screen.settle()
        assert screen.canvas("current")[..., 3].min() >= 253

    @pytest.mark.parametrize("factor", [1, 2.3, 7, 40])
    def test_dragged_by_parts_or_drawn_at_once_it_is_the_same(self, screen: Screen, factor: float) -> None:
        screen.open(plain({"current": scribbled(1)}), "current")
        screen.do("factor => viewer.camera.zoomBy(factor, {x: 200, y: 170})", factor)
        screen.settle()
        for dx, dy in [(7, 3), (-40, 11), (0, -90), (5, 0), (300, 200)]:
            screen.do("([dx, dy]) => viewer.camera.panBy(dx, dy)", [dx, dy])
            screen.do("new Promise(requestAnimationFrame)")
        dragged = screen.settle().canvas("current")
        screen.do("viewer.setLayer('current', 0); viewer.setLayer('current', 1)")
        assert alike(dragged, screen.settle().canvas("current"))

    def test_errors_are_told_apart(self, screen: Screen) -> None:
        truth, current = np.zeros((2, ROWS // 2, COLUMNS // 2), np.uint8)
        truth[100:200, 100:200] = current[100:200, 150:250] = 255
        screen.open(plain({"current": current, "truth": truth}), "current", "truth")
        screen.do("viewer.setLayer('errors', 1)")
        for level in ("copies", "map"):
            if level == "map":
                screen.do("viewer.camera.goTo([80, 80, 140, 190])")
            screen.settle()
            errors = screen.canvas("errors")
            for place, expected in [(125, (*FALSE_NEGATIVE, 255)), (175, (0, 0, 0, 0)), (225, (*FALSE_POSITIVE, 255))]:
                x, y = screen.at(2 * 150, 2 * place).round().astype(int)
                assert errors[y, x] == pytest.approx(expected), (level, place)

    def test_superfluous_line_is_hatched_and_missing_line_is_not(self, screen: Screen) -> None:
        truth, current = np.zeros((2, ROWS // 2, COLUMNS // 2), np.uint8)
        truth[100:200, 100:200] = current[100:200, 250:350] = 255
        screen.open(plain({"current": current, "truth": truth}), "current", "truth")
        screen.do("viewer.setLayer('errors', 1); viewer.camera.goTo([140, 140, 20, 20])")
        for zoom in (1, 0.1):  # pixels of the map, and of a copy
            screen.do("zoom => viewer.camera.zoomBy(zoom, {x: 240, y: 180})", zoom)
            for column, is_hatched in ((150, False), (300, True)):
                screen.do("([x, y]) => viewer.camera.panBy(240 - x, 180 - y)", screen.at(300, 2 * column).tolist())
                middle = screen.settle().canvas("errors")[170:190, 230:250]
                assert middle[..., 3].min() == 255
                dark = (middle[..., :3].sum(axis=-1) < 150).mean()
                assert 0.05 < dark < 0.5 if is_hatched else dark == 0

    def test_compared_with_the_initial_one_in_its_place(self, screen: Screen) -> None:
        screen.open(plain({"initial": scribbled(2), "current": scribbled(3)}), "current", "initial")
        shown = "['initial', 'current'].filter((name) => canvas(name).style.display !== 'none')"
        assert screen.do(shown) == ["current"]
        screen.do("viewer.setCompare(true)")
        assert screen.do(shown) == ["initial"]
        assert screen.canvas("initial")[..., 3].any()
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
        place = "factor => { viewer.setLayer('errors', 1); viewer.camera.zoomBy(factor, {x: 215, y: 165}) }"
        screen.open(plain({"current": before, "truth": truth}), "current", "truth").do(place, factor)
        screen.settle()
        change = [[region.top, region.left, *region.shape], base64_png(after[region.slices])]
        counts = screen.do("([region, png]) => viewer.patch(region, png)", change)
        patched = [screen.settle().canvas(name) for name in ("current", "errors")]
        screen.open(plain({"current": after, "truth": truth}), "current", "truth").do(place, factor)
        loaded = [screen.settle().canvas(name) for name in ("current", "errors")]
        for one, other in zip(patched, loaded, strict=True):
            assert alike(one, other)
        assert counts["added"] == ((after > 0) & (before == 0)).sum()
        assert counts["removed"] == ((after == 0) & (before > 0)).sum()

    def test_a_part_that_was_empty_gets_its_first_line(self, screen: Screen) -> None:
        screen.open(plain(), "current")
        assert not screen.canvas("current")[..., 3].any()
        screen.do("png => viewer.patch([200, 300, 20, 20], png)", base64_png(np.full((20, 20), 255, np.uint8)))
        x, y = screen.at(2 * 210, 2 * 310).round().astype(int)
        assert screen.canvas("current")[y, x] == pytest.approx([*CURRENT, 255])

    def test_the_last_one_counts_however_long_the_first_takes(self, screen: Screen) -> None:
        screen.open(plain(), "current")
        large = base64_png(np.full((ROWS // 2, COLUMNS // 2), 255, np.uint8))
        small = base64_png(np.zeros((4, 4), np.uint8))
        screen.do(
            """([large, small, rows, columns]) => Promise.all([
              viewer.patch([0, 0, rows, columns], large), viewer.patch([100, 100, 4, 4], small)])""",
            [large, small, ROWS // 2, COLUMNS // 2],
        )
        values = "viewer.drawings.maps.current.levels[0].values[%d]"
        assert screen.do(values % (101 * (COLUMNS // 2) + 101)) == 0
        assert screen.do(values % (99 * (COLUMNS // 2) + 99)) == 255

    def test_what_changed_flashes_and_nothing_else(self, screen: Screen) -> None:
        before = np.zeros((20, 30), np.uint8)
        before[5, 5:25] = before[9, 5:25] = 255
        drawing = np.zeros((ROWS // 2, COLUMNS // 2), np.uint8)
        drawing[100:120, 200:230] = before
        after = before.copy()
        after[9], after[14, 5:25] = 0, 255
        screen.open(plain({"current": drawing}), "current").do("viewer.camera.goTo([100, 200, 20, 30])")
        screen.settle()
        flash = screen.do(
            """async (png) => {
              await viewer.patch([100, 200, 20, 30], png);
              viewer.flash([100, 200, 20, 30]);
              return canvas("guides").toDataURL();
            }""",
            base64_png(after),
        )
        picture = decoded(flash)
        for row, expected in [(5, (0, 0, 0)), (9, FALSE_POSITIVE), (14, (255, 255, 255))]:
            x, y = screen.at(2 * (100 + row) + 0.5, 2 * 215).round().astype(int)
            assert picture[y, x, :3] == pytest.approx(expected, abs=2)
            assert (picture[y, x, 3] > 200) == (row != 5)
        screen.do("until(() => canvas('guides').style.display === 'none')")

    @pytest.mark.parametrize(("motion", "fades"), [("no-preference", True), ("reduce", False)])
    def test_it_fades_unless_less_motion_is_wanted(
        self, windows: Callable[..., Screen], motion: str, fades: bool
    ) -> None:
        screen = windows(reduced_motion=motion).open(plain(), "current")
        fading = """async (png) => {
          await viewer.patch([0, 0, 90, 90], png);
          viewer.flash([0, 0, 90, 90]);
          const { x, y } = viewer.camera.screenOf([90, 90]);
          const alphas = [];
          for (let count = 0; count < 12; count++) {
            alphas.push(canvas("guides").getContext("2d").getImageData(x, y, 1, 1).data[3]);
            await frame();
          }
          return alphas.filter((alpha) => alpha);
        }"""
        alphas = screen.do(fading, base64_png(np.full((90, 90), 255, np.uint8)))
        assert alphas[0] > 250
        assert (alphas[-1] < alphas[0]) == fades
