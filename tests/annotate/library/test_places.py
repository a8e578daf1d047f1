import numpy as np
import pytest

from annotate.library.places import CORRECTED, SEEN, Places, corrected_by, grid_of
from data.regions import Region, cells
from interaction.patch_selection import Predicted
from interaction.refiners import ManualRefiner
from interaction.session import RefinementSession
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

    places.changed(Region(33, 33, 10, 40))
    assert estimated(places) == 2

    assert np.flatnonzero(places.quality != before).size
    assert places.quality[5] > before[5]
    assert places.quality.tolist() == Predicted(session, np.ones(SHAPE, bool), PATCH, AS_THEY_ARE).ranks.tolist()


def test_the_worst_place_comes_next_that_was_neither_seen_nor_corrected(session):
    places = made(session, AS_THEY_ARE)
    estimated(places)
    by_quality = places.quality.argsort().tolist()
    assert by_quality != sorted(by_quality)

    walked = []
    while places.next is not None:
        walked.append(places.next)
        if len(walked) % 2:
            places.look(places.next)
        else:
            cell = places.regions[places.next]
            places.drawn(stroke_at([(cell.top + 1, cell.left + 1)]))

    assert walked == by_quality
    assert places.progress == 1
    assert set(places.state().state) == {SEEN, CORRECTED}
    assert places.state().next is None


def test_without_quality_one_place_follows_the_other(session):
    places = made(session, seen=(0, 1))

    assert places.next == 2


def test_a_stroke_corrects_the_places_that_the_pen_goes_through():
    grid = cells(SHAPE, PATCH)
    across = stroke_at([(40, 5), (40, 90)])  # two points, and two cells between them
    aside = stroke_at([(31.4, 10), (-20, 10)], radius=5)  # its width alone reaches into the second row

    assert corrected_by(grid, across, SCALE, PATCH) == [4, 5, 6]
    assert corrected_by(grid, aside, SCALE, PATCH) == [0]


def test_a_stroke_that_is_taken_back_no_longer_counts(session):
    places = made(session, seen=(0,))
    first, second = stroke_at([(5, 5), (5, 50)]), stroke_at([(8, 8)])

    places.drawn(first)
    places.drawn(second)
    assert places.state().state[:3] == [CORRECTED, CORRECTED, ""]
    places.drawn(first, -1)
    assert places.state().state[:3] == [CORRECTED, "", ""]
    places.drawn(second, -1)

    assert places.state().state[:3] == [SEEN, "", ""]
    assert places.progress == 1 / 12


def test_strokes_that_are_in_the_drawing_already_count(session):
    session.commit(session.unrefined_change(stroke_at([(70, 98)])))

    assert made(session).state().state == [""] * 11 + [CORRECTED]


def test_a_mirror_without_an_object_is_done(session):
    places = made(session, AS_THEY_ARE, np.zeros(SHAPE, bool))

    assert not places.estimate()
    assert places.next is None
    assert places.progress == 1
