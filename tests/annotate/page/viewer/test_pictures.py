"""The scan's pictures: which tiles are asked for, how they are lit, and what lies over what."""

from __future__ import annotations

import numpy as np
import pytest

from tests.annotate.page.viewer.screen import COLUMNS, ROWS, Screen, plain


def test_relief_is_lambertian_and_follows_the_light(screen: Screen) -> None:
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


def test_what_is_covered_is_neither_asked_for_nor_drawn(screen: Screen) -> None:
    grey = np.full((ROWS, COLUMNS), 60, np.uint8)
    mirror = plain(depth=grey, albedo=grey + 100)
    screen.open(mirror).do("viewer.setLayer('albedo', 1)")
    assert screen.settle().pictures()[180, 240, 0] == 160
    mirror.asked.clear()
    screen.do("viewer.camera.zoomBy(3, {x: 240, y: 180})")
    screen.settle()
    assert {path.split("/")[5] for path in mirror.asked} == {"albedo"}
    screen.do("viewer.setLayer('albedo', 0.5)")
    assert screen.settle().pictures()[180, 240, 0] == pytest.approx(110, abs=1)


def test_layers_can_be_chosen_before_it_is_open(screen: Screen) -> None:
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


def test_without_pictures_there_is_the_drawing(screen: Screen) -> None:
    mirror = plain({"current": np.full((ROWS // 2, COLUMNS // 2), 255, np.uint8)})
    mirror.layers = []
    screen.open(mirror, "current")
    assert screen.canvas("current")[180, 240, 3] == 255
    assert not any("tiles" in path for path in mirror.asked)


def test_tiles_are_asked_for_when_they_are_made(screen: Screen) -> None:
    mirror = plain()
    mirror.tiles_ready = False
    screen.open(mirror)
    assert not any("tiles" in path for path in mirror.asked)
    assert screen.do("viewer.camera.zoom") > 0
    screen.do("viewer.tilesReady()")
    screen.settle()
    assert any("tiles" in path for path in mirror.asked)
    assert screen.pictures()[180, 240, 0] == 100


def test_only_tiles_that_exist_are_asked_for(screen: Screen) -> None:
    mirror = plain()
    screen.open(mirror).do("viewer.camera.goTo([440, 640, 10, 10])")
    screen.settle()
    for path in mirror.asked:
        level, column, row = map(int, path.partition("?")[0].split("/")[6:])
        height, width = mirror.levels["depth"][level].shape
        assert row * 256 < height
        assert column * 256 < width
