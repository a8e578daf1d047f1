"""Drawings as PNGs: read back by OpenCV and pillow, streamed or not, whole or not at all."""

import struct
import zlib

import cv2
import numpy as np
import pytest
from numpy.testing import assert_array_equal
from PIL import Image

from data.images import read_picture_header
from data.io.png import write_drawing, write_drawing_bands, write_png
from data.preparing.streaming_statistics import STRIP_ROWS


@pytest.fixture
def path(tmp_path):
    return tmp_path / "VIEW" / "VIEW_drawings.png"


def lines(height, width):
    """A drawing with edges in every direction, noise, and ink at the border."""
    canvas = np.zeros((height, width), np.uint8)
    cv2.line(canvas, (0, 0), (width, height), 1, 3)
    cv2.circle(canvas, (width // 2, height // 2), height // 3, 1, 2)
    noise = np.random.default_rng(0).random((height, width)) < 0.05
    return canvas.astype(bool) | noise


def cut(line, *heights):
    """The same rows in bands of the given heights."""
    return np.split(line, np.cumsum(heights)[:-1])


def read(path):
    return cv2.imread(str(path), cv2.IMREAD_UNCHANGED)


@pytest.mark.parametrize("shape", [(1, 1), (7, 5), (STRIP_ROWS, 31), (2 * STRIP_ROWS + 1, 30)])
def test_a_drawing_is_black_with_the_line_in_alpha(path, shape):
    line = lines(*shape)

    write_drawing(path, line)

    picture = read(path)
    assert picture.dtype == np.uint8
    assert_array_equal(picture[..., :3], np.zeros((*shape, 3)))
    assert_array_equal(picture[..., 3], np.where(line, 255, 0))


def test_other_readers_see_the_same(path):
    line = lines(50, 61)

    write_drawing(path, line)

    with Image.open(path) as image:
        assert image.mode == "RGBA"
        image.verify()  # every checksum
    with Image.open(path) as image:
        assert_array_equal(np.asarray(image)[..., 3] > 0, line)


@pytest.mark.parametrize("heights", [(40,), (1,) * 40, (13, 20, 7), (39, 1)])
def test_a_drawing_may_come_in_any_bands(path, heights):
    line = lines(40, 33)

    write_drawing_bands(path, line.shape, cut(line, *heights))

    assert_array_equal(read(path)[..., 3] > 0, line)


def test_an_empty_drawing(path):
    write_drawing(path, np.zeros((30, 20), bool))

    assert_array_equal(read(path), np.zeros((30, 20, 4)))


def test_an_error_between_two_bands_leaves_the_drawing_that_was_there(path):
    old = lines(40, 33)
    write_drawing(path, old)

    def bands():
        yield ~old[:20]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_drawing_bands(path, old.shape, bands())

    assert_array_equal(read(path)[..., 3] > 0, old)
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("rows", [39, 41])
def test_rows_that_are_missing_or_too_many_make_no_file(path, rows):
    with pytest.raises(ValueError, match=f"{rows} rows for a drawing 40 pixels high"):
        write_drawing_bands(path, (40, 33), [np.zeros((rows, 33), bool)])

    assert not list(path.parent.iterdir())


def test_rows_of_another_width_make_no_file(path):
    with pytest.raises(ValueError, match="for a drawing 33 pixels wide"):
        write_drawing_bands(path, (40, 33), [np.zeros((40, 32), bool)])

    assert not list(path.parent.iterdir())


@pytest.mark.parametrize("planes", [(), (3,), (4,)], ids=["grey", "RGB", "RGBA"])
def test_a_picture_keeps_its_colours(path, planes):
    picture = np.random.default_rng(0).integers(0, 256, (9, 11, *planes)).astype(np.uint8)

    write_png(path, picture)

    with Image.open(path) as image:
        assert_array_equal(np.asarray(image), picture)


class TestResolution:
    """Exports carry their pixel size where it is known, and are as they were where it is not."""

    @staticmethod
    def chunks(path):
        content, at, found = path.read_bytes(), 8, {}
        while at < len(content):
            length, kind = struct.unpack_from(">I4s", content, at)
            found.setdefault(kind, content[at + 8 : at + 8 + length])
            assert struct.unpack_from(">I", content, at + 8 + length)[0] == zlib.crc32(
                content[at + 4 : at + 8 + length]
            )
            at += length + 12
        return found

    def writers(self, path, pixels_per_mm):
        line = lines(12, 17)
        yield write_drawing(path, line, pixels_per_mm)
        yield write_drawing_bands(path, line.shape, cut(line, 5, 7), pixels_per_mm)
        yield write_png(path, line.astype(np.uint8), pixels_per_mm)

    def test_a_known_one_is_said_before_the_pixels(self, path):
        for _ in self.writers(path, 40.0):
            found = self.chunks(path)
            assert list(found)[:3] == [b"IHDR", b"pHYs", b"IDAT"]
            assert found[b"pHYs"] == struct.pack(">IIB", 40000, 40000, 1)
            with Image.open(path) as image:
                assert image.info["dpi"] == pytest.approx((1016, 1016))
            header = read_picture_header(path)
            assert (header.pixels_per_mm, header.resolution_source) == (40.0, "PNG pHYs")

    def test_without_one_the_chunk_is_missing_and_the_rest_is_the_same(self, path):
        with_it = [path.read_bytes() for _ in self.writers(path, 40.0)]
        without = [path.read_bytes() for _ in self.writers(path, None)]
        for known, unknown in zip(with_it, without, strict=True):
            assert known[:33] + known[54:] == unknown
            assert b"pHYs" not in unknown

    def test_pixels_stay(self, path):
        line = lines(50, 61)
        write_drawing(path, line, 40.0)
        assert_array_equal(read(path)[..., 3] > 0, line)
