"""Raw files: each encoding reads as what it means, and what cannot be read is refused by name."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import tifffile
from numpy.testing import assert_allclose, assert_array_equal

from data.errors import DataError
from data.scans import (
    find_scans,
    object_of,
    pixels_per_mm,
    read_drawing,
    read_grey,
    read_line_mask,
    read_map,
    read_mask,
)
from tests.data.conftest import write_png

LINE = np.zeros((16, 24), bool)
LINE[6:9, 3:20] = True
DEPTH = np.random.default_rng(0).normal(-3, 2, (16, 24)).astype(np.float32)


@pytest.fixture
def tif(tmp_path):
    """A writer of one TIFF: ``tif(array, tag=...)`` gives its path."""

    def write(array, **options):
        tifffile.imwrite(tmp_path / "map.tif", array, **options)
        return tmp_path / "map.tif"

    return write


def drawing_in_colour(plane):
    """Return a drawing whose alpha channel is the line, and whose colours say the opposite."""
    colour = np.where(LINE, 0, 255).astype(np.uint8)
    return np.dstack([colour, colour, colour, plane])


class TestNames:
    @pytest.mark.parametrize(
        ("view", "name"),
        [("ANSA-VI-1700_R", "ANSA-VI-1700"), ("wels-11944_V", "wels-11944"), ("Inv-xx_R_R", "Inv-xx_R")],
    )
    def test_a_view_is_an_object_and_a_side(self, view, name):
        assert object_of(view) == name

    @pytest.mark.parametrize("view", ["wels-11944", "wels-11944_r", "_R", "wels_X"])
    def test_another_name_is_refused(self, view):
        with pytest.raises(DataError, match="<OBJ>_R"):
            object_of(view)


class TestFinding:
    def test_views_are_listed_by_name_with_what_lies_beside_them(self, mirrors):
        mirrors.add("wels-11944_R", drawn=False)
        mirrors.add("ANSA-VI-1700_R", cut=False)
        mirrors.add_normals("ANSA-VI-1700_R")
        first, second = find_scans(mirrors.root, mirrors.root / "drawings", mirrors.root / "masks")
        assert (first.view, second.view) == ("ANSA-VI-1700_R", "wels-11944_R")
        assert (set(first.maps), first.mask) == ({"depth", "normals"}, None)
        assert first.drawing == mirrors.drawing_file("ANSA-VI-1700_R")
        assert (set(second.maps), second.drawing) == ({"depth"}, None)
        assert second.mask == mirrors.mask_file("wels-11944_R")

    def test_a_root_that_is_not_there_is_refused_with_the_setting_to_change(self, tmp_path):
        with pytest.raises(DataError, match="RETRACE_DIR_ROOT"):
            find_scans(tmp_path / "nowhere", tmp_path, tmp_path)

    def test_a_root_without_a_scan_is_refused_with_the_layout(self, tmp_path):
        with pytest.raises(DataError, match=r"<VIEW>_U\.tif"):
            find_scans(tmp_path, tmp_path, tmp_path)


class TestMaps:
    def test_float_depth_is_kept_as_stored(self, tif):
        assert_array_equal(read_map(tif(DEPTH), "depth"), DEPTH[None])

    def test_double_depth_becomes_single(self, tif):
        values = read_map(tif(DEPTH.astype(np.float64)), "depth")
        assert values.dtype == np.float32

    @pytest.mark.parametrize("options", [{"tile": (16, 16)}, {"compression": "zlib"}, {"compression": "lzw"}])
    def test_tiles_and_compression_change_nothing(self, tif, options):
        assert_array_equal(read_map(tif(DEPTH, **options), "depth"), DEPTH[None])

    def test_missing_measurements_stay_missing(self, tif):
        depth = DEPTH.copy()
        depth[0, 0] = np.nan
        assert np.isnan(read_map(tif(depth), "depth")).sum() == 1

    @pytest.mark.parametrize(("kind", "most"), [(np.uint16, 65535), (np.uint8, 255)])
    def test_whole_numbers_are_shares_of_their_largest(self, tif, kind, most):
        albedo = np.zeros((4, 5), kind)
        albedo[1, 2] = most
        values = read_map(tif(albedo), "albedo")
        assert values.shape == (1, 4, 5)
        assert (values[0, 1, 2], values.sum()) == (1, 1)

    def test_normals_read_alike_from_words_and_from_signed_floats(self, tif):
        normals = np.random.default_rng(0).normal(size=(16, 24, 3))
        normals /= np.linalg.norm(normals, axis=2, keepdims=True)
        signed = read_map(tif(normals.astype(np.float32), photometric="rgb"), "normals")
        words = read_map(tif(((normals + 1) / 2 * 65535).round().astype(np.uint16), photometric="rgb"), "normals")
        assert_allclose(signed, np.moveaxis(normals, 2, 0), atol=1e-6)
        assert_allclose(words, signed, atol=2e-5)

    def test_normals_may_be_stored_plane_by_plane(self, tif):
        normals = np.random.default_rng(0).uniform(-1, 1, (3, 16, 24)).astype(np.float32)
        path = tif(normals, photometric="rgb", planarconfig="separate")
        assert_array_equal(read_map(path, "normals"), normals)

    @pytest.mark.parametrize(
        ("channel", "shape"), [("depth", (3, 16, 24)), ("normals", (16, 24)), ("albedo", (2, 9, 9))]
    )
    def test_another_number_of_planes_is_refused_by_name(self, tif, channel, shape):
        with pytest.raises(DataError, match=rf"map\.tif.*{channel}"):
            read_map(tif(np.zeros(shape, np.float32), photometric="minisblack"), channel)

    @pytest.mark.parametrize("kept", [0, 4, 8, 100, 900])
    @pytest.mark.parametrize("compression", [None, "zlib"])
    def test_a_file_cut_short_is_refused_by_name(self, tif, kept, compression):
        path = tif(DEPTH, compression=compression)
        path.write_bytes(path.read_bytes()[:kept])
        with pytest.raises(DataError, match=r"map\.tif"):
            read_map(path, "depth")

    def test_a_file_of_another_kind_is_refused_by_name(self, tmp_path):
        (tmp_path / "map.tif").write_text("not a picture")
        with pytest.raises(DataError, match=r"map\.tif.*TIFF"):
            read_map(tmp_path / "map.tif", "depth")


class TestResolution:
    @pytest.mark.parametrize(("dots", "unit"), [(1016, "INCH"), (400, "CENTIMETER")])
    def test_dots_an_inch_and_a_centimetre_are_told_apart(self, tif, dots, unit):
        assert pixels_per_mm(tif(DEPTH, resolution=(dots, dots), resolutionunit=unit)) == pytest.approx(40)

    @pytest.mark.parametrize(("dots", "unit"), [(1, "INCH"), (1016, "NONE")])
    def test_one_dot_an_inch_or_no_unit_says_nothing(self, tif, dots, unit):
        assert pixels_per_mm(tif(DEPTH, resolution=(dots, dots), resolutionunit=unit)) is None

    def test_a_file_without_the_tag_says_nothing(self, tif):
        assert pixels_per_mm(tif(DEPTH)) is None

    @pytest.mark.parametrize("kept", [0, 4, 8, 100])
    def test_a_file_cut_short_is_refused_by_name(self, tif, kept):
        path = tif(DEPTH)
        path.write_bytes(path.read_bytes()[:kept])
        with pytest.raises(DataError, match=r"map\.tif"):
            pixels_per_mm(path)


class TestDrawings:
    def test_the_alpha_channel_is_the_line_whatever_its_colour(self, tmp_path):
        path = write_png(tmp_path / "d.png", drawing_in_colour(np.where(LINE, 255, 0).astype(np.uint8)))
        assert_array_equal(read_drawing(path), LINE)

    def test_a_soft_edge_is_line_from_half_opacity(self, tmp_path):
        path = write_png(tmp_path / "d.png", drawing_in_colour(np.where(LINE, 128, 127).astype(np.uint8)))
        assert_array_equal(read_drawing(path), LINE)

    def test_a_grey_drawing_is_bright_on_the_line(self, tmp_path):
        assert_array_equal(read_drawing(write_png(tmp_path / "d.png", LINE.astype(np.uint8) * 255)), LINE)

    def test_a_drawing_of_one_bit_a_pixel_is_read(self, tmp_path):
        path = write_png(tmp_path / "d.png", LINE.astype(np.uint8) * 255, cv2.IMWRITE_PNG_BILEVEL, 1)
        assert path.read_bytes()[24] == 1  # the header's bit depth
        assert_array_equal(read_drawing(path), LINE)

    def test_a_drawing_of_sixteen_bits_is_read(self, tmp_path):
        assert_array_equal(read_drawing(write_png(tmp_path / "d.png", LINE.astype(np.uint16) * 65535)), LINE)

    def test_what_is_no_picture_is_refused_by_name(self, tmp_path):
        (tmp_path / "d.png").write_text("not a picture")
        with pytest.raises(DataError, match=r"d\.png"):
            read_drawing(tmp_path / "d.png")


class TestMasks:
    @pytest.mark.parametrize("channel", [0, 1, 2])
    def test_any_colour_is_object(self, tmp_path, channel):
        image = np.zeros((*LINE.shape, 3), np.uint8)
        image[..., channel] = LINE
        assert_array_equal(read_mask(write_png(tmp_path / "m.png", image)), LINE)

    def test_opacity_is_no_object(self, tmp_path):
        image = np.dstack([LINE.astype(np.uint8)] * 3 + [np.full(LINE.shape, 255, np.uint8)])
        assert_array_equal(read_mask(write_png(tmp_path / "m.png", image)), LINE)

    @pytest.mark.parametrize("kind", [np.uint8, np.uint16])
    def test_the_faintest_grey_is_object(self, tmp_path, kind):
        assert_array_equal(read_mask(write_png(tmp_path / "m.png", LINE.astype(kind))), LINE)

    def test_a_mask_of_one_bit_a_pixel_is_read(self, tmp_path):
        path = write_png(tmp_path / "m.png", LINE.astype(np.uint8) * 255, cv2.IMWRITE_PNG_BILEVEL, 1)
        assert_array_equal(read_mask(path), LINE)
        assert_array_equal(read_line_mask(path), LINE)

    def test_a_mask_of_lines_is_bright_on_the_line(self, tmp_path):
        image = np.dstack([np.where(LINE, 200, 60).astype(np.uint8)] * 3)
        assert_array_equal(read_line_mask(write_png(tmp_path / "m.png", image)), LINE)


class TestPhotographs:
    def test_a_photograph_is_grey_between_nought_and_one(self, tmp_path):
        image = np.zeros((4, 5, 3), np.uint8)
        image[1, 2] = 255
        grey = read_grey(write_png(tmp_path / "p.png", image))
        assert (grey.dtype, grey.shape) == (np.float32, (4, 5))
        assert (grey[1, 2], grey.sum()) == (1, 1)

    def test_what_is_no_picture_is_refused_by_name(self, tmp_path):
        (tmp_path / "p.jpg").write_text("not a picture")
        with pytest.raises(DataError, match=r"p\.jpg"):
            read_grey(tmp_path / "p.jpg")
