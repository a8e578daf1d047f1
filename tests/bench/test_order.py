"""``python -m bench.order``: what is made of estimates and curves is right."""

import re

import numpy as np
import pytest

from bench.order import Outcome, Task, agreement, agreement_table, order_table

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
    text = agreement_table([Outcome([0], [0.5], each) for each in (*looks, [])])
    assert re.findall(r"[-+]?\d\.\d+", text) == ["0.80", "0.70", "+2.0", "0.40", "0.30", "+2.0"]


def test_areas_are_over_the_oracles_curve_and_order_lies_between():
    """Over 100 pixels the oracle is right at once, half-way, or late; a random order gains nothing."""
    late, half, at_once = [0.5, 0.5, 1.0], [0.5, 0.75, 1.0], [0.5, 1.0, 1.0]
    outcomes = {}
    for mirror in "MN":
        for order, pfm in (("oracle", at_once), ("predicted", half), ("random", late), ("reading", late)):
            outcomes[task(order, mirror)] = Outcome([0, 50, 100], pfm, [])
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in order_table(outcomes).splitlines()[2:]]
    assert rows == [
        ["oracle", "+0.000", "1.00 [1.00, 1.00]"],
        ["predicted", "-12.500", "0.50 [0.50, 0.50]"],
        ["random", "-25.000", "0.00 [0.00, 0.00]"],
        ["reading", "-25.000", "0.00 [0.00, 0.00]"],
    ]
