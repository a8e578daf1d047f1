"""Lines tell which way a depth map grows: darker than the ground around them in a height map."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from data.preparing.channels import Prepared
from data.preparing.sign import line_contrast, turned

SHAPE = (600, 300)  # more than two strips
LINES = np.zeros(SHAPE, bool)
LINES[250:262, 50:250] = True  # across a strip's edge
EVERYWHERE = np.ones(SHAPE, bool)


def prepared(values: np.ndarray) -> Prepared:
    return Prepared((1, *SHAPE), lambda top, bottom: values[None, top:bottom].astype(np.float32), 0.25)


@pytest.mark.parametrize(("line", "ground", "contrast"), [(0.2, 0.6, 0.4), (0.7, 0.6, -0.1), (0.6, 0.6, 0)])
def test_it_is_the_ground_less_the_line(line, ground, contrast):
    values = np.where(LINES, line, ground)
    assert line_contrast(prepared(values), LINES, EVERYWHERE, 40.0) == pytest.approx(contrast, abs=1e-6)


def test_only_ground_within_half_a_millimetre_on_the_object_is_compared_with():
    values = np.where(LINES, 0.2, 0.6)
    values[:229], values[283:] = 0, 0  # beyond 20 pixels of the line
    values[:, :150] = 0
    on_object = EVERYWHERE.copy()
    on_object[:, :150] = False
    assert line_contrast(prepared(values), LINES, on_object, 40.0) == pytest.approx(0.4, abs=1e-6)


def test_without_a_line_or_without_ground_it_says_nothing():
    values = np.full(SHAPE, 0.5)
    assert line_contrast(prepared(values), np.zeros(SHAPE, bool), EVERYWHERE, 40.0) == 0
    assert line_contrast(prepared(values), EVERYWHERE, EVERYWHERE, 40.0) == 0


def test_turned_what_was_dark_is_bright_and_the_ground_stays():
    values = np.where(LINES, 0.2, 0.5)
    result = turned(prepared(values))
    assert_allclose(result.rows(200, 300)[0], np.where(LINES, 0.8, 0.5)[200:300], atol=1e-6)
    assert_array_equal(result.rows(0, 100), np.float32(0.5))
    assert result.filled_fraction == 0.25
