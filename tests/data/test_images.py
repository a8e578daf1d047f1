"""Drawings, masks and photographs: each encoding reads as what it means, and what cannot be read is refused by name."""

from __future__ import annotations

import struct
import zlib

import cv2
import numpy as np
import pytest
import tifffile
from numpy.testing import assert_allclose, assert_array_equal
from PIL import Image, ImageOps

from data.errors import DataError
from data.images import (
    SUFFIXES,
    mask_findings,
    read_drawing,
    read_grey,
    read_marks,
    read_mask,
    read_photograph,
    read_picture,
    read_picture_header,
    read_rgb,
    require_lines,
)
from tests.data.conftest import write_png, write_with_mask

LINE = np.zeros((16, 24), bool)
LINE[6:9, 3:20] = True


def chunk(kind: bytes, content: bytes) -> bytes:
    """Return one chunk of a PNG."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(depth: int, colour: int, samples: np.ndarray, *between: bytes, size: tuple[int, int] = LINE.shape) -> bytes:
    """Return a PNG of (H, W[, C]) bytes, of any size that its header is to claim."""
    header = struct.pack(">IIBBBBB", size[1], size[0], depth, colour, 0, 0, 0)
    rows = b"".join(b"\0" + row.tobytes() for row in samples)
    chunks = [chunk(b"IHDR", header), *between, chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def saved(path, image, **options):
    """Write an array as pillow stores it, and return the path."""
    Image.fromarray(image).save(path, **options)
    return path


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


NOISE = np.random.default_rng(0).integers(0, 256, (40, 60, 3)).astype(np.uint8)
SMOOTH = cv2.GaussianBlur(NOISE, (0, 0), 3)


class TestFormats:
    @pytest.mark.parametrize("suffix", [".png", ".tif", ".bmp"])
    @pytest.mark.parametrize("mode", ["1", "L", "RGB", "P"])
    def test_lossless_formats_keep_what_they_store(self, tmp_path, suffix, mode):
        image = Image.fromarray(NOISE).quantize(16) if mode == "P" else Image.fromarray(NOISE).convert(mode)
        image.save(tmp_path / f"p{suffix}")
        expected = np.asarray(image.convert("RGB" if mode == "P" else "L" if mode == "1" else mode))
        assert_array_equal(read_picture(tmp_path / f"p{suffix}").values, expected)

    @pytest.mark.parametrize("suffix", [".png", ".tif", ".webp"])
    def test_opacity_stays_beside_the_colours(self, tmp_path, suffix):
        image = np.dstack([NOISE, NOISE[..., :1]])
        options = {"lossless": True, "exact": True} if suffix == ".webp" else {}
        assert_array_equal(read_picture(saved(tmp_path / f"p{suffix}", image, **options)).values, image)

    def test_a_gif_is_read_with_what_is_transparent_in_it(self, tmp_path):
        image = Image.fromarray(np.where(LINE, 1, 0).astype(np.uint8), "P")
        image.putpalette([9, 9, 9, 200, 0, 0])
        image.save(tmp_path / "p.gif", transparency=0)
        values = read_picture(tmp_path / "p.gif").values
        assert_array_equal(values[..., 3] > 0, LINE)
        assert values[LINE][0].tolist() == [200, 0, 0, 255]

    @pytest.mark.parametrize("suffix", [".gif", ".webp", ".png"])
    def test_of_an_animation_the_first_frame_is_read_and_it_is_said(self, tmp_path, suffix):
        frames = [Image.fromarray(np.full((8, 9), value, np.uint8)) for value in (200, 10)]
        options = {"lossless": True} if suffix == ".webp" else {}
        frames[0].save(tmp_path / f"p{suffix}", save_all=True, append_images=frames[1:], **options)
        picture = read_picture(tmp_path / f"p{suffix}", as_grey=True)
        assert (picture.values == 200).all()
        assert "an animation" in picture.notes[0]

    @pytest.mark.parametrize("suffix", [".jpg", ".tif"])
    def test_colours_for_printing_are_refused(self, tmp_path, suffix):
        Image.fromarray(NOISE).convert("CMYK").save(tmp_path / f"p{suffix}")
        with pytest.raises(DataError, match=r"p\.\w+: .*(CMYK|SEPARATED).*; save it as"):
            read_picture(tmp_path / f"p{suffix}")

    @pytest.mark.parametrize("read", [read_picture, read_drawing, read_mask, read_picture_header])
    def test_what_the_content_is_counts_and_not_the_name(self, tmp_path, read):
        path = tmp_path / "d.png"
        path.write_bytes(cv2.imencode(".jpg", np.where(LINE, 255, 0).astype(np.uint8))[1].tobytes())
        read(path)
        path.write_bytes(b"RIFF....AVI LIST, and so on")
        with pytest.raises(DataError, match=r"d\.png: no picture of a kind that is read \(png, jpg, .*save it again"):
            read(path)

    @pytest.mark.parametrize("mode", ["LA", "RGBA", "L", "RGB"])
    def test_sixteen_bits_are_kept(self, tmp_path, mode):
        planes = {"L": (), "LA": (2,), "RGB": (3,), "RGBA": (4,)}[mode]
        image = np.random.default_rng(0).integers(0, 2**16, (9, 11, *planes)).astype(np.uint16)
        if mode == "LA":
            (tmp_path / "p.png").write_bytes(
                png(16, 4, image.astype(">u2").view(np.uint8).reshape(9, -1), size=(9, 11))
            )
        else:
            write_png(tmp_path / "p.png", image if mode == "L" else image[..., [2, 1, 0, 3][: len(mode)]])
        picture = read_picture(tmp_path / "p.png")
        assert picture.bits == 16
        assert_array_equal(picture.values, image)

    def test_white_is_bright_in_a_tiff_whose_zero_is_white(self, tmp_path):
        tifffile.imwrite(tmp_path / "p.tif", 255 - NOISE[..., 0], photometric="miniswhite")
        assert_array_equal(read_picture(tmp_path / "p.tif").values, NOISE[..., 0])

    def test_of_several_pages_the_largest_is_read_and_it_is_said(self, tmp_path):
        with tifffile.TiffWriter(tmp_path / "p.tif") as writer:
            for page in (NOISE[::4, ::4], NOISE):
                writer.write(page, photometric="rgb", metadata=None)
        picture = read_picture(tmp_path / "p.tif")
        assert_array_equal(picture.values, NOISE)
        assert picture.notes == (f"{tmp_path / 'p.tif'}: 2 pictures in it; the largest, 40 x 60, is read",)

    @pytest.mark.parametrize("count", [2, 3, 4])
    def test_several_pages_of_one_size_are_refused(self, tmp_path, count):
        pages = [Image.fromarray(NOISE[..., 0])] * count
        pages[0].save(tmp_path / "p.tif", save_all=True, append_images=pages[1:])
        with pytest.raises(DataError, match=rf"p\.tif: {count} pictures of the same size; export the one"):
            read_picture(tmp_path / "p.tif")

    def test_what_decoders_warn_of_is_not_shown(self, tmp_path, capfd, recwarn):
        profile = chunk(b"iCCP", b"x\0\0" + zlib.compress(b"no profile" * 30))
        (tmp_path / "d.png").write_bytes(png(8, 0, LINE.astype(np.uint8) * 255, profile))
        assert_array_equal(read_drawing(tmp_path / "d.png"), LINE)
        read_grey(tmp_path / "d.png")
        tifffile.imwrite(tmp_path / "p.tif", NOISE[..., 0].astype(np.float32))
        read_grey(tmp_path / "p.tif")
        assert capfd.readouterr().err == ""
        assert not recwarn.list


class TestOrientation:
    """Pictures and masks of all formats are turned alike, as any viewer turns them."""

    @pytest.mark.parametrize("orientation", range(1, 9))
    @pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".tif"])
    def test_a_picture_its_grey_its_mask_and_its_header_are_upright(self, tmp_path, orientation, suffix):
        image = Image.fromarray(np.where(LINE, 255, 0).astype(np.uint8))
        exif = Image.Exif()
        exif[274] = orientation
        options = {"lossless": True} if suffix == ".webp" else {"quality": 100} if suffix == ".jpg" else {}
        image.save(tmp_path / f"p{suffix}", exif=exif, **options)
        path = tmp_path / f"p{suffix}"
        if suffix == ".jpg":
            image = Image.fromarray(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE | cv2.IMREAD_IGNORE_ORIENTATION))
        image.getexif()[274] = orientation
        expected = np.asarray(ImageOps.exif_transpose(image))
        assert_array_equal(read_grey(path), expected.astype(np.float32) / 255)
        assert_array_equal(read_rgb(path)[1], expected.astype(np.float32) / 255)
        for mask in (read_drawing(path), read_mask(path)):
            assert_array_equal(mask, expected > 127)
        assert read_picture_header(path).shape == expected.shape
        assert read_picture(path).orientation == orientation

    def test_the_first_of_several_pictures_of_a_camera_is_turned(self, tmp_path):
        exif = Image.Exif()
        exif[274] = 6
        image = Image.fromarray(SMOOTH)
        image.save(tmp_path / "p.jpg", "MPO", save_all=True, append_images=[image.resize((6, 4))], exif=exif)
        assert read_rgb(tmp_path / "p.jpg").shape == (3, 60, 40)

    def test_damaged_exif_turns_nothing(self, tmp_path):
        path = saved(tmp_path / "p.jpg", SMOOTH, exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff\x12\x01")
        assert read_rgb(path).shape == (3, 40, 60)


class TestResolution:
    @pytest.mark.parametrize(
        ("suffix", "source"),
        [(".png", "PNG pHYs"), (".jpg", "JFIF density"), (".tif", "TIFF tag XResolution"), (".bmp", "BMP header")],
    )
    def test_a_file_says_its_resolution_and_where(self, tmp_path, suffix, source):
        path = saved(tmp_path / f"p{suffix}", SMOOTH, dpi=(1016, 1016))
        for known in (read_picture(path), read_picture_header(path)):
            assert known.pixels_per_mm == pytest.approx(40, rel=1e-3)
            assert known.resolution_source == source

    @pytest.mark.parametrize("suffix", [".jpg", ".webp"])
    def test_exif_may_say_it(self, tmp_path, suffix):
        exif = Image.Exif()
        exif[282], exif[283], exif[296] = 400.0, 400.0, 3  # a centimetre
        header = read_picture_header(saved(tmp_path / f"p{suffix}", SMOOTH, exif=exif))
        assert (header.pixels_per_mm, header.resolution_source) == (pytest.approx(40), "EXIF XResolution")

    @pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif", ".gif", ".webp"])
    def test_a_file_that_says_none_names_no_source(self, tmp_path, suffix):
        header = read_picture_header(saved(tmp_path / f"p{suffix}", SMOOTH[..., 0]))
        assert (header.pixels_per_mm, header.resolution_source) == (None, None)


class TestEightBits:
    """What OpenCV read before this module is read to the same bytes."""

    @pytest.mark.parametrize("image", [NOISE, SMOOTH, NOISE[..., 0]], ids=["noise", "smooth", "grey"])
    @pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif"])
    def test_grey_and_colours(self, tmp_path, image, suffix):
        path = saved(tmp_path / f"p{suffix}", image)
        self.agrees(path)

    @pytest.mark.parametrize("options", [{"progressive": True}, {"subsampling": 0}, {"quality": 30}])
    def test_ways_to_store_a_jpeg(self, tmp_path, options):
        self.agrees(saved(tmp_path / "p.jpg", SMOOTH, **options))

    @pytest.mark.parametrize("light", [b"", b"gAMA" + struct.pack(">I", 45455), b"sRGB\0"])
    def test_what_a_png_says_of_light(self, tmp_path, light):
        between = [chunk(light[:4], light[4:])] if light else []
        (tmp_path / "p.png").write_bytes(png(8, 2, NOISE, *between, size=NOISE.shape[:2]))
        self.agrees(tmp_path / "p.png")

    @pytest.mark.parametrize("suffix", [".png", ".tif"])
    def test_palettes(self, tmp_path, suffix):
        Image.fromarray(NOISE).quantize(64).save(tmp_path / f"p{suffix}")
        self.agrees(tmp_path / f"p{suffix}")

    def test_opacity_is_left_out(self, tmp_path):
        self.agrees(saved(tmp_path / "p.png", np.dstack([NOISE, NOISE[..., 0]])))
        self.agrees(saved(tmp_path / "p.png", NOISE[..., :2]))

    @staticmethod
    def agrees(path):
        grey, colours = (cv2.imread(str(path), how) for how in (cv2.IMREAD_GRAYSCALE, cv2.IMREAD_COLOR_RGB))
        assert_array_equal(read_grey(path), grey.astype(np.float32) / np.float32(255))
        assert_array_equal(read_rgb(path), np.moveaxis(colours.astype(np.float32) / np.float32(255), 2, 0))
        assert read_photograph(path, 1).notes == ()


class TestMaskInside:
    def test_the_picture_is_read_and_the_mask_is_said_to_be_left_aside(self, tmp_path):
        values = np.arange(20, dtype=np.uint8).reshape(4, 5)
        path = write_with_mask(tmp_path / "p.tif", values, np.eye(4, 5, dtype=bool))
        photograph = read_photograph(path, 1)
        assert_array_equal(photograph.planes[0], values.astype(np.float32) / np.float32(255))
        assert photograph.notes == (
            f"{path}: the mask in the file is left aside, as opacity is; the colours under it are read",
        )


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


class TestFindings:
    @staticmethod
    def of(path, of="lines"):
        return mask_findings(path, read_marks(path, of), of)

    def test_an_empty_truth_is_counted_with_its_likely_reason(self, tmp_path):
        path = write_png(tmp_path / "m.png", np.zeros((4, 5), np.uint8))
        assert self.of(path) == [
            f"{path}: 0 of 20 pixels are line, since all of it is of value 0; right only if the image shows none"
        ]
        write_png(path, np.zeros((4, 5, 4), np.uint8))
        assert "0 of 20 pixels are line, since all of it is transparent" in self.of(path)[0]

    def test_a_full_truth_is_counted_with_its_likely_reason(self, tmp_path):
        path = write_png(tmp_path / "m.png", np.full((4, 5), 255, np.uint8))
        (finding,) = self.of(path)
        assert "20 of 20 pixels (100%) are line, since all of it is of value 255; make the ground" in finding

    def test_a_truth_that_is_mostly_line_is_counted(self, tmp_path):
        image = np.zeros((4, 5, 4), np.uint8)
        image[:3, :, 3] = 255
        (finding,) = self.of(write_png(tmp_path / "m.png", image))
        assert "15 of 20 pixels (75%) are line, since its opacity says so" in finding

    def test_dark_lines_are_said(self, tmp_path):
        path = write_png(tmp_path / "m.png", np.where(LINE, 0, 255).astype(np.uint8))
        assert self.of(path) == [f"{path}: the lines are darker than their ground"]

    def test_an_object_may_cover_most_but_not_all_unsaid(self, tmp_path):
        image = np.full((4, 5), 255, np.uint8)
        assert "20 of 20 pixels (100%) are object" in self.of(write_png(tmp_path / "m.png", image), "object")[0]
        image[0, 0] = 0
        assert self.of(write_png(tmp_path / "m.png", image), "object") == []

    def test_an_object_around_a_hole_is_said(self, tmp_path):
        path = write_png(tmp_path / "m.png", np.where(LINE, 0, 255).astype(np.uint8))
        assert self.of(path, "object") == [
            f"{path}: 333 of 384 pixels are object, all of the border; if the object is black, invert it"
        ]

    def test_of_a_mask_as_it_should_be_nothing_is_said(self, tmp_path):
        assert self.of(write_png(tmp_path / "m.png", LINE.astype(np.uint8) * 255)) == []
