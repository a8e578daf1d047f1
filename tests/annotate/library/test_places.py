"""The places of a mirror: how many wrong pixels are expected in each, and which comes next."""

import numpy as np
import pytest

from annotate.library.places import SEEN, crossed_by, grid_of
from data.regions import Region, cells
from interaction.patch_selection import MostWrong, Predicted
from metrics.calibration import AS_THEY_ARE, Calibration
from tests.annotate.library.place_scenes import PATCH, SHAPE, drawn_session, estimated, made, mark
from tests.simulation.fakes import SCALE, stroke_at


@pytest.fixture
def session():
    return drawn_session()


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
