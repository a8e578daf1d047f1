"""What counts as missing: numbers that stand for "no value", and what robust limits rule out; never sound relief."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.testing import assert_array_equal

from data.preparing.channels import prepare_albedo, prepare_depth, prepare_normals, prepare_published_depth
from data.preparing.missing import GAP_VALUES, Stored
from data.preparing.streaming_statistics import MapError, Missing
from tests.data.conftest import Raw

SIDE = 256
PIXELS_PER_MM = 40.0
ON_OBJECT = np.zeros((SIDE, SIDE), bool)
ON_OBJECT[8:-8, 8:-8] = True
GAPS = np.zeros((SIDE, SIDE), bool)  # four patches of 4 x 4 pixels, on the object and off the lines
for row, column in ((40, 100), (60, 200), (200, 40), (220, 220)):
    GAPS[row : row + 4, column : column + 4] = True
STORED = Stored({value: value for value in GAP_VALUES})


def noise(deviation: float) -> np.ndarray:
    return np.random.default_rng(0).normal(0, deviation, (SIDE, SIDE)).astype(np.float32)


def engraved() -> np.ndarray:
    """Return a rough plate with two lines 0.05 mm deep, (H, W) float32."""
    lines = np.zeros((SIDE, SIDE), np.uint8)
    cv2.circle(lines, (85, 128), 42, 1, 6)
    cv2.line(lines, (196, 128), (226, 78), 1, 6)
    return cv2.GaussianBlur(noise(0.01), (0, 0), 1.5) - 0.05 * cv2.GaussianBlur(lines.astype(np.float32), (0, 0), 2)


def with_gaps(value: float, where: np.ndarray = GAPS) -> np.ndarray:
    return np.where(where, np.float32(value), engraved())


def prepared(depth: np.ndarray, mask: np.ndarray = ON_OBJECT, stored: Stored = STORED):
    """Return prepared depth, computed whole, and what was missing."""
    result = prepare_depth(Raw(depth[None]), mask, PIXELS_PER_MM, stored=stored)
    return result.rows(0, len(depth))[0], result.missing


class TestGapValues:
    @pytest.mark.parametrize("value", GAP_VALUES)
    def test_each_is_missing_where_it_stands_apart_and_is_named(self, value):
        values, missing = prepared(with_gaps(value))
        assert_array_equal(values, prepared(with_gaps(np.nan))[0])
        assert missing == (Missing(64, f"of the value {value:.9g}"),)

    def test_one_that_lies_among_the_others_is_a_value(self):
        depth = engraved() * 1e5  # in hundredths of a micrometre: from -5000 or so to 500
        depth[100, 100] = -999
        assert prepared(depth)[1] == ()

    def test_however_many_there_are_they_are_named_and_refused(self):
        where = np.zeros((SIDE, SIDE), bool)
        where[60:200, 60:200] = True
        with pytest.raises(
            MapError, match=r"34% of the object has no value \(19600 pixels of the value -9999\); up to 5%"
        ):
            prepared(with_gaps(-9999, where))

    def test_the_number_is_named_as_it_stands_in_the_file(self):
        integers = Stored({0.0: 0.0, 65535.0: 1.0}, factor=65535.0)
        depth = (0.5 + engraved()).astype(np.float32)
        depth[GAPS] = 0
        assert prepared(depth, stored=integers)[1] == (Missing(64, "of the value 0"),)

    def test_a_nought_next_to_the_least_value_is_a_value(self):
        depth = engraved()
        depth = (depth - depth[ON_OBJECT].min()) / np.ptp(depth[ON_OBJECT])
        assert prepared(depth.astype(np.float32), stored=Stored({0.0: 0.0, 1.0: 1.0}))[1] == ()

    def test_what_the_file_itself_declares_is_named_apart_from_what_is_not_finite(self):
        depth = with_gaps(np.nan)
        depth[100, 200] = np.nan
        declared = {"of the value -1 (GDAL_NODATA tag)": GAPS}
        stored = Stored(undefined=lambda top, bottom: {why: where[top:bottom] for why, where in declared.items()})
        assert prepared(depth, stored=stored)[1] == (
            Missing(64, "of the value -1 (GDAL_NODATA tag)"),
            Missing(1, "without a finite value"),
        )


class TestLimits:
    def test_numbers_that_no_height_has_are_missing_and_the_limits_named(self):
        values, missing = prepared(with_gaps(-12345678))
        assert_array_equal(values, prepared(with_gaps(np.nan))[0])
        (only,) = missing
        assert only.pixels == 64
        assert only.why.startswith("outside [-")

    @pytest.mark.parametrize("value", [-0.5, 0.5, 2.0, -30.0])
    def test_small_patches_far_out_of_the_relief_are_spikes(self, value):
        values, missing = prepared(with_gaps(value))
        assert_array_equal(values, prepared(with_gaps(np.nan))[0])
        assert missing == (Missing(64, "in spikes out of the relief"),)

    @pytest.mark.parametrize("value", [-9999, -3.4e38, 1e38, 1e6, -1])
    def test_one_pixel_does_not_flatten_the_map(self, value):
        one = np.zeros((SIDE, SIDE), bool)
        one[128, 200] = True
        clean, harmed = prepared(engraved())[0], prepared(with_gaps(value, one))[0]
        assert np.abs(harmed - clean)[~one].max() < 0.02

    def test_a_spike_inside_a_ring_of_deeper_ground_is_found_and_the_ring_kept(self):
        depth = engraved()
        cv2.circle(depth, (128, 128), 110, -0.4, 12)
        depth[128, 128] = 30
        assert prepared(depth)[1] == (Missing(1, "in spikes out of the relief"),)

    def test_what_is_missing_off_the_object_is_not_counted(self):
        assert prepared(with_gaps(-9999, ~ON_OBJECT))[1] == ()

    def test_the_published_preparation_rules_them_out_too(self):
        def published(depth):
            return prepare_published_depth(Raw(depth[None]), PIXELS_PER_MM, stored=STORED).rows(0, SIDE)

        assert_array_equal(published(with_gaps(-9999)), published(with_gaps(np.nan)))

    def test_two_reasons_are_counted_apart(self):
        depth = with_gaps(-9999)
        depth[100:102, 200] = np.nan
        assert prepared(depth)[1] == (Missing(2, "without a finite value"), Missing(64, "of the value -9999"))


def plate_with_one_line():
    depth = np.zeros((SIDE, SIDE), np.float32)
    depth[120:132, 40:200] = -0.1
    return depth


def plate_with_a_hairline():
    depth = 1e-4 * np.mgrid[:SIDE, :SIDE][1].astype(np.float32)
    depth[128:130, 40:200] -= 0.1
    return depth


def plate_with_a_step():
    depth = noise(0.001)
    depth[:, 240:] -= 3  # the table, where the mask is drawn too large
    return depth


def plate_with_punched_dots():
    depth = noise(0.002)
    for column in range(30, 230, 40):
        cv2.circle(depth, (column, 128), 8, -0.05, -1)
    return depth


def plate_with_a_hole():
    depth = noise(0.002)
    cv2.circle(depth, (128, 128), 40, -4.0, -1)  # 2 mm wide, for a nail
    return depth


def tilted_plate():
    return (engraved() + 0.05 * np.mgrid[:SIDE, :SIDE][0]).astype(np.float32)


class TestSoundRelief:
    @pytest.mark.parametrize(
        "relief",
        [
            engraved,
            plate_with_one_line,
            plate_with_a_hairline,
            plate_with_a_step,
            plate_with_punched_dots,
            plate_with_a_hole,
            tilted_plate,
        ],
    )
    @pytest.mark.parametrize("unit", [1, 1000, 1e-3])  # millimetres, micrometres, metres
    def test_nothing_of_it_is_ruled_out(self, relief, unit):
        assert prepared(relief() * np.float32(unit))[1] == ()

    def test_of_too_few_pixels_no_limit_is_known(self):
        depth = np.random.default_rng(0).random((7, 7), np.float32)
        depth[3, 3] = 1e9
        assert prepared(depth, np.ones((7, 7), bool))[1] == ()


class TestNormals:
    @staticmethod
    def prepared(normals):
        result = prepare_normals(Raw(normals), ON_OBJECT, PIXELS_PER_MM)
        return result.rows(0, SIDE), result.missing

    @staticmethod
    def leaning():
        """Return unit normals that all lean to the right, (3, H, W)."""
        return np.full((SIDE, SIDE, 3), (0.6, 0, 0.8), np.float32).transpose(2, 0, 1).copy()

    @pytest.mark.parametrize("nothing", [(0, 0, 0), (-1, -1, -1), (1e-5, 1e-5, 1e-5)])  # float; 0, 32767 of uint16
    def test_zero_vectors_are_nothing_measured_and_take_the_direction_around(self, nothing):
        normals = self.leaning()
        normals[:, GAPS] = np.array(nothing, np.float32)[:, None]
        values, missing = self.prepared(normals)
        np.testing.assert_allclose(values, self.prepared(self.leaning())[0], atol=1e-5)
        assert missing == (Missing(64, "of zeros, so without a direction"),)

    def test_a_gap_value_is_no_direction(self):
        normals = self.leaning()
        normals[:, GAPS] = -9999
        values, missing = self.prepared(normals)
        np.testing.assert_allclose(values, self.prepared(self.leaning())[0], atol=1e-5)
        assert missing == (Missing(64, "of vectors longer than 100"),)

    def test_lengths_that_differ_are_sound(self):
        normals = self.leaning() * np.random.default_rng(0).uniform(0.1, 3, (SIDE, SIDE)).astype(np.float32)
        assert self.prepared(normals)[1] == ()


class TestAlbedo:
    @staticmethod
    def prepared(albedo, gaps=GAP_VALUES):
        stored = Stored({value: value for value in gaps})
        result = prepare_albedo(Raw(albedo[None]), ON_OBJECT, PIXELS_PER_MM, stored=stored)
        return result.rows(0, SIDE)[0], result.missing

    @pytest.mark.parametrize("value", [-9999, 1e38, -3.4e38, 1e7])
    def test_a_hot_pixel_does_not_darken_the_object(self, value):
        albedo = 0.4 + noise(0.05)
        clean = self.prepared(albedo)[0]
        albedo[100, 100] = value
        values, missing = self.prepared(albedo)
        assert missing[0].pixels == 1
        assert np.abs(values - clean)[albedo != np.float32(value)].max() < 1e-3

    def test_a_black_spot_is_sound(self):
        albedo = 0.4 + noise(0.05)
        albedo[GAPS] = 0
        assert self.prepared(albedo)[1] == ()
