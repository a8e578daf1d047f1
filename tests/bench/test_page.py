"""The benchmark of the page: the hand that draws, and the table."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest

from bench.page.figures import Figure, table
from bench.page.simulated_pen import around, button, correcting_strokes
from bench.page.tab import along
from data.storage import PreparedView
from interaction.prompts.strokes import ADD, ERASE
from tests.interaction.log.scans import grain, prepared

SHAPE = (1200, 1200)  # of the scan; nine places
FALSE_NEGATIVE, FALSE_POSITIVE = slice(300, 312), slice(800, 812)


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> PreparedView:
    truth = np.zeros(SHAPE, bool)
    truth[FALSE_NEGATIVE, 100:1100] = True
    return prepared(tmp_path_factory.mktemp("views") / "A_R", {"depth": grain(SHAPE)}, truth=truth)


def test_simulated_pen_adds_false_negatives_and_erases_false_positives(view: PreparedView) -> None:
    lines = np.zeros(view.model_shape, bool)
    lines[FALSE_POSITIVE.start // 2 : FALSE_POSITIVE.stop // 2, 50:550] = True
    strokes = list(islice(correcting_strokes(view, lines, np.random.default_rng(0)), 12))
    assert {stroke.sign for stroke in strokes} == {ADD, ERASE}
    for stroke in strokes:
        line = FALSE_NEGATIVE if stroke.sign == ADD else FALSE_POSITIVE
        assert (stroke.path_px[:, 0] >= line.start).all()
        assert (stroke.path_px[:, 0] <= line.stop).all()
        top, left, height, width = around(stroke)
        assert ((stroke.path_px > (top, left)) & (stroke.path_px < (top + height, left + width))).all()
        assert button(stroke) == ("left" if stroke.sign == ADD else "right")


def test_simulated_pen_has_nothing_to_do_where_the_drawing_is_right(view: PreparedView) -> None:
    assert list(correcting_strokes(view, np.array(view.truth), np.random.default_rng(0))) == []


def test_pointer_goes_along_the_points_in_small_steps() -> None:
    points = np.array([[0.0, 0.0], [10.0, 0.0], [10.0, 5.0]])
    way = np.array(along(points, 4.0))
    assert np.linalg.norm(np.diff(way, axis=0), axis=1).max() <= 4
    assert all((way == point).all(axis=1).any() for point in points)


def test_table_says_which_targets_are_met() -> None:
    slow = Figure("answer", "ms", [50.0] * 9 + [500.0] * 9, 100, 200)
    text = table([slow, Figure("memory", "MiB", [900.0], 2048), Figure("frames", "ms", [17.0, 17.0])]).splitlines()
    assert [cell.strip() for cell in text[2].split("|")[1:-1]] == ["answer, ms", "18", "275", "500", "100 / 200", "no"]
    assert [cell.strip() for cell in text[3].split("|")[1:-1]] == ["memory, MiB", "1", "900", "", "2048", "yes"]
    assert [cell.strip() for cell in text[4].split("|")[1:-1]] == ["frames, ms", "2", "17", "17", "", ""]
