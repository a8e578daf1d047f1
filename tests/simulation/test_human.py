"""The simulated user `human`: pens, ways and offsets as those of the real people that it was fitted to."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy.ndimage import distance_transform_edt

from data.regions import to_scale
from interaction.prompts.strokes import ERASE
from lines.centre_lines import cached_centre_line
from simulation.annotators import annotator_named
from simulation.annotators.human import HANDS, LEVELS, Human
from simulation.people import sway_of
from simulation.simulated_user import History
from tests.simulation.fakes import SCALE, THIN, bar, drawn

SHAPE = (256, 256)
EMPTY = np.zeros(SHAPE, bool)
LINE = bar(SHAPE, slice(127, 130), slice(8, 248))
people = pytest.mark.parametrize("hand", HANDS, ids=range(len(HANDS)))


def ask(user, drawing, truth, seed):
    return user(drawing, truth, History((), lambda prompts: []), np.random.default_rng(seed))


def strokes(hand, drawing, truth, count=150):
    user = Human(replace(THIN, centre_line=cached_centre_line()), hand)
    return [ask(user, drawing, truth, seed) for seed in range(count)]


class TestHand:
    @people
    def test_comes_off_as_far_as_the_person_did(self, hand):
        found = np.concatenate([hand.displacements(240, np.random.default_rng(seed)) for seed in range(300)])
        assert np.quantile(np.abs(found), LEVELS[1:5]) == pytest.approx(hand.offsets[1:5], rel=0.12)
        assert abs(found.mean()) < 0.1 * hand.offsets[2]

    @people
    def test_keeps_to_a_side_as_long(self, hand):
        found = [hand.displacements(240, np.random.default_rng(seed)) for seed in range(200)]
        assert sway_of(found) == pytest.approx(hand.sway, rel=0.2)

    def test_is_larger_where_the_picture_is_shown_enlarged(self):
        one, large = (HANDS[0].displacements(2000, np.random.default_rng(3), pixel) for pixel in (1, 3))
        assert np.median(np.abs(large)) / np.median(np.abs(one)) == pytest.approx(3, rel=0.25)

    def test_code_that_it_prints_makes_it_again(self):
        from simulation.annotators import human

        assert eval(HANDS[2].rounded(), vars(human)) == HANDS[2]


class TestStrokes:
    @people
    def test_pens_are_the_persons(self, hand):
        adding = [stroke.radius_px[0] * SCALE for stroke in strokes(hand, EMPTY, LINE)]
        assert np.median(adding) == pytest.approx(hand.add_pen.median, rel=0.1)

    @people
    def test_ways_are_as_long_as_the_persons_where_the_line_is(self, hand):
        ways = [len(stroke.path_px) for stroke in strokes(hand, EMPTY, LINE, 500)]
        assert np.median(ways) == pytest.approx(hand.add_way.median, rel=0.2)

    @people
    def test_erasing_touches_hardly_any_true_line(self, hand):
        beside = bar(SHAPE, slice(138, 141), slice(8, 248))
        made = strokes(hand, LINE | beside, LINE)
        marks = [drawn(stroke, SHAPE) for stroke in made]
        assert {stroke.sign for stroke in made} == {ERASE}
        assert sum((mark & LINE).sum() for mark in marks) / sum(mark.sum() for mark in marks) < 0.09

    def test_a_share_of_the_way_lies_off_the_line(self):
        """As of the first person, whose strokes lie on vessels of two or three pixels with a third of their pixels."""
        distance = distance_transform_edt(~LINE)
        points = np.concatenate([to_scale(stroke.path_px, SCALE) for stroke in strokes(HANDS[0], EMPTY, LINE)])
        on = distance[tuple(points.round().astype(int).T)] == 0
        assert 0.4 < on.mean() < 0.65  # within 1.5 of the middle, where its median is 1.42

    def test_goes_through_a_junction(self):
        cross = LINE | bar(SHAPE, slice(8, 248), slice(127, 130))
        longest = max(strokes(HANDS[2], EMPTY, cross, 60), key=lambda stroke: len(stroke.path_px))
        assert len(longest.path_px) > 125  # an arm has 120 pixels


class TestPeople:
    def test_three_seeds_in_a_row_are_three_people_and_the_fourth_is_the_first(self):
        users = [annotator_named("human", THIN, seed) for seed in (5, 6, 7, 8)]
        assert {user.hand for user in users[:3]} == set(HANDS)
        assert users[3].hand == users[0].hand

    def test_without_a_seed_each_stroke_is_anybodys(self):
        pens = [ask(annotator_named("human", THIN), EMPTY, LINE, seed).radius_px[0] * SCALE for seed in range(60)]
        assert min(pens) < 1.2
        assert max(pens) > 1.8

    def test_the_same_generator_makes_the_same_stroke(self):
        one, other = (ask(annotator_named("human", THIN, 1), EMPTY, LINE, 4) for _ in range(2))
        assert one.to_json() == other.to_json()

    def test_a_dot_is_marked_where_it_is(self):
        stroke = ask(Human(THIN, HANDS[0]), EMPTY, bar(SHAPE, 20, 20), 0)
        assert_array_equal(to_scale(stroke.path_px, SCALE), [[20, 20]])
