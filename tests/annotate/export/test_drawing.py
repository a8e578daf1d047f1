"""An exported drawing is taken by ``data.setup`` at once, and is the truth that was drawn."""

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from annotate.export import write_export
from data.images import read_picture_header
from data.setup import main
from data.storage import PreparedSet
from tests.data.conftest import DPI, OBJECT, SHAPE, RawMirrors

MODEL_SHAPE = (SHAPE[0] // 2, SHAPE[1] // 2)


@pytest.fixture
def raw(tmp_path, monkeypatch):
    mirrors = RawMirrors(tmp_path / "mirrors")
    mirrors.add("A_R", drawn=False)
    for name, value in (("STORAGE", tmp_path / "storage"), ("DIR_ROOT", mirrors.root)):
        monkeypatch.setenv(f"RETRACE_{name}", str(value))
    for name in ("GT_REL", "MASKS_REL"):
        monkeypatch.delenv(f"RETRACE_{name}", raising=False)
    return mirrors


def setup(tmp_path):
    result = CliRunner().invoke(main, [])
    assert result.exit_code == 0, result.output
    return PreparedSet.open(tmp_path / "storage", "mirrors").view("A_R")


def exported(raw, tmp_path, drawing):
    """Export a drawing where the dataset has its drawings, and prepare the mirror again."""
    write_export("png", setup(tmp_path), drawing, None, raw.drawing_file("A_R"))
    return setup(tmp_path)


def test_a_drawing_of_lines_comes_back_pixel_for_pixel(raw, tmp_path):
    rng = np.random.default_rng(0)
    drawing = (rng.random(MODEL_SHAPE) < 0.3).astype(np.float32)
    view = exported(raw, tmp_path, drawing)
    assert view.has_truth
    np.testing.assert_array_equal(view.truth, (drawing > 0.5) & view.mask)


def test_it_says_the_resolution_of_the_scan(raw, tmp_path):
    exported(raw, tmp_path, np.eye(*MODEL_SHAPE, dtype=np.float32))
    assert read_picture_header(raw.drawing_file("A_R")).pixels_per_mm == pytest.approx(DPI / 25.4)


def test_probabilities_come_back_but_for_the_lines_edges(raw, tmp_path):
    rng = np.random.default_rng(0)
    drawing = cv2.GaussianBlur(rng.random(MODEL_SHAPE).astype(np.float32), (0, 0), 2)
    drawing = np.clip((drawing - 0.5) * 4 + 0.4, 0, 1)
    view = exported(raw, tmp_path, drawing)
    line = (drawing > 0.5) & view.mask
    differing = view.truth ^ line
    edge = cv2.dilate(line.astype(np.uint8), np.ones((3, 3))) != cv2.erode(line.astype(np.uint8), np.ones((3, 3)))
    assert 0.1 < line[view.mask].mean() < 0.9
    assert not differing[~edge].any()
    assert differing[view.mask].mean() < 0.04


def test_line_off_the_object_is_in_the_picture_only_if_asked(raw, tmp_path):
    view, drawing = setup(tmp_path), np.zeros(MODEL_SHAPE, np.float32)
    drawing[8:12] = 1
    path, widths = tmp_path / "drawing.png", []
    for off_object in (False, True):
        write_export("png", view, drawing, None, path, off_object=off_object)
        widths.append(int((cv2.imread(str(path), cv2.IMREAD_UNCHANGED)[20, :, 3] > 0).sum()))
    assert widths == [OBJECT[1].stop - OBJECT[1].start, SHAPE[1]]


def test_it_is_in_the_datasets_own_format(raw, tmp_path):
    drawing = np.zeros(MODEL_SHAPE, np.float32)
    drawing[8:12] = 1
    exported(raw, tmp_path, drawing)
    picture = cv2.imread(str(raw.drawing_file("A_R")), cv2.IMREAD_UNCHANGED)
    assert picture.shape == (*SHAPE, 4)
    assert not picture[..., :3].any()
    line = np.zeros(SHAPE, np.uint8)
    line[16:24, OBJECT[1]] = 255  # nothing off the object
    np.testing.assert_array_equal(picture[..., 3], line)
