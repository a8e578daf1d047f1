"""Repaired and spoiled pixels, and the band along edges where nothing counts, worked out by hand."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.testing import assert_array_equal

from metrics.harm import far_from_edge, harm, turned


def drawing(text):
    """Make a mask from a picture: one row per line, # for True."""
    return np.array([[pixel == "#" for pixel in row] for row in text.split()])


def far_by_the_definition(truth, distance):
    """Each pixel's distance to each side that a line pixel shares with a ground pixel."""
    far = np.ones(truth.shape, bool)
    rows, columns = np.indices(truth.shape)
    for axis in (0, 1):
        for row, column in np.argwhere(np.diff(truth, axis=axis)):
            # The side runs from -1/2 to 1/2 along one axis and lies 1/2 behind the pixel on the other.
            across, along = (rows - row, columns - column) if axis == 0 else (columns - column, rows - row)
            far &= np.hypot(across - 0.5, np.maximum(np.abs(along) - 0.5, 0)) > distance
    return far


class TestHarm:
    def test_spoiled_over_repaired(self):
        assert harm(repaired=8, spoiled=2) == 0.25
        assert harm(repaired=2, spoiled=8) == 4
        assert harm(repaired=3, spoiled=0) == 0

    def test_nothing_repaired(self):
        assert harm(0, 0) == 0
        assert harm(repaired=0, spoiled=1) == math.inf

    @pytest.mark.parametrize("counts", [(-1, 3), (3, -1)])
    def test_negative_counts_are_refused(self, counts):
        with pytest.raises(ValueError, match="both are counts"):
            harm(*counts)


class TestTurned:
    TRUTH = drawing("######....")
    BEFORE = drawing("###....###")
    AFTER = drawing("##.###.#..")
    # Wrong before: 3, 4, 5 missing; 7, 8, 9 too much. Wrong after: 2 missing, 7 too much.

    def test_hand_worked(self):
        everywhere = np.ones_like(self.TRUTH)
        assert turned(self.BEFORE, self.AFTER, self.TRUTH, everywhere) == (5, 1)

    def test_taken_back(self):
        everywhere = np.ones_like(self.TRUTH)
        assert turned(self.AFTER, self.BEFORE, self.TRUTH, everywhere) == (1, 5)

    def test_only_what_counts(self):
        assert turned(self.BEFORE, self.AFTER, self.TRUTH, drawing("###.#.....")) == (1, 1)
        assert turned(self.BEFORE, self.AFTER, self.TRUTH, np.zeros_like(self.TRUTH)) == (0, 0)

    def test_counts_are_plain_integers(self):
        assert {type(each) for each in turned(self.BEFORE, self.AFTER, self.TRUTH, self.TRUTH)} == {int}

    @settings(max_examples=50)
    @given(arrays(bool, (4, 5, 6)))
    def test_difference_is_the_change_in_wrong_pixels(self, masks):
        before, after, truth, counted = masks
        repaired, spoiled = turned(before, after, truth, counted)
        wrong_before, wrong_after = (np.count_nonzero((each != truth) & counted) for each in (before, after))
        assert repaired - spoiled == wrong_before - wrong_after
        assert repaired + spoiled == np.count_nonzero((before != after) & counted)

    def test_shapes_must_agree(self):
        with pytest.raises(ValueError, match=r"counted \(10, 1\)"):
            turned(self.BEFORE, self.AFTER, self.TRUTH, self.TRUTH.T)


class TestFarFromEdge:
    def test_two_pixels_on_either_side_of_a_straight_edge_are_near(self):
        truth = np.tile(drawing("######......"), (9, 1))
        assert_array_equal(far_from_edge(truth), np.tile(drawing("####....####"), (9, 1)))

    def test_around_a_single_pixel(self):
        # Straight out, pixels 1 and 2 away lie 1/2 and 3/2 from its side. Aslant, (1, 2) lies hypot(1/2, 3/2) = 1.6
        # from its corner and (2, 2) hypot(3/2, 3/2) = 2.1.
        truth = drawing("....... ....... ....... ...#... ....... ....... .......")
        near = drawing("....... ..###.. .#####. .#####. .#####. ..###.. .......")
        assert_array_equal(far_from_edge(truth), ~near)

    def test_a_hole_is_as_near_as_a_dot(self):
        truth = drawing("....... ....... ....... ...#... ....... ....... .......")
        assert_array_equal(far_from_edge(~truth), far_from_edge(truth))

    def test_another_distance(self):
        truth = drawing("....... ....... ....... ...#... ....... ....... .......")
        assert_array_equal(far_from_edge(truth, 0.25), np.ones_like(truth))
        sides = drawing("....... ....... ...#... ..###.. ...#... ....... .......")
        assert_array_equal(far_from_edge(truth, 0.5), ~sides)
        assert_array_equal(
            far_from_edge(truth, 1), ~(drawing("....... ....... ..###.. ..###.. ..###.. ....... ......."))
        )

    def test_the_picture_ends_without_an_edge(self):
        assert far_from_edge(np.ones((3, 4), bool)).all()
        assert far_from_edge(np.zeros((3, 4), bool)).all()

    @pytest.mark.slow
    @settings(max_examples=60)
    @given(arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=9)), st.sampled_from([0, 0.5, 1, 1.5, 2, 2.5, 3]))
    def test_equals_the_definition(self, truth, distance):
        assert_array_equal(far_from_edge(truth, distance), far_by_the_definition(truth, distance))

    def test_empty_picture(self):
        assert far_from_edge(np.zeros((0, 4), bool)).shape == (0, 4)

    def test_refusals(self):
        with pytest.raises(ValueError, match="a distance of -1 pixels"):
            far_from_edge(np.ones((3, 4), bool), -1)
        with pytest.raises(TypeError, match="truth holds uint8"):
            far_from_edge(np.ones((3, 4), np.uint8))
