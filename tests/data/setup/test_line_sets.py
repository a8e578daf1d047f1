"""Photographs with masks of their lines."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from data.channels import FULL_SCALE
from data.line_statistics import MIRROR_LINES
from data.regions import whole
from tests.data.conftest import write_png
from tests.data.setup.conftest import names, prepared


def bar(width: int) -> np.ndarray:
    """Return a mask of one straight line of a width, in the middle of 60 x 200 pixels."""
    mask = np.zeros((60, 200), np.uint8)
    mask[30 - width // 2 : 30 - width // 2 + width, 10:190] = 255
    return mask


@pytest.fixture
def cracks(tmp_path):
    """A line set's root, and a way to add a photograph with a line as wide as asked."""

    def add(name, width=None):
        write_png(tmp_path / "cracks" / "images" / f"{name}.jpg", np.full((60, 200, 3), 200, np.uint8))
        if width is not None:
            write_png(tmp_path / "cracks" / "masks" / f"{name}.png", bar(width))
        return tmp_path / "cracks"

    return add


class TestLineSet:
    def test_photographs_keep_their_pixels(self, cracks, setup, storage):
        root = cracks("a", 8)
        setup("--dataset", "lines", "--root", root)
        view = prepared(storage, "lines").view("a")
        assert (view.shape, view.model_shape, view.scale, view.pixels_per_mm) == ((60, 200), (60, 200), 1.0, None)
        assert_array_equal(view.truth, bar(8) > 0)
        assert_allclose(view.read(whole(view.shape), ["grey"], 1.0), 200 / 255, atol=1 / FULL_SCALE)
        assert prepared(storage, "lines").model_scale == 1.0

    def test_widths_are_measured_on_what_is_not_kept_for_testing(self, cracks, setup, storage):
        cracks("a", 8)
        cracks("b", 8)
        setup("--dataset", "lines", "--root", cracks("z", 30), "--test_last", 1)
        assert prepared(storage, "lines").lines.mean == pytest.approx(4, abs=0.3)

    def test_masks_without_any_line_leave_the_published_widths(self, cracks, setup, storage):
        setup("--dataset", "lines", "--root", cracks("a", 0))
        assert prepared(storage, "lines").lines == MIRROR_LINES

    def test_a_photograph_without_a_mask_is_undrawn(self, cracks, setup, storage):
        cracks("a", 8)
        setup("--dataset", "lines", "--root", cracks("b"))
        assert [view.has_truth for view in prepared(storage, "lines").views()] == [True, False]

    def test_each_photograph_is_an_object_of_its_own(self, cracks, setup, storage):
        cracks("a", 8)
        setup("--dataset", "lines", "--root", cracks("b", 8))
        assert [view.object for view in prepared(storage, "lines").views()] == ["a", "b"]

    def test_mirrors_and_lines_lie_side_by_side(self, cracks, mirrors, setup, storage):
        mirrors.add("A_R")
        setup()
        setup("--dataset", "lines", "--root", cracks("a", 8))
        assert (names(storage), names(storage, "lines")) == (["A_R"], ["a"])

    def test_two_photographs_of_one_name_are_skipped_and_the_others_go_on(self, cracks, setup, storage):
        cracks("b", 8)
        root = cracks("a", 8)
        write_png(root / "images" / "a.png", np.full((60, 200, 3), 200, np.uint8))
        assert "two pictures of one name" in setup("--dataset", "lines", "--root", root, code=1).stderr
        assert names(storage, "lines") == ["b"]

    def test_two_masks_of_one_name_are_skipped_and_the_others_go_on(self, cracks, setup):
        cracks("b", 8)
        root = cracks("a", 8)
        mask = root / "masks" / "a.png"
        other = write_png(mask.with_suffix(".tif" if mask.suffix == ".png" else ".png"), np.zeros((60, 200), np.uint8))
        assert other.exists()
        assert "two pictures of one name" in setup("--dataset", "lines", "--root", root, code=1).stderr

    def test_a_mask_without_a_line_is_said_to_be_one(self, cracks, setup):
        cracks("b", 8)
        assert "Without a line in the mask: a" in setup("--dataset", "lines", "--root", cracks("a", 0)).stdout

    def test_hidden_files_are_no_photographs(self, cracks, setup, storage):
        root = cracks("a", 8)
        (root / "images" / "._a.jpg").write_bytes(b"what macOS leaves on other disks")
        setup("--dataset", "lines", "--root", root)
        assert names(storage, "lines") == ["a"]

    def test_a_folder_of_another_layout_is_refused(self, setup, tmp_path):
        assert "images/" in setup("--dataset", "lines", "--root", tmp_path, code=1).stderr
