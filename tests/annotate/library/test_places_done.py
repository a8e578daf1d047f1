"""When a place is done: a person says so, or has corrected it and next to nothing is expected to be wrong there."""

import numpy as np
import pytest

from annotate.library.places import CORRECTED, MATTERS, SEEN
from annotate.messages import PlacesCount
from interaction.prompts.strokes import ERASE
from metrics.calibration import AS_THEY_ARE
from tests.annotate.library.place_scenes import SHAPE, draw, drawn_session, estimated, made, mark, undo, whole_turned
from tests.simulation.fakes import stroke_at


@pytest.fixture
def session():
    return drawn_session()


def test_a_stroke_through_a_place_does_not_make_it_done(session):
    """One across the mirror: wherever something is expected to be wrong still, nothing is done."""
    session.current[40:60, :] = 0.6
    places = made(session, AS_THEY_ARE)
    estimated(places)
    draw(session, places, stroke_at([(60, 2), (60, 95)]))

    assert places.astray[4:7].min() > MATTERS
    assert places.state().state == [""] * 12


def test_a_place_is_corrected_once_next_to_nothing_is_expected_to_be_wrong_there(session):
    """Its doubtful line is erased; the line of the place beside it, which is crossed as well, stays."""
    session.current[69:72, :] = 0
    session.current[40:60, :32] = session.current[40:60, 32:64] = 0.6  # 640 pixels of 0.6
    places = made(session, AS_THEY_ARE)
    estimated(places)

    draw(session, places, stroke_at([(46, 0), (46, 40)], radius=16, sign=ERASE))

    assert places.corrected.tolist() == [False] * 4 + [True] + [False] * 7
    assert places.astray[4] < MATTERS <= places._most_wrong.astray[5]
    assert places.state().state[4:6] == [CORRECTED, ""]


def test_a_place_that_a_stroke_only_passes_through_is_not_corrected(session):
    """Nothing is wrong there, and the stroke changes nothing."""
    session.current[:], session.initial[:] = 0, 0
    places = made(session, AS_THEY_ARE)
    estimated(places)

    draw(session, places, stroke_at([(10, 2), (10, 97)], sign=ERASE))

    assert not places.corrected.any()


def test_a_correction_that_is_taken_back_no_longer_counts(session):
    session.current[:], session.initial[:] = 0, 0
    places = made(session, AS_THEY_ARE)
    estimated(places)
    first, second = stroke_at([(5, 5), (5, 50)]), stroke_at([(8, 8)])

    draw(session, places, first)
    draw(session, places, second)
    assert places.state().state[:3] == [CORRECTED, CORRECTED, ""]
    undo(session, places)
    undo(session, places)

    assert places.state().state[:3] == [""] * 3
    assert places.progress == 0


def test_without_a_model_a_stroke_says_nothing_of_what_is_left(session):
    places = made(session)

    draw(session, places, stroke_at([(70, 98)]))

    assert places.state().state == [""] * 12
    assert places.count == PlacesCount(of=12, right=0, corrected=None, expected=None)


def test_strokes_that_are_in_the_drawing_already_count(session):
    session.current[:], session.initial[:] = 0, 0
    session.commit(session.unrefined_change(stroke_at([(70, 98)])))
    places = made(session, AS_THEY_ARE)
    estimated(places)

    assert places.state().state == [""] * 11 + [CORRECTED]


def test_a_mark_is_undone_and_redone_with_the_history(session):
    places = made(session)
    mark(session, places, 3)
    assert places.state().state[3] == SEEN

    session.undo()
    places.marked()
    assert places.state().state[3] == ""
    session.redo()
    places.marked()
    assert places.state().state[3] == SEEN


def test_a_mark_can_be_taken_back_and_that_undone(session):
    places = made(session, seen=(3,))  # marked before marks could be undone
    assert places.right[3]

    mark(session, places, 3, right=False)
    assert not places.right[3]
    session.undo()
    places.marked()

    assert places.right[3]


def test_a_place_that_looked_right_is_open_again_once_an_answer_has_changed_much_of_it(session):
    places = made(session)
    mark(session, places, 0)
    mark(session, places, 1)
    change = whole_turned(session, places.regions[0], MATTERS)
    session.commit(change)
    places.changed(change.region)

    assert places.state().state[:2] == ["", SEEN]
    assert places.state().reopened == [0]
    assert places.next == 0
    undo(session, places)
    assert places.state().state[:2] == [SEEN, SEEN]
    assert places.state().reopened == []


def test_a_place_that_looked_right_stays_so_where_little_has_changed(session):
    places = made(session)
    mark(session, places, 0)
    change = whole_turned(session, places.regions[0], MATTERS - 1)
    session.commit(change)
    places.changed(change.region)

    assert places.right[0]


def test_marks_and_changes_of_a_restored_session_come_to_the_same(session):
    places = made(session)
    mark(session, places, 0)
    mark(session, places, 1)
    session.commit(whole_turned(session, places.regions[1], MATTERS))

    again = made(session)

    assert again.state().state[:2] == [SEEN, ""]
    assert again.state().reopened == [1]


def test_the_count_says_what_is_done_and_what_is_expected_in_the_rest(session):
    session.current[:32, :64], session.initial[:32, :64] = 0, 0
    places = made(session, AS_THEY_ARE)
    estimated(places)
    mark(session, places, 11)
    draw(session, places, stroke_at([(5, 5), (5, 20)]))  # in the first place

    rest = places.wrong[1:11].sum()
    assert places.count == PlacesCount(of=12, right=1, corrected=1, expected=round(rest))
    assert places.progress == 2 / 12


def test_a_mirror_without_an_object_is_done(session):
    places = made(session, AS_THEY_ARE, np.zeros(SHAPE, bool))

    assert not places.estimate()
    assert places.next is None
    assert places.progress == 1
