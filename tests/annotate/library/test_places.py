import numpy as np
import pytest

from annotate.library.places import CORRECTED, MATTERS, SEEN, Places, crossed_by, grid_of
from annotate.messages import PlacesCount
from data.regions import Region, cells
from interaction.changes import Change
from interaction.patch_selection import MostWrong, Predicted
from interaction.prompts.strokes import ERASE
from interaction.refiners import ManualRefiner
from interaction.session import RefinementSession
from interaction.steps import Mark
from metrics.calibration import AS_THEY_ARE, Calibration
from tests.simulation.fakes import SCALE, BlankCanvas, stroke_at

SHAPE, PATCH = (80, 100), 32  # three rows of four cells
LEVELS = np.array([[0.99, 0.6, 0.8, 0.95], [0.7, 0.9, 0.55, 0.85], [0.65, 0.75, 0.97, 0.93]], np.float32)


@pytest.fixture
def session():
    """Each cell has one line, the surer the higher its level."""
    initial = np.zeros(SHAPE, np.float32)
    for cell, level in zip(cells(SHAPE, PATCH), LEVELS.ravel(), strict=True):
        initial[cell.top + 5 : cell.top + 8, cell.left : cell.left + cell.width] = level
    return RefinementSession(BlankCanvas(SHAPE), initial, ManualRefiner(SCALE), scale=SCALE, channels=())


def made(session, calibration=None, mask=None, seen=()):
    return Places(session, np.ones(SHAPE, bool) if mask is None else mask, PATCH, calibration, seen)


def mark(session, places, place, right=True):
    """Say of a place that it looks right, or no longer."""
    cell = places.regions[place]
    session.mark(Mark.of(cell, right, session.drawing[cell.slices]))
    places.marked()


def draw(session, places, stroke):
    """Draw a stroke that nobody answers; all estimates are made anew."""
    change = session.unrefined_change(stroke)
    session.commit(change)
    places.drawn(stroke)
    places.changed(change.region)
    estimated(places)


def undo(session, places):
    change = session.undo()
    places.drawn(change.prompt, -1)
    places.changed(change.region)
    estimated(places)


def whole_turned(session, cell, pixels):
    """Return a change that turns so many pixels of a cell, far from its stroke."""
    change = session.unrefined_change(stroke_at([(79, 99)], radius=0.1))
    before = session.current[cell.slices].copy()
    after = before.copy()
    after.ravel()[:pixels] = 1 - np.round(after.ravel()[:pixels])
    return Change(change.prompt, cell, before, after, before, earlier=session.prompts_near(cell))


def estimated(places):
    """Make all estimates; return how many there were."""
    count = 1
    while places.estimate():
        count += 1
    return count


def test_places_are_the_cells_that_hold_some_of_the_object(session):
    mask = np.zeros(SHAPE, bool)
    mask[40, 40], mask[79, 99] = True, True

    places = made(session, mask=mask)

    assert places.regions == [Region(32, 32, 32, 32), Region(64, 96, 16, 4)] == grid_of(mask, PATCH)
    assert places.state().grid == [(32, 32, 32, 32), (64, 96, 16, 4)]


@pytest.mark.parametrize("masked", [False, True])
def test_quality_is_what_evaluations_rank_by(session, masked):
    calibration = Calibration((0.0, 0.6, 1.0), (0.0, 0.3, 1.0))
    mask = np.ones(SHAPE, bool)
    if masked:
        mask[:32, 32:64] = False
    session.commit(session.unrefined_change(stroke_at([(40, 40), (40, 60)])))
    expected = Predicted(session, mask, PATCH, calibration).ranks
    there = [cell in grid_of(mask, PATCH) for cell in cells(SHAPE, PATCH)]

    places = made(session, calibration, mask)
    estimated(places)

    assert places.quality.tolist() == expected[there].tolist()
    assert places.state().quality == np.round(expected[there], 4).tolist()


def test_quality_is_not_reported_before_all_places_are_estimated(session):
    places = made(session, AS_THEY_ARE)

    for _ in range(11):
        assert places.estimate()
        assert places.quality is None
    assert not places.estimate()

    assert places.quality is not None


def test_nothing_is_estimated_where_the_drawing_is_no_networks(session):
    places = made(session)
    places.changed(Region(0, 0, 80, 100))

    assert not places.estimate()
    assert places.state().quality == [None] * 12


def test_a_change_has_the_places_that_it_touches_estimated_anew_and_no_others(session):
    places = made(session, AS_THEY_ARE)
    estimated(places)
    before = places.quality
    change = session.unrefined_change(stroke_at([(37, 34), (37, 62)]))
    session.commit(change)

    places.changed(Region(35, 35, 10, 40))
    assert estimated(places) == 2

    assert np.flatnonzero(places.quality != before).size
    assert places.quality[5] > before[5]
    assert places.quality.tolist() == Predicted(session, np.ones(SHAPE, bool), PATCH, AS_THEY_ARE).ranks.tolist()


def test_a_change_at_the_border_of_a_place_has_its_neighbour_estimated_too(session):
    """A line that lies next to the border is within the tolerance of what is drawn beyond it."""
    places = made(session, AS_THEY_ARE)
    estimated(places)
    session.current[2:30, 30:32] = 1  # nobody says so

    places.changed(Region(2, 30, 28, 2))
    estimated(places)

    expected = MostWrong(session, np.ones(SHAPE, bool), PATCH, AS_THEY_ARE)
    assert places.wrong.tolist() == expected.wrong.tolist()
    assert places.astray.tolist() == expected.astray.tolist()


def test_the_wrong_pixels_are_what_the_ranking_expects(session):
    calibration = Calibration((0.0, 0.6, 1.0), (0.0, 0.3, 1.0))
    mask = np.ones(SHAPE, bool)
    mask[:32, 32:64] = False
    session.commit(session.unrefined_change(stroke_at([(40, 40), (40, 60)])))
    expected = MostWrong(session, mask, PATCH, calibration).wrong
    there = [cell in grid_of(mask, PATCH) for cell in cells(SHAPE, PATCH)]

    places = made(session, calibration, mask)
    estimated(places)

    assert places.wrong.tolist() == expected[there].tolist()
    assert places.state().wrong == np.round(expected[there]).tolist()
    assert len(set(places.state().wrong)) > 3


def test_the_place_with_the_most_wrong_pixels_comes_first_and_one_with_none_last(session):
    session.current[:PATCH, :PATCH] = 0  # nothing is wrong in the first place
    places = made(session, AS_THEY_ARE)
    estimated(places)
    by_number = (-places.wrong).argsort(kind="stable").tolist()
    assert by_number != places.quality.argsort().tolist()

    walked = []
    while places.next is not None:
        walked.append(places.next)
        mark(session, places, places.next)

    assert walked == by_number
    assert walked[-1] == 0
    assert places.progress == 1
    assert places.state().state == [SEEN] * 12
    assert places.state().next is None


def test_without_quality_one_place_follows_the_other(session):
    places = made(session, seen=(0, 1))

    assert places.next == 2


def test_a_stroke_corrects_the_places_that_the_pen_goes_through():
    grid = cells(SHAPE, PATCH)
    across = stroke_at([(40, 5), (40, 90)])  # two points, and two cells between them
    aside = stroke_at([(31.4, 10), (-20, 10)], radius=5)  # its width alone reaches into the second row

    assert crossed_by(grid, across, SCALE, PATCH) == [4, 5, 6]
    assert crossed_by(grid, aside, SCALE, PATCH) == [0]


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
