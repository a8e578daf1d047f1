"""Prompts found by place: the same as by looking at each."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.regions import Region
from interaction.prompt_index import PromptIndex
from tests.simulation.fakes import SCALE, stroke_at

SHAPE = (700, 900)
points = st.tuples(st.integers(0, 699), st.integers(0, 899))
regions = st.builds(Region, st.integers(0, 690), st.integers(0, 890), st.integers(1, 400), st.integers(1, 400))


@pytest.mark.slow
@given(st.lists(st.tuples(points, points, st.floats(0.5, 9)), max_size=12), st.integers(0, 12), regions)
def test_those_near_a_region_are_found_in_their_order(strokes, taken_away, region):
    marks, kept = PromptIndex(SCALE, SHAPE), []
    for start, end, radius in strokes:
        kept.append(stroke_at([start, end], radius))
        marks.append(kept[-1])
    for _ in range(min(taken_away, len(kept))):
        assert marks.pop() is kept.pop()

    assert tuple(marks) == tuple(kept)
    assert len(marks) == len(kept)
    assert marks.near(region) == tuple(stroke for stroke in kept if stroke.bounds(SCALE, SHAPE).overlaps(region))


def test_a_stroke_over_several_squares_is_found_once():
    marks, stroke = PromptIndex(SCALE, SHAPE), stroke_at([(10, 10), (600, 800)])
    marks.append(stroke)

    assert marks.near(Region(0, 0, *SHAPE)) == (stroke,)
