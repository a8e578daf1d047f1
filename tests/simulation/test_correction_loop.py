"""The simulated correction of a whole mirror, by either rule: scores kept up to date, seeds, previews, resumption."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from data.line_statistics import LineStatistics
from data.regions import Region, cells
from interaction.session import LINE
from metrics.counts import count
from metrics.dibco import weighted_count, weights
from metrics.harm import far_from_edge
from metrics.registry import Tally
from metrics.thinning import thin as skeleton
from simulation.annotators.published import BestPrediction, Longer
from simulation.strokes import MIRROR_BRUSH, Brush
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
from tests.simulation.fakes import SCALE, THIN, Told, bar, drawn, helpful, scene, stroke_at

EVERYWHERE = np.ones(SHAPE, bool)
MIDDLING = Brush(lines=LineStatistics(shape=400.0, location=0.0, scale=0.0105))  # radius 2.1 ± 0.1 model pixels
published_or_not = pytest.mark.parametrize("published", [True, False], ids=["published", "headline"])


def from_scratch(drawing, truth, valid_mask):
    """Count the whole mirror at once."""
    truth, line = truth & valid_mask, drawing > LINE
    return Tally(
        count(line, truth, skeleton(truth), valid_mask), weighted_count(line, truth, weights(truth), valid_mask)
    )


def strokes_of(tested):
    return [stroke.to_json() for stroke in tested.session.prompts]


class TestBothRules:
    @pytest.mark.slow
    @published_or_not
    @examples(max_examples=12)
    @given(seed=seeds, name=any_refiner, peeking=st.booleans())
    def test_scores_are_those_of_the_whole_mirror_after_every_stroke(self, published, seed, name, peeking):
        prediction, truth = scene(seed, SHAPE)
        valid_mask = ~bar(SHAPE, slice(20, 40), slice(60, 90))
        annotator = (BestPrediction if peeking else Longer)(MIRROR_BRUSH)
        tested = loop_on(
            prediction, truth, REFINERS[name](truth), annotator=annotator, valid_mask=valid_mask, published=published
        )
        assert tested.progress.refined == from_scratch(tested.session.current, truth, valid_mask)
        for progress in tested.run():
            assert progress.refined == from_scratch(tested.session.current, truth, valid_mask)
            if published:
                assert progress.manual == from_scratch(tested.manual_drawing, truth, valid_mask)

    @pytest.mark.slow
    @published_or_not
    @examples(max_examples=12)
    @given(seed=seeds, name=any_refiner)
    def test_it_comes_to_an_end_and_stays_there(self, published, seed, name):
        prediction, truth = scene(seed, SHAPE)
        tested = loop_on(prediction, truth, REFINERS[name](truth), seed=seed, published=published)
        assert len(run(tested, most=500)) < 500
        assert run(tested) == []

    @published_or_not
    def test_interactions_are_counted_and_effort_is_the_pixels_touched_repeats_too(self, published):
        tested = loop_on(*scene(3, SHAPE), published=published)
        effort = 0
        for number, progress in enumerate(tested.run(), 1):
            effort += drawn(tested.session.prompts[-1], SHAPE).sum()
            assert (progress.interaction, progress.effort) == (number, effort)
        assert number > 5

    @pytest.mark.parametrize(("published", "name"), [(False, "helpful"), (True, "helpful"), (True, "erratic")])
    def test_what_answers_repair_and_spoil_counts_outside_the_stroke_and_away_from_the_edge(self, published, name):
        prediction, truth = scene(11, SHAPE)
        valid_mask = ~bar(SHAPE, slice(20, 40), slice(60, 90))
        tested = loop_on(prediction, truth, REFINERS[name](truth), valid_mask=valid_mask, published=published)
        truth &= valid_mask
        repaired, spoiled, before = 0, 0, tested.session.drawing
        for progress in tested.run():
            after = tested.session.drawing
            counted = far_from_edge(truth) & valid_mask & ~drawn(tested.session.prompts[-1], SHAPE)
            repaired += np.count_nonzero(counted & (before != truth) & (after == truth))
            spoiled += np.count_nonzero(counted & (before == truth) & (after != truth))
            assert (progress.repaired, progress.spoiled) == (repaired, spoiled)
            before = after
        assert repaired > 0
        assert (spoiled > 0) == (name == "erratic")

    @published_or_not
    @pytest.mark.parametrize("name", sorted(REFINERS))
    def test_the_same_seed_makes_the_same_strokes(self, published, name):
        prediction, truth = scene(3, SHAPE)
        one, other = (loop_on(prediction, truth, REFINERS[name](truth), seed=5, published=published) for _ in range(2))
        assert run(one) == run(other)
        assert strokes_of(one) == strokes_of(other)

    @published_or_not
    def test_another_seed_makes_other_strokes(self, published):
        one, other = (loop_on(*scene(3, SHAPE), seed=seed, published=published) for seed in (0, 1))
        run(one, most=3)
        run(other, most=3)
        assert strokes_of(one) != strokes_of(other)

    @published_or_not
    def test_the_worst_patch_comes_first(self, published):
        truth = bar(SHAPE, slice(5, 9), slice(2, 88))
        prediction = truth.copy()
        prediction[:, 34:60] = False  # the second cell has lost all but two columns, the third one nothing
        prediction[:, 10:16] = False
        tested = loop_on(prediction, truth, published=published)
        run(tested, most=1)
        assert cell_of(tested.session.prompts[0]) == Region(0, 32, 32, 32)

    @published_or_not
    def test_nothing_outside_the_mask_is_corrected_or_counted(self, published):
        truth, valid_mask = (
            bar(SHAPE, slice(5, 9), slice(2, 28)),
            EVERYWHERE & ~bar(SHAPE, slice(32, None), slice(None)),
        )
        prediction = truth | bar(SHAPE, slice(50, 54), slice(2, 80))
        tested = loop_on(prediction, truth | bar(SHAPE, 60, slice(2, 80)), valid_mask=valid_mask, published=published)
        assert run(tested) == []
        assert tested.progress.refined.counts.wrong == 0

    @published_or_not
    def test_the_last_small_cells_of_a_mirror_are_corrected_too(self, published):
        truth = bar(SHAPE, slice(65, 70), slice(2, 88)) | bar(SHAPE, slice(2, 60), slice(83, 88))
        tested = loop_on(np.zeros(SHAPE, bool), truth, annotator=Longer(MIDDLING), published=published)
        run(tested)
        corrected = {cell_of(stroke) for stroke in tested.session.prompts}
        assert corrected == {cell for cell in cells(SHAPE, PATCH) if truth[cell.slices].any()}
        assert Region(64, 64, 6, 26) in corrected
        assert tested.progress.refined.counts.pseudo_recall > 0.9

    @pytest.mark.slow
    @published_or_not
    @pytest.mark.parametrize("name", ["manual", "helpful"])
    @pytest.mark.parametrize("stroke_number", [1, 4, 9])
    def test_a_correction_taken_up_in_the_middle_goes_on_as_if_it_had_never_stopped(
        self, published, name, stroke_number
    ):
        prediction, truth = scene(11, SHAPE)
        annotator = Longer(THIN)
        whole_run = loop_on(prediction, truth, REFINERS[name](truth), annotator=annotator, seed=2, published=published)
        run(whole_run, most=stroke_number)
        state = whole_run.state()
        current = state.pop("current")
        written = json.dumps(state)
        rest = run(whole_run)
        assert rest

        taken_up = loop_on(prediction, truth, REFINERS[name](truth), annotator=annotator, seed=2, published=published)
        run(taken_up, most=2)  # what it did before is forgotten
        taken_up.restore({**json.loads(written), "current": current})
        assert run(taken_up) == rest
        assert strokes_of(taken_up) == strokes_of(whole_run)
        assert_array_equal(taken_up.session.current, whole_run.session.current)
        if published:
            assert_array_equal(taken_up.manual_drawing, whole_run.manual_drawing)

    @published_or_not
    def test_a_perfect_network_needs_fewer_strokes_than_a_user_without(self, published):
        prediction, truth = scene(11, SHAPE)
        alone, helped = (
            loop_on(prediction, truth, REFINERS[name](truth), annotator=Longer(THIN), published=published)
            for name in ("manual", "oracle")
        )
        assert 0 < 2 * len(run(helped)) < len(run(alone))
        assert helped.progress.refined.counts.wrong < alone.progress.refined.counts.wrong

    def test_a_user_sees_the_patch_as_it_is_now_and_its_own_strokes_there(self):
        prediction, truth = np.zeros(ONE_PATCH, bool), bar(ONE_PATCH, 16, slice(2, 30))
        here, next_door = (stroke_at([(16, left), (16, left + 9)], radius=0.5) for left in (3, 20))
        annotator = Scripted(here, next_door)
        prediction, truth = (np.pad(drawing, ((0, 0), (32, 0))) for drawing in (prediction, truth))
        tested = loop_on(prediction, truth, annotator=annotator)
        run(tested)
        assert_array_equal(annotator.shown[1], drawn(here, ONE_PATCH))
        (known,) = annotator.histories[1].prompts
        assert_array_equal(known.path_px, here.path_px)
        assert_array_equal(tested.session.prompts[0].path_px, here.path_px + np.array([0, 32 / SCALE]))

    def test_a_preview_shows_what_a_stroke_would_give_and_changes_nothing(self):
        truth, stroke = bar(ONE_PATCH, 16, slice(2, 30)), stroke_at([(16, 3), (16, 12)], radius=0.5)
        previews = []

        def peek(drawing, truth, history, rng):
            if previews:
                return None
            previews.append(history.preview([stroke])[0])
            assert (tested.session.current < LINE).all()
            return stroke

        tested = loop_on(np.zeros(ONE_PATCH, bool), truth, Told(helpful(truth)), annotator=peek)
        run(tested)
        assert_array_equal(previews[0], tested.session.drawing)
        assert tested.session.refiner.batches == [1]  # the previewed answer is the one that is taken

    def test_a_user_may_try_many_strokes_and_sees_what_each_would_give(self):
        tried = [[(row, 3), (row, 12)] for row in range(4, 28, 2)]
        seen = []

        def try_all(drawing, truth, history, rng):
            for points in tried:  # no stroke is kept, so the next one may lie where it lay in memory
                seen.extend(history.preview([stroke_at(points)]))

        run(loop_on(np.zeros(ONE_PATCH, bool), bar(ONE_PATCH, 16, slice(2, 30)), annotator=try_all))
        assert_array_equal(seen, [drawn(stroke_at(points), ONE_PATCH) for points in tried])
