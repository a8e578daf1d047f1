"""What the tags and pages of a TIFF say of a map: resolution, missing values, orientation, which picture is meant."""

from __future__ import annotations

import numpy as np
import pytest
import tifffile
from numpy.testing import assert_allclose, assert_array_equal
from PIL import Image, ImageOps

from data.errors import DataError
from data.io.tiffs import open_map, pixels_per_mm, read_header, read_map, require_resolution
from tests.data.conftest import write_with_mask
from tests.data.io.tiff_maps import DEPTH, unit_vectors


class TestResolution:
    @pytest.mark.parametrize(("dots", "unit"), [(1016, "INCH"), (400, "CENTIMETER")])
    def test_dots_an_inch_and_a_centimetre_are_told_apart(self, tif, dots, unit):
        assert pixels_per_mm(tif(DEPTH, resolution=(dots, dots), resolutionunit=unit)) == pytest.approx(40)

    @pytest.mark.parametrize(
        ("dots", "unit"),
        [((1, 1), "INCH"), ((20, 20), "INCH"), ((1016, 1016), "NONE"), ((4e6, 4e6), "INCH"), ((1016, 508), "INCH")],
    )
    def test_no_unit_oblong_pixels_and_what_no_scan_can_have_say_nothing(self, tif, dots, unit):
        assert pixels_per_mm(tif(DEPTH, resolution=dots, resolutionunit=unit)) is None

    @pytest.mark.parametrize("dpi", [float("nan"), float("inf"), 0.0, 25.0, 1e6])
    def test_dots_an_inch_that_no_scan_has_are_refused(self, dpi):
        with pytest.raises(DataError, match=r"--dpi .* a scan has 25 to 254000 dots an inch"):
            require_resolution(dpi)

    @pytest.mark.parametrize("dpi", [None, 26.0, 1016.0, 2e5])
    def test_dots_an_inch_of_scans_are_taken(self, dpi):
        require_resolution(dpi)

    def test_a_file_without_the_tag_says_nothing(self, tif):
        assert pixels_per_mm(tif(DEPTH)) is None

    @pytest.mark.parametrize("kept", [0, 4, 8, 100])
    def test_a_file_cut_short_is_refused_by_name(self, tif, kept):
        path = tif(DEPTH)
        path.write_bytes(path.read_bytes()[:kept])
        with pytest.raises(DataError, match=r"map\.tif"):
            pixels_per_mm(path)


class TestNoValue:
    """What GDAL_NODATA declares is missing, whatever the type of the values and the spelling of the tag."""

    @staticmethod
    def tagged(value, spelt, kind="float32"):
        stored = DEPTH.astype(kind) if np.dtype(kind).kind == "f" else np.full(DEPTH.shape, 7, kind)
        stored[3, 4:6] = value
        return stored, [(42113, "s", 0, spelt, True)]

    @pytest.mark.parametrize(
        ("value", "spelt", "kind"),
        [
            (-9999, "-9999", "float32"),
            (-9999, " -9999.0 \n", "float64"),
            (-9999, "-9.999e+03", "float32"),
            (np.finfo(np.float32).min, "-3.4028234663852886e+38", "float32"),
            (np.finfo(np.float32).min, "-3.40282e+38", "float32"),
            (0, "0", "float32"),
            (0, "0", "uint16"),
            (-32768, "-32768", "int16"),
            (255, "255", "uint8"),
            (np.inf, "inf", "float32"),
        ],
    )
    def test_it_is_missing_and_nothing_else_is(self, tif, value, spelt, kind):
        stored, tags = self.tagged(value, spelt, kind)
        path = tif(stored, extratags=tags)
        missing = np.zeros(DEPTH.shape, bool)
        missing[3, 4:6] = True
        assert_array_equal(~np.isfinite(read_map(path, "depth")[0]), missing)
        assert open_map(path, "depth").no_value == pytest.approx(float(value), rel=1e-5)

    def test_what_cannot_be_in_such_numbers_stands_for_nothing(self, tif):
        path = tif(np.zeros((4, 5), np.uint8), extratags=[(42113, "s", 0, "-9999", True)])
        assert np.isfinite(read_map(path, "depth")).all()

    @pytest.mark.parametrize("spelt", ["nan", "NaN", "", "none"])
    def test_a_tag_that_names_no_number_declares_none(self, tif, spelt):
        path = tif(DEPTH, extratags=[(42113, "s", 0, spelt, True)])
        assert open_map(path, "depth").no_value is None
        assert_array_equal(read_map(path, "depth"), DEPTH[None])

    def test_without_the_tag_every_number_is_a_value(self, tif):
        stored, _ = self.tagged(-9999, "")
        assert open_map(tif(stored), "depth").no_value is None
        assert read_map(tif(stored), "depth")[0, 3, 4] == -9999

    def test_values_are_not_taken_from_its_level(self, tif):
        stored = np.array([[-9999, 2e9, 2e9 + 1]])
        opened = open_map(tif(stored, extratags=[(42113, "s", 0, "-9999", True)]), "depth")
        assert_array_equal(opened.from_level(np.ones((1, 3), bool)).rows(0, 1)[0, 0], [np.nan, 0, 1])

    def test_one_plane_of_a_vector_may_have_the_value(self, tif):
        normals = np.zeros((16, 24, 3), np.float32)
        normals[..., 2] = 1  # x and y are 0 throughout
        normals[2, 3] = 0
        path = tif(normals, photometric="rgb", extratags=[(42113, "s", 0, "0", True)])
        assert np.argwhere(np.isnan(read_map(path, "normals")).all(axis=0)).tolist() == [[2, 3]]

    def test_it_has_no_say_in_how_normals_are_stored(self, tif):
        normals = np.moveaxis((unit_vectors(3, 16, 24) + 1) / 2, 0, -1).astype(np.float32)
        expected = normals[-1, -1] * 2 - 1
        normals[:4] = -9999
        path = tif(normals, photometric="rgb", extratags=[(42113, "s", 0, "-9999", True)])
        assert_allclose(read_map(path, "normals")[:, -1, -1], expected, atol=1e-6)


class TestMaskInside:
    VALID = np.ones(DEPTH.shape, bool)
    VALID[3, 4:9] = False

    @pytest.mark.parametrize("kind", ["float32", "uint8", "uint16"])
    def test_what_it_leaves_out_is_missing_and_the_picture_is_read(self, tmp_path, kind):
        stored = DEPTH if kind == "float32" else np.full(DEPTH.shape, 7, kind)
        path = write_with_mask(tmp_path / "map.tif", stored, self.VALID)
        assert_array_equal(np.isfinite(read_map(path, "depth")[0]), self.VALID)
        assert read_header(path, "depth").notes == ()

    def test_it_is_turned_as_the_map_is(self, tmp_path):
        tag = (274, "H", 1, 3, True)
        path = write_with_mask(tmp_path / "map.tif", DEPTH, self.VALID, extratags=[tag])
        assert_array_equal(np.isfinite(read_map(path, "depth")[0]), self.VALID[::-1, ::-1])

    def test_it_has_no_say_in_how_normals_are_stored(self, tmp_path):
        normals = np.moveaxis((unit_vectors(3, 16, 24) + 1) / 2, 0, -1).astype(np.float32)
        normals[~self.VALID] = -9999
        path = write_with_mask(tmp_path / "map.tif", normals, self.VALID, photometric="rgb")
        assert_allclose(read_map(path, "normals")[:, -1, -1], normals[-1, -1] * 2 - 1, atol=1e-6)


class TestOrientation:
    @pytest.mark.parametrize("orientation", range(1, 9))
    def test_a_map_is_turned_upright(self, tif, orientation):
        path = tif(DEPTH, extratags=[(274, "H", 1, orientation, True)])
        picture = Image.fromarray(DEPTH)
        picture.getexif()[274] = orientation
        expected = np.asarray(ImageOps.exif_transpose(picture))
        assert_array_equal(read_map(path, "depth")[0], expected)
        assert read_header(path, "depth").shape == expected.shape
        assert_array_equal(open_map(path, "depth").rows(2, 5)[0], expected[2:5])

    @pytest.mark.parametrize("orientation", [0, 9, 77])
    def test_what_no_standard_defines_turns_nothing(self, tif, orientation):
        assert_array_equal(read_map(tif(DEPTH, extratags=[(274, "H", 1, orientation, True)]), "depth")[0], DEPTH)

    def test_turned_vectors_are_refused(self, tif):
        path = tif(np.zeros((16, 24, 3), np.float32), photometric="rgb", extratags=[(274, "H", 1, 6, True)])
        with pytest.raises(DataError, match=r"map\.tif: stored turned .*orientation 6.*export it upright"):
            read_header(path, "normals")


class TestSeveralPages:
    """The largest is the picture, and it is said."""

    @pytest.fixture
    def pages(self, tmp_path):
        def write(*pages, **options):
            with tifffile.TiffWriter(tmp_path / "map.tif", **options) as writer:
                for page, own in pages:
                    writer.write(page, **own)
            return tmp_path / "map.tif"

        return write

    def holds_the_depth(self, path):
        assert_array_equal(read_map(path, "depth"), DEPTH[None])
        header = read_header(path, "depth")
        assert header.shape == DEPTH.shape
        assert header.notes == (f"{path}: 2 pictures in it; the largest, 16 x 24, is read",)
        return True

    @pytest.mark.parametrize("thumbnail", [DEPTH[::2, ::2], np.zeros((8, 12, 3), np.uint8)])
    def test_a_thumbnail_may_come_first_or_last(self, pages, thumbnail):
        small, large = (thumbnail, {"metadata": None}), (DEPTH, {"metadata": None})
        assert self.holds_the_depth(pages(small, large))
        assert self.holds_the_depth(pages(large, small))

    def test_a_pyramid_may_lie_below_its_page(self, pages):
        assert self.holds_the_depth(pages((DEPTH, {"subifds": 1}), (DEPTH[::2, ::2], {"subfiletype": 1})))

    def test_a_picture_may_lie_below_its_thumbnail(self, pages):
        assert self.holds_the_depth(pages((DEPTH[::2, ::2], {"subifds": 1}), (DEPTH, {"tile": (16, 16)})))

    def test_the_resolution_is_that_of_the_largest(self, pages):
        small = (DEPTH[::2, ::2], {"resolution": (508, 508), "resolutionunit": "INCH"})
        path = pages(small, (DEPTH, {"resolution": (1016, 1016), "resolutionunit": "INCH"}))
        assert read_header(path, "depth").pixels_per_mm == pytest.approx(40)

    def test_of_one_picture_nothing_is_said(self, tif):
        assert read_header(tif(DEPTH), "depth").notes == ()


class TestSourcesOfResolution:
    @pytest.mark.parametrize(
        ("unit", "in_a_unit"),
        [
            ("mm", 40),
            ("um", 0.04),
            ("micron", 0.04),
            ("\\u00B5m", 0.04),
            ("cm", 400),
            ("inch", 1016),
            ("nm", 4e-5),
        ],
    )
    def test_imagej_names_the_unit(self, tif, unit, in_a_unit):
        path = tif(DEPTH, imagej=True, resolution=(in_a_unit, in_a_unit), metadata={"unit": unit})
        header = read_header(path, "depth")
        assert header.pixels_per_mm == pytest.approx(40, rel=1e-4)
        assert header.resolution_source == "ImageJ"

    @pytest.mark.parametrize("unit", ["pixel", "furlong", ""])
    def test_imagej_without_a_unit_of_length_says_nothing(self, tif, unit):
        path = tif(DEPTH, imagej=True, resolution=(40, 40), metadata={"unit": unit})
        assert read_header(path, "depth").pixels_per_mm is None

    @pytest.mark.parametrize(("size", "unit"), [(25.0, "µm"), (0.025, "mm"), (25000.0, "nm"), (25.0, None)])
    def test_ome_states_the_size_of_a_pixel(self, tif, size, unit):
        sizes = {"PhysicalSizeX": size, "PhysicalSizeY": size}
        units = {} if unit is None else {"PhysicalSizeXUnit": unit, "PhysicalSizeYUnit": unit}
        path = tif(DEPTH, ome=True, resolution=(72, 72), resolutionunit="INCH", metadata=sizes | units)
        header = read_header(path, "depth")
        assert header.pixels_per_mm == pytest.approx(40)
        assert header.resolution_source == "OME PhysicalSizeX"

    def test_ome_without_a_size_leaves_it_to_the_tags(self, tif):
        header = read_header(tif(DEPTH, ome=True, resolution=(1016, 1016), resolutionunit="INCH"), "depth")
        assert (header.pixels_per_mm, header.resolution_source) == (pytest.approx(40), "TIFF tag XResolution")

    def test_a_file_that_says_none_names_no_source(self, tif):
        header = read_header(tif(DEPTH), "depth")
        assert (header.pixels_per_mm, header.resolution_source) == (None, None)
