"""Maps: what TIFFs of scans hold is read, and what cannot be read is refused by name."""

from __future__ import annotations

import errno
import struct
from pathlib import Path

import numpy as np
import pytest
import tifffile
from numpy.testing import assert_allclose, assert_array_equal

from data.errors import DataError
from data.io.tiff_file import MAX_PAGES
from data.io.tiffs import encoding, open_map, read_header, read_map
from tests.data.io.tiff_maps import DEPTH

PALETTE = np.zeros((3, 256), np.uint16)


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


class TestHeaders:
    def test_a_header_says_size_numbers_and_resolution(self, tif):
        words = np.zeros((16, 24, 3), np.uint16)
        header = read_header(tif(words, photometric="rgb", resolution=(1016, 1016), resolutionunit="INCH"), "normals")
        assert (header.shape, header.encoding, header.pixels_per_mm) == ((16, 24), "uint16 x 3", pytest.approx(40))

    def test_a_header_and_the_values_agree(self, tif):
        path = tif(DEPTH)
        assert read_header(path, "depth").encoding == encoding(path) == "float32"
        assert read_header(path, "depth").shape == read_map(path, "depth").shape[1:]
