"""Skeletons as paths: named shapes with their exact way, and what holds for every skeleton."""

from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from skimage.morphology import skeletonize

from lines.paths import Branches, longest_path, path_through
from tests.simulation.fakes import picture, scene

LINE = picture("""
    .......
    .#####.
    .......
""")
DIAGONAL = picture("""
    #...
    .#..
    ..#.
    ...#
""")
CORNER = picture("""
    ###
    #..
    #..
""")
STAIRS = picture("""
    ##...
    .##..
    ..##.
    ...##
""")
T = picture("""
    #####
    ..#..
    ..#..
    ..#..
    ..#..
""")
PLUS = picture("""
    ...#...
    ...#...
    ...#...
    #######
    ...#...
    ...#...
    ...#...
    ...#...
    ...#...
""")
FORK = picture("""
    #...#
    .#.#.
    ..#..
    ..#..
    ..#..
    ..#..
""")
TWO_JUNCTIONS = picture("""
    .#.#.
    #####
    .#.#.
""")
RING = picture("""
    .##.
    #..#
    #..#
    .##.
""")
DOTS = picture("""
    #...#
    .....
    ..#..
""")
TWO_LINES = picture("""
    ###....
    .......
    .#####.
""")


def way(skeleton):
    """The path as (row, column) pairs, from its smaller end."""
    path = [tuple(pixel) for pixel in longest_path(skeleton).tolist()]
    return min(path, path[::-1])


def are_neighbours(one, other):
    return max(abs(one[0] - other[0]), abs(one[1] - other[1])) == 1


def neighbour_count(skeleton, pixel):
    """Neighbours of a pixel; a diagonal one counts only where no straight way leads to it."""
    padded = np.pad(skeleton, 1)
    row, column = pixel[0] + 1, pixel[1] + 1
    straight = padded[row - 1, column], padded[row + 1, column], padded[row, column - 1], padded[row, column + 1]
    up, down, left, right = (bool(value) for value in straight)
    diagonal = (
        padded[row - 1, column - 1] and not (up or left),
        padded[row - 1, column + 1] and not (up or right),
        padded[row + 1, column - 1] and not (down or left),
        padded[row + 1, column + 1] and not (down or right),
    )
    return up + down + left + right + sum(bool(value) for value in diagonal)


class TestShapes:
    def test_a_line_is_followed_from_end_to_end(self):
        assert way(LINE) == [(1, column) for column in range(1, 6)]

    def test_a_diagonal_is_followed_from_end_to_end(self):
        assert way(DIAGONAL) == [(step, step) for step in range(4)]

    def test_the_inner_pixel_of_a_corner_is_no_junction(self):
        assert way(CORNER) == [(0, 2), (0, 1), (0, 0), (1, 0), (2, 0)]

    def test_stairs_are_one_line(self):
        assert way(STAIRS) == [(0, 0), (0, 1), (1, 1), (1, 2), (2, 2), (2, 3), (3, 3), (3, 4)]

    def test_a_t_is_cut_at_its_junction(self):
        assert way(T) == [(row, 2) for row in range(1, 5)]

    def test_a_plus_is_cut_at_its_junction(self):
        assert way(PLUS) == [(row, 3) for row in range(4, 9)]

    def test_a_fork_of_diagonals_is_cut_at_its_junction(self):
        assert way(FORK) == [(row, 2) for row in range(3, 6)]

    def test_a_ring_is_followed_once_around(self):
        path = longest_path(RING).tolist()
        assert len(path) == 8
        assert are_neighbours(path[0], path[-1])

    def test_a_dot_is_a_branch(self):
        assert len(longest_path(DOTS)) == 1

    def test_a_dot_in_the_corner_of_the_image_is_a_branch(self):
        assert longest_path(np.ones((1, 1), bool)).tolist() == [[0, 0]]

    def test_the_longest_of_two_branches_is_chosen(self):
        assert way(TWO_LINES) == [(2, column) for column in range(1, 6)]

    def test_a_skeleton_of_nothing_has_no_path(self):
        assert longest_path(np.zeros((4, 4), bool)) is None


class TestBranches:
    def test_each_branch_has_its_length_and_its_path(self):
        branches = Branches(PLUS)
        assert sorted(branches.lengths.tolist()) == [3, 3, 3, 5]
        paths = [sorted(map(tuple, branches.path(number).tolist())) for number in range(len(branches))]
        assert sorted(paths)[-1] == [(row, 3) for row in range(4, 9)]
        assert [len(path) for path in paths] == branches.lengths.tolist()

    def test_a_skeleton_of_nothing_has_none(self):
        assert len(Branches(np.zeros((4, 4), bool))) == 0

    @pytest.mark.slow
    @given(arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=9)))
    def test_every_pixel_but_the_junctions_is_in_one_of_them(self, mask):
        branches = Branches(mask)
        found = [tuple(pixel) for number in range(len(branches)) for pixel in branches.path(number).tolist()]
        expected = [tuple(pixel) for pixel in np.argwhere(mask).tolist() if neighbour_count(mask, pixel) <= 2]
        assert sorted(found) == expected

    def test_a_branch_touches_the_junction_that_it_ends_at(self):
        branches = Branches(T)

        touched = {tuple(branches.pixels[pixel].tolist()): found for pixel, found in branches.touching.items()}

        assert branches.junction.max() == 0
        assert touched == {(0, 1): [0], (0, 3): [0], (1, 2): [0]}

    def test_a_branch_of_one_pixel_touches_the_junctions_on_both_sides(self):
        branches = Branches(TWO_JUNCTIONS)

        assert [sorted(found) for found in branches.touching.values() if len(found) == 2] == [[0, 1]]

    @pytest.mark.parametrize(("skeleton", "rings"), [(RING, [True]), (LINE, [False]), (DOTS, [False] * 3)])
    def test_only_a_branch_without_an_end_is_a_ring(self, skeleton, rings):
        assert Branches(skeleton).is_ring.tolist() == rings


class TestAPathThroughAPixel:
    @staticmethod
    def way(skeleton, pixel, length):
        path = [tuple(place) for place in path_through(skeleton, pixel, length).tolist()]
        return min(path, path[::-1])

    def test_has_it_in_the_middle(self):
        assert self.way(LINE, (1, 3), 3) == [(1, 2), (1, 3), (1, 4)]

    @pytest.mark.parametrize(("column", "columns"), [(1, range(1, 5)), (2, range(1, 5)), (4, range(2, 6))])
    def test_is_no_shorter_beside_an_end(self, column, columns):
        assert self.way(LINE, (1, column), 4) == [(1, at) for at in columns]

    def test_is_shorter_on_a_short_line(self):
        assert self.way(LINE, (1, 4), 11) == [(1, at) for at in range(1, 6)]

    def test_crosses_a_junction_along_the_longest_arms(self):
        """Of the four arms two go on for 5 and 3 pixels, the one below and, first in reading order, the one above."""
        assert self.way(PLUS, (3, 3), 11) == [(row, 3) for row in range(9)]
        assert self.way(T, (0, 2), 4) == [(0, 1), (0, 2), (1, 2), (2, 2)]

    def test_goes_around_a_ring_once(self):
        assert len(self.way(RING, (0, 1), 20)) == 8

    def test_of_a_dot_is_the_dot(self):
        assert self.way(DOTS, (2, 2), 11) == [(2, 2)]

    @pytest.mark.slow
    @given(st.integers(0, 10_000), st.integers(1, 30))
    def test_is_a_way_of_neighbours_through_it_wherever_it_lies(self, seed, length):
        skeleton = skeletonize(scene(seed)[0])
        pixels = np.argwhere(skeleton)
        pixel = tuple(pixels[seed % len(pixels)].tolist())
        path = [tuple(place) for place in path_through(skeleton, pixel, length).tolist()]
        assert pixel in path
        assert len(set(path)) == len(path) <= length
        assert all(skeleton[place] for place in path)
        assert all(are_neighbours(one, other) for one, other in pairwise(path))


def check_path(skeleton):
    path = longest_path(skeleton).tolist()
    assert all(skeleton[row, column] for row, column in path)
    assert len({tuple(pixel) for pixel in path}) == len(path)
    assert all(are_neighbours(one, other) for one, other in pairwise(path))
    assert all(neighbour_count(skeleton, pixel) <= 2 for pixel in path)


class TestEverySkeleton:
    @pytest.mark.slow
    @given(arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=9)).filter(np.any))
    def test_every_mask_gives_a_path_of_neighbours_without_repeats_or_junctions(self, mask):
        check_path(mask)

    @pytest.mark.slow
    @given(st.integers(0, 10_000))
    def test_so_does_every_skeleton_of_a_drawing(self, seed):
        for drawing in scene(seed):
            check_path(skeletonize(drawing))

    @pytest.mark.parametrize("skeleton", [LINE, CORNER, T, PLUS, RING], ids=["line", "corner", "t", "plus", "ring"])
    def test_a_turned_skeleton_gives_a_path_of_the_same_length(self, skeleton):
        assert {len(longest_path(np.rot90(skeleton, turns))) for turns in range(4)} == {len(longest_path(skeleton))}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
def test_an_independent_library_finds_the_same_way(seed):
    from skan import Skeleton

    rng = np.random.default_rng(seed)
    curve = np.zeros((96, 96), np.uint8)
    x = np.arange(8, 88)
    y = (48 + 12 * np.sin(x / rng.uniform(6, 20)) + rng.uniform(-8, 8)).round().astype(int)
    cv2.polylines(curve, [np.column_stack([x, y])], isClosed=False, color=1)
    skeleton = skeletonize(curve.astype(bool))

    expected = Skeleton(skeleton).path_coordinates(0)

    found = longest_path(skeleton)
    assert found.tolist() in (expected.tolist(), expected[::-1].tolist())
