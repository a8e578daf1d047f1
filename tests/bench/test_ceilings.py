"""``python -m bench.ceilings``: answers that are right as far as they reach, and the figures printed about them."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from bench import ceilings
from bench.ceilings import SIDES, Perfect
from data.regions import Region
from interaction.changes import View
from interaction.refiners import ManualRefiner
from metrics.counts import count
from metrics.effort import Curve
from metrics.thinning import thin as skeleton
from tests.bench.toy import SEEDS, drawn, rows_of
from tests.simulation.fakes import SCALE, bar, stroke_at

TRUTH = bar((40, 60), [10, 18], slice(5, 50))  # two lines, one pixel wide
REACHES = ["what touches the stroke", *(f"{side} x {side} around it" for side in SIDES)]


def answer(region, stroke, touching):
    """Ask for an answer to a stroke on a drawing in which nothing is drawn yet."""
    current = np.full(region.shape, 0.2, np.float32)
    view = View(np.empty((0, *region.shape), np.float32), current, current, (stroke,), region, SCALE)
    return Perfect(TRUTH, 20, SCALE, touching).refine([view])[0]


@pytest.mark.parametrize(
    ("at", "region"), [((20, 30), Region(10, 20, 20, 20)), ((1, 58), Region(0, 40, 20, 20))], ids=["inner", "corner"]
)
def test_it_reaches_as_far_as_a_window_around_the_stroke(at, region):
    assert Perfect(TRUTH, 20, SCALE, False).window([stroke_at((0, 0)), stroke_at(at)], TRUTH.shape) == region


def test_all_of_the_window_becomes_right():
    region = Region(4, 20, 20, 20)

    assert_array_equal(answer(region, stroke_at((10, 30)), touching=False), TRUTH[region.slices])


def test_or_only_what_touches_the_stroke():
    region = Region(4, 20, 20, 20)

    right = answer(region, stroke_at((10, 30), radius=0.5), touching=True)

    assert_array_equal(right, np.where(np.arange(4, 24)[:, None] == 10, 1, np.float32(0.2)) * np.ones(20, np.float32))


@pytest.fixture(scope="module")
def output(toy):
    return toy.succeed(ceilings.main, "--base_model", "base", "--mirror", "TOY-0001_R")


def test_the_farther_answers_reach_the_more_they_are_worth(output):
    _, *rows = rows_of(output)
    assert [row[0] for row in rows] == REACHES
    areas, finals = ([float(row[column]) for row in rows] for column in (1, 4))
    assert 0 < areas[1] < areas[2] < areas[3] == areas[4], "the mirror is 128 pixels wide"
    assert 0 < areas[0] < areas[4]
    assert finals[4] > 0.99, "what the first stroke draws beside the line is all that is left"


def test_it_says_where_corrections_begin_and_where_a_user_alone_gets(output, toy):
    view = toy.view("TOY-0001_R")
    truth = view.truth & view.mask
    initial = count((drawn(view) > 0.5) & view.mask, truth, skeleton(truth)).pfm
    message = output.splitlines()[0]
    assert message.startswith(f"TOY-0001_R: initial {initial:.4f}, manual 0.")
    assert initial < float(message.split()[-1]) < 1


@pytest.mark.parametrize(
    ("ends", "row"),
    [
        ((1.0, 0.9), ["+21.25", "63%", "34%", "0.9500"]),
        ((1.0, 0.6), ["+10.00", "33%", "never in one", "0.8000"]),
        ((1.0, None), ["+12.50", "33%", "30%", "0.9000"]),
        ((None, None), ["+0.00", "0%", "-", "0.8000"]),
    ],
)
def test_the_table_gives_means_over_mirrors(toy, monkeypatch, ends, row):
    """Manual rises from 0.4 to 0.8 in 200 pixels, and with answers a mirror to its end in 100; or nothing is wrong.

    The leads are 25, 17.5 and -5 points; 0.8 is reached at 66.7, 80 or never; half of the error at 60, 75 or never.
    """
    end_of = dict(zip(SEEDS, ends, strict=True))

    def corrected(prepared, view, initial, patch, seed, refiner):
        end = end_of[view.name]
        if end is None:
            return Curve(np.array([0]), np.array([0.8]))
        if isinstance(refiner, ManualRefiner):
            return Curve(np.array([0, 200]), np.array([0.4, 0.8]))
        return Curve(np.array([0, 100]), np.array([0.4, end]))

    monkeypatch.setattr(ceilings, "_corrected", corrected)
    mirrors = [argument for name in SEEDS for argument in ("--mirror", name)]
    _, *rows = rows_of(toy.succeed(ceilings.main, "--base_model", "base", *mirrors))
    assert rows == [[reach, *row] for reach in REACHES]
