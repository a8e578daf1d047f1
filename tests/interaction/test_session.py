"""The refinement session: propose, commit, undo, redo, and strokes that hold whatever is answered."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from data.regions import Region, whole
from interaction.history import History
from interaction.prompts import ADD, ERASE
from interaction.prompts.prompt import pinned_maps
from interaction.refiners import ManualRefiner
from interaction.session import RefinementSession
from tests.simulation.fakes import SCALE, BlankCanvas, Told, drawn, erratic, stroke_at

SHAPE = (32, 48)
ACROSS = stroke_at([(10, 5), (10, 20)])
DOWN = stroke_at([(5, 10), (20, 10)], sign=ERASE)
FAR = stroke_at([(28, 40), (28, 45)])


def grey(seed=0):
    return np.random.default_rng(seed).random(SHAPE, dtype=np.float32)


def session(refiner=None, initial=None, **options):
    initial = grey() if initial is None else initial
    return RefinementSession(BlankCanvas(SHAPE), initial, refiner or ManualRefiner(SCALE), scale=SCALE, **options)


def commit(to, *strokes):
    for stroke in strokes:
        to.commit(to.propose([stroke])[0])


def pasted(drawing, strokes):
    """Draw strokes into a drawing one after the other, in the plainest way."""
    drawing = drawing.copy()
    for stroke in strokes:
        drawing[drawn(stroke, SHAPE)] = stroke.sign == ADD
    return drawing


def grow(view):
    """Answer with a drawing that is a little more line everywhere."""
    return np.minimum(view.current + np.float32(0.125), 1)


@st.composite
def any_strokes(draw):
    point = st.tuples(st.integers(-2, SHAPE[0] + 1), st.integers(-2, SHAPE[1] + 1))
    inside = st.tuples(st.integers(0, SHAPE[0] - 1), st.integers(0, SHAPE[1] - 1))
    points = [draw(inside), *draw(st.lists(point, max_size=2))]
    return stroke_at(points, radius=draw(st.floats(0.4, 5)), sign=draw(st.sampled_from([ADD, ERASE])))


def bits(drawing):
    return drawing.view(np.uint32)


def assert_same(change, other):
    """Assert that two changes are alike, bit for bit."""
    for name in ("prompt", "region", "earlier", "asked"):
        assert getattr(change, name) == getattr(other, name)
    for name in ("before", "after", "unrefined"):
        assert_array_equal(bits(getattr(change, name)), bits(getattr(other, name)))


def quarter(view):
    """Answer with a drawing that differs from the current one in a quarter of its pixels, and there in signs of 0."""
    rng = np.random.default_rng([len(view.prompts), view.region.top, view.region.left])
    answer = np.where(rng.random(view.region.shape) < 0.25, rng.integers(-1, 3, view.region.shape), view.current)
    return np.where(answer < 0, np.float32(-0.0), answer).astype(np.float32)


class FullCopies:
    """The plainest session there is: a copy of everything after each change."""

    def __init__(self, drawing):
        self.past, self.future = [(drawing.copy(), (), None)], []

    def commit(self, drawing, prompts, change):
        self.past.append((drawing.copy(), prompts, change))
        self.future.clear()

    def undo(self):
        if len(self.past) == 1:
            return None
        self.future.append(self.past.pop())
        return self.future[-1][2]

    def redo(self):
        if not self.future:
            return None
        self.past.append(self.future.pop())
        return self.past[-1][2]


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


class TestUndoAndRedo:
    def test_there_is_nothing_to_undo_or_redo_at_first(self):
        tested = session()
        assert tested.undo() is None
        assert tested.redo() is None

    @given(st.lists(any_strokes(), min_size=1, max_size=6), st.sampled_from([None, 16, 24]))
    def test_undoing_overlapping_changes_leads_back_through_each_drawing_exactly(self, strokes, patch):
        tested = session(Told(erratic, patch=patch))
        seen = []
        for stroke in strokes:
            seen.append(tested.current.copy())
            commit(tested, stroke)
        for number, drawing in reversed(list(enumerate(seen))):
            assert tested.undo().prompt is strokes[number]
            assert_array_equal(tested.current, drawing)
            assert tested.prompts == tuple(strokes[:number])

    @given(st.lists(any_strokes(), min_size=1, max_size=6), st.integers(1, 6))
    def test_redoing_leads_forth_again_exactly(self, strokes, back):
        tested = session(Told(erratic))
        commit(tested, *strokes)
        end, prompts = tested.current.copy(), tested.prompts
        undone = [tested.undo() for _ in range(min(back, len(strokes)))]
        for change in reversed(undone):
            assert_same(tested.redo(), change)
        assert tested.redo() is None
        assert_array_equal(tested.current, end)
        assert tested.prompts == prompts

    @given(
        st.lists(st.one_of(any_strokes(), st.sampled_from(["undo", "redo"]), st.none()), min_size=1, max_size=12),
        st.sampled_from([None, 16, 24]),
        st.sampled_from([erratic, quarter, grow]),
        st.data(),
    )
    def test_any_session_is_as_one_that_copies_everything(self, orders, patch, answer, data):
        tested = session(Told(answer, patch=patch))
        model, last = FullCopies(tested.current), ACROSS
        for order in orders:
            if order in ("undo", "redo"):
                found, expected = getattr(tested, order)(), getattr(model, order)()
                assert (found is None) == (expected is None)
                if found:
                    assert_same(found, expected)
            else:
                last = order or last  # None: the last one again, its stroke alone
                change = tested.propose([last])[0] if order else tested.unrefined_change(last)
                tested.commit(change)
                model.commit(tested.current, tested.prompts, change)
            drawing, prompts, _ = model.past[-1]
            assert_array_equal(bits(tested.current), bits(drawing))
            assert tested.prompts == prompts
            assert len(tested.history.done) == len(model.past) - 1
            assert len(tested.history.undone) == len(model.future)
            if data.draw(st.booleans()):  # saved, and taken up by another
                again = session(Told(answer, patch=patch))
                again.restore(tested.current, tested.prompts, tested.history)
                tested = again

    def test_a_zero_gets_its_sign_back(self):
        tested = session(Told(quarter))
        commit(tested, ACROSS)
        before = tested.current.copy()
        commit(tested, DOWN)
        after = tested.current.copy()
        assert ((before == after) & (bits(before) != bits(after))).any()
        tested.undo()
        assert_array_equal(bits(tested.current), bits(before))
        tested.redo()
        assert_array_equal(bits(tested.current), bits(after))

    def test_a_commit_after_an_undo_forgets_what_was_undone(self):
        tested = session(Told(grow))
        commit(tested, ACROSS)
        tested.undo()
        commit(tested, DOWN)
        assert tested.redo() is None
        assert tested.prompts == (DOWN,)

    def test_a_refused_commit_forgets_nothing(self):
        tested = session(Told(grow))
        stale, *_ = tested.propose([FAR])
        commit(tested, ACROSS, DOWN)
        tested.undo()
        with pytest.raises(ValueError, match="propose"):
            tested.commit(stale)
        assert tested.redo().prompt is DOWN

    def test_what_comes_back_says_whether_anybody_was_asked(self):
        tested = session(Told(grow))
        tested.commit(tested.unrefined_change(ACROSS))
        assert (tested.undo().asked, tested.redo().asked) == (False, False)
        commit(tested, DOWN)
        assert (tested.undo().asked, tested.redo().asked) == (True, True)

    @pytest.mark.parametrize("limit", [0, 1, 2])
    def test_only_so_many_can_be_undone(self, limit):
        tested = session(Told(grow), undoable=limit)
        commit(tested, ACROSS, DOWN, FAR)
        undone = [change.prompt for change in iter(tested.undo, None)]
        assert undone == [FAR, DOWN, ACROSS][:limit]
        assert tested.prompts == (ACROSS, DOWN, FAR)[: 3 - limit]


class TestSteps:
    def test_a_step_holds_what_changed_and_nothing_else(self):
        tested = session(Told(lambda view: np.where(view.current > 0.9, np.float32(0.25), view.current)))
        before = tested.current.copy()
        commit(tested, ACROSS)
        (step,) = tested.history.done
        where = np.flatnonzero(before != tested.current)
        assert_array_equal(step.pixels.where, where)
        assert_array_equal(step.pixels.before, before.ravel()[where])
        assert_array_equal(step.pixels.after, tested.current.ravel()[where])
        assert 0 < len(where) < before.size / 5

    def test_it_says_what_was_answered_where_and_whether_anybody_was_asked(self):
        tested = session(Told(grow, patch=24))
        commit(tested, ACROSS)
        tested.commit(tested.unrefined_change(FAR))
        answered, bare = tested.history.done
        assert (answered.prompt, answered.region, answered.unrefined) == (ACROSS, Region(0, 0, 24, 24), False)
        assert (bare.prompt, bare.region, bare.unrefined) == (FAR, FAR.bounds(SCALE, SHAPE), True)

    def test_what_can_be_undone_and_redone_next_is_last(self):
        tested = session(Told(grow))
        commit(tested, ACROSS, DOWN, FAR)
        tested.undo()
        tested.undo()
        assert [step.prompt for step in tested.history.done] == [ACROSS]
        assert [step.prompt for step in tested.history.undone] == [FAR, DOWN]

    def test_where_nothing_can_be_undone_none_is_kept(self):
        tested = session(Told(grow), undoable=0)
        commit(tested, ACROSS, DOWN)
        assert tested.history.done == ()

    def test_it_fits_a_drawing_that_it_was_made_on_and_no_other(self):
        tested = session(Told(quarter), np.zeros(SHAPE, np.float32))
        commit(tested, ACROSS)
        (step,) = tested.history.done
        assert step.pixels.fit(tested.initial)
        assert not step.pixels.fit(tested.current)
        assert not step.pixels.fit(-tested.initial)  # alike in value, but not in its bits

    @pytest.mark.parametrize("way", ["undo", "redo"])
    def test_one_whose_pixels_cannot_be_had_leaves_everything_as_it_is(self, way):
        def lost():
            raise OSError("the disk")

        tested = session(Told(grow))
        commit(tested, ACROSS, DOWN)
        tested.undo()
        drawing, done, undone = tested.current.copy(), tested.history.done, tested.history.undone
        (done, undone) = (tuple(replace(step, load=lost) for step in steps) for steps in (done, undone))
        tested.restore(drawing, tested.prompts, History(done, undone))
        with pytest.raises(OSError, match="the disk"):
            getattr(tested, way)()
        assert_array_equal(tested.current, drawing)
        assert (tested.history.done, tested.history.undone, tested.prompts) == (done, undone, (ACROSS,))


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


class TestRestore:
    def test_it_goes_on_as_the_saved_session_would(self):
        saved = session(Told(erratic, patch=24))
        commit(saved, ACROSS, DOWN)
        again = session(Told(erratic, patch=24))
        again.restore(saved.current, saved.prompts)
        third = stroke_at([(12, 3), (2, 12)])
        for one in (saved, again):
            commit(one, third, FAR)
        assert_array_equal(again.current, saved.current)
        assert again.prompts == saved.prompts

    def test_what_was_before_cannot_be_undone(self):
        tested = session(Told(grow))
        commit(tested, ACROSS)
        tested.undo()
        tested.restore(grey(1), [DOWN])
        assert tested.undo() is None
        assert tested.redo() is None
        assert tested.prompts == (DOWN,)

    def test_with_its_steps_it_goes_back_and_forth_as_the_saved_session_would(self):
        saved, again = session(Told(erratic, patch=24)), session(Told(erratic, patch=24))
        commit(saved, FAR, ACROSS, DOWN)
        saved.undo()
        again.restore(saved.current, saved.prompts, History(saved.history.done[1:], saved.history.undone))
        assert_same(again.redo(), saved.redo())
        for _ in range(2):
            assert_same(again.undo(), saved.undo())
        assert_array_equal(bits(again.current), bits(saved.current))
        assert again.undo() is None
        assert again.prompts == (FAR,)

    @pytest.mark.parametrize("prompts", [[], [ACROSS], [DOWN, ACROSS]])
    def test_steps_of_other_prompts_than_the_last_are_refused(self, prompts):
        tested = session(Told(grow))
        commit(tested, ACROSS, DOWN)
        with pytest.raises(ValueError, match="2 steps do not belong"):
            session().restore(tested.current, prompts, tested.history)

    def test_the_saved_array_is_not_drawn_into(self):
        tested, saved = session(), grey(1)
        tested.restore(saved, [])
        commit(tested, ACROSS)
        assert_array_equal(saved, grey(1))

    def test_a_drawing_of_another_size_is_refused(self):
        with pytest.raises(ValueError, match="fit"):
            session().restore(np.zeros((4, 4), np.float32), [])


class TestStrokesHold:
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
