"""What a truth or an object's mask looks wrong in is counted and said."""

from __future__ import annotations

import numpy as np

from data.images import mask_findings, read_marks
from tests.data.conftest import write_png
from tests.data.pictures import LINE


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
