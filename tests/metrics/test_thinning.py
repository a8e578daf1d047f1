"""Thinning: pixel for pixel what scikit-image's does, on every small pattern and on drawings."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.testing import assert_array_equal
from skimage import morphology

from metrics.thinning import thin
from tests.root import SHARED

FIXTURES = sorted((SHARED / "fixtures" / "pfm").glob("*.png"))


def tangle(shape, lines, width, rng):
    """Wandering lines of many widths that cross each other and leave the picture."""
    canvas = np.zeros(shape, np.uint8)
    for _ in range(lines):
        start = rng.uniform((0, 0), shape[::-1])
        path = start + np.cumsum(rng.normal(0, 15, (12, 2)), axis=0)
        cv2.polylines(canvas, [path.astype(np.int32)], isClosed=False, color=1, thickness=int(rng.integers(1, width)))
    return canvas.astype(bool)


def frame(shape):
    mask = np.ones(shape, bool)
    mask[1:-1, 1:-1] = False
    return mask


def disc(radius):
    rows, columns = np.ogrid[-radius : radius + 1, -radius : radius + 1]
    return rows**2 + columns**2 <= radius**2


def test_every_pattern_of_four_by_four_pixels():
    patterns = np.arange(2**16)
    page = np.zeros((256, 5, 256, 5), bool)  # one beside the other, a pixel apart
    for bit in range(16):
        page[:, bit // 4, :, bit % 4] = (patterns >> bit & 1).astype(bool).reshape(256, 256)
    page = page.reshape(1280, 1280)

    assert_array_equal(thin(page), morphology.thin(page))


@pytest.mark.slow
@settings(max_examples=200)
@given(arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=20)), st.integers(0, 2))
def test_noise_of_any_coarseness(mask, growth):
    mask = cv2.dilate(mask.astype(np.uint8), np.ones((3, 3), np.uint8), iterations=growth).astype(bool)

    assert_array_equal(thin(mask), morphology.thin(mask))


@pytest.mark.parametrize("width", [2, 6, 25])
def test_a_tangle_of_lines(width):
    mask = tangle((300, 420), 40, width, np.random.default_rng(width))

    assert_array_equal(thin(mask), morphology.thin(mask))


@pytest.mark.parametrize(
    "mask",
    [
        np.zeros((7, 9), bool),
        np.ones((7, 9), bool),
        np.ones((40, 61), bool),
        np.ones((1, 1), bool),
        np.zeros((1, 1), bool),
        np.ones((1, 8), bool),
        np.ones((8, 1), bool),
        np.ones((2, 2), bool),
        np.eye(9, dtype=bool),
        np.eye(9, dtype=bool)[::-1],
        frame((12, 15)),
        disc(20),
        disc(20) & ~np.pad(disc(9), 11),
        np.indices((20, 20)).sum(axis=0) % 2 == 0,
    ],
)
def test_a_shape(mask):
    assert_array_equal(thin(mask), morphology.thin(mask))


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_a_drawing_of_the_fixtures(path):
    mask = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) > 127

    assert_array_equal(thin(mask), morphology.thin(mask))


def test_a_bar_keeps_its_middle():
    bar = np.zeros((5, 7), bool)
    bar[1:4, 1:6] = True

    assert_array_equal(np.argwhere(thin(bar)), [(2, 2), (2, 3), (2, 4)])


def test_the_mask_is_left_as_it_was():
    mask = disc(6)

    thin(mask)

    assert_array_equal(mask, disc(6))
