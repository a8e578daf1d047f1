"""The history of a session: undo, redo, steps, and a session that is restored."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from data.regions import Region
from interaction.history import History
from tests.interaction.session_scene import (
    ACROSS,
    DOWN,
    FAR,
    SHAPE,
    any_strokes,
    assert_same,
    bits,
    commit,
    grey,
    grow,
    quarter,
    session,
)
from tests.simulation.fakes import SCALE, Told, erratic, stroke_at


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
