"""The refinement session: propose, commit, and strokes that hold whatever is predicted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from data.regions import Region, whole
from interaction.prompts.prompt import pinned_maps
from interaction.refiners import ManualRefiner
from tests.interaction.session_scene import ACROSS, DOWN, FAR, SHAPE, any_strokes, commit, grey, grow, pasted, session
from tests.simulation.fakes import SCALE, Told, drawn, erratic, stroke_at


class TestPropose:
    @pytest.mark.parametrize("refiner", [ManualRefiner(SCALE), Told(grow)])
    def test_nothing_changes(self, refiner):
        tested = session(refiner)
        before = tested.current.copy()
        tested.propose([ACROSS, DOWN])
        assert_array_equal(tested.current, before)
        assert tested.prompts == ()

    def test_two_at_once_are_answered_as_each_alone(self):
        tested = session(Told(erratic, patch=16))
        commit(tested, FAR)
        together = tested.propose([ACROSS, DOWN])
        for change, stroke in zip(together, (ACROSS, DOWN), strict=True):
            (alone,) = tested.propose([stroke])
            assert change.region == alone.region
            assert_array_equal(change.after, alone.after)

    def test_two_at_once_are_one_batch(self):
        refiner = Told(grow)
        session(refiner).propose([ACROSS, DOWN])
        assert refiner.batches == [2]

    def test_none_at_once_are_no_batch(self):
        refiner = Told(grow)
        assert session(refiner).propose([]) == []
        assert refiner.batches == []

    def test_a_stroke_outside_the_drawing_is_refused(self):
        with pytest.raises(ValueError, match="outside"):
            session().propose([stroke_at((100, 100))])

    def test_a_change_says_what_it_changes_and_what_the_stroke_alone_would_have_given(self):
        tested = session(Told(grow))
        (change,) = tested.propose([ACROSS])
        assert change.prompt is ACROSS
        assert change.region == whole(SHAPE)
        assert_array_equal(change.before, tested.current)
        assert_array_equal(change.unrefined, pasted(tested.current, [ACROSS]))
        assert_array_equal(change.after, pasted(np.minimum(tested.current + np.float32(0.125), 1), [ACROSS]))

    def test_the_answer_is_merged_before_strokes_are_pasted(self):
        def nothing(view, answer):
            return view.current

        tested = session(Told(grow), merge=nothing)
        commit(tested, ACROSS)
        assert_array_equal(tested.current, pasted(tested.initial, [ACROSS]))

    def test_the_initial_drawing_is_kept(self):
        initial = grey()
        tested = session(Told(grow), initial)
        commit(tested, ACROSS, DOWN)
        assert_array_equal(tested.initial, grey())
        assert_array_equal(initial, grey())


class TestWhatTheRefinerSees:
    def test_prompts_so_far_and_the_new_one_in_their_order(self):
        refiner = Told(grow)
        tested = session(refiner)
        commit(tested, ACROSS, FAR)
        tested.propose([DOWN])
        assert refiner.views[-1].prompts == (ACROSS, FAR, DOWN)

    def test_only_prompts_that_reach_into_its_window(self):
        refiner = Told(grow, patch=24)
        tested = session(refiner)
        commit(tested, ACROSS, FAR)
        tested.propose([DOWN])
        assert refiner.views[-1].prompts == (ACROSS, DOWN)

    def test_a_prompt_from_next_door_that_reaches_over(self):
        over_the_edge = stroke_at([(10, 20), (10, 27)])  # its centre lies in the cell of columns 24 to 47
        refiner = Told(grow, patch=24)
        tested = session(refiner)
        commit(tested, over_the_edge)
        tested.propose([DOWN])
        assert refiner.views[0].region.left == 24
        assert refiner.views[-1].prompts == (over_the_edge, DOWN)

    def test_no_prompt_that_was_taken_back(self):
        refiner = Told(grow)
        tested = session(refiner)
        commit(tested, ACROSS)
        tested.undo()
        tested.propose([DOWN])
        assert refiner.views[-1].prompts == (DOWN,)

    def test_the_initial_drawing_and_the_current_one(self):
        refiner = Told(grow, patch=24)
        tested = session(refiner)
        commit(tested, ACROSS)
        now = tested.current.copy()
        tested.propose([DOWN])
        view = refiner.views[-1]
        assert_array_equal(view.initial, tested.initial[view.region.slices])
        assert_array_equal(view.current, now[view.region.slices])

    def test_pinned_pixels_of_its_window(self):
        refiner = Told(grow, patch=24)
        commit(session(refiner), ACROSS)
        (view,) = refiner.views
        assert_array_equal(view.pinned[0], drawn(ACROSS, SHAPE)[view.region.slices])
        assert not view.pinned[1].any()

    def test_the_channels_that_it_asked_for(self):
        refiner = Told(grow, patch=24)
        tested = session(refiner, channels=("depth", "albedo"))
        tested.propose([ACROSS])
        assert tested.canvas.asked == [(Region(0, 0, 24, 24), ("depth", "albedo"), SCALE)]
        assert refiner.views[0].image.shape == (2, 24, 24)

    def test_without_channels_the_canvas_is_not_read(self):
        tested = session(Told(grow), channels=())
        tested.propose([ACROSS])
        assert tested.canvas.asked == []
        assert tested.refiner.views[0].image.shape == (0, *SHAPE)


class TestCommit:
    def test_the_drawing_becomes_what_was_proposed(self):
        tested = session(Told(grow))
        (change,) = tested.propose([ACROSS])
        tested.commit(change)
        assert_array_equal(tested.current, change.after)
        assert tested.prompts == (ACROSS,)

    def test_it_counts(self):
        tested = session()
        assert [tested.commit(tested.propose([stroke])[0]) for stroke in (ACROSS, DOWN, FAR)] == [1, 2, 3]

    def test_the_drawing_is_line_above_one_half(self):
        tested = session(initial=np.full(SHAPE, 0.5, np.float32))
        commit(tested, ACROSS)
        assert_array_equal(tested.drawing, drawn(ACROSS, SHAPE))

    def test_a_stale_change_is_refused(self):
        tested = session(Told(grow))
        one, other = tested.propose([ACROSS, DOWN])
        tested.commit(one)
        with pytest.raises(ValueError, match="propose"):
            tested.commit(other)
        assert tested.prompts == (ACROSS,)

    def test_a_change_is_stale_too_if_it_does_not_know_of_a_stroke_that_changed_nothing(self):
        """Otherwise it would overwrite that stroke."""
        tested = session(Told(lambda view: np.zeros_like(view.current)), np.ones(SHAPE, np.float32))
        (unaware,) = tested.propose([FAR])
        tested.merge = lambda view, answer: view.current
        commit(tested, ACROSS)
        with pytest.raises(ValueError, match="propose"):
            tested.commit(unaware)

    def test_a_change_elsewhere_makes_none_stale(self):
        tested = session(Told(grow, patch=24))
        one, other = tested.propose([ACROSS, FAR])
        tested.commit(one)
        assert tested.commit(other) == 2

    def test_a_change_is_good_again_once_the_other_is_taken_back(self):
        tested = session(Told(grow))
        one, other = tested.propose([ACROSS, DOWN])
        tested.commit(one)
        tested.undo()
        assert tested.commit(other) == 1


class TestUnrefinedChange:
    def test_it_is_the_stroke_alone_and_nobody_is_asked(self):
        refiner = Told(grow)
        tested = session(refiner)
        change = tested.unrefined_change(ACROSS)
        assert change.region == ACROSS.bounds(SCALE, SHAPE)
        assert not change.asked
        assert refiner.batches == []
        assert_array_equal(tested.current, tested.initial)
        tested.commit(change)
        assert_array_equal(tested.current, pasted(tested.initial, [ACROSS]))
        assert tested.prompts == (ACROSS,)

    def test_it_is_stale_like_any_other(self):
        tested = session(Told(grow))
        change = tested.unrefined_change(ACROSS)
        commit(tested, DOWN)
        with pytest.raises(ValueError, match="propose"):
            tested.commit(change)

    def test_a_stroke_outside_the_drawing_is_refused(self):
        with pytest.raises(ValueError, match="outside"):
            session().unrefined_change(stroke_at((100, 100)))


class TestStrokesHold:
    @pytest.mark.slow
    @given(st.lists(any_strokes(), min_size=1, max_size=6), st.sampled_from([None, 16, 24]))
    def test_whatever_is_answered(self, strokes, patch):
        tested = session(Told(erratic, patch=patch))
        commit(tested, *strokes)
        added, erased = pinned_maps(strokes, whole(SHAPE), SCALE)
        assert (tested.current[added] == 1).all()
        assert (tested.current[erased] == 0).all()

    def test_beyond_the_refiners_window_too(self):
        long = stroke_at([(10, 5), (10, 40)])
        tested = session(Told(grow, patch=24), np.zeros(SHAPE, np.float32))
        commit(tested, long)
        assert (tested.current[drawn(long, SHAPE)] == 1).all()
        tested.undo()
        assert not tested.current.any()

    def test_of_two_that_cross_the_later_one(self):
        tested = session(Told(erratic))
        commit(tested, ACROSS, DOWN)
        assert tested.current[10, 10] == 0
        commit(tested, ACROSS)
        assert tested.current[10, 10] == 1


class TestTheManualRefiner:
    @pytest.mark.slow
    @given(st.lists(any_strokes(), min_size=1, max_size=6))
    def test_it_pastes_the_strokes_and_nothing_else(self, strokes):
        tested = session()
        commit(tested, *strokes)
        assert_array_equal(tested.current, pasted(tested.initial, strokes))

    def test_it_looks_at_no_more_than_the_stroke(self):
        (change,) = session().propose([stroke_at((10, 20), radius=2)])
        assert change.region == Region(8, 18, 5, 5)

    def test_its_unrefined_drawing_is_its_answer(self):
        (change,) = session().propose([ACROSS])
        assert_array_equal(change.unrefined, change.after)
