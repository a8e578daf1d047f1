"""A redrawing changes what nobody corrected, accepted or approved, initial drawing and all; it is undone as one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from data.regions import Region, whole
from interaction.history import History
from interaction.redrawing import SLIGHT, drawing_of, line_turned, protected_pixels
from interaction.steps import Mark
from tests.interaction.session_scene import ACROSS, DOWN, FAR, SHAPE, any_strokes, bits, commit, grey, grow, session
from tests.simulation.fakes import Told, drawn, erratic

VERSION = "5eed"
PLACE = Region(3, 20, 9, 11)


def mark(tested, region=PLACE, right=True):
    tested.mark(Mark.of(region, right, tested.current[region.slices] > 0.5))


def redraw(tested, seed):
    return tested.commit_redraw(tested.propose_redraw(grey(seed), VERSION))


class TestProposal:
    def test_it_changes_nothing(self):
        tested = session()
        commit(tested, ACROSS)
        before = tested.current.copy(), tested.initial, tested.history.done
        tested.propose_redraw(grey(1), VERSION)
        assert_array_equal(tested.current, before[0])
        assert tested.initial is before[1]
        assert tested.history.done == before[2]

    def test_its_pixels_are_those_that_it_changes_and_no_others(self):
        tested = session()
        new = tested.initial.copy()
        new[4:7, 10:20] = 1 - new[4:7, 10:20]
        pixels = tested.propose_redraw(new, VERSION)
        at = pixels.region
        assert whole(SHAPE).shape != at.shape
        assert (at.top, at.left, at.bottom, at.right) == (4, 10, 7, 20)
        assert len(pixels.pixels.where) <= 30
        assert_array_equal(pixels.pixels.before, tested.initial[at.slices].ravel()[pixels.pixels.where])

    def test_slight_changes_are_left_alone_unless_they_turn_line(self):
        initial = np.full(SHAPE, 0.25, np.float32)
        initial[0, 0] = np.float32(0.5)
        new = initial + np.float32(SLIGHT / 2)
        tested = session(initial=initial)
        redrawn = tested.propose_redraw(new, VERSION)
        assert redrawn.region == Region(0, 0, 1, 1)
        assert line_turned(redrawn) == (1, 0)

    def test_where_only_what_is_sure_is_to_change_doubtful_pixels_are_not_turned(self):
        tested = session(initial=np.full(SHAPE, 0.4, np.float32))
        new = np.full(SHAPE, 0.4, np.float32)
        new[0], new[1], new[2] = 0.65, 0.75, 0.45  # doubtful line, line, and ground as before
        boldly, surely = (tested.propose_redraw(new, VERSION, sure=sure) for sure in (False, True))
        assert line_turned(boldly) == (2 * SHAPE[1], 0)
        assert line_turned(surely) == (SHAPE[1], 0)
        tested.commit_redraw(surely)
        assert_array_equal(tested.current[:3, 0], np.float32([0.4, 0.75, 0.45]))

    def test_a_session_knows_whether_it_was_drawn_anew(self):
        tested = session()
        assert not tested.redrawn
        redraw(tested, 1)
        assert tested.redrawn
        tested.undo()
        assert not tested.redrawn

    def test_one_that_changes_nothing_has_an_empty_region(self):
        tested = session()
        nothing = tested.propose_redraw(tested.initial.copy(), VERSION)
        assert nothing.region.shape == (0, 0)
        assert line_turned(nothing) == (0, 0)

    @pytest.mark.parametrize("wrong", [np.zeros((4, 4), np.float32), np.full(SHAPE, np.nan, np.float32), grey() + 1])
    def test_what_is_no_drawing_of_this_image_is_refused(self, wrong):
        with pytest.raises(ValueError, match="drawing"):
            session().propose_redraw(wrong, VERSION)


class TestProtection:
    def test_strokes_answers_and_places_marked_right_stay_as_they_are(self):
        tested = session(Told(grow, patch=16))
        commit(tested, ACROSS, DOWN)
        mark(tested)
        before, initial = tested.current.copy(), tested.initial
        kept = (bits(before) != bits(initial)) | drawn(ACROSS, SHAPE) | drawn(DOWN, SHAPE)
        kept[PLACE.slices] = True
        assert_array_equal(tested.protected, kept)
        redraw(tested, 1)
        assert_array_equal(bits(tested.current[kept]), bits(before[kept]))
        assert_array_equal(bits(tested.initial[kept]), bits(initial[kept]))
        changed = np.abs(grey(1) - initial) >= SLIGHT
        assert_array_equal(tested.current[~kept & changed], grey(1)[~kept & changed])

    def test_a_stroke_protects_what_it_pins_even_where_it_changed_nothing(self):
        tested = session(initial=np.ones(SHAPE, np.float32))
        commit(tested, ACROSS)
        assert_array_equal(tested.protected, drawn(ACROSS, SHAPE))

    def test_a_place_that_no_longer_looks_right_is_protected_no_more(self):
        tested = session()
        mark(tested)
        mark(tested, right=False)
        assert not tested.protected.any()

    def test_what_was_undone_protects_nothing(self):
        tested = session(Told(grow, patch=16))
        commit(tested, ACROSS)
        mark(tested)
        tested.undo()
        tested.undo()
        assert not tested.protected.any()

    def test_it_outlives_a_redrawing_and_a_session_that_keeps_no_history(self):
        tested = session(Told(grow, patch=16), undoable=0)
        commit(tested, ACROSS)
        before = tested.protected
        redraw(tested, 1)
        assert_array_equal(tested.protected, before)
        again = session(Told(grow, patch=16), undoable=0)
        again.restore(tested.current, tested.prompts, initial=tested.initial)
        assert_array_equal(again.protected, before)

    def test_further_pixels_can_be_kept(self):
        tested, keep = session(), np.zeros(SHAPE, bool)
        keep[:10] = True
        redrawn = tested.propose_redraw(grey(1), VERSION, keep)
        assert redrawn.region.top == 10

    @given(st.lists(any_strokes(), max_size=4), st.lists(st.integers(1, 4), min_size=1, max_size=3))
    def test_no_redrawing_touches_a_protected_pixel(self, strokes, seeds):
        tested = session(Told(erratic, patch=16))
        commit(tested, *strokes)
        for seed in seeds:
            protected, before = tested.protected, tested.current.copy()
            redraw(tested, seed)
            assert_array_equal(bits(tested.current[protected]), bits(before[protected]))
            assert_array_equal(tested.protected, protected)


class TestCommit:
    def test_networks_are_shown_the_new_initial_drawing(self):
        refiner = Told(grow, patch=16)
        tested = session(refiner)
        redraw(tested, 1)
        commit(tested, FAR)
        view = refiner.views[-1]
        assert_array_equal(view.initial, tested.initial[view.region.slices])
        assert (np.abs(view.initial - grey(1)[view.region.slices]) < SLIGHT).all()

    def test_the_drawing_that_was_begun_with_is_not_written_into(self):
        initial = grey()
        tested = session(initial=initial)
        redraw(tested, 1)
        assert tested.begun is initial
        assert_array_equal(initial, grey())

    def test_one_that_a_stroke_has_overtaken_is_refused_and_changes_nothing(self):
        tested = session(Told(grow, patch=16))
        stale = tested.propose_redraw(grey(1), VERSION)
        commit(tested, ACROSS)
        before, initial = tested.current.copy(), tested.initial
        with pytest.raises(ValueError, match="propose it again"):
            tested.commit_redraw(stale)
        assert_array_equal(tested.current, before)
        assert tested.initial is initial
        assert len(tested.history.done) == 1

    def test_one_whose_place_was_marked_right_since_is_refused(self):
        tested = session()
        stale = tested.propose_redraw(grey(1), VERSION)
        mark(tested)
        with pytest.raises(ValueError, match="approved since"):
            tested.commit_redraw(stale)

    def test_one_beside_a_stroke_that_came_meanwhile_holds(self):
        tested, new = session(), grey()
        new[20:, :20] = 1 - new[20:, :20]
        redrawn = tested.propose_redraw(new, VERSION)
        commit(tested, FAR)
        entry = tested.commit_redraw(redrawn, event=7)
        assert entry is tested.history.last
        assert (entry.version, entry.event) == (VERSION, 7)

    def test_a_change_that_a_redrawing_has_overtaken_is_refused(self):
        tested = session(Told(grow, patch=16))
        (stale,) = tested.propose([ACROSS])
        redraw(tested, 1)
        with pytest.raises(ValueError, match="propose the prompt again"):
            tested.commit(stale)

    def test_it_can_be_made_of_a_session_whose_strokes_are_others(self):
        tested = session(Told(grow, patch=16))
        entry = redraw(tested, 1)
        tested.undo()
        commit(tested, ACROSS)
        again = tested.propose_redraw(drawing_of(entry, tested.initial), entry.version)
        tested.commit_redraw(again)
        free = ~tested.protected
        expected = session()
        redraw(expected, 1)
        assert_array_equal(bits(tested.current[free]), bits(expected.current[free]))


class Copies:
    """The plainest history: a copy of drawing and initial drawing after each thing that was done."""

    def __init__(self, tested):
        self.past, self.future = [self.of(tested)], []

    @staticmethod
    def of(tested):
        return tested.current.copy(), tested.initial.copy(), tested.prompts

    def did(self, tested):
        self.past.append(self.of(tested))
        self.future.clear()

    def undo(self):
        if len(self.past) > 1:
            self.future.append(self.past.pop())

    def redo(self):
        if self.future:
            self.past.append(self.future.pop())


ORDERS = st.one_of(any_strokes(), st.sampled_from(["undo", "redo", "mark"]), st.integers(1, 4))


class TestHistory:
    @given(st.lists(ORDERS, min_size=1, max_size=12), st.data())
    def test_any_session_is_as_one_that_copies_everything(self, orders, data):
        tested = session(Told(erratic, patch=16))
        model = Copies(tested)
        for order in orders:
            if order in ("undo", "redo"):
                getattr(tested, order)()
                getattr(model, order)()
            else:
                if order == "mark":
                    mark(tested, Region(data.draw(st.integers(0, 20)), 4, 8, 8), data.draw(st.booleans()))
                elif isinstance(order, int):
                    redraw(tested, order)
                else:
                    commit(tested, order)
                model.did(tested)
            drawing, initial, prompts = model.past[-1]
            assert_array_equal(bits(tested.current), bits(drawing))
            assert_array_equal(bits(tested.initial), bits(initial))
            assert tested.prompts == prompts
            protected = protected_pixels(initial, drawing, prompts, tested.history.done, tested.scale)
            assert_array_equal(tested.protected, protected)
            if data.draw(st.booleans()):  # saved, and taken up by another
                again = session(Told(erratic, patch=16))
                again.restore(tested.current, tested.prompts, tested.history, tested.initial)
                tested = again

    def test_one_undo_takes_all_of_it_back_and_returns_it(self):
        tested = session()
        commit(tested, ACROSS)
        before = tested.current.copy()
        entry = redraw(tested, 1)
        after = tested.current.copy()
        assert tested.undo() is entry
        assert_array_equal(bits(tested.current), bits(before))
        assert_array_equal(tested.initial, grey())
        assert tested.prompts == (ACROSS,)
        assert tested.redo() is entry
        assert_array_equal(bits(tested.current), bits(after))

    def test_one_that_is_forgotten_by_the_history_stays_in_the_drawing(self):
        tested = session(undoable=0)
        redraw(tested, 1)
        assert tested.undo() is None
        assert np.abs(tested.current - grey(1)).max() < SLIGHT

    def test_a_session_that_is_restored_without_an_initial_drawing_has_that_of_its_beginning(self):
        tested = session()
        redraw(tested, 1)
        tested.restore(grey(), [], History())
        assert tested.initial is tested.begun

    def test_an_initial_drawing_of_another_size_is_refused(self):
        with pytest.raises(ValueError, match="fit"):
            session().restore(grey(), [], initial=np.zeros((4, 4), np.float32))
