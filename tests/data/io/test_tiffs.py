"""Maps: each way of storing a TIFF reads as the same values, and what cannot be read is refused by name."""

from __future__ import annotations

import errno
import struct
from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from PIL import Image, ImageOps

from data.errors import DataError
from data.io.tiff_file import MAX_PAGES
from data.io.tiffs import encoding, open_map, pixels_per_mm, read_header, read_map, require_resolution
from tests.data.conftest import write_with_mask

DEPTH = np.random.default_rng(0).normal(-3, 2, (16, 24)).astype(np.float32)

PALETTE = np.zeros((3, 256), np.uint16)


@pytest.fixture
def tif(tmp_path):
    """A writer of one TIFF: ``tif(array, tag=...)`` gives its path."""

    def write(array, **options):
        tifffile.imwrite(tmp_path / "map.tif", array, **options)
        return tmp_path / "map.tif"

    return write


class TestMaps:
    def test_float_depth_is_kept_as_stored(self, tif):
        assert_array_equal(read_map(tif(DEPTH), "depth"), DEPTH[None])

    def test_double_depth_becomes_single(self, tif):
        values = read_map(tif(DEPTH.astype(np.float64)), "depth")
        assert values.dtype == np.float32

    @pytest.mark.parametrize("options", [{"tile": (16, 16)}, {"compression": "zlib"}, {"compression": "lzw"}])
    def test_tiles_and_compression_change_nothing(self, tif, options):
        assert_array_equal(read_map(tif(DEPTH, **options), "depth"), DEPTH[None])

    @pytest.mark.parametrize("kind", [np.float64, np.int32])
    def test_values_from_a_level_on_keep_what_single_would_round_off(self, tif, kind):
        stored = np.array([[3, 2_000_000_000, 2_000_000_001]], kind)
        on_object = np.array([[False, True, True]])
        unit = np.iinfo(np.int32).max if kind is np.int32 else 1
        _, first, second = open_map(tif(stored), "depth").from_level(on_object).rows(0, 1)[0, 0] * unit
        assert (first, second) == pytest.approx((0, 1))

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


class TestDamage:
    def test_an_empty_file_is_named(self, tmp_path):
        (tmp_path / "map.tif").touch()
        with pytest.raises(DataError, match=r"map\.tif: empty, 0 bytes; copy or export it again"):
            read_map(tmp_path / "map.tif", "depth")

    @pytest.mark.slow
    def test_every_length_of_a_file_cut_short_is_refused(self, tif):
        path = tif(DEPTH[:6, :8], compression="zlib", rowsperstrip=2, predictor=True)
        whole = path.read_bytes()
        for kept in range(len(whole)):
            path.write_bytes(whole[:kept])
            with pytest.raises(DataError, match=r"map\.tif"):
                read_map(path, "depth")

    def test_a_strip_that_was_left_out_is_refused(self, tif):
        path = tif(DEPTH, tile=(16, 16), compression="zlib")
        with tifffile.TiffFile(path, mode="r+b") as file:
            file.pages[0].tags["TileByteCounts"].overwrite([0, 100])
        with pytest.raises(DataError, match=r"map\.tif: 1 of its strips or tiles are missing"):
            read_header(path, "depth")

    def test_a_header_of_impossible_size_is_refused_before_anything_is_reserved(self, tif):
        for size, message in ((2**31 - 1, "no scan has"), (2**14, "cannot hold")):
            path = tif(DEPTH, compression="zlib")
            with tifffile.TiffFile(path, mode="r+b") as file:
                for tag in ("ImageWidth", "ImageLength", "RowsPerStrip"):
                    file.pages[0].tags[tag].overwrite(size)
            with pytest.raises(DataError, match=rf"map\.tif.*{message}"):
                read_map(path, "depth")

    def test_pages_that_follow_each_other_in_a_ring_are_refused(self, tif):
        path = tif(np.zeros((3, 16, 24), np.float32), photometric="minisblack", metadata=None)
        with tifffile.TiffFile(path) as file:
            first, second = file.pages[0].offset, file.pages[1].offset
        content = path.read_bytes()
        third = content.rindex(struct.pack("<I", 0))  # the end of the chain, which is the last page's last field
        assert third > second
        path.write_bytes(content[:third] + struct.pack("<I", second) + content[third + 4 :])
        assert first < second
        with pytest.raises(DataError, match=f"more than {MAX_PAGES} pages"):
            read_map(path, "normals")

    def test_what_the_reader_logs_of_damage_is_not_shown(self, tif, caplog):
        path = tif(DEPTH, software="a program")
        content = bytearray(path.read_bytes())
        tag = content.index(struct.pack("<HH", 305, 2))  # Software, a text
        content[tag + 8 : tag + 12] = struct.pack("<I", 2**31)  # lies behind the file's end
        path.write_bytes(content)
        tifffile.imread(path)
        assert len(caplog.records) == 1
        assert_array_equal(read_map(path, "depth"), DEPTH[None])
        assert len(caplog.records) == 1

    @pytest.mark.parametrize(
        ("options", "message"),
        [({"photometric": "miniswhite"}, "MINISWHITE"), ({"photometric": "palette", "colormap": PALETTE}, "PALETTE")],
    )
    def test_numbers_that_are_no_plain_values_are_refused(self, tif, options, message):
        with pytest.raises(DataError, match=message):
            read_map(tif(np.zeros((16, 24), np.uint8), **options), "depth")

    @pytest.mark.parametrize("kind", [np.complex64, bool])
    def test_other_kinds_of_number_are_refused(self, tif, kind):
        with pytest.raises(DataError, match=r"map\.tif.*plain grey"):
            read_map(tif(np.zeros((16, 24), kind), photometric="minisblack"), "depth")

    def test_two_pictures_in_one_file_are_refused(self, tmp_path):
        with tifffile.TiffWriter(tmp_path / "map.tif") as writer:
            writer.write(DEPTH)
            writer.write(DEPTH + 1)
        with pytest.raises(DataError, match=r"map\.tif: 2 pictures"):
            read_map(tmp_path / "map.tif", "depth")

    def test_a_thumbnail_does_no_harm(self, tmp_path):
        with tifffile.TiffWriter(tmp_path / "map.tif") as writer:
            writer.write(DEPTH)
            writer.write(DEPTH[::2, ::2], subfiletype=1)
        assert_array_equal(read_map(tmp_path / "map.tif", "depth"), DEPTH[None])

    def test_a_file_that_may_not_be_read_is_named_with_what_to_do(self, tif, monkeypatch):
        path = tif(DEPTH)

        def refuse(self, *_):
            raise PermissionError(errno.EACCES, "Permission denied", str(self))

        monkeypatch.setattr(Path, "open", refuse)
        with pytest.raises(DataError, match=r"map\.tif: Permission denied; allow"):
            read_map(path, "depth")

    def test_a_folder_in_its_place_is_named(self, tmp_path):
        (tmp_path / "map.tif").mkdir()
        with pytest.raises(DataError, match=r"map\.tif: Is a directory; a file is expected"):
            read_map(tmp_path / "map.tif", "depth")

    def test_a_link_to_itself_is_named(self, tmp_path):
        (tmp_path / "map.tif").symlink_to("map.tif")
        with pytest.raises(DataError, match=r"map\.tif: .*links.*; a link leads back"):
            read_map(tmp_path / "map.tif", "depth")


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


NUMBERS = ["uint8", "uint16", "uint32", "int16", "float16", "float32", "float64"]
COMPRESSIONS = [None, "zlib", "lzw", "zstd", "packbits", "lzma"]


@st.composite
def storages(draw):
    """Options of one way to write a TIFF, and whether its planes lie apart."""
    apart = draw(st.booleans())
    compression = draw(st.sampled_from(COMPRESSIONS))
    options = {
        "compression": compression,
        "predictor": compression in ("zlib", "lzw", "zstd") and draw(st.booleans()),
        "byteorder": draw(st.sampled_from("<>")),
        "bigtiff": draw(st.booleans()),
    }
    if draw(st.booleans()):
        options["tile"] = draw(st.sampled_from([(16, 16), (32, 16)]))
    else:
        options["rowsperstrip"] = draw(st.integers(1, 5))
    return options, apart


def unit_vectors(seed: int, height: int, width: int) -> np.ndarray:
    """Return (3, H, W) float64 of length 1, towards the camera."""
    normals = np.random.default_rng(seed).normal(size=(3, height, width))
    normals[2] = np.abs(normals[2])
    return np.asarray(normals / np.linalg.norm(normals, axis=0))


def stored_as(values: np.ndarray, number: str) -> np.ndarray:
    """Return [0, 1] in a type's own range, rounded."""
    kind = np.dtype(number)
    return (values * np.iinfo(kind).max).round().astype(kind) if kind.kind in "iu" else values.astype(kind)


def precision(number: str) -> float:
    kind = np.dtype(number)
    return 2 * max(1 / np.iinfo(kind).max if kind.kind in "iu" else float(np.finfo(kind).eps), 2**-23)


class TestEveryWayOfStoring:
    """Values are the same within the type's precision, however they are stored."""

    unshared = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])

    @given(storages(), st.sampled_from(NUMBERS), st.integers(0, 99), st.integers(1, 40), st.integers(1, 40))
    @unshared
    def test_one_plane(self, tif, storage, number, seed, height, width):
        values = np.random.default_rng(seed).random((height, width))
        path = tif(stored_as(values, number), photometric="minisblack", **storage[0])
        for channel in ("depth", "albedo", "published_depth"):
            assert_allclose(read_map(path, channel), values[None], atol=precision(number))

    @pytest.mark.slow
    @given(
        storages(), st.sampled_from(NUMBERS), st.booleans(), st.integers(0, 99), st.integers(1, 40), st.integers(1, 40)
    )
    @unshared
    def test_normals(self, tif, storage, number, signed, seed, height, width):
        options, apart = storage
        normals = unit_vectors(seed, height, width)
        if number == "int16":
            stored = (normals * 32767).round().astype(np.int16)
        else:
            signed = signed and number.startswith("float")
            stored = stored_as(normals if signed else (normals + 1) / 2, number)
        layout = {"photometric": "rgb", "planarconfig": "separate" if apart else "contig"}
        path = tif(stored if apart else np.moveaxis(stored, 0, -1), **layout, **options)
        assert_allclose(read_map(path, "normals"), normals, atol=2 * precision(number))

    @given(st.sampled_from(["float16", "float32"]), st.integers(0, 8), st.integers(1, 8))
    @unshared
    def test_rows_are_those_of_the_whole(self, tif, number, start, count):
        path = tif(np.moveaxis(unit_vectors(0, 17, 5), 0, -1).astype(number), photometric="rgb")
        opened = open_map(path, "normals")
        assert opened.shape == (3, 17, 5)
        part = opened.rows(start, start + count)
        assert_array_equal(part, read_map(path, "normals")[:, start : start + count])
        part[:] = 7  # a copy: what was read stays what it was
        assert opened.rows(0, 17).max() <= 1


class TestSamples:
    """The file states how many planes there are; that is never guessed from a side of three pixels."""

    @pytest.mark.parametrize("shape", [(3, 5), (5, 3), (3, 3), (1, 3), (1, 1)])
    @pytest.mark.parametrize("apart", [False, True])
    def test_pictures_of_three_rows_or_columns(self, tif, shape, apart):
        normals = unit_vectors(1, *shape).astype(np.float32)
        layout = {"photometric": "rgb", "planarconfig": "separate" if apart else "contig"}
        path = tif(normals if apart else np.moveaxis(normals, 0, -1), **layout)
        assert_array_equal(read_map(path, "normals"), normals)

    def test_planes_may_be_pages(self, tif):
        normals = unit_vectors(1, 16, 24).astype(np.float32)
        assert_array_equal(read_map(tif(normals, photometric="minisblack"), "normals"), normals)

    @pytest.mark.parametrize("apart", [False, True])
    def test_an_opacity_beside_the_normals_is_left_out(self, tif, apart):
        normals = unit_vectors(1, 16, 24).astype(np.float32)
        with_opacity = np.concatenate([normals, np.ones_like(normals[:1])])
        layout = {
            "photometric": "rgb",
            "planarconfig": "separate" if apart else "contig",
            "extrasamples": ["unassalpha"],
        }
        path = tif(with_opacity if apart else np.moveaxis(with_opacity, 0, -1), **layout)
        assert_array_equal(read_map(path, "normals"), normals)

    def test_an_opacity_beside_the_depth_is_left_out(self, tif):
        two = np.dstack([DEPTH, np.ones_like(DEPTH)])
        path = tif(two, photometric="minisblack", planarconfig="contig", extrasamples=["unassalpha"])
        assert_array_equal(read_map(path, "depth"), DEPTH[None])

    def test_four_equal_planes_are_no_normals(self, tif):
        four = np.zeros((16, 24, 4), np.float32)
        with pytest.raises(DataError, match="the normals map has 3"):
            read_map(tif(four, photometric="minisblack", planarconfig="contig"), "normals")


class TestFloatingPointNormals:
    def test_a_flat_plate_is_signed(self, tif):
        flat = np.zeros((16, 24, 3), np.float32)
        flat[..., 2] = 1  # within [0, 1], yet of unit length as it stands
        assert_array_equal(read_map(tif(flat, photometric="rgb"), "normals")[:, 0, 0], [0, 0, 1])

    def test_a_flat_plate_is_halved(self, tif):
        flat = np.full((16, 24, 3), 0.5, np.float32)
        flat[..., 2] = 1
        assert_array_equal(read_map(tif(flat, photometric="rgb"), "normals")[:, 0, 0], [0, 0, 1])

    def test_what_was_not_measured_has_no_say(self, tif):
        normals = np.moveaxis((unit_vectors(3, 16, 24) + 1) / 2, 0, -1).astype(np.float32)
        expected = normals[-1, -1] * 2 - 1
        normals[:8] = np.nan
        normals[8:14] = 0
        assert_allclose(read_map(tif(normals, photometric="rgb"), "normals")[:, -1, -1], expected, atol=1e-6)


class TestHeaders:
    def test_a_header_says_size_numbers_and_resolution(self, tif):
        words = np.zeros((16, 24, 3), np.uint16)
        header = read_header(tif(words, photometric="rgb", resolution=(1016, 1016), resolutionunit="INCH"), "normals")
        assert (header.shape, header.encoding, header.pixels_per_mm) == ((16, 24), "uint16 x 3", pytest.approx(40))

    def test_a_header_and_the_values_agree(self, tif):
        path = tif(DEPTH)
        assert read_header(path, "depth").encoding == encoding(path) == "float32"
        assert read_header(path, "depth").shape == read_map(path, "depth").shape[1:]
