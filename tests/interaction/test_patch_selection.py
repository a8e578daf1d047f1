"""Which patch comes next: by an estimate without truth, kept up to date; or in turn."""

import json

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from data.regions import Region, cell_at, cells, to_scale, whole
from interaction.patch_selection import ORDERS, InTurn, MostWrong, Predicted, ranking_named, reading, shuffled
from interaction.prompts.strokes import ADD, ERASE
from interaction.refiners import ManualRefiner
from interaction.session import RefinementSession
from metrics.calibration import AS_THEY_ARE, Calibration
from metrics.expected import expected_astray, expected_wrong
from simulation.annotators.published import Longer
from simulation.correction_loop import CorrectionLoop
from tests.simulation.fakes import SCALE, THIN, BlankCanvas, Told, bar, helpful, scene, stroke_at

SHAPE, PATCH = (64, 96), 32
EVERYWHERE = np.ones(SHAPE, bool)
GRID = cells(SHAPE, PATCH)


def session_of(initial, refiner=None):
    return RefinementSession(
        BlankCanvas(SHAPE), initial.astype(np.float32), refiner or ManualRefiner(SCALE), scale=SCALE, undoable=None
    )


def predicted(session, valid_mask=EVERYWHERE, calibration=AS_THEY_ARE):
    return Predicted(session, valid_mask, PATCH, calibration)


def lines(*probabilities):
    """A drawing with a line in each of the first cells, as probable as given."""
    drawing = np.full(SHAPE, 0.01)
    for cell, probability in zip(GRID, probabilities, strict=False):
        drawing[cell.top + 14 : cell.top + 18, cell.left + 2 : cell.left + 30] = probability
    return drawing


def noisy(seed):
    """A drawing that is sure of some lines and less of others, and its truth."""
    prediction, truth = scene(seed, SHAPE)
    rng = np.random.default_rng(seed)
    return np.clip(np.where(prediction, 0.8, 0.15) + rng.normal(0, 0.1, SHAPE), 0, 1), truth


def corrected(order, seed=2, most=10_000, drawing_seed=11, restored=None):
    """Correct in an order, by so many strokes; return the loop and its progress."""
    initial, truth = noisy(drawing_seed)
    session = session_of(initial, Told(helpful(truth), PATCH))
    ranking = ranking_named(order, session, EVERYWHERE, PATCH, calibration=AS_THEY_ARE, seed=seed)
    loop = CorrectionLoop(
        session, truth, EVERYWHERE, Longer(THIN), patch=PATCH, seed=seed, published=False, ranking=ranking
    )
    if restored:
        loop.restore(restored)
    return loop, [progress for progress, _ in zip(loop.run(), range(most), strict=False)]


def cells_of(loop):
    """The cells of a loop's strokes, in their order."""
    centres = (to_scale(np.array(stroke.centre_px), SCALE) for stroke in loop.session.prompts)
    return [GRID.index(cell_at(SHAPE, PATCH, (row, column))) for row, column in centres]


class TestPredicted:
    def test_the_less_sure_a_line_the_sooner_its_patch_comes(self):
        ranks = predicted(session_of(lines(0.9, 0.6, 0.99, 0.3))).ranks
        assert np.argsort(ranks)[:4].tolist() == [3, 1, 0, 2]
        assert ranks[4:].tolist() == [1, 1]

    def test_what_probabilities_are_worth_counts(self):
        """Line that is rarer than the network says makes every drawn line worse."""
        session = session_of(lines(0.9, 0.6))
        values = [predicted(session, calibration=table).ranks for table in (AS_THEY_ARE, Calibration((0, 1), (0, 0.8)))]
        assert (values[1][:2] < values[0][:2]).all()

    def test_nothing_is_expected_outside(self):
        valid_mask = EVERYWHERE & ~bar(SHAPE, slice(0, 32), slice(32, 64))
        assert predicted(session_of(lines(0.9, 0.6)), valid_mask).ranks[1] == 1

    @pytest.mark.parametrize("stroke", [stroke_at([(16, 48)], radius=24), stroke_at([(16, 48)], radius=24, sign=ERASE)])
    def test_what_the_user_drew_and_erased_is_certain(self, stroke):
        """All over a patch, whatever 0 and 1 are worth to the network."""
        session = session_of(lines(0.9, 0.6, 0.9))
        ranking = predicted(session, calibration=Calibration((0.0, 1.0), (0.3, 0.8)))
        before = ranking.ranks
        session.commit(session.propose([stroke])[0])
        ranking.update(GRID[1])
        assert before.max() < 0.8
        assert ranking.ranks[1] > 0.85

    @pytest.mark.parametrize("probability", [0.0, 1.0])
    def test_a_network_that_says_0_or_1_is_not(self, probability):
        """Only the user is certain; a probability of 1 from the network is calibrated."""
        session = session_of(lines(probability, 0.99))
        doubtful = Calibration((0.0, 1.0), (0.3, 0.7))
        assert predicted(session, calibration=doubtful).ranks.max() < 0.9

    def test_one_change_moves_its_own_patches_counts_only(self):
        session = session_of(lines(0.9, 0.6, 0.7))
        ranking = predicted(session)
        before = ranking.ranks
        change = session.propose([stroke_at([(15.5, 33), (15.5, 62)], radius=3)])[0]
        session.commit(change)
        session.current[GRID[2].slices] = 0  # nobody says so
        ranking.update(Region(10, 33, 10, 28))
        assert ranking.ranks[1] > before[1]
        assert np.abs(ranking.ranks - before)[2] < 0.1

    @pytest.mark.parametrize("drawing_seed", range(4))
    def test_kept_up_to_date_it_says_what_it_would_say_from_scratch(self, drawing_seed):
        loop, _ = corrected("predicted", most=8, drawing_seed=drawing_seed)
        kept = loop._ranking.ranks
        assert_array_equal(kept, predicted(loop.session).ranks)
        assert not np.array_equal(kept, predicted(session_of(loop.session.initial)).ranks)

    def test_a_change_taken_back_is_as_if_never_made(self):
        session = session_of(lines(0.9, 0.6))
        ranking = predicted(session)
        before = ranking.ranks
        session.commit(session.propose([stroke_at([(15.5, 20), (15.5, 50)], radius=3)])[0])
        ranking.update(whole(SHAPE))
        assert not np.array_equal(ranking.ranks, before)
        ranking.update(session.undo().region)
        assert_array_equal(ranking.ranks, before)

    def test_another_stroke_in_place_of_one_taken_back_counts_alone(self):
        session = session_of(lines(0.9, 0.6))
        ranking = predicted(session)
        for stroke in (stroke_at([(15.5, 20), (15.5, 50)]), stroke_at([(15.5, 40), (15.5, 60)], sign=ERASE)):
            session.undo()
            session.commit(session.propose([stroke])[0])
            ranking.update(whole(SHAPE))
        assert_array_equal(ranking.ranks, predicted(session).ranks)
        assert len(session.prompts) == 1

    def test_it_finds_the_patch_that_is_worst(self):
        """A drawing in which pixels are as likely as they are sure: its estimates go with the truth."""
        rng = np.random.default_rng(3)
        truth = lines(1, 1, 1, 1, 1, 1) == 1
        sure = np.array([0.95, 0.7, 0.85, 0.6, 0.9, 0.75])
        probability = lines(*sure)
        wrong = (rng.random(SHAPE) > probability) & truth
        session = session_of(probability)
        loop = CorrectionLoop(session, truth & ~wrong, EVERYWHERE, Longer(THIN), patch=PATCH, seed=0, published=False)
        true = loop._scores.pfm
        assert np.argsort(predicted(session).ranks).tolist() == np.argsort(sure).tolist()
        assert np.corrcoef(predicted(session).ranks, true)[0, 1] > 0.8


def most_wrong(session, valid_mask=EVERYWHERE, calibration=AS_THEY_ARE):
    return MostWrong(session, valid_mask, PATCH, calibration)


class TestMostWrong:
    def test_the_more_pixels_are_wrong_the_sooner_their_patch_comes(self):
        """A short line that is half sure has the lower pFM, a long one that is rather sure the more wrong pixels."""
        drawing = np.zeros(SHAPE)
        drawing[4, 2:12], drawing[40:50, 34:62], drawing[4:8, 66:90] = 0.55, 0.9, 1
        session = session_of(drawing)
        ranking = most_wrong(session)
        assert ranking.wrong == pytest.approx([10 * 0.45, 0, 0, 0, 280 * 0.1, 0])
        assert np.argmin(ranking.ranks) == 4
        assert np.argmin(predicted(session).ranks) == 0

    def test_what_probabilities_are_worth_counts(self):
        drawing = np.zeros(SHAPE)
        drawing[4:8, 2:12] = 0.9
        assert most_wrong(session_of(drawing), calibration=Calibration((0, 1), (0, 0.5))).wrong[0] == pytest.approx(22)

    def test_nothing_is_wrong_off_the_object(self):
        valid_mask = EVERYWHERE & ~bar(SHAPE, slice(0, 32), slice(32, 64))
        ranking = most_wrong(session_of(np.full(SHAPE, 0.6)), valid_mask)
        assert ranking.wrong == pytest.approx([1024 * 0.4, 0] + [1024 * 0.4] * 4)

    @pytest.mark.parametrize("sign", [ADD, ERASE])
    def test_what_the_user_drew_and_erased_is_not_wrong(self, sign):
        session = session_of(np.full(SHAPE, 0.6))
        ranking = most_wrong(session, calibration=Calibration((0.0, 1.0), (0.3, 0.8)))
        before = ranking.wrong.copy()
        session.commit(session.propose([stroke_at([(16, 48)], radius=23, sign=sign)])[0])
        ranking.update(GRID[1])
        assert before[1] > 300
        assert (ranking.wrong[1], ranking.astray[1]) == (0, 0)
        assert ranking.wrong[3] == before[3]

    def test_cells_together_hold_what_the_mirror_holds(self):
        """Also beyond the tolerance, although lines run along and across the borders of cells."""
        drawing, _ = noisy(4)
        drawing[31:33, :] = drawing[:, 30:34] = 0.7
        ranking = most_wrong(session_of(drawing))
        line = drawing.astype(np.float32) > 0.5
        assert ranking.wrong.sum() == pytest.approx(expected_wrong(drawing, line).sum(), rel=1e-5)
        assert ranking.astray.sum() == pytest.approx(expected_astray(drawing, line).sum(), rel=1e-5)

    @pytest.mark.parametrize("seed", range(3))
    def test_kept_up_to_date_it_says_what_it_would_say_from_scratch(self, seed):
        initial, truth = noisy(seed)
        session = session_of(initial, Told(helpful(truth), PATCH))
        ranking = most_wrong(session)
        before = ranking.wrong.copy()
        for place in np.random.default_rng(seed).uniform(4, 60, (6, 2)):
            change = session.propose([stroke_at([place, place + np.array([0, 20])], radius=2)])[0]
            session.commit(change)
            ranking.update(change.region)
        assert_array_equal(ranking.wrong, most_wrong(session).wrong)
        assert_array_equal(ranking.astray, most_wrong(session).astray)
        assert not np.array_equal(ranking.wrong, before)


class TestInTurn:
    def test_reading_goes_from_left_to_right_and_down(self):
        assert reading(6).ranks.tolist() == [0, 1, 2, 3, 4, 5]

    def test_shuffled_cells_come_once_each_and_the_seed_says_when(self):
        one, same, other = (shuffled(50, np.random.default_rng(seed)).ranks for seed in (0, 0, 1))
        assert sorted(one) == list(range(50))
        assert_array_equal(one, same)
        assert not np.array_equal(one, other)

    def test_nothing_changes_it(self):
        ranking = InTurn(np.array([2, 0, 1]))
        ranking.update(whole(SHAPE))
        assert ranking.ranks.tolist() == [2, 0, 1]


class TestCorrection:
    def test_the_ranking_changes_the_choice(self):
        first = {order: cells_of(corrected(order, most=5)[0]) for order in ORDERS}
        assert len({tuple(each) for each in first.values()}) == len(ORDERS)
        assert first["reading"][0] == 0

    def test_the_lowest_rank_comes_next(self):
        initial, truth = noisy(11)
        for lowest in range(3):
            session = session_of(initial)
            ranking = InTurn(np.where(np.arange(6) == lowest, 0, 1))
            loop = CorrectionLoop(
                session, truth, EVERYWHERE, Longer(THIN), patch=PATCH, seed=0, published=False, ranking=ranking
            )
            next(loop.run())
            assert cells_of(loop) == [lowest]

    @pytest.mark.parametrize("order", ["reading", "random"])
    def test_in_turn_a_patch_is_finished_before_the_next_begins(self, order):
        loop, _ = corrected(order)
        visited = [index for index, _ in zip(*np.unique(cells_of(loop), return_index=True), strict=True)]
        sequence = [index for n, index in enumerate(cells_of(loop)) if n == 0 or cells_of(loop)[n - 1] != index]
        assert sorted(sequence) == visited
        assert (sequence == visited) == (order == "reading")

    @pytest.mark.slow
    @pytest.mark.parametrize("order", ORDERS)
    @pytest.mark.parametrize("strokes", [1, 6])
    def test_taken_up_in_the_middle_it_goes_on_as_if_it_had_never_stopped(self, order, strokes):
        whole_run, _ = corrected(order, most=strokes)
        state = whole_run.state()
        current = state.pop("current")
        state = {**json.loads(json.dumps(state)), "current": current}
        rest = list(whole_run.run())
        taken_up, found = corrected(order, restored=state)
        assert rest
        assert found == rest
        assert [stroke.to_json() for stroke in taken_up.session.prompts] == [
            stroke.to_json() for stroke in whole_run.session.prompts
        ]

    def test_the_random_order_is_another_for_another_seed(self):
        one, other = (cells_of(corrected("random", seed=seed, most=1)[0]) for seed in (2, 3))
        assert one != other


def test_cells_estimated_one_by_one_rank_as_all_at_once():
    session = session_of(noisy(3)[0])
    later = Predicted(session, EVERYWHERE, PATCH, AS_THEY_ARE, at_once=False)
    for cell in GRID:
        later.update(cell)
    assert later.ranks.tolist() == predicted(session).ranks.tolist()


def test_an_unknown_order_is_named():
    with pytest.raises(ValueError, match="no order 'best'; there are oracle, predicted, random, reading"):
        ranking_named("best", session_of(lines(0.9)), EVERYWHERE, PATCH, calibration=AS_THEY_ARE, seed=0)
