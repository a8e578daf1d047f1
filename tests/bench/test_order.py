"""``python -m bench.order``: what is made of estimates and curves is right."""

import re

import numpy as np
import pytest

from bench import order as bench_order
from bench.order import STROKES, CorrectionCurve, Task, agreement, agreement_table, correct, order_table
from interaction.patch_selection import ORDERS, Predicted
from interaction.refiners import ManualRefiner
from interaction.session import RefinementSession
from metrics.counts import count
from metrics.thinning import thin as skeleton
from tests.bench import toy as toys
from tests.bench.toy import CALIBRATION, drawn, rows_of

PATCH = 16
SHAPE = (PATCH, 4 * PATCH)


def task(order, mirror="M", seed=0):
    return Task(mirror, seed, order, "base", "cpu", "torch")


def drawings():
    """In four cells: all of a line, three quarters, a half, and nothing of nothing."""
    truth, drawing = np.zeros((2, *SHAPE), bool)
    for cell, length in enumerate((8, 6, 4)):
        truth[8, cell * PATCH + 4 : cell * PATCH + 12] = True
        drawing[8, cell * PATCH + 4 : cell * PATCH + 4 + length] = True
    return drawing, truth


def agreed(expected, retired=(False,) * 4):
    drawing, truth = drawings()
    return agreement(np.array(expected), drawing, truth, np.ones(SHAPE, bool), PATCH, np.array(retired))


def test_agreement_is_over_patches_with_line():
    spearman, pearson, bias = agreed([1, 6 / 7, 4 / 6, 0])  # 2 * 0.75 / 1.75 and 2 * 0.5 / 1.5: the truth
    assert (spearman, pearson, bias) == pytest.approx((1, 1, 0))


def test_agreement_the_wrong_way_round_and_too_high():
    spearman, _, bias = agreed([0.7, 0.9, 1.0, 0])
    assert spearman == pytest.approx(-1)
    assert bias == pytest.approx(100 * (0.7 + 0.9 + 1 - 1 - 6 / 7 - 4 / 6) / 3)


def test_no_agreement_of_two_patches():
    spearman, pearson, bias = agreed([1, 1, 1, 1], retired=[True, False, False, False])
    assert np.isnan([spearman, pearson]).all()
    assert bias == pytest.approx(100 * (2 - 6 / 7 - 4 / 6) / 2)


def test_the_table_averages_the_start_and_what_came_later():
    looks = [[(0.9, 0.8, 3.0), (0.5, 0.4, 1.0)], [(0.7, 0.6, 1.0), (0.3, 0.2, 3.0)]]
    text = agreement_table([CorrectionCurve([0], [0.5], each) for each in (*looks, [])])
    assert re.findall(r"[-+]?\d\.\d+", text) == ["0.80", "0.70", "+2.0", "0.40", "0.30", "+2.0"]


@pytest.mark.filterwarnings("error")
def test_a_look_without_a_value_counts_in_no_mean_and_a_mean_of_none_is_a_dash():
    nan = np.nan
    looks = [[(nan, 0.8, nan), (nan, nan, 1.0)], [(0.4, nan, nan), (nan, nan, nan)]]
    text = agreement_table([CorrectionCurve([0], [0.5], each) for each in looks])
    rows = [[cell.strip() for cell in line.strip("|").split("|")[1:]] for line in text.splitlines()[2:]]
    assert rows == [["0.40", "0.80", "-"], ["-", "-", "+1.0"]]


def test_areas_are_over_the_oracles_curve_and_order_lies_between():
    """Over 100 pixels the oracle is right at once, half-way, or late; a random order gains nothing."""
    late, half, at_once = [0.5, 0.5, 1.0], [0.5, 0.75, 1.0], [0.5, 1.0, 1.0]
    outcomes = {}
    for mirror in "MN":
        for order, pfm in (("oracle", at_once), ("predicted", half), ("random", late), ("reading", late)):
            outcomes[task(order, mirror)] = CorrectionCurve([0, 50, 100], pfm, [])
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in order_table(outcomes).splitlines()[2:]]
    assert rows == [
        ["oracle", "+0.000", "1.00 [1.00, 1.00]"],
        ["predicted", "-12.500", "0.50 [0.50, 0.50]"],
        ["random", "-25.000", "0.00 [0.00, 0.00]"],
        ["reading", "-25.000", "0.00 [0.00, 0.00]"],
    ]


MIRROR = "TOY-0001_R"


@pytest.fixture(scope="module")
def corrected(toy):
    """What becomes of a mirror in each order."""
    return {order: correct(task(order, MIRROR), toy.config, lambda line: None) for order in ORDERS}


def test_each_order_goes_its_own_way_from_the_same_drawing(corrected, toy):
    view = toy.view(MIRROR)
    truth = view.truth & view.mask
    initial = count((drawn(view) > 0.5) & view.mask, truth, skeleton(truth)).pfm
    for outcome in corrected.values():
        assert (outcome.effort[0], outcome.pfm[0]) == (0, pytest.approx(initial))
        assert (np.diff(outcome.effort) > 0).all()
        assert outcome.pfm[-1] > (1 + initial) / 2
    assert len({tuple(outcome.pfm) for outcome in corrected.values()}) == len(ORDERS)


def test_only_predictions_are_compared_at_the_start_and_every_few_strokes(corrected):
    predicted = corrected["predicted"]
    assert len(predicted.agreement) == 1 + (len(predicted.pfm) - 1) // STROKES > 1
    assert not any(corrected[order].agreement for order in ORDERS if order != "predicted")


def test_what_is_compared_is_the_expected_pfm_of_the_drawing_as_it_is(corrected, toy):
    view = toy.view(MIRROR)
    session = RefinementSession(view, drawn(view), ManualRefiner(view.scale), scale=view.scale, channels=())
    ranks = Predicted(session, view.mask, toys.PATCH, CALIBRATION).ranks
    nobody = np.zeros(len(ranks), bool)
    first, second = corrected["predicted"].agreement[:2]
    assert first == pytest.approx(agreement(ranks, session.drawing, view.truth, view.mask, toys.PATCH, nobody))
    assert first != second


def test_the_command_corrects_in_every_order_and_prints_both_tables(corrected, toy):
    arguments = ["--base_model", "base", "--mirror", MIRROR, "--seeds", "1", "--workers", "1", "--backend", "torch"]
    output = toy.succeed(bench_order.main, *arguments, "--device", "cpu")

    tables = agreement_table(list(corrected.values())), order_table({task(key): one for key, one in corrected.items()})
    assert rows_of(output) == [row for table in tables for row in rows_of(table)]
