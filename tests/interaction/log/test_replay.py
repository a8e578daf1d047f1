"""Replay: the drawing as it was left, bit for bit, from the start or a snapshot, and all that can be undone."""

from contextlib import closing
from copy import deepcopy

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from data.errors import DataError
from data.regions import Region
from interaction.log.log import Log
from interaction.log.packing import pack_drawing, pack_line
from interaction.log.replay import replayed
from tests.interaction.log.drawer import INITIAL, START, Drawer, session
from tests.interaction.log.views import SHAPE, view_at
from tests.interaction.session_scene import bits
from tests.simulation.fakes import stroke_at

ACROSS = stroke_at([(10, 5), (10, 20)])
DOWN = stroke_at([(5, 10), (20, 10)], sign=-1)
FAR = stroke_at([(30, 40), (30, 50)], radius=2)
STROKES = (ACROSS, DOWN, FAR)
PLACE = Region(2, 3, 9, 7)


@pytest.fixture(scope="module")
def view(tmp_path_factory):
    return view_at(tmp_path_factory.mktemp("views") / "A_R")


@pytest.fixture
def log(tmp_path, view):
    with closing(Log.open(tmp_path / "log.sqlite", view)) as log:
        yield log


@pytest.fixture
def drawer(log):
    return Drawer(log)


def taken_up(state):
    """The session that goes on from a replayed log."""
    again = session()
    again.restore(state.current, [step.prompt for step in state.history.done], state.history)
    return again


def require_same(state, drawer):
    """Assert that a replayed log is where a drawer is."""
    assert_array_equal(bits(state.initial), bits(INITIAL))
    assert_array_equal(bits(state.current), bits(drawer.session.current))
    assert [step.event for step in state.history.done] == drawer.done
    assert [step.event for step in state.history.undone] == drawer.undone
    assert state.last == drawer.log.last


ORDERS = st.one_of(
    st.tuples(st.just("make"), st.sampled_from(STROKES), st.booleans()),
    st.sampled_from([("undo",), ("redo",), ("snapshot",)]),
)


class TestTheDrawing:
    @pytest.mark.slow
    @settings(max_examples=30)  # each writes to disk
    @given(orders=st.lists(ORDERS, max_size=12))
    def test_any_session_is_replayed_exactly_from_the_start_and_from_a_snapshot(self, view, tmp_path_factory, orders):
        with Log.open(tmp_path_factory.mktemp("any") / "log.sqlite", view) as log:
            log._database.connection.execute("PRAGMA synchronous = OFF")  # the disk is not what is tested here
            drawer = Drawer(log)
            for name, *arguments in orders:
                getattr(drawer, name)(*arguments)
            for thorough in (False, True):
                require_same(replayed(log, thorough=thorough), drawer)
            again = taken_up(replayed(log))
            for step in range(2):
                assert_array_equal(bits(again.current), bits(drawer.session.current))
                while again.redo() if step else again.undo():
                    (drawer.session.redo if step else drawer.session.undo)()
                    assert_array_equal(bits(again.current), bits(drawer.session.current))
                assert (drawer.session.redo if step else drawer.session.undo)() is None

    def test_after_a_restart_everything_can_be_undone_and_redone(self, log, drawer):
        for number in range(30):
            drawer.make(STROKES[number % 3], bare=number % 4 == 0)
        drawer.undo()
        drawer.snapshot()
        again = taken_up(replayed(log))
        assert again.redo().prompt is not None
        assert len(list(iter(again.undo, None))) == 30
        assert_array_equal(bits(again.current), bits(INITIAL))
        assert len(list(iter(again.redo, None))) == 30
        drawer.redo()
        assert_array_equal(bits(again.current), bits(drawer.session.current))

    def test_changes_behind_the_snapshot_are_made_anew_and_those_before_are_not(self, log, drawer):
        drawer.make(ACROSS)
        log.snapshot(log.last, np.full(SHAPE, 0.5, np.float32), INITIAL)  # not what the events say
        assert (replayed(log).current == 0.5).all()
        require_same(replayed(log, thorough=True), drawer)

    def test_one_that_was_only_begun(self, log, drawer):
        state = replayed(log)
        require_same(state, drawer)
        assert (state.source, state.base_model) == ("model", "abc")
        assert state.current is not state.initial

    def test_one_that_was_not_begun(self, log):
        with pytest.raises(DataError, match="not been begun yet"):
            replayed(log)

    def test_by_a_reader_while_it_is_drawn_on(self, log, drawer):
        drawer.make(ACROSS)
        with Log.read(log.path) as reader:
            require_same(replayed(reader), drawer)


def marked(log):
    """Mark a place; return the numbers of the word and of the mark, and the line that it had."""
    asked = log.append("seen", {"cell": 7, "region": PLACE.to_json(), "right": True}).number
    line = np.random.default_rng(asked).random(PLACE.shape) < 0.3
    return asked, log.append("mark", {"seen": asked}, pack_line(line)).number, line


class TestWhatItTells:
    def test_strokes_wait_until_they_are_answered_or_refused(self, log, drawer):
        first, second, third = (drawer.draw(stroke) for stroke in STROKES)
        assert replayed(log).waiting == [first, second, third]
        drawer.answer(first, ACROSS)
        log.append("refused", {"stroke": second, "message": "outside"})
        state = replayed(log)
        assert state.waiting == [third]
        assert state.refused == {second: "outside"}

    def test_a_stroke_that_was_undone_waits_no_more(self, log, drawer):
        drawer.make(ACROSS)
        drawer.undo()
        state = replayed(log)
        assert state.waiting == []
        assert state.history.done == ()

    def test_strokes_by_number_and_by_client(self, log, drawer):
        number = drawer.draw(ACROSS, client="tab 1")
        state = replayed(log)
        assert state.prompts[number].to_json() == ACROSS.to_json()
        assert state.clients == {"tab 1": number}
        assert state.refine == {number: True}

    def test_a_stroke_kept_without_its_answer(self, log, drawer):
        stroke = drawer.draw(ACROSS)
        answered = drawer.answer(stroke, ACROSS)
        drawer.undo()
        bare = drawer.answer(stroke, ACROSS, bare=True)
        state = replayed(log)
        assert {number: step.prompt_event for number, step in state.steps.items()} == {answered: stroke, bare: stroke}
        assert {number: step.unrefined for number, step in state.steps.items()} == {answered: False, bare: True}
        (step,) = state.history.done
        assert (step.event, step.unrefined, step.prompt) == (bare, True, state.prompts[stroke])
        assert state.history.undone == ()

    def test_places_seen_and_when(self, log, drawer):
        """As logs were written before marks could be undone: they are no part of the history."""
        event = log.append("seen", {"cell": 7, "region": [0, 0, 8, 8]})
        state = replayed(log)
        assert state.seen == {7: event.time}
        assert (state.history.done, state.marks, state.waiting) == ((), {}, [])

    def test_undo_beside_places_that_an_old_log_marks_undoes_the_stroke(self, log, drawer):
        drawer.make(ACROSS)
        log.append("seen", {"cell": 7, "region": [0, 0, 8, 8]})
        drawer.undo()
        state = replayed(log)
        assert state.history.done == ()
        assert list(state.seen) == [7]

    def test_a_mark_lies_between_strokes_in_the_history(self, log, drawer):
        drawer.make(ACROSS)
        asked, made, line = marked(log)
        drawer.make(ACROSS)
        first, mark, second = replayed(log).history.done
        assert (mark.region, mark.right, mark.asked_event, mark.event) == (PLACE, True, asked, made)
        assert (mark.line == line).all()
        assert first.event < mark.event < second.event

    def test_a_mark_that_was_asked_for_waits_until_it_is_made(self, log, drawer):
        event = log.append("seen", {"cell": 7, "region": PLACE.to_json(), "right": False})
        state = replayed(log)
        assert state.waiting == [event.number]
        assert (state.marks[event.number].region, state.marks[event.number].right) == (PLACE, False)
        assert (state.history.done, state.seen) == ((), {})

    def test_a_mark_is_undone_and_redone_in_its_turn(self, log, drawer):
        drawer.make(ACROSS)
        _, made, _ = marked(log)
        log.append("undo", {"change": made})
        assert [entry.event for entry in replayed(log).history.undone] == [made]
        log.append("redo", {"change": made})
        assert replayed(log).history.done[-1].event == made

    def test_undo_of_a_mark_changes_no_pixel(self, log, drawer):
        drawer.make(ACROSS)
        before = replayed(log, thorough=True).current
        _, made, _ = marked(log)
        log.append("undo", {"change": made})
        assert (replayed(log, thorough=True).current == before).all()


class TestRefused:
    """Events that do not follow from those before them are named; nothing is guessed."""

    @pytest.fixture
    def made(self, log, drawer):
        """The body and the pixels of a change of stroke 2."""
        drawer.make(ACROSS)
        change = list(log.events())[-1]
        return deepcopy(change.body), change.blob

    @pytest.mark.parametrize(
        ("kind", "body", "match"),
        [
            ("undo", {"change": 9}, "names change 9, but 3 is next"),
            ("redo", {"change": 3}, "cannot be followed"),
            ("undo", {}, "cannot be followed"),
            ("stroke", {"stroke": {"path_px": [[1, 2]], "radius_px": [-1], "sign": 1}}, "above 0"),
            ("stroke", {"stroke": [[1], 2, 3]}, "cannot be followed"),
            ("seen", {"cell": "here"}, "cannot be followed"),
            ("seen", {"cell": 0, "region": [0, 0, 9999, 8], "right": True}, "outside a drawing"),
            ("mark", {"seen": 2}, "cannot be followed"),
        ],
    )
    def test_an_event_that_makes_no_sense(self, log, made, kind, body, match):
        log.append(kind, body)
        with pytest.raises(DataError, match=rf"event 4 \({kind}\).*{match}"):
            replayed(log)

    @pytest.mark.parametrize(
        ("altered", "match"),
        [
            ({"region": [-1, 0, 24, 24]}, "outside a drawing"),
            ({"region": [30, 0, 24, 24]}, "outside a drawing"),
            ({"region": [0, 0, 1, 1]}, "damaged"),
            ({"region": [0, 0, 24]}, "cannot be followed"),
            ({"stroke": 1}, "cannot be followed"),
        ],
    )
    def test_a_change_that_fits_nowhere(self, log, made, altered, match):
        body, blob = made
        log.append("change", body | altered, blob)
        with pytest.raises(DataError, match=rf"event 4 \(change\).*{match}"):
            replayed(log)

    def test_a_change_of_another_drawing(self, log, made):
        log.append("change", *made)  # the same once more: what it found before is there no longer
        with pytest.raises(DataError, match="another drawing"):
            replayed(log)

    def test_a_redo_when_nothing_was_undone(self, log, made):
        log.append("redo", {"change": 3})
        with pytest.raises(DataError, match="event 4"):
            replayed(log)

    @pytest.mark.parametrize("blob", [None, b"", pack_drawing(INITIAL[1:])])
    def test_a_start_without_its_drawing(self, log, blob):
        log.append("start", START, blob)
        with pytest.raises(DataError, match=r"event 1 \(start\).*damaged"):
            replayed(log)
