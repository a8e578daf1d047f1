"""Rims: where a line is drawn too wide, and strokes that make it thinner."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy.ndimage import binary_dilation

from data.regions import to_scale
from interaction.merging import merge_named
from interaction.prompts.strokes import ADD, ERASE
from interaction.refiners import ManualRefiner
from interaction.session import RefinementSession
from simulation.annotators import annotator_named
from simulation.correction_loop import CorrectionLoop
from simulation.rims import rim, trace_rim
from simulation.simulated_user import History
from simulation.strokes import MIRROR_BRUSH
from tests.simulation.fakes import SCALE, THIN, BlankCanvas, Told, bar, drawn

SHAPE = (40, 64)
TRUTH = bar(SHAPE, slice(18, 23), slice(4, 60))  # five pixels wide
WIDE = bar(SHAPE, slice(15, 26), slice(4, 60))  # three more at either side
BY_ONE = bar(SHAPE, slice(17, 24), slice(4, 60))


def rng(seed=0):
    return np.random.default_rng(seed)


def corrected(drawing, annotator, refiner=None, merge="whole"):
    """Let a user correct a drawing of the truth to the end; return the session and what it came to."""
    refiner = refiner or ManualRefiner(SCALE)
    session = RefinementSession(
        BlankCanvas(SHAPE), drawing.astype(np.float32), refiner, scale=SCALE, merge=merge_named(merge)
    )
    user = annotator_named(annotator, THIN)
    loop = CorrectionLoop(session, TRUTH, np.ones(SHAPE, bool), user, patch=64, seed=0, published=False)
    return session, [loop.progress, *loop.run()][-1]


class TestRim:
    def test_begins_two_pixels_beside_the_line(self):
        expected = WIDE & ~BY_ONE
        assert_array_equal(rim(WIDE, TRUTH), expected)

    def test_a_line_that_is_a_pixel_too_wide_has_none(self):
        assert not rim(BY_ONE, TRUTH).any()

    def test_diagonal_distance_is_straight(self):
        """(2, 2) is 1.41 pixels from (1, 1), and (3, 3) is 2.83."""
        truth, drawing = bar((6, 6), slice(0, 2), slice(0, 2)), np.zeros((6, 6), bool)
        drawing[[2, 3], [2, 3]] = True
        assert_array_equal(np.argwhere(rim(drawing, truth)), [[3, 3]])

    def test_without_true_line_there_is_none(self):
        assert not rim(WIDE, np.zeros(SHAPE, bool)).any()


class TestTraceRim:
    @pytest.mark.parametrize("seed", range(5))
    def test_erases_drawn_ground_up_to_the_line_and_no_true_line(self, seed):
        stroke = trace_rim(WIDE, TRUTH, rng(seed), MIRROR_BRUSH)
        assert stroke.sign == ERASE
        mark = drawn(stroke, SHAPE)
        assert not (mark & TRUTH).any()
        assert rim(WIDE, TRUTH)[tuple(to_scale(stroke.path_px, SCALE).astype(int).T)].all()
        near = binary_dilation(TRUTH, np.ones((5, 5)))
        assert (mark & near).any()

    @pytest.mark.parametrize("drawing", [BY_ONE, TRUTH, np.zeros(SHAPE, bool)])
    def test_leaves_the_noise_of_an_edge(self, drawing):
        assert trace_rim(drawing, TRUTH, rng()) is None

    def test_leaves_a_speck(self):
        assert trace_rim(BY_ONE | bar(SHAPE, 25, slice(30, 32)), TRUTH, rng()) is None

    def test_another_true_line_beside_is_not_touched(self):
        truth = TRUTH | bar(SHAPE, slice(26, 30), slice(4, 60))
        drawing = truth | bar(SHAPE, slice(23, 26), slice(4, 60))  # the gap of three between both is filled
        stroke = trace_rim(drawing, truth, rng())
        assert not (drawn(stroke, SHAPE) & truth).any()


class TestInTheLoop:
    def test_published_users_leave_a_wide_line(self):
        session, end = corrected(WIDE, "longer")
        assert end.interaction == 0
        assert_array_equal(session.drawing, WIDE)

    @pytest.mark.parametrize("name", ["longer+rim", "human"])
    def test_thinning_users_bring_it_within_a_pixel_of_the_truth(self, name):
        session, end = corrected(WIDE, name)
        assert rim(WIDE, TRUTH).sum() > 200
        assert rim(session.drawing, TRUTH).sum() <= 12  # specks may stay
        assert end.refined.counts.pfm > 0.85

    def test_without_rims_both_users_do_the_same(self):
        one, other = (corrected(TRUTH & (np.arange(64) < 30), name)[0] for name in ("longer", "longer+rim"))
        assert_array_equal(one.current, other.current)


class TestRimsFirst:
    def test_thins_before_it_adds_what_is_missing(self):
        user = annotator_named("rims-first", THIN)
        missing = bar(SHAPE, 34, slice(4, 60))
        for drawing, sign in ((WIDE, ERASE), (TRUTH, ADD)):
            stroke = user(drawing, TRUTH | missing, History((), lambda prompts: []), rng())
            assert stroke.sign == sign


class TestAnswersToThinning:
    """An erase stroke along a rim pins ground: whatever a network answers, the line does not come back there."""

    @pytest.mark.parametrize("merge", ["whole", "sure", "pieces", "touching", "one-way", "reach+sure"])
    def test_a_network_that_insists_on_the_wide_line_does_not_bring_it_back(self, merge):
        insists = Told(lambda view: WIDE[view.region.slices].astype(np.float32))
        session, end = corrected(WIDE, "longer+rim", insists, merge)
        erased = np.zeros(SHAPE, bool)
        for stroke in session.prompts:
            erased |= drawn(stroke, SHAPE)
        assert end.interaction > 3
        assert_array_equal(session.drawing, WIDE & ~erased)

    @pytest.mark.parametrize("merge", ["whole", "sure", "pieces", "touching", "one-way", "reach+sure"])
    def test_a_network_that_understands_thins_the_rest_of_the_line(self, merge):
        understands = Told(lambda view: np.where(TRUTH, 0.95, 0.05)[view.region.slices].astype(np.float32))
        session, end = corrected(WIDE, "longer+rim", understands, merge)
        assert end.interaction <= 2  # one stroke a side at most; by hand it takes more than ten
        assert_array_equal(session.drawing, TRUTH)
        assert corrected(WIDE, "longer+rim")[1].interaction > 8
