"""The two rules of a correction: which patches take part, what is kept of a stroke, and when a patch retires."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from numpy.testing import assert_array_equal

from data.regions import Region, whole
from interaction.prompts.prompt import pinned_maps
from interaction.prompts.strokes import ADD
from interaction.session import LINE
from simulation.annotators.published import Longer
from simulation.correction_loop import PATIENCE
from tests.simulation.corrections import (
    ONE_PATCH,
    PATCH,
    REFINERS,
    SHAPE,
    Scripted,
    any_refiner,
    cell_of,
    loop_on,
    run,
    seeds,
)
from tests.simulation.fakes import SCALE, THIN, Told, bar, drawn, erratic, oracle, scene, stroke_at


class TestTheHeadlineRule:
    @pytest.mark.slow
    @examples(max_examples=20)
    @given(seed=seeds, name=any_refiner)
    def test_wrong_pixels_fall_with_every_stroke(self, seed, name):
        prediction, truth = scene(seed, SHAPE)
        tested = loop_on(prediction, truth, REFINERS[name](truth), seed=seed)
        wrong = [tested.progress.refined.counts.wrong, *(progress.refined.counts.wrong for progress in tested.run())]
        assert all(after < before for before, after in pairwise(wrong))

    def test_no_manual_drawing_is_kept(self):
        tested = loop_on(*scene(3, SHAPE))
        assert tested.manual_drawing is None
        assert tested.progress.manual is None

    def test_patches_without_truth_take_part(self):
        stray = bar(SHAPE, slice(40, 44), slice(40, 60))
        tested = loop_on(stray, np.zeros(SHAPE, bool))
        run(tested)
        assert tested.progress.refined.counts.false_positive < stray.sum() / 4

    def test_a_network_that_worsens_everything_is_never_taken_at_its_word(self):
        prediction, truth = scene(3, SHAPE)
        tested = loop_on(prediction, truth, Told(lambda view: 1 - oracle(truth)(view), PATCH))
        assert run(tested) == []
        assert_array_equal(tested.session.drawing, prediction)

    def test_a_patch_retires_after_as_many_useless_strokes_as_a_user_has_patience(self):
        truth = bar(ONE_PATCH, 16, slice(2, 30))
        useless = [stroke_at((row, 3)) for row in range(3, 3 + PATIENCE)]
        annotator = Scripted(*useless, stroke_at((16, 5)))
        assert run(loop_on(np.zeros(ONE_PATCH, bool), truth, annotator=annotator)) == []
        assert annotator.asked == PATIENCE

    def test_after_a_useless_stroke_another_is_tried(self):
        truth = bar(ONE_PATCH, 16, slice(2, 30))
        annotator = Scripted(stroke_at((3, 3)), stroke_at((16, 5)))
        assert len(run(loop_on(np.zeros(ONE_PATCH, bool), truth, annotator=annotator))) == 1

    def test_what_a_useless_stroke_was_to_correct_is_left_as_it_is(self):
        """A network spoils what is added to the longer of two missing lines: the other is corrected all the same."""
        truth = bar(ONE_PATCH, slice(5, 8), slice(2, 30)) | bar(ONE_PATCH, slice(24, 27), slice(6, 20))

        def answer(view):
            spoils = view.prompts[-1].centre_px[0] * SCALE < 16
            return np.ones_like(view.current) if spoils else view.current

        tested = loop_on(np.zeros(ONE_PATCH, bool), truth, Told(answer, PATCH), annotator=Longer(THIN))
        run(tested)
        assert not tested.session.drawing[:16].any()
        assert tested.session.drawing[25, 8:18].all()

    def test_where_the_one_kind_is_of_no_use_the_other_is_tried(self):
        """A network that spoils all that is added, and leaves alone what is erased."""
        truth, stray = bar(SHAPE, slice(5, 9), slice(5, 30)), bar(SHAPE, slice(20, 24), slice(5, 12))

        def answer(view):
            return np.ones_like(view.current) if view.prompts[-1].sign == ADD else view.current

        tested = loop_on(stray, truth, Told(answer, PATCH))
        run(tested)
        assert {stroke.sign for stroke in tested.session.prompts} == {-1}
        assert tested.progress.refined.counts.false_positive == 0

    def test_it_corrects_what_the_published_rule_leaves(self):
        prediction, truth = scene(3, SHAPE)
        headline, published = (loop_on(prediction, truth, published=rule) for rule in (False, True))
        run(headline)
        run(published)
        assert headline.progress.refined.counts.wrong < published.progress.refined.counts.wrong


class TestThePublishedRule:
    def test_patches_without_truth_take_no_part(self):
        truth = bar(SHAPE, slice(5, 9), slice(2, 28))
        prediction = bar(SHAPE, slice(5, 9), slice(2, 10)) | bar(SHAPE, slice(40, 44), slice(40, 60))
        tested = loop_on(prediction, truth, published=True)
        assert run(tested)
        assert {cell_of(stroke) for stroke in tested.session.prompts} == {Region(0, 0, 32, 32)}

    @pytest.mark.slow
    @examples(max_examples=12)
    @given(seed=seeds, name=any_refiner)
    def test_the_manual_drawing_is_the_initial_one_with_all_strokes_pasted(self, seed, name):
        prediction, truth = scene(seed, SHAPE)
        tested = loop_on(prediction, truth, REFINERS[name](truth), seed=seed, published=True)
        run(tested)
        added, erased = pinned_maps(tested.session.prompts, whole(SHAPE), SCALE)
        expected = np.where(erased, 0, np.where(added, 1, tested.session.initial))
        assert_array_equal(tested.manual_drawing, expected)

    def test_with_a_manual_refiner_refined_and_manual_are_one(self):
        tested = loop_on(*scene(3, SHAPE), published=True)
        assert all(progress.refined == progress.manual for progress in tested.run())

    def test_a_patch_retires_when_a_stroke_leaves_the_refined_score_as_it_was(self):
        """All was right after the first stroke, so the second one helps nobody but the manual drawing."""
        truth = bar(ONE_PATCH, 16, slice(2, 30))
        annotator = Scripted(*(stroke_at([(16, left), (16, left + 6)], radius=0.5) for left in (3, 12, 21)))
        tested = loop_on(np.zeros(ONE_PATCH, bool), truth, Told(oracle(truth)), annotator=annotator, published=True)
        assert len(run(tested)) == 1
        assert annotator.asked == 2

    def test_the_same_strokes_all_count_where_the_network_leaves_something_to_do(self):
        truth = bar(ONE_PATCH, 16, slice(2, 30))
        annotator = Scripted(*(stroke_at([(16, left), (16, left + 6)], radius=0.5) for left in (3, 12, 21)))
        tested = loop_on(np.zeros(ONE_PATCH, bool), truth, annotator=annotator, published=True)
        assert len(run(tested)) == 3

    def test_a_patch_retires_when_a_stroke_does_not_lift_the_manual_score_above_its_best(self):
        """The network makes something else of the same stroke each time; the manual drawing gains nothing by it."""
        truth = bar(ONE_PATCH, 16, slice(2, 30))
        again = [stroke_at([(16, 3), (16, 9)], radius=0.5) for _ in range(3)]
        annotator = Scripted(*again)
        tested = loop_on(np.zeros(ONE_PATCH, bool), truth, Told(erratic), annotator=annotator, published=True)
        assert len(run(tested)) == 1
        assert annotator.asked == 2

    def test_a_network_that_worsens_does_not_stop_a_user_whose_own_drawing_grows(self):
        """As published: what counts is the manual score, and that the refined one moves at all."""
        truth = bar(ONE_PATCH, 16, slice(2, 30))
        annotator = Scripted(*(stroke_at([(16, left), (16, left + 6)], radius=0.5) for left in (3, 12, 21)))
        inverted = Told(lambda view: 1 - oracle(truth)(view))
        tested = loop_on(np.zeros(ONE_PATCH, bool), truth, inverted, annotator=annotator, published=True)
        progress = run(tested)
        assert len(progress) == 3
        assert progress[-1].refined.counts.wrong > progress[-1].manual.counts.wrong

    def test_a_dropped_stroke_leaves_no_trace(self):
        truth = bar(ONE_PATCH, 16, slice(2, 30))
        first, dropped = (stroke_at([(16, left), (16, left + 6)], radius=0.5) for left in (3, 12))
        tested = loop_on(
            np.zeros(ONE_PATCH, bool), truth, Told(oracle(truth)), annotator=Scripted(first, dropped), published=True
        )
        run(tested)
        assert len(tested.session.prompts) == 1
        assert_array_equal(tested.manual_drawing > LINE, drawn(first, ONE_PATCH))
