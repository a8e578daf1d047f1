"""Scores kept up to date: those of a count from scratch, bit for bit, after any strokes on any drawing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from data.regions import Region, cells
from interaction.refiners import ManualRefiner
from interaction.session import LINE, RefinementSession
from metrics.counts import Counts, count
from metrics.dibco import WeightedCounts, weighted_count, weights
from metrics.registry import Tally
from metrics.thinning import thin as skeleton
from simulation.scoreboard import Scoreboard, paste_overlap
from tests.simulation.fakes import SCALE, BlankCanvas, Told, bar, erratic, oracle, scene, stroke_at

SHAPE, PATCH = (70, 90), 32  # no multiple of a patch: the last cells are 6 rows high and 26 columns wide
EVERYWHERE = np.ones(SHAPE, bool)
GRID = cells(SHAPE, PATCH)


def session_of(initial, refiner):
    return RefinementSession(BlankCanvas(SHAPE), initial.astype(np.float32), refiner, scale=SCALE)


@pytest.mark.slow
@examples(max_examples=40)
@given(
    seed=st.integers(0, 10_000),
    strokes=st.lists(
        st.tuples(
            st.lists(st.tuples(st.integers(0, 69), st.integers(0, 89)), min_size=1, max_size=4),
            st.floats(0.5, 9),
            st.sampled_from([1, -1]),
        ),
        min_size=1,
        max_size=8,
    ),
    patch=st.sampled_from([None, 16, 32]),
)
def test_scores_are_those_from_scratch_after_every_change(seed, strokes, patch):
    prediction, truth = scene(seed, SHAPE)
    valid_mask = ~bar(SHAPE, slice(20, 40), slice(60, 90))
    truth = truth & valid_mask
    session = session_of(prediction, Told(erratic, patch))
    scores = Scoreboard(session, truth, valid_mask, GRID)
    for points, radius, sign in strokes:
        (change,) = session.propose([stroke_at(points, radius, sign)])
        foreseen = [scores.after(index, change) for index in range(len(GRID))]
        session.commit(change)
        scores.update(change)

        line = session.current > LINE
        assert scores.total.counts == count(line, truth, skeleton(truth), valid_mask)
        assert scores.total.weighted == weighted_count(line, truth, weights(truth), valid_mask)
        for index, cell in enumerate(GRID):
            at = cell.slices
            assert scores.cells[index] == count(line[at], truth[at], skeleton(truth)[at], valid_mask[at])
        assert foreseen == scores.cells
        assert_array_equal(scores.pfm, [counts.pfm for counts in scores.cells])


def test_the_scores_of_a_tally_are_named_as_tables_name_them():
    prediction, truth = scene(3, SHAPE)
    scores = Scoreboard(session_of(prediction, ManualRefiner(SCALE)), truth, EVERYWHERE, GRID).total

    assert scores.scores == {"iou": scores.counts.iou, "pfm": scores.counts.pfm, "pfm_dibco": scores.weighted.pfm}
    assert len(set(scores.scores.values())) == 3


def test_after_says_what_a_cell_would_be_and_changes_nothing():
    prediction, truth = scene(3, SHAPE)
    session = session_of(prediction, Told(oracle(truth)))
    scores = Scoreboard(session, truth, EVERYWHERE, GRID)
    total = scores.total
    (change,) = session.propose([stroke_at(np.argwhere(truth)[0], radius=0.5)])
    assert [scores.after(index, change).wrong for index in range(9)] == [0] * 9
    assert scores.total == total


def test_a_mirror_without_line_or_drawing_counts_nothing():
    nothing = np.zeros(SHAPE, bool)
    session = session_of(nothing, ManualRefiner(SCALE))
    assert Scoreboard(session, nothing, EVERYWHERE, GRID).total == Tally(Counts(), WeightedCounts())


def test_what_two_regions_share_is_copied():
    target, source = np.zeros((3, 3), int), np.arange(1, 10).reshape(3, 3)
    paste_overlap(target, Region(10, 10, 3, 3), source, Region(11, 9, 3, 3))
    assert target.tolist() == [[0, 0, 0], [2, 3, 0], [5, 6, 0]]


def test_where_they_share_nothing_nothing_is_copied():
    target = np.zeros((3, 3), int)
    paste_overlap(target, Region(0, 0, 3, 3), np.ones((3, 3), int), Region(3, 0, 3, 3))
    assert not target.any()
