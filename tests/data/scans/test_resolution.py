"""A scan's resolution: given, or stated by its first map; doubted where an editor may have written it."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.io.tiffs import MapHeader
from data.scans.resolution import resolution_of


def headers(*dpi: float | None, shape=(2000, 3000)):
    """Return headers of as many maps, A_0.tif and so on."""
    return {
        Path(f"A_{number}.tif"): MapHeader(shape, "float32", value and value / 25.4, "TIFF tag XResolution")
        for number, value in enumerate(dpi)
    }


class TestWhoSaysIt:
    def test_the_first_map_without_an_option(self):
        found = resolution_of(headers(1016), None)
        assert (found.pixels_per_mm, found.source, found.remarks) == (40, "TIFF tag XResolution", ())

    def test_an_option_goes_before_the_file_and_the_difference_is_said(self):
        found = resolution_of(headers(72), 1016)
        assert (found.pixels_per_mm, found.source) == (40, "--dpi")
        assert found.remarks == ("A_0.tif says 72 dots an inch; --dpi 1016 is used instead",)

    def test_an_option_that_the_file_agrees_with_leaves_the_files_own_number(self):
        found = resolution_of(headers(1015.9), 1016)
        assert (found.pixels_per_mm, found.remarks) == (1015.9 / 25.4, ())

    def test_an_option_for_a_file_that_is_silent(self):
        assert resolution_of(headers(None), 1016).pixels_per_mm == 40

    def test_what_was_taken_before_is_for_files_that_are_silent(self):
        assert resolution_of(headers(None), None, 40.0).pixels_per_mm == 40
        assert resolution_of(headers(508), None, 40.0).pixels_per_mm == 20

    def test_nobody(self):
        assert resolution_of(headers(None), None).pixels_per_mm is None

    def test_an_option_given_before_is_said_to_be(self):
        (remark,) = resolution_of(headers(72), 1016, earlier=True).remarks
        assert remark == "A_0.tif says 72 dots an inch; --dpi 1016, as given before, is used instead"


class TestDoubts:
    @pytest.mark.parametrize("dpi", [72, 96, 150, 72.009])
    def test_what_editors_write_is_questioned_since_no_line_could_be_seen(self, dpi):
        (remark,) = resolution_of(headers(dpi, shape=(200, 300)), None).remarks
        assert f"A_0.tif says {dpi:.4g} dots an inch, which image editors write by default" in remark
        assert "give the true resolution with --dpi" in remark

    @pytest.mark.parametrize(("shape", "doubted"), [((4700, 4000), False), ((4800, 4000), True)])
    def test_300_dots_an_inch_are_questioned_where_no_mirror_is_so_long(self, shape, doubted):
        assert bool(resolution_of(headers(300, shape=shape), None).remarks) == doubted

    @pytest.mark.parametrize("dpi", [100, 254, 600, 1016, 1200])
    def test_others_are_not(self, dpi):
        assert resolution_of(headers(dpi, shape=(9000, 7000)), None).remarks == ()

    def test_another_map_of_the_view_that_says_otherwise_is_named(self):
        (remark,) = resolution_of(headers(1016, 508), None).remarks
        assert remark.startswith("A_1.tif says 508 dots an inch, but A_0.tif, which is used, 1016 dots an inch")

    def test_with_an_option_no_other_map_matters(self):
        found = resolution_of(headers(1016, 72), 1016)
        assert (found.pixels_per_mm, found.remarks) == (40, ())
