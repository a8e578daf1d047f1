"""Zhang and Suen's thinning and its clean-up, against the rules written out pixel by pixel."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.testing import assert_array_equal

from metrics.zhang_suen import clean, thin


def drawing(text):
    """Make a mask from a picture: one row per line, # for the line."""
    return np.array([[pixel == "#" for pixel in row] for row in text.split()])


def thinned_by_the_rules(mask):
    """Zhang and Suen, 1984, in the paper's own words: P2 is the upper neighbour, then clockwise to P9."""
    image = np.pad(mask, 1).astype(int)
    before = None
    while before is None or (before != image).any():
        before = image.copy()
        for first in (True, False):
            ring = [
                np.roll(image, step, (0, 1))
                for step in ((1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1))
            ]
            p2, p4, p6, p8 = ring[::2]
            turns = sum((one == 0) & (after == 1) for one, after in zip(ring, [*ring[1:], p2], strict=True))
            products = p2 * p4 * p6 + p4 * p6 * p8 if first else p2 * p4 * p8 + p2 * p6 * p8
            image[(sum(ring) >= 2) & (sum(ring) <= 6) & (turns == 1) & (products == 0)] = 0
    return image[1:-1, 1:-1].astype(bool)


def every_pattern_of_four_by_four_pixels():
    """Return all patterns beside each other, a pixel apart."""
    patterns = np.arange(2**16)
    page = np.zeros((256, 5, 256, 5), bool)
    for bit in range(16):
        page[:, bit // 4, :, bit % 4] = (patterns >> bit & 1).astype(bool).reshape(256, 256)
    return page.reshape(1280, 1280)


class TestThin:
    @pytest.mark.slow
    def test_every_small_pattern(self):
        page = every_pattern_of_four_by_four_pixels()
        assert_array_equal(thin(page), thinned_by_the_rules(page))

    @pytest.mark.slow
    @settings(max_examples=100)
    @given(
        arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=12)),
        st.integers(0, 3),
        st.integers(1, 12),
        st.booleans(),
    )
    def test_noise_of_any_coarseness_and_width(self, mask, growth, repeats, inverted):
        # Repeated, rows are longer than the 64 pixels that are decided on at once.
        mask = np.tile(
            cv2.dilate(mask.astype(np.uint8), np.ones((3, 3), np.uint8), iterations=growth) > 0, (1, repeats)
        )
        mask ^= inverted
        assert_array_equal(thin(mask), thinned_by_the_rules(mask))

    @pytest.mark.parametrize("shape", [(0, 0), (0, 3), (3, 0), (1, 1), (1, 64), (1, 65), (90, 1), (70, 130)])
    def test_full_and_empty(self, shape):
        assert_array_equal(thin(np.ones(shape, bool)), thinned_by_the_rules(np.ones(shape, bool)))
        assert not thin(np.zeros(shape, bool)).any()

    def test_a_bar_keeps_its_middle(self):
        # The first pass takes the lower row, the right column and the upper left corner; the second the upper row, the
        # left column and the lower right corner of what is left.
        bar = np.pad(np.ones((3, 7), bool), 1)
        assert_array_equal(np.argwhere(thin(bar)), [(2, 2), (2, 3), (2, 4), (2, 5)])

    def test_a_square_of_two_by_two_vanishes(self):
        assert not thin(np.pad(np.ones((2, 2), bool), 1)).any()

    def test_the_mask_is_left_as_it_was(self):
        mask = np.ones((9, 9), bool)
        thin(mask)
        assert mask.all()


class TestClean:
    @pytest.mark.parametrize(
        ("skeleton", "expected"),
        [
            ("##.. .#.. .##. ..##", "#... .#.. ..#. ...#"),  # a staircase becomes aslant
            ("#### .... ....", "#### .... ...."),  # a straight line stays, and so do its ends
            (".#.. .### .#..", ".#.. .### .#.."),  # a T on its side stays
            (".#. .## .#.", ".#. .#. .#."),  # a bump on an upright line goes
            (".#. ### ...", ".#. #.# ..."),  # one that stands loses its middle
            ("#.# .#. #.#", "#.# .#. #.#"),
            ("#", "#"),
        ],
    )
    def test_a_small_skeleton(self, skeleton, expected):
        assert_array_equal(clean(drawing(skeleton)), drawing(expected))

    def test_of_a_chain_of_corners_no_two_neighbours_go_at_once(self):
        # All of one go at the same time would leave gaps: what is left hangs together.
        staircase = np.eye(30, dtype=bool) | np.eye(30, k=1, dtype=bool)
        pieces, _ = cv2.connectedComponents(clean(staircase).astype(np.uint8), connectivity=8)
        assert pieces == 2  # the background and one line
        assert clean(staircase).sum() < staircase.sum() * 0.6

    @settings(max_examples=60)
    @given(arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=16)))
    def test_nothing_is_parted_and_nothing_added(self, mask):
        skeleton = thin(mask)
        left = clean(skeleton)
        assert not (left & ~skeleton).any()
        before, after = (cv2.connectedComponents(each.astype(np.uint8), connectivity=8)[0] for each in (skeleton, left))
        assert before == after
        assert_array_equal(clean(left), left)
