"""From raw maps to what networks see: grooves dark, the table without a say, gaps filled up to a share."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal

from data.preparing.channels import (
    MAX_FILLED_FRACTION,
    halve,
    halve_mask,
    prepare_albedo,
    prepare_depth,
    prepare_normals,
    prepare_published_depth,
)
from data.preparing.streaming_statistics import MapError, strips
from tests.data.conftest import GROOVE, OBJECT, SHAPE, Raw, masked, relief

PIXELS_PER_MM = 10.0
ON_OBJECT = masked(OBJECT)
EVERYWHERE = np.ones(SHAPE, bool)
maps = arrays(np.float32, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.floats(0, 1, width=32))


@dataclass
class Whole:
    """A prepared map, computed whole."""

    values: np.ndarray
    filled_fraction: float


def computed(result):
    return Whole(result.rows(0, result.shape[1]), result.filled_fraction)


def prepared(depth, mask=ON_OBJECT, pixels_per_mm=PIXELS_PER_MM):
    return computed(prepare_depth(Raw(depth[None]), mask, pixels_per_mm))


def prepared_planes(depth, mask):
    return prepared(depth[0], mask)


def prepared_normals(normals, mask=ON_OBJECT):
    return computed(prepare_normals(Raw(normals), mask, PIXELS_PER_MM))


def prepared_albedo(albedo, mask=ON_OBJECT):
    return computed(prepare_albedo(Raw(albedo), mask, PIXELS_PER_MM))


def spelt_out(depth, mask, sigma):
    """High-passed depth by whole maps and a plain blur, as the formula says."""
    relief = np.where(mask, depth, 0).astype(np.float64)
    relief -= mask * depth[mask].mean()
    blur, weight = (
        cv2.GaussianBlur(plane, (0, 0), sigma, borderType=cv2.BORDER_CONSTANT)
        for plane in (relief, mask.astype(np.float64))
    )
    relief = np.where(mask, relief - blur / np.maximum(weight, 1e-3), 0)
    mean, deviation = relief[mask].mean(), relief[mask].std()
    return np.where(mask, np.clip((relief - mean) / (6 * deviation) + 0.5, 0, 1), 0.5)


class TestDepth:
    def test_an_engraved_groove_reads_dark(self):
        values = prepared(relief()).values[0]
        groove = masked(GROOVE)
        assert values[groove].max() < 0.3
        assert values[groove].max() < values[ON_OBJECT & ~groove].min()

    def test_the_plates_slope_and_height_are_taken_off(self):
        rows, columns = np.mgrid[: SHAPE[0], : SHAPE[1]]
        away_from_the_edge = (slice(18, 26), slice(18, 46))
        bent = prepared((relief() + 0.01 * rows - 0.02 * columns + 7).astype(np.float32)).values[0][away_from_the_edge]
        assert_array_equal(bent < 0.4, masked(GROOVE)[away_from_the_edge])

    def test_values_lie_between_nought_and_one_and_half_is_the_mean(self):
        values = prepared(np.random.default_rng(0).normal(size=SHAPE).astype(np.float32)).values
        on_object = values[0][ON_OBJECT]
        assert (values.dtype, values.shape) == (np.float32, (1, *SHAPE))
        assert on_object.mean() == pytest.approx(0.5, abs=0.005)
        assert on_object.std() == pytest.approx(1 / 6, abs=0.005)

    def test_what_is_beyond_three_deviations_is_clipped(self):
        depth = relief()
        depth[30, 20], depth[30, 40] = 0.4, -0.4
        values = prepared(depth).values[0]
        assert (values[30, 20], values[30, 40]) == (1, 0)

    def test_the_table_has_no_say_in_what_is_on_the_object(self):
        table = np.where(ON_OBJECT, relief(), np.random.default_rng(0).normal(500, 90, SHAPE)).astype(np.float32)
        assert_array_equal(prepared(table).values, prepared(relief()).values)

    def test_off_the_object_the_ground_is_even(self):
        assert_array_equal(prepared(relief()).values[0][~ON_OBJECT], 0.5)

    def test_the_objects_edge_is_no_line(self):
        level = np.random.default_rng(0).normal(0, 0.01, SHAPE).astype(np.float32)
        values = prepared(np.where(ON_OBJECT, level, level - 50)).values[0]
        rim = ON_OBJECT & ~masked((slice(5, 43), slice(5, 59)))
        assert values[rim].mean() == pytest.approx(0.5, abs=0.02)

    def test_the_blurs_width_is_a_millimetre_whatever_the_resolution(self):
        fine = prepared(relief(), EVERYWHERE).values[0]
        twice = prepared(relief().repeat(2, 0).repeat(2, 1), np.ones((96, 128), bool), 2 * PIXELS_PER_MM)
        assert_allclose(halve(twice.values[0]), fine, atol=0.02)

    def test_missing_values_off_the_object_are_normal(self):
        depth = np.where(ON_OBJECT, relief(), np.float32(np.nan))
        result = prepared(depth)
        assert_array_equal(result.values, prepared(relief()).values)
        assert result.filled_fraction == 0

    @pytest.mark.parametrize("gap", [np.nan, np.inf, -np.inf])
    def test_a_few_missing_values_on_the_object_are_filled(self, gap):
        depth = relief()
        depth[30:32, 30:35] = gap
        result = prepared(depth)
        assert result.filled_fraction == 10 / ON_OBJECT.sum()
        assert np.isfinite(result.values).all()

    @pytest.mark.parametrize("mask", [ON_OBJECT, EVERYWHERE])
    @pytest.mark.parametrize("height", [0, 0.1, -0.9544816, 3.6317892])
    def test_a_constant_depth_is_refused(self, mask, height):
        with pytest.raises(MapError, match="constant"):
            prepared(np.full(SHAPE, height, np.float32), mask)

    @pytest.mark.parametrize(("shape", "height"), [((35, 388), 3.6317892), ((211, 519), -0.8534415)])
    def test_a_constant_depth_is_refused_where_its_mean_is_rounded(self, shape, height):
        mask = np.zeros(shape, bool)
        mask[3:-3, 4:-7] = True
        with pytest.raises(MapError, match="constant"):
            prepared(np.full(shape, height, np.float32), mask, 4.0)

    def test_a_flat_object_is_refused_though_the_table_is_rough(self):
        table = np.random.default_rng(0).normal(size=SHAPE).astype(np.float32)
        with pytest.raises(MapError, match="constant"):
            prepared(np.where(ON_OBJECT, np.float32(2), table))

    def test_the_raw_map_is_left_as_it_was(self):
        depth = relief()
        prepared(depth)
        assert_array_equal(depth, relief())

    @pytest.mark.parametrize("sigma", [3.0, 10.0, 40.0])
    def test_it_is_the_published_formula_though_the_blur_is_made_on_blocks(self, sigma):
        rng = np.random.default_rng(0)
        depth = cv2.GaussianBlur(rng.normal(size=(701, 523)).astype(np.float32), (0, 0), 4) + rng.random() * 5
        rows, columns = np.mgrid[:701, :523]
        mask = np.hypot(rows - 350, columns - 300) < 330  # cut off by the image's right edge
        depth = (depth + 1e-5 * (columns - 260) ** 2).astype(np.float32)
        off = np.abs(prepared(depth, mask, sigma).values[0] - spelt_out(depth, mask, sigma))
        assert np.sqrt(np.square(off[mask]).mean()) < 0.002 / 6  # 0.2 % of the relief's deviation
        assert off.max() < 0.01  # where the image cuts the object off

    @pytest.mark.parametrize("rows", [1, 7, 100, 256])
    def test_rows_are_the_same_however_many_are_asked_for(self, rows):
        depth = np.random.default_rng(0).normal(size=(600, 90)).astype(np.float32)
        mask = np.ones((600, 90), bool)
        result = prepare_depth(Raw(depth[None]), mask, 40.0)
        parts = [result.rows(top, bottom) for top, bottom in strips(600, rows)]
        assert_allclose(np.concatenate(parts, axis=1), result.rows(0, 600), atol=1e-6)


class TestPublishedDepth:
    def test_it_fills_its_range_over_the_whole_image(self):
        depth = np.where(ON_OBJECT, relief(), relief() + 3)
        values = computed(prepare_published_depth(Raw(depth[None]), PIXELS_PER_MM)).values
        ours = prepared(depth, EVERYWHERE, PIXELS_PER_MM * 25.4 / 25).values
        assert (values.min(), values.max()) == (0, 1)
        assert ours.max() < 1  # the table's edge reaches three deviations downwards only
        assert_allclose(values, (ours - ours.min()) / (ours.max() - ours.min()), atol=1e-6)

    def test_what_is_missing_is_left_out_however_much_it_is(self):
        depth = np.where(ON_OBJECT, relief(), np.float32(np.nan))
        values = computed(prepare_published_depth(Raw(depth[None]), PIXELS_PER_MM))
        assert np.isfinite(values.values).all()
        assert values.filled_fraction == pytest.approx(1 - ON_OBJECT.mean())
        assert values.values[0][masked(GROOVE)].max() < values.values[0][ON_OBJECT & ~masked(GROOVE)].min()


def level() -> np.ndarray:
    """Return normals that face the camera, (3, H, W)."""
    normals = np.zeros((3, *SHAPE), np.float32)
    normals[2] = 1
    return normals


class TestNormals:
    def test_they_get_unit_length_and_signed_components_become_nought_to_one(self):
        normals = level()
        normals[:, 20, 20] = (-3, 4, 0)
        assert_allclose(prepared_normals(normals).values[:, 20, 20], [0.2, 0.9, 0.5], atol=1e-6)

    def test_none_is_turned_away_from_the_camera(self):
        normals = level()
        normals[:, 20, 20] = (0.6, 0, -0.8)
        assert_allclose(prepared_normals(normals).values[:, 20, 20], [1, 0.5, 0.5], atol=1e-6)

    def test_off_the_object_they_face_the_camera(self):
        normals = level()
        normals[0] = 1
        assert_array_equal(prepared_normals(normals).values[:, 0, 0], [0.5, 0.5, 1])

    def test_one_turned_wholly_away_is_level(self):
        normals = level()
        normals[:, 20, 20] = (0, 0, -1)
        assert_array_equal(prepared_normals(normals).values[:, 20, 20], [0.5, 0.5, 1])


class TestAlbedo:
    def test_the_objects_mean_becomes_a_half_whatever_the_table(self):
        albedo = np.where(ON_OBJECT, np.float32(3), np.float32(900))[None]
        albedo[0, 20, :] *= 1.5
        values = prepared_albedo(albedo).values
        assert values[0][ON_OBJECT].mean() == pytest.approx(0.5, abs=1e-6)
        assert values[0, 20, 20] / values[0, 21, 20] == pytest.approx(1.5)
        assert_array_equal(values[0][~ON_OBJECT], 0.5)

    def test_a_black_map_is_refused(self):
        with pytest.raises(MapError, match="nowhere above zero"):
            prepared_albedo(np.zeros((1, *SHAPE), np.float32))


class TestFilling:
    def test_a_gap_takes_the_mean_of_the_object_around_it_and_never_the_tables(self):
        albedo = np.where(ON_OBJECT, np.float32(2), np.float32(900))[None]
        albedo[0, 4:44, 30:] = np.where(ON_OBJECT[4:44, 30:], 4, 900)
        albedo[0, 20:22, 8:10] = albedo[0, 20:22, 50:52] = np.nan
        values = prepared_albedo(albedo).values[0]
        assert values[20:22, 8:10] == pytest.approx(values[10, 8], rel=0.05)
        assert values[20:22, 50:52] == pytest.approx(values[10, 50], rel=0.05)

    def test_a_gap_in_the_depth_is_level_ground(self):
        depth = relief()
        depth[30:32, 30:35] = np.nan
        values = prepared(depth).values[0]
        assert len(set(values[30:32, 30:35].ravel().tolist())) == 1
        assert values[30, 30] == pytest.approx(0.5, abs=0.2)

    def test_a_pixel_is_missing_in_all_planes_if_in_one(self):
        normals = np.zeros((3, *SHAPE), np.float32)
        normals[0] = 1
        normals[:, 20, 20] = (np.nan, 0, 1)
        assert_allclose(prepared_normals(normals).values[:, 20, 20], [1, 0.5, 0.5], atol=1e-5)

    @pytest.mark.parametrize(
        "prepare", [prepared_albedo, prepared_normals, lambda planes, mask: prepared(planes[0], mask)]
    )
    @pytest.mark.parametrize(("missing", "refused"), [(5, False), (6, True)])
    def test_a_share_up_to_the_limit_is_filled_and_more_refused(self, prepare, missing, refused):
        assert MAX_FILLED_FRACTION == 0.05
        values = np.random.default_rng(0).random((3 if prepare is prepared_normals else 1, 10, 10), np.float32)
        values[:, 0, :missing] = np.nan
        if refused:
            with pytest.raises(MapError, match="6% of the object"):
                prepare(values, np.ones((10, 10), bool))
        else:
            result = prepare(values, np.ones((10, 10), bool))
            assert np.isfinite(result.values).all()
            assert result.filled_fraction == pytest.approx(0.05)

    def test_an_empty_mask_is_refused(self):
        with pytest.raises(MapError, match="no object"):
            prepared(np.ones((4, 4), np.float32), np.zeros((4, 4), bool))


class TestHalving:
    def test_four_pixels_become_their_mean(self):
        assert_array_equal(halve(np.float32([[1, 2, 5, 5], [3, 6, 5, 9]])), [[3, 6]])

    def test_of_an_odd_size_the_last_row_and_column_stand_twice(self):
        assert_array_equal(halve(np.float32([[1, 3, 5], [1, 3, 7], [2, 2, 9]])), [[2, 6], [2, 9]])

    @given(maps)
    def test_sizes_are_rounded_up_and_no_value_leaves_the_range(self, values):
        half = halve(values)
        assert half.shape == (-(-values.shape[0] // 2), -(-values.shape[1] // 2))
        assert values.min() <= half.min() + 1e-6
        assert half.max() <= values.max() + 1e-6

    def test_planes_are_halved_one_by_one(self):
        values = np.random.default_rng(0).random((3, 6, 7), dtype=np.float32)
        assert_array_equal(halve(values), np.stack([halve(plane) for plane in values]))

    def test_a_mask_is_set_where_at_least_half_of_four_are(self):
        mask = np.array([[0, 1, 1, 1, 0, 0], [0, 0, 0, 0, 1, 1]], bool)
        assert_array_equal(halve_mask(mask), [[False, True, True]])
