"""Drawings, masks and photographs: each encoding reads as what it means, and what cannot be read is refused by name."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import tifffile
from numpy.testing import assert_array_equal

from data.errors import DataError
from data.images import (
    SUFFIXES,
    read_drawing,
    read_grey,
    read_marks,
    read_mask,
    read_photograph,
    read_picture_header,
    read_rgb,
    require_lines,
)
from tests.data.conftest import write_png, write_with_mask
from tests.data.pictures import LINE, chunk, png, saved


def drawing_in_colour(plane):
    """Return a drawing whose alpha channel is the line, and whose colours say the opposite."""
    colour = np.where(LINE, 0, 255).astype(np.uint8)
    return np.dstack([colour, colour, colour, plane])


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

    def test_an_opacity_beside_grey_is_the_line(self, tmp_path):
        path = tmp_path / "d.png"
        path.write_bytes(png(8, 4, np.dstack([255 - 255 * LINE.astype(np.uint8), 255 * LINE.astype(np.uint8)])))
        assert read_picture_header(path).encoding == "8 bit grey + alpha"
        assert_array_equal(read_drawing(path), LINE)

    def test_a_palette_of_black_and_white_is_bright_on_the_line(self, tmp_path):
        path = tmp_path / "d.png"
        path.write_bytes(png(8, 3, LINE.astype(np.uint8), chunk(b"PLTE", bytes([0, 0, 0, 255, 255, 255]))))
        assert read_picture_header(path).encoding == "8 bit palette"
        assert_array_equal(read_drawing(path), LINE)

    def test_a_grey_drawing_saved_in_colour_is_bright_on_the_line(self, tmp_path):
        path = write_png(tmp_path / "d.png", np.dstack([LINE.astype(np.uint8) * 255] * 3))
        assert_array_equal(read_drawing(path), LINE)

    def test_what_is_no_picture_is_refused_by_name(self, tmp_path):
        (tmp_path / "d.png").write_text("not a picture")
        with pytest.raises(DataError, match=r"d\.png"):
            read_drawing(tmp_path / "d.png")


class TestLines:
    def test_a_drawing_that_is_line_for_the_greater_part_is_refused(self, tmp_path):
        with pytest.raises(
            DataError, match=r"d\.png: 87% of it is line, 333 of 384 pixels; make the ground transparent"
        ):
            require_lines(tmp_path / "d.png", ~LINE)

    def test_a_drawing_of_one_bright_value_is_refused(self, tmp_path):
        path = write_png(tmp_path / "d.png", np.full(LINE.shape, 255, np.uint8))
        with pytest.raises(DataError, match="100% of it is line"):
            require_lines(path, read_drawing(path))

    def test_an_empty_drawing_is_refused(self, tmp_path):
        path = write_png(tmp_path / "d.png", drawing_in_colour(np.zeros(LINE.shape, np.uint8)))
        with pytest.raises(DataError, match=r"d\.png: no line in it, 0 of 384 pixels \(lines are opaque"):
            require_lines(path, read_drawing(path))

    def test_a_drawing_is_taken_as_it_is(self, tmp_path):
        require_lines(tmp_path / "d.png", LINE)
        require_lines(tmp_path / "d.png", np.eye(2, dtype=bool))  # just half


class TestMasks:
    @pytest.mark.parametrize("kind", ["int16", "int32", "float32"])
    @pytest.mark.parametrize("of", ["lines", "object"])
    def test_what_a_tag_declares_to_be_no_value_is_not_marked(self, tmp_path, kind, of):
        values = np.where(LINE, 1, -9999).astype(kind)
        values[:3] = 0
        tifffile.imwrite(tmp_path / "m.tif", values, extratags=[(42113, "s", 0, "-9999", True)])
        assert_array_equal(read_marks(tmp_path / "m.tif", of).mask, values == 1)

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
        assert_array_equal(read_drawing(path), LINE)

    def test_a_mask_of_lines_is_bright_on_the_line(self, tmp_path):
        image = np.dstack([np.where(LINE, 200, 60).astype(np.uint8)] * 3)
        assert_array_equal(read_drawing(write_png(tmp_path / "m.png", image)), LINE)

    def test_an_empty_mask_is_refused(self, tmp_path):
        with pytest.raises(DataError, match=r"m\.png: all black, so there is no object; paint"):
            read_mask(write_png(tmp_path / "m.png", np.zeros((4, 5), np.uint8)))


class TestDamage:
    @pytest.mark.parametrize("name", ["p.png", "p.tif", "p.webp"])
    def test_an_empty_file_is_named(self, tmp_path, name):
        (tmp_path / name).touch()
        with pytest.raises(DataError, match=rf"{name}: empty, 0 bytes; copy or export it again"):
            read_drawing(tmp_path / name)

    @pytest.mark.parametrize("read", [read_drawing, read_mask, read_grey, read_picture_header])
    def test_every_length_of_a_png_cut_short_is_refused(self, tmp_path, read, capfd):
        path = write_png(tmp_path / "d.png", LINE.astype(np.uint8) * 255)
        whole = path.read_bytes()
        read(path)
        for kept in range(len(whole)):
            path.write_bytes(whole[:kept])
            with pytest.raises(DataError, match=r"d\.png"):
                read(path)
        assert "libpng" not in capfd.readouterr().err

    def test_a_wrong_check_sum_is_refused(self, tmp_path, capfd):
        path = write_png(tmp_path / "d.png", LINE.astype(np.uint8) * 255)
        content = bytearray(path.read_bytes())
        content[-20] ^= 1  # within the pixels
        path.write_bytes(content)
        with pytest.raises(DataError, match=r"d\.png: damaged \(.*checksum"):
            read_drawing(path)
        assert capfd.readouterr().err == ""

    @pytest.mark.parametrize("size", [(2**31 - 1, 2**31 - 1), (2**15 + 1, 2**15), (20000, 20000), (0, 24)])
    def test_a_header_of_impossible_size_is_refused(self, tmp_path, size):
        path = tmp_path / "d.png"
        path.write_bytes(png(8, 0, LINE.astype(np.uint8), size=size))
        for read in (read_drawing, read_picture_header):
            with pytest.raises(DataError, match=rf"d\.png: \d+ bytes cannot hold {size[0]} x {size[1]} pixels"):
                read(path)

    @pytest.mark.parametrize("read", [read_drawing, read_mask, read_grey])
    def test_a_folder_in_its_place_is_named(self, tmp_path, read):
        (tmp_path / "d.png").mkdir()
        with pytest.raises(DataError, match=r"d\.png: Is a directory; a file is expected"):
            read(tmp_path / "d.png")

    def test_a_photograph_cut_short_is_refused(self, tmp_path):
        path = tmp_path / "p.jpg"
        path.write_bytes(cv2.imencode(".jpg", np.arange(6000, dtype=np.uint8).reshape(60, 100))[1].tobytes()[:-300])
        with pytest.raises(DataError, match=r"p\.jpg: cut short"):
            read_grey(path)


class TestHeaders:
    def test_a_header_says_size_and_mode(self, tmp_path):
        header = read_picture_header(write_png(tmp_path / "d.png", np.zeros((16, 24, 4), np.uint8)))
        assert (header.shape, header.encoding) == ((16, 24), "8 bit RGBA")

    @pytest.mark.parametrize("suffix", SUFFIXES)
    def test_a_header_of_every_format_says_the_size(self, tmp_path, suffix):
        header = read_picture_header(saved(tmp_path / f"p{suffix}", np.zeros((16, 24, 3), np.uint8)))
        assert header.shape == (16, 24)


class TestPhotographs:
    def test_a_photograph_is_grey_between_nought_and_one(self, tmp_path):
        image = np.zeros((4, 5, 3), np.uint8)
        image[1, 2] = 255
        grey = read_grey(write_png(tmp_path / "p.png", image))
        assert (grey.dtype, grey.shape) == (np.float32, (4, 5))
        assert (grey[1, 2], grey.sum()) == (1, 1)

    def test_colours_come_as_red_green_and_blue_planes(self, tmp_path):
        image = np.zeros((4, 5, 3), np.uint8)
        image[1, 2] = (51, 102, 255)  # OpenCV writes blue first
        rgb = read_rgb(write_png(tmp_path / "p.png", image))
        assert (rgb.dtype, rgb.shape) == (np.float32, (3, 4, 5))
        assert rgb[:, 1, 2] == pytest.approx([1, 0.4, 0.2])
        assert rgb.sum() == pytest.approx(1.6)

    def test_the_three_planes_of_a_grey_photograph_are_alike(self, tmp_path):
        rgb = read_rgb(write_png(tmp_path / "p.png", LINE.astype(np.uint8) * 200))
        assert_array_equal(rgb, np.broadcast_to(np.where(LINE, np.float32(200) / 255, 0), rgb.shape))

    def test_what_is_no_picture_is_refused_by_name(self, tmp_path):
        (tmp_path / "p.jpg").write_text("not a picture")
        with pytest.raises(DataError, match=r"p\.jpg"):
            read_grey(tmp_path / "p.jpg")


class TestMaskInside:
    def test_the_picture_is_read_and_the_mask_is_said_to_be_left_aside(self, tmp_path):
        values = np.arange(20, dtype=np.uint8).reshape(4, 5)
        path = write_with_mask(tmp_path / "p.tif", values, np.eye(4, 5, dtype=bool))
        photograph = read_photograph(path, 1)
        assert_array_equal(photograph.planes[0], values.astype(np.float32) / np.float32(255))
        assert photograph.notes == (
            f"{path}: the mask in the file is left aside, as opacity is; the colours under it are read",
        )
