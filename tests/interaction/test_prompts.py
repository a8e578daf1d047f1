"""What a stroke and a click say of themselves: their place, the pixels that they pin, their effort, their JSON."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from data.regions import Region, whole
from interaction.prompts import ADD, ERASE, PROMPTS, Click, Effort, Stroke, prompt_from_json
from interaction.prompts.prompt import pinned_maps, touched
from tests.simulation.fakes import SCALE, drawn, stroke_at

SHAPE = (20, 30)
EVERYWHERE = whole(SHAPE)
coordinates = st.floats(-30, 90, allow_nan=False)


def click_at(row, column, positive=True):
    """Make a click in the middle of a model pixel."""
    return Click((row + 0.5) / SCALE - 0.5, (column + 0.5) / SCALE - 0.5, positive)


class TestBounds:
    @given(coordinates, coordinates)
    def test_a_click_lies_in_the_pixel_that_holds_it_or_in_none(self, row, column):
        click = Click(row, column, True)
        at = int(np.floor((row + 0.5) * SCALE)), int(np.floor((column + 0.5) * SCALE))

        bounds = click.bounds(SCALE, SHAPE)

        if 0 <= at[0] < SHAPE[0] and 0 <= at[1] < SHAPE[1]:
            assert bounds == Region(*at, 1, 1)
        else:
            assert 0 in bounds.shape

    @pytest.mark.parametrize("row", [float("nan"), float("inf")])
    def test_a_click_is_somewhere(self, row):
        with pytest.raises(ValueError, match="finite"):
            Click(row, 1, True)

    def test_a_click_can_be_moved(self):
        assert Click(3, 4, False).moved(1.5, -2) == Click(4.5, 2, False)


class TestPinned:
    @pytest.mark.parametrize("sign", [ADD, ERASE])
    def test_a_stroke_pins_what_it_draws(self, sign):
        stroke = stroke_at([(5, 5), (5, 12)], radius=2, sign=sign)

        line, ground = stroke.pinned(EVERYWHERE, SCALE)

        here, none = (line, ground) if sign == ADD else (ground, line)
        assert_array_equal(here, drawn(stroke, SHAPE))
        assert not none.any()

    @pytest.mark.parametrize("positive", [True, False])
    def test_a_click_pins_nothing(self, positive):
        assert click_at(5, 5, positive).pinned(EVERYWHERE, SCALE) is None

    def test_of_two_strokes_that_cross_the_later_one_holds_and_a_click_changes_nothing(self):
        across, down = stroke_at([(5, 2), (5, 12)]), stroke_at([(1, 6), (9, 6)], sign=ERASE)

        added, erased = pinned_maps([across, down, click_at(5, 6)], EVERYWHERE, SCALE)

        assert_array_equal(erased, drawn(down, SHAPE))
        assert_array_equal(added, drawn(across, SHAPE) & ~drawn(down, SHAPE))

    def test_a_click_touches_the_pixel_at_its_centre_and_a_stroke_what_it_pins(self):
        region, stroke = Region(2, 3, 10, 12), stroke_at([(5, 5), (5, 12)], sign=ERASE)

        assert np.argwhere(touched(click_at(5, 9), region, SCALE)).tolist() == [[3, 6]]
        assert not touched(click_at(15, 9), region, SCALE).any()
        assert_array_equal(touched(stroke, region, SCALE), drawn(stroke, SHAPE)[region.slices])


class TestEffort:
    def test_of_a_stroke_its_pixels_and_its_way_in_pixels_of_the_map(self):
        stroke = stroke_at([(10, 5), (10, 15)], radius=2)  # 10 model pixels long, 4 wide

        effort = stroke.effort(SCALE, SHAPE)

        assert effort.pixels == np.count_nonzero(drawn(stroke, SHAPE))
        assert effort.length == pytest.approx(10)
        assert effort.seconds == pytest.approx(2.4 + 0.1 * 10 / 4)

    def test_pixels_beyond_the_map_do_not_count_where_its_shape_is_given(self):
        stroke = stroke_at([(0, 10), (0, 14)], radius=2)

        cut, whole_of_it = stroke.effort(SCALE, SHAPE), stroke.effort(SCALE)

        assert cut.pixels == np.count_nonzero(drawn(stroke, SHAPE))
        assert whole_of_it.pixels == np.count_nonzero(drawn(stroke.moved(20, 0), SHAPE))
        assert cut.pixels < whole_of_it.pixels

    def test_of_a_click_one_pixel_and_the_seconds_of_the_published_model(self):
        click = click_at(5, 5)

        assert click.effort(SCALE, SHAPE) == Effort(pixels=1, length=0, seconds=2.4)
        assert click.effort(SCALE, SHAPE, new_place=False) == Effort(pixels=1, length=0, seconds=0.9)
        assert click_at(50, 5).effort(SCALE, SHAPE).pixels == 0


class TestJson:
    @given(coordinates, coordinates, st.booleans())
    def test_a_click_is_read_as_it_was_written(self, row, column, positive):
        click = Click(row, column, positive)

        assert prompt_from_json(json.loads(json.dumps(click.to_json()))) == click

    def test_numpy_values_are_written_too(self):
        click = Click(np.int64(3), np.float32(4.5), np.bool_(True))

        assert json.loads(json.dumps(click.to_json())) == {"kind": "click", "row": 3, "column": 4.5, "positive": True}

    def test_a_stroke_keeps_its_format_and_is_read_without_a_kind(self):
        stroke = stroke_at([(5, 5), (5, 12)], radius=2, sign=ERASE)
        fields = stroke.to_json()

        assert set(fields) == {"path_px", "radius_px", "sign"}
        for written in (fields, {"kind": "stroke", **fields}):
            read = prompt_from_json(written)
            assert isinstance(read, Stroke)
            assert read.to_json() == fields

    @pytest.mark.parametrize(
        ("fields", "error"),
        [
            ({"kind": "wave"}, ValueError),
            ({"kind": "click", "row": 1, "column": 2}, KeyError),
            ({"kind": "click", "row": 1, "column": 2, "positive": 1}, ValueError),
            ({"kind": "click", "row": [1], "column": 2, "positive": True}, TypeError),
        ],
    )
    def test_what_is_no_prompt_is_refused(self, fields, error):
        with pytest.raises(error):
            prompt_from_json(fields)

    def test_each_kind_is_entered_under_its_name(self):
        assert {"stroke": Stroke, "click": Click} == PROMPTS
        assert all(name == prompt.kind for name, prompt in PROMPTS.items())
