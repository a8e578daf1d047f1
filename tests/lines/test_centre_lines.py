"""Centre lines of errors, whoever computes them."""

import pickle

import numpy as np
from numpy.testing import assert_array_equal
from skimage.morphology import skeletonize

from lines.centre_lines import cached_centre_line, false_negative_line, false_positive_line
from simulation.error_regions import error_regions
from simulation.strokes import Brush, trace_false_negative, trace_false_positive

TRUTH = np.zeros((30, 40), bool)
TRUTH[5:10, 3:36] = True
DRAWING = TRUTH & (np.arange(40) < 15)
DRAWING[20:25, 5:30] = True


def test_a_function_that_keeps_them_finds_the_same_lines():
    kept = cached_centre_line()
    for _ in range(2):
        assert_array_equal(false_negative_line(DRAWING, TRUTH, kept), false_negative_line(DRAWING, TRUTH))
        assert_array_equal(false_positive_line(DRAWING, TRUTH, 3.0, kept), false_positive_line(DRAWING, TRUTH, 3.0))


def test_it_computes_each_mask_once_and_begins_empty_where_it_is_copied():
    kept = cached_centre_line()
    assert kept(TRUTH) is kept(TRUTH.copy())
    assert pickle.loads(pickle.dumps(kept))(TRUTH) is not kept(TRUTH)


def test_a_user_follows_the_lines_of_their_brush():
    asked = []

    def centre_line(mask):
        asked.append(mask)
        return skeletonize(mask)

    brush = Brush(centre_line=centre_line)
    for trace in (trace_false_negative, trace_false_positive):
        before = len(asked)
        stroke = trace(DRAWING, TRUTH, np.random.default_rng(0), brush)
        assert stroke.to_json() == trace(DRAWING, TRUTH, np.random.default_rng(0), Brush()).to_json()
        assert len(asked) > before
    before = len(asked)
    error_regions(DRAWING, TRUTH, brush)
    assert len(asked) > before
