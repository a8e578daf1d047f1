"""Photographs of many bits are shown between 0 and 1, and what was made of their values is said."""

from __future__ import annotations

import numpy as np
import pytest
import tifffile
from numpy.testing import assert_allclose, assert_array_equal

from data.errors import DataError
from data.images import read_grey, read_photograph, read_picture
from tests.data.conftest import write_png


class TestScaling:
    @pytest.mark.parametrize(("bits", "largest"), [(8, 255), (10, 1023), (12, 4095), (14, 16383)])
    @pytest.mark.parametrize("suffix", [".png", ".tif"])
    def test_fewer_bits_in_sixteen_keep_their_levels_and_it_is_said(self, tmp_path, bits, largest, suffix):
        values = np.linspace(0, largest, 2400).round().astype(np.uint16).reshape(40, 60)
        photograph = read_photograph(write_png(tmp_path / f"p{suffix}", values), 1)
        assert_allclose(photograph.planes[0], values / largest, atol=1e-7)
        note = f"{tmp_path / f'p{suffix}'}: of its 16 bits {bits} are in use, so {largest} is taken for white"
        assert photograph.notes == (note,)
        picture = read_picture(tmp_path / f"p{suffix}")
        assert (picture.bits, picture.effective_bits) == (16, bits)

    def test_sixteen_bits_in_sixteen_are_taken_as_they_are(self, tmp_path):
        values = np.linspace(0, 65535, 2400).round().astype(np.uint16).reshape(40, 60)
        photograph = read_photograph(write_png(tmp_path / "p.png", values), 1)
        assert_allclose(photograph.planes[0], values / 65535, atol=1e-7)
        assert photograph.notes == ()

    def test_colours_are_scaled_together(self, tmp_path):
        values = np.zeros((4, 5, 3), np.uint16)
        values[..., 0], values[..., 2] = 4095, 819  # blue and red, as OpenCV stores them
        photograph = read_photograph(write_png(tmp_path / "p.png", values), 3)
        assert photograph.planes[:, 0, 0] == pytest.approx([0.2, 0, 1])

    @pytest.mark.parametrize("planes", [1, 3])
    def test_an_opaque_alpha_channel_hides_no_unused_bits(self, tmp_path, planes):
        values = np.full((4, 5, 4), 65535, np.uint16)
        values[..., :3] = 4095
        values[0, 0, :3] = 0
        photograph = read_photograph(write_png(tmp_path / "p.png", values), planes)
        assert photograph.planes[:, 1, 1] == pytest.approx(np.ones(planes))

    def test_shares_of_white_are_kept(self, tmp_path):
        values = np.linspace(0.1, 0.6, 100).astype(np.float32).reshape(10, 10)
        tifffile.imwrite(tmp_path / "p.tif", values)
        photograph = read_photograph(tmp_path / "p.tif", 1)
        assert_array_equal(photograph.planes[0], values)
        assert photograph.notes == ()

    @pytest.mark.parametrize("kind", ["float32", "float64", "int16", "int32"])
    def test_other_numbers_are_spread_between_their_quantiles_and_it_is_said(self, tmp_path, kind):
        values = np.linspace(-2000, 3000, 10000).astype(kind).reshape(100, 100)
        tifffile.imwrite(tmp_path / "p.tif", values)
        photograph = read_photograph(tmp_path / "p.tif", 1)
        assert_allclose(photograph.planes[0], np.clip((values + 1995.0) / 4990, 0, 1), atol=1e-3)
        assert photograph.notes[0].startswith(f"{tmp_path / 'p.tif'}: {kind} values, of which -199")

    @pytest.mark.parametrize("hole", [np.nan, -9999.0, np.inf])
    def test_pixels_without_a_value_take_no_range_and_become_the_mean(self, tmp_path, hole):
        values = np.linspace(0, 1, 10000).astype(np.float32).reshape(100, 100)
        values[50, :3] = hole
        tifffile.imwrite(tmp_path / "p.tif", values, extratags=[(42113, "s", 0, "-9999", True)])
        photograph = read_photograph(tmp_path / "p.tif", 1)
        assert_allclose(photograph.planes[0][50, :3], 0.5, atol=1e-2)
        assert_array_equal(photograph.planes[0][:50], values[:50])
        assert "3 values are missing" in photograph.notes[0]

    @pytest.mark.parametrize(
        ("gap", "kind"),
        [(gap, kind) for gap in (-1, -9999, -32768) for kind in ("float32", "float64", "int16", "int32")]
        + [(gap, kind) for gap in (-3.4028235e38, 3.4028235e38) for kind in ("float32", "float64")],
    )
    def test_a_number_that_no_light_has_is_no_value_though_no_tag_says_so(self, tmp_path, gap, kind):
        values = np.linspace(0, 3000, 10000).astype(kind).reshape(100, 100)
        values[40:50] = gap
        tifffile.imwrite(tmp_path / "p.tif", values)
        photograph = read_photograph(tmp_path / "p.tif", 1)
        assert_allclose(photograph.planes[0][:40], values[:40] / 4095, atol=1e-6)
        assert np.ptp(photograph.planes[0][40:50]) == 0
        assert "1000 values are missing" in photograph.notes[-1]

    def test_several_negative_numbers_are_values(self, tmp_path):
        values = np.linspace(-5, 5, 10000).astype(np.float32).reshape(100, 100)
        tifffile.imwrite(tmp_path / "p.tif", values)
        assert not any("missing" in note for note in read_photograph(tmp_path / "p.tif", 1).notes)

    def test_a_spike_takes_no_range(self, tmp_path):
        values = np.linspace(0, 100, 10000).astype(np.float32).reshape(100, 100)
        values[0, 0] = 1e9
        tifffile.imwrite(tmp_path / "p.tif", values)
        assert_allclose(read_grey(tmp_path / "p.tif").ravel()[1:], values.ravel()[1:] / 255, atol=1e-6)

    @pytest.mark.parametrize("kind", ["float32", "float64", "int16", "int32", "uint32"])
    @pytest.mark.parametrize(("brightest", "white"), [(60, 255), (255, 255), (900, 1023), (3000, 4095), (9000, 16383)])
    def test_photographs_of_one_set_have_one_scale_however_bright_each_is(self, tmp_path, kind, brightest, white):
        values = np.linspace(brightest / 2, brightest, 10000).astype(kind).reshape(100, 100)
        tifffile.imwrite(tmp_path / "p.tif", values)
        photograph = read_photograph(tmp_path / "p.tif", 1)
        assert_allclose(photograph.planes[0], values / white, atol=1e-6)
        note = f"{tmp_path / 'p.tif'}: {kind} values, of which 0 is taken for black and {white} for white"
        assert photograph.notes == (note,)

    @pytest.mark.parametrize(
        ("kind", "white"),
        [("float32", 65535), ("int16", 32767), ("int32", 65535), ("uint32", 65535), ("uint32", 2**32 - 1)],
    )
    def test_the_largest_scale_is_that_of_sixteen_bits_or_of_the_type(self, tmp_path, kind, white):
        values = np.linspace(0.5 * white, 0.9 * white, 10000).astype(kind).reshape(100, 100)
        tifffile.imwrite(tmp_path / "p.tif", values)
        assert_allclose(read_grey(tmp_path / "p.tif"), values / white, atol=1e-6)

    @pytest.mark.parametrize("brightest", [3.0, 1e6])
    def test_values_of_no_full_scale_are_spread_between_their_quantiles(self, tmp_path, brightest):
        values = np.linspace(brightest / 2, brightest, 10000).astype(np.float32).reshape(100, 100)
        tifffile.imwrite(tmp_path / "p.tif", values)
        assert_allclose(read_grey(tmp_path / "p.tif"), np.linspace(0, 1, 10000).reshape(100, 100), atol=2e-3)

    def test_the_overshoot_of_resampled_edges_takes_no_range(self, tmp_path):
        values = np.linspace(0, 1, 10000).astype(np.float32).reshape(100, 100)
        values[0, :5], values[99, -5:] = [-0.05, -0.04, -0.03, -0.02, -0.01], 1.05
        tifffile.imwrite(tmp_path / "p.tif", values)
        assert_allclose(read_grey(tmp_path / "p.tif"), np.clip(values, 0, 1), atol=1e-6)

    def test_a_picture_without_any_value_is_refused(self, tmp_path):
        tifffile.imwrite(tmp_path / "p.tif", np.full((4, 5), np.nan, np.float32))
        with pytest.raises(DataError, match=r"p\.tif: no pixel has a value; export"):
            read_grey(tmp_path / "p.tif")
