"""The one rule for masks: every way in which people save one marks the same pixels."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import tifffile
from numpy.testing import assert_array_equal
from PIL import Image

from data.images import read_drawing, read_marks, read_mask, write_drawing
from data.marking import marks

SHAPE = (96, 128)
RED, YELLOW, VOC, PALE, BLUE = (255, 0, 0), (255, 255, 0), (128, 0, 0), (64, 0, 0), (0, 0, 255)


def drawn(line_type: int = cv2.LINE_8) -> np.ndarray:
    """Return strokes and a circle, (H, W) uint8: 255 on the line, 0 elsewhere, greys at soft edges."""
    canvas = np.zeros(SHAPE, np.uint8)
    cv2.circle(canvas, (45, 50), 25, 255, 4, line_type)
    cv2.line(canvas, (10, 12), (115, 30), 255, 4, line_type)
    return canvas


LINE = drawn() > 0
SOFT = drawn(cv2.LINE_AA)
OBJECT = np.zeros(SHAPE, bool)
OBJECT[4:-4, 4:-4] = True  # the greater part of the picture


def painted(where: np.ndarray, colour: tuple[int, ...], ground: tuple[int, ...] = (0, 0, 0)) -> np.ndarray:
    """Return (H, W, C) of one colour on another."""
    return np.where(where[..., None], np.array(colour, np.uint8), np.array(ground, np.uint8))


def grey(where, marked, ground=0, kind=np.uint8):
    return np.where(where, kind(marked), kind(ground))


def with_opacity(colours, alpha):
    return np.dstack([colours, alpha]).astype(np.uint8)


def palette(where, colours):
    """Return a picture of two colours, the first of them on the marked pixels."""
    image = Image.fromarray(np.where(where, 0, 1).astype(np.uint8), "P")
    image.putpalette([value for colour in colours for value in colour] + [0] * (768 - 6))
    return image


def saved(path, picture, **options):
    image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    image.save(path, **options)
    return path


LINES = {
    "white": grey(LINE, 255),
    "white in colours": painted(LINE, (255, 255, 255)),
    "red": painted(LINE, RED),
    "yellow": painted(LINE, YELLOW),
    "blue": painted(LINE, BLUE),
    "Pascal VOC's first class": painted(LINE, VOC),
    "Pascal VOC's eighth class": painted(LINE, PALE),
    "red on a blue ground": painted(LINE, RED, BLUE),
    "red on white": painted(LINE, RED, (255, 255, 255)),
    "black on yellow": painted(LINE, (0, 0, 0), YELLOW),
    "black on white": grey(LINE, 0, 255),
    "labels 0 and 1": grey(LINE, 1),
    "labels 0 and 2": grey(LINE, 2),
    "labels 1 and 2": grey(LINE, 2, 1),
    "0 and 128": grey(LINE, 128),
    "0 and 127": grey(LINE, 127),
    "128 and 255": grey(LINE, 255, 128),
    "labels 0 and 1 in 16 bits": grey(LINE, 1, kind=np.uint16),
    "0 and 255 in 16 bits": grey(LINE, 255, kind=np.uint16),
    "16 bits": grey(LINE, 65535, kind=np.uint16),
    "one bit": Image.fromarray(LINE),
    "one bit, dark": Image.fromarray(~LINE),
    "palette, the line is its first colour": palette(LINE, [RED, (0, 0, 0)]),
    "palette of viridis": palette(LINE, [(253, 231, 37), (68, 1, 84)]),
    "palette, dark on white": palette(LINE, [(0, 0, 0), (255, 255, 255)]),
    "black with the line in alpha": with_opacity(painted(LINE, (0, 0, 0)), 255 * LINE),
    "white with the line in alpha": with_opacity(painted(LINE, (255, 255, 255), (255, 255, 255)), 255 * LINE),
    "red, premultiplied": with_opacity(painted(LINE, RED), 255 * LINE),
    "red, the ground white and transparent": with_opacity(painted(LINE, RED, (255, 255, 255)), 255 * LINE),
    "a pale overlay": with_opacity(painted(LINE, RED), 100 * LINE),
    "grey and alpha": np.dstack([grey(LINE, 0), grey(LINE, 255)]),
    "red, opaque": with_opacity(painted(LINE, RED), np.full(SHAPE, 255)),
    "black on white, opaque": with_opacity(painted(LINE, (0, 0, 0), (255, 255, 255)), np.full(SHAPE, 255)),
    "white, half transparent throughout": with_opacity(painted(LINE, (255, 255, 255)), np.full(SHAPE, 128)),
    "grey and alpha, opaque": np.dstack([grey(LINE, 255), np.full(SHAPE, 255, np.uint8)]),
    "white on a black cut-out": with_opacity(painted(LINE, (255, 255, 255)), 255 * OBJECT),
    "black on a white cut-out": with_opacity(painted(LINE, (0, 0, 0), (255, 255, 255)), 255 * OBJECT),
}

OBJECTS = {
    "white": grey(OBJECT, 255),
    "the faintest grey": grey(OBJECT, 1),
    "red": painted(OBJECT, RED),
    "Pascal VOC's first class": painted(OBJECT, VOC),
    "labels 0 and 1 in 16 bits": grey(OBJECT, 1, kind=np.uint16),
    "labels 1 and 2": grey(OBJECT, 2, 1),
    "one bit": Image.fromarray(OBJECT),
    "palette of viridis": palette(OBJECT, [(253, 231, 37), (68, 1, 84)]),
    "red on white": painted(OBJECT, RED, (255, 255, 255)),
    "white on pale grey": grey(OBJECT, 255, 200),
    "dark grey and white": grey(OBJECT, 255, 40),
    "white cut-out": with_opacity(np.full((*SHAPE, 3), 255), 255 * OBJECT),
    "black cut-out": with_opacity(np.zeros((*SHAPE, 3)), 255 * OBJECT),
    "cut-out in grey": np.dstack([np.full(SHAPE, 255, np.uint8), grey(OBJECT, 255)]),
    "cut-out of a photograph": with_opacity(np.random.default_rng(0).integers(0, 256, (*SHAPE, 3)), 255 * OBJECT),
    "white on black, opaque": with_opacity(painted(OBJECT, (255, 255, 255)), np.full(SHAPE, 255)),
    "white on black, transparent throughout": with_opacity(painted(OBJECT, (255, 255, 255)), np.zeros(SHAPE)),
    "white on black, transparent at its corner": with_opacity(
        painted(OBJECT, (255, 255, 255)), 255 * ~np.pad([[True]], ((0, 95), (0, 127)))
    ),
}


class TestLines:
    @pytest.mark.parametrize("name", LINES)
    def test_each_way_to_save_a_line_reads_as_the_same_line(self, tmp_path, name):
        assert_array_equal(read_drawing(saved(tmp_path / "m.png", LINES[name])), LINE)

    @pytest.mark.parametrize("suffix", [".tif", ".bmp", ".gif", ".webp"])
    @pytest.mark.parametrize("name", ["white", "red", "labels 0 and 1", "black on white"])
    def test_other_formats_read_alike(self, tmp_path, suffix, name):
        options = {"lossless": True} if suffix == ".webp" else {}
        assert_array_equal(read_drawing(saved(tmp_path / f"m{suffix}", LINES[name], **options)), LINE)

    @pytest.mark.parametrize("kind", ["float32", "float64", "bool", "int16", "uint32"])
    @pytest.mark.parametrize("marked", [1, 255])
    def test_other_numbers_in_a_tiff_read_alike(self, tmp_path, kind, marked):
        tifffile.imwrite(tmp_path / "m.tif", (LINE * marked).astype(kind))
        assert_array_equal(read_drawing(tmp_path / "m.tif"), LINE)

    def test_pixels_without_a_value_are_no_line(self, tmp_path):
        values = np.where(LINE, 1, 0).astype(np.float32)
        values[0, :5] = np.nan
        tifffile.imwrite(tmp_path / "m.tif", values)
        assert_array_equal(read_drawing(tmp_path / "m.tif"), LINE)

    @pytest.mark.parametrize(
        "name", ["white", "black on white", "red", "red on white", "0 and 128", "white in colours"]
    )
    def test_the_noise_of_a_jpeg_is_no_line(self, tmp_path, name):
        mask = read_drawing(saved(tmp_path / "m.jpg", LINES[name], quality=80, subsampling=0))
        assert (mask ^ LINE).sum() < 0.05 * LINE.sum()
        clear = cv2.dilate(LINE.astype(np.uint8), np.ones((5, 5))) == 0
        assert not mask[clear].any()

    def test_the_products_own_drawing_is_read_back(self, tmp_path):
        write_drawing(tmp_path / "m.png", LINE)
        found = read_marks(tmp_path / "m.png", "lines")
        assert_array_equal(found.mask, LINE)
        assert (found.by, found.notes) == ("opacity", ())

    def test_the_products_own_drawing_is_read_back_though_line_is_its_greater_part(self, tmp_path):
        write_drawing(tmp_path / "m.png", ~LINE)
        assert_array_equal(read_drawing(tmp_path / "m.png"), ~LINE)

    def test_several_colours_are_all_line(self, tmp_path):
        image = painted(LINE, VOC)
        image[LINE & (np.arange(SHAPE[1]) > 60)] = BLUE
        image[LINE & (np.arange(SHAPE[0]) > 60)[:, None]] = YELLOW
        assert_array_equal(read_drawing(saved(tmp_path / "m.png", image)), LINE)

    def test_several_labels_are_all_line(self, tmp_path):
        labels = grey(LINE, 1)
        labels[LINE & (np.arange(SHAPE[1]) > 60)] = 3
        assert_array_equal(read_drawing(saved(tmp_path / "m.png", labels)), LINE)

    @pytest.mark.parametrize("colour", [(255, 255, 255), RED, BLUE, YELLOW])
    def test_a_soft_edge_is_line_from_half_on(self, tmp_path, colour):
        image = (SOFT[..., None] * (np.array(colour) / 255)).round().astype(np.uint8)
        assert_array_equal(read_drawing(saved(tmp_path / "m.png", image)), SOFT > 127)

    def test_a_soft_edge_of_dark_lines_is_line_from_half_on(self, tmp_path):
        assert_array_equal(read_drawing(saved(tmp_path / "m.png", 255 - SOFT)), SOFT > 127)

    @pytest.mark.parametrize("top", [100, 128, 150])
    def test_a_soft_edge_of_faint_lines_is_line_from_half_of_their_range_on(self, tmp_path, top):
        faint = (SOFT * (top / 255)).round().astype(np.uint8)
        assert_array_equal(read_drawing(saved(tmp_path / "m.png", faint)), faint > top / 2)

    def test_a_soft_edge_in_sixteen_bits_falls_where_it_falls_in_eight(self, tmp_path):
        values = np.linspace(0, 65535, 12288).round().astype(np.uint16).reshape(SHAPE)
        assert_array_equal(read_drawing(saved(tmp_path / "m.png", values)), values // 257 > 127)

    @pytest.mark.parametrize("colours", [False, True])
    def test_the_border_without_a_label_is_no_line(self, tmp_path, colours):
        around = (cv2.dilate(LINE.astype(np.uint8), np.ones((5, 5))) > 0) & ~LINE
        if colours:
            image = painted(LINE, VOC)
            image[around] = (224, 224, 192)
        else:
            image = grey(LINE, 1)
            image[around] = 255
        assert_array_equal(read_drawing(saved(tmp_path / "m.png", image)), LINE)

    def test_a_few_dark_specks_beside_white_lines_are_no_labels(self, tmp_path):
        image = grey(LINE, 255)
        image[0, :3] = (1, 2, 3)
        assert_array_equal(read_drawing(saved(tmp_path / "m.png", image)), LINE)

    def test_dark_lines_are_said(self):
        assert marks(grey(LINE, 0, 255), 255, "lines").notes == ("the lines are darker than their ground",)
        assert marks(grey(LINE, 255), 255, "lines").notes == ()

    @pytest.mark.parametrize(
        ("picture", "is_line", "throughout"),
        [
            (np.zeros(SHAPE, np.uint8), False, "of value 0"),
            (np.full(SHAPE, 1, np.uint8), False, "of value 1"),
            (np.full(SHAPE, 255, np.uint8), True, "of value 255"),
            (np.zeros((*SHAPE, 4), np.uint8), False, "transparent"),
            (with_opacity(painted(LINE, (255, 255, 255)), np.zeros(SHAPE)), False, "transparent"),
        ],
    )
    def test_a_picture_without_any_difference_is_empty_or_full(self, picture, is_line, throughout):
        found = marks(picture, 255, "lines")
        assert found.mask.all() == is_line
        assert found.mask.any() == is_line
        assert found.throughout == throughout

    @pytest.mark.parametrize(("low", "high", "is_line"), [(0, 30, False), (230, 255, True)])
    @pytest.mark.parametrize("colours", [False, True])
    def test_noise_alone_is_no_line(self, low, high, is_line, colours):
        planes = (3,) if colours else ()
        noise = np.random.default_rng(0).integers(low, high + 1, (*SHAPE, *planes)).astype(np.uint8)
        found = marks(noise, 255, "lines", lossy=True)
        assert found.mask.any() == found.mask.all() == (is_line and not colours)
        assert found.throughout

    def test_noise_alone_is_no_object(self):
        noise = np.random.default_rng(0).integers(0, 9, SHAPE).astype(np.uint8)
        assert not marks(noise, 255, "object", lossy=True).mask.any()
        assert marks(255 - noise, 255, "object", lossy=True).mask.all()

    def test_an_empty_set_of_labels_stays_empty_beside_one_with_lines(self):
        assert not marks(np.zeros(SHAPE, np.uint8), 255, "lines").mask.any()
        assert marks(grey(LINE, 1), 255, "lines").mask.any()


class TestObjects:
    @pytest.mark.parametrize("name", OBJECTS)
    def test_each_way_to_save_an_object_reads_as_the_same_object(self, tmp_path, name):
        assert_array_equal(read_mask(saved(tmp_path / "m.png", OBJECTS[name])), OBJECT)

    @pytest.mark.parametrize("suffix", [".tif", ".bmp", ".gif", ".webp"])
    @pytest.mark.parametrize("name", ["white", "red", "the faintest grey"])
    def test_other_formats_read_alike(self, tmp_path, suffix, name):
        options = {"lossless": True} if suffix == ".webp" else {}
        assert_array_equal(read_mask(saved(tmp_path / f"m{suffix}", OBJECTS[name], **options)), OBJECT)

    def test_the_noise_of_a_jpeg_is_no_object(self, tmp_path):
        assert_array_equal(read_mask(saved(tmp_path / "m.jpg", OBJECTS["white"], quality=60)), OBJECT)

    def test_a_soft_edge_is_object_wherever_it_is_not_black(self, tmp_path):
        assert_array_equal(read_mask(saved(tmp_path / "m.png", SOFT)), SOFT > 0)

    def test_a_hole_that_is_painted_black_in_a_cut_out_is_no_object(self, tmp_path):
        hole = np.zeros(SHAPE, bool)
        hole[40:50, 40:50] = True
        image = with_opacity(painted(OBJECT & ~hole, (255, 255, 255)), 255 * OBJECT)
        assert_array_equal(read_mask(saved(tmp_path / "m.png", image)), OBJECT & ~hole)

    def test_an_object_may_cover_all(self, tmp_path):
        assert read_mask(saved(tmp_path / "m.png", np.full(SHAPE, 255, np.uint8))).all()

    def test_several_labels_are_all_object(self, tmp_path):
        labels = grey(OBJECT, 1)
        labels[OBJECT & (np.arange(SHAPE[1]) > 60)] = 3
        assert_array_equal(read_mask(saved(tmp_path / "m.png", labels)), OBJECT)


class TestWhatWasReadRightBefore:
    """The former rules, on pictures that they read right, mark the same pixels."""

    @pytest.mark.parametrize("seed", range(20))
    def test_bright_lines_in_grey(self, seed):
        rng = np.random.default_rng(seed)
        strokes = np.zeros(SHAPE, np.uint8)
        for _ in range(3):
            start, end = (tuple(rng.integers(0, 90, 2).tolist()) for _ in range(2))
            cv2.line(strokes, start, end, int(rng.integers(180, 256)), int(rng.integers(1, 6)), cv2.LINE_AA)
        noisy = np.clip(strokes + rng.normal(0, rng.integers(1, 9), SHAPE), 0, 255).astype(np.uint8)
        for picture in (strokes, noisy):
            assert_array_equal(marks(picture, 255, "lines").mask, picture > 127)

    @pytest.mark.parametrize("seed", range(20))
    def test_objects_in_colour(self, seed):
        rng = np.random.default_rng(seed)
        image = np.zeros((*SHAPE, 3), np.uint8)
        corner = tuple(rng.integers(30, 90, 2).tolist())
        cv2.ellipse(image, corner, (30, 20), 20, 0, 360, rng.integers(1, 256, 3).tolist(), -1, cv2.LINE_AA)
        assert_array_equal(marks(image, 255, "object").mask, image.any(axis=2))
