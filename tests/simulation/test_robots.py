"""Robots: a piece at random, the largest region, its centre, or a place by its distance from the border."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import distance_transform_edt
from skimage.morphology import skeletonize

from data.regions import to_scale
from interaction.prompts.strokes import ADD, ERASE
from simulation.annotators.published import candidates
from simulation.annotators.robots import Centre, DistanceRandom, Largest, Random
from tests.simulation.asked import EMPTY, ENDLESS, LONG, SHAPE, SHORT, ask, rng, way
from tests.simulation.fakes import SCALE, THIN, bar


class TestRandom:
    @pytest.mark.slow
    def test_each_piece_of_error_is_as_likely_however_long_and_of_either_kind(self):
        truth = LONG | bar(SHAPE, 5, slice(5, 55))
        strokes = [ask(Random(THIN), SHORT, truth, seed) for seed in range(300)]
        rows = [int(to_scale(stroke.path_px, SCALE)[0, 0]) for stroke in strokes]
        assert [70 < rows.count(row) < 130 for row in (5, 10, 30)] == [True] * 3
        assert {stroke.sign for row, stroke in zip(rows, strokes, strict=True) if row == 10} == {ERASE}


class TestLargest:
    BLOB = bar(SHAPE, slice(22, 34), slice(30, 42))

    @pytest.mark.parametrize("sign", [ADD, ERASE])
    def test_takes_the_region_of_most_pixels_not_the_longest_line(self, sign):
        thin = bar(SHAPE, 10, slice(2, 58))
        drawing, truth = (thin, self.BLOB) if sign == ADD else (self.BLOB, thin)
        stroke = ask(Largest(THIN), drawing, truth)
        assert stroke.sign == sign
        assert all(self.BLOB[pixel] for pixel in way(stroke))

    def test_leaves_a_large_rim_for_the_smallest_gap(self):
        broad, dot = bar(SHAPE, slice(10, 15), slice(2, 58)), bar(SHAPE, 30, 30)
        assert way(ask(Largest(THIN), skeletonize(broad), broad | dot)) == {(30, 30)}

    def test_joins_corners(self):
        """Six pixels on a diagonal are one region, larger than a bar of five."""
        diagonal = np.zeros(SHAPE, bool)
        diagonal[range(20, 26), range(20, 26)] = True
        assert way(ask(Largest(THIN), EMPTY, diagonal | SHORT)) == {(at, at) for at in range(20, 26)}


class TestCentre:
    def test_strokes_through_the_point_farthest_from_the_border(self):
        rows, columns = np.mgrid[: SHAPE[0], : SHAPE[1]]
        disc = (rows - 18) ** 2 + (columns - 33) ** 2 <= 49
        assert (18, 33) in way(ask(Centre(THIN), ENDLESS[1], disc | ENDLESS[1]))

    def test_goes_through_a_junction(self):
        cross = bar(SHAPE, slice(18, 23), slice(5, 55)) | bar(SHAPE, slice(2, 38), slice(28, 33))
        stroke = ask(Centre(THIN), EMPTY, cross)
        assert (20, 30) in way(stroke)
        assert len(stroke.path_px) == THIN.length

    @pytest.mark.parametrize("sign", [ADD, ERASE])
    def test_compares_both_kinds(self, sign):
        deep, shallow = bar(SHAPE, slice(20, 31), slice(5, 55)), bar(SHAPE, slice(5, 8), slice(5, 55))
        drawing, truth = (shallow, deep) if sign == ADD else (deep, shallow)
        assert ask(Centre(THIN), drawing, truth).sign == sign

    def test_of_points_alike_takes_any(self):
        middles = {tuple(ask(Centre(THIN), EMPTY, ENDLESS[0], seed).path_px[5]) for seed in range(200)}
        assert len(middles) > 30


class TestDistanceRandom:
    def test_chance_is_in_proportion_to_the_distance_from_the_border(self):
        """Lines of 40 pixels, 1 and 7 wide: their middles lie 1 and 4 pixels from what is right."""
        thin, broad = bar(SHAPE, 5, slice(10, 50)), bar(SHAPE, slice(20, 27), slice(7, 53))
        depth = distance_transform_edt(broad)
        line = candidates(EMPTY, broad, rng(), replace(THIN, length=1000))[0]
        expected = sum(depth[pixel] for pixel in way(line))
        strokes = [ask(DistanceRandom(THIN), EMPTY, thin | broad, seed) for seed in range(400)]
        in_broad = sum(min(way(stroke))[0] > 5 for stroke in strokes)
        assert in_broad / 400 == pytest.approx(expected / (expected + 40), abs=0.06)

    @pytest.mark.slow
    def test_any_place_may_come(self):
        middles = {tuple(ask(DistanceRandom(THIN), *ENDLESS, seed).path_px[5]) for seed in range(400)}
        assert len(middles) > 60
