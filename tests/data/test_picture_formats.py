"""Pictures of each format: what they store is kept, upright, with their resolution, and as pillow reads it."""

from __future__ import annotations

import struct
import zlib

import cv2
import numpy as np
import pytest
import tifffile
from numpy.testing import assert_array_equal
from PIL import Image, ImageOps

from data.errors import DataError
from data.images import read_drawing, read_grey, read_mask, read_photograph, read_picture, read_picture_header, read_rgb
from tests.data.conftest import write_png
from tests.data.pictures import LINE, chunk, png, saved

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
