"""What is found of the lines of photographs: width, polarity, colour; and what goes before what."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from data.errors import DataError
from data.kinds import RawData
from data.preparing.appearance import showing_of
from data.showing import COLOURS, MODEL_LINE_WIDTH, Showing

RAW = RawData(Path(), Path(), Path(), ("grey",))


def lines(width, shape=(240, 320)):
    """Return a mask of some slanted lines of a width."""
    row, column = np.indices(shape)
    return np.any([abs(row - 30 - 60 * number - 0.2 * column + 20) < width / 2 for number in range(5)], axis=0)


@dataclass
class Photograph:
    """Lines on an uneven ground with noise."""

    width: int = 8
    sign: int = -1  # of lines beside their ground
    contrast: tuple[float, float, float] = (0.3, 0.3, 0.3)
    view: str = "a"
    drawn: bool = True
    broken: bool = False
    broken_drawing: bool = False
    blank: bool = False  # of the drawing

    def planes(self, channel):
        rng = np.random.default_rng(0)
        marked = lines(self.width)
        ground = 0.5 + 0.15 * np.linspace(-1, 1, marked.shape[1])
        image = [
            ground + self.sign * share * marked + 0.03 * rng.standard_normal(marked.shape) for share in self.contrast
        ]
        return np.clip(np.stack(image), 0, 1).astype(np.float32)

    def lines(self):
        if self.broken or self.broken_drawing:
            raise DataError("cut short")
        return lines(self.width) & (not self.blank)

    def object_mask(self):
        if self.broken:
            raise DataError("cut short")
        return np.ones((240, 320), bool)


class TestWithDrawings:
    @pytest.mark.parametrize("width", [3, 8, 15])
    def test_the_scale_is_that_which_makes_lines_as_wide_as_on_mirrors(self, width):
        showing = showing_of(RAW, [Photograph(width)], (), None)
        assert showing.line_width == pytest.approx(width, rel=0.15)
        assert showing.scale * showing.line_width == pytest.approx(MODEL_LINE_WIDTH, rel=1e-3)

    @pytest.mark.parametrize("sign", [-1, 1])
    def test_lines_are_dark_or_bright_as_drawn(self, sign):
        assert showing_of(RAW, [Photograph(sign=sign)], (), None).polarity == -sign

    def test_a_colour_that_tells_lines_better_is_taken(self):
        photograph = Photograph(contrast=(0, 0.05, 0))
        assert showing_of(RAW, [photograph], (), None).channel == "green"

    def test_otherwise_it_is_grey(self):
        assert showing_of(RAW, [Photograph()], (), None).channel == "grey"

    def test_those_kept_for_testing_are_not_looked_at(self):
        photographs = [Photograph(8), Photograph(20, sign=1, view="b")]
        showing = showing_of(RAW, photographs, ["b"], None)
        assert (showing.line_width, showing.polarity) == (showing_of(RAW, photographs[:1], (), None).line_width, 1)

    def test_a_file_that_cannot_be_read_hinders_nothing_and_is_not_counted(self):
        photographs = [Photograph(8), Photograph(view="b", broken=True)]
        showing, alone = showing_of(RAW, photographs, (), None), showing_of(RAW, photographs[:1], (), None)
        assert (showing, showing.notes) == (alone, alone.notes)
        assert "measured in 1 drawing)" in showing.notes[0]

    def test_of_many_drawings_those_with_lines_are_looked_at(self):
        blank = [Photograph(blank=True, view=f"blank{number}") for number in range(40)]
        showing = showing_of(RAW, [*blank[:1], Photograph(sign=1, contrast=(0, 0.05, 0)), *blank[1:]], (), None)
        assert (showing.polarity, showing.channel) == (-1, "green")

    @pytest.mark.parametrize("fault", [{"blank": True}, {"broken_drawing": True}])
    @pytest.mark.parametrize("width", [None, 8.0])
    def test_drawings_that_show_no_line_say_nothing_so_the_images_do(self, fault, width):
        showing = showing_of(replace(RAW, line_width=width), [Photograph(sign=1, **fault)], (), None)
        assert showing.polarity == -1
        assert "as the images look" in showing.notes[0]
        assert "relief is made of grey (none asked for)" in showing.notes[0]

    def test_grey_is_kept_where_it_confuses_hardly_anything(self):
        showing = showing_of(RAW, [Photograph(contrast=(0.3, 0.33, 0.3))], (), None)
        assert showing.channel == "grey"


class TestWithoutDrawings:
    @pytest.mark.parametrize("width", [4, 6, 9])
    @pytest.mark.parametrize("sign", [-1, 1])
    def test_images_say_it_roughly(self, width, sign):
        showing = showing_of(RAW, [Photograph(width, sign, drawn=False)], (), None)
        assert showing.polarity == -sign
        assert showing.line_width == pytest.approx(width, rel=0.5)
        assert "estimated from the images, which may be wrong by half; better give --line_width" in showing.notes[0]

    def test_the_width_is_that_of_lines_in_the_colour_asked_for(self):
        photograph = Photograph(9, contrast=(0, 0.3, 0), drawn=False)
        found = [showing_of(replace(RAW, relief_of=name), [photograph], (), None).line_width for name in COLOURS]
        assert found[1] == pytest.approx(9, rel=0.2)
        assert max(found[0], found[2]) < 5  # there is noise alone

    def test_an_even_image_is_left_as_it_is(self):
        showing = showing_of(RAW, [Photograph(contrast=(0, 0, 0), drawn=False, broken=True)], (), None)
        assert showing.scale == 1
        assert "not known; give --line_width" in showing.notes[0]


class TestWhatGoesBefore:
    def test_what_is_given_goes_before_what_is_drawn(self):
        raw = replace(RAW, line_width=3.0, polarity=-1, relief_of="red")
        showing = showing_of(raw, [Photograph()], (), None)
        assert (showing.line_width, showing.polarity, showing.channel) == (3.0, -1, "red")
        assert showing.given == ("channel", "line_width", "polarity")

    @pytest.mark.parametrize(("width", "seen"), [(0.5, "2"), (50.0, "10")])
    def test_a_width_that_no_scale_brings_to_that_of_mirrors_is_said(self, width, seen):
        notes = showing_of(replace(RAW, line_width=width), [Photograph()], (), None).notes
        assert notes[1].startswith(f"They see lines {seen} pixels wide, not 6.2")

    def test_what_was_given_holds(self):
        before = Showing(3.0, -1, "red", ("channel", "line_width", "polarity"))
        assert showing_of(RAW, [Photograph()], (), before) == before

    def test_auto_takes_back_the_polarity_that_was_given(self):
        before = Showing(3.0, -1, "red", ("line_width", "polarity"))
        showing = showing_of(replace(RAW, polarity=0), [Photograph()], (), before)
        assert (showing.polarity, showing.given) == (1, ("line_width",))

    @pytest.mark.parametrize(("then", "holds"), [(7.5, True), (8.6, True), (5.0, False)])
    def test_a_width_that_was_measured_holds_if_it_is_about_the_same(self, then, holds):
        found = showing_of(RAW, [Photograph(8)], (), Showing(then)).line_width
        assert (found == then) is holds

    @pytest.mark.parametrize(("contrast", "channel"), [((0.3, 0.3, 0.3), "green"), ((0.3, 0, 0), "red")])
    def test_a_colour_that_was_found_holds_unless_another_is_clearly_better(self, contrast, channel):
        assert showing_of(RAW, [Photograph(contrast=contrast)], (), Showing(8, 1, "green")).channel == channel

    def test_without_drawings_all_stays_as_it_was(self):
        before = Showing(11.0, -1, "green")
        assert showing_of(RAW, [Photograph(drawn=False)], (), before) == before

    def test_auto_looks_anew_without_drawings_too(self):
        before = Showing(11.0, -1, "green", ("polarity",))
        showing = showing_of(replace(RAW, polarity=0), [Photograph(drawn=False)], (), before)
        assert (showing.polarity, showing.given) == (1, ())


class TestShowing:
    @pytest.mark.parametrize(("width", "scale"), [(6.19, 1), (6.1, 1), (0.5, 4.0), (100, 0.2)])
    def test_scales_have_limits_and_images_of_about_the_right_size_stay_as_they_are(self, width, scale):
        assert Showing(width).scale == scale

    def test_it_comes_back_from_json(self):
        showing = Showing(4.2, -1, "green", ("polarity",))
        assert Showing.of_json(showing.as_json()) == showing
