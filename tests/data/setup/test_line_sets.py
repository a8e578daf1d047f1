"""Photographs with masks of their lines."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from PIL import Image

from data.channels import FULL_SCALE
from data.findings import NoWriter
from data.kinds.lines import LineSource
from data.line_statistics import MIRROR_LINES
from data.module import input_statistics
from data.regions import whole
from tests.data.conftest import write_png
from tests.data.setup.conftest import names, prepared

AS_THEY_ARE = ("--dataset", "lines", "--line_width", 6.19)  # images keep their size


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
        setup(*AS_THEY_ARE, "--root", root)
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

    @pytest.mark.parametrize("width", [6.19, 20])
    def test_masks_without_any_line_leave_lines_as_on_mirrors_as_wide_as_they_are_shown(
        self, cracks, setup, storage, width
    ):
        setup("--dataset", "lines", "--root", cracks("a", 0), "--line_width", width)
        lines = prepared(storage, "lines").lines
        assert lines.mean == pytest.approx(width / 2)
        assert lines.deviation / lines.mean == pytest.approx(MIRROR_LINES.deviation / MIRROR_LINES.mean)

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

    def test_a_mask_without_a_line_is_reported(self, cracks, setup):
        cracks("b", 8)
        assert "Without a line in the mask: a" in setup("--dataset", "lines", "--root", cracks("a", 0)).stdout

    def test_a_set_without_any_line_is_said_to_be(self, cracks, setup):
        cracks("a", 0)
        said = setup("--dataset", "lines", "--root", cracks("b", 0)).stdout
        assert "Without a line in the mask: a, b (2 of 2)" in said
        assert "No line in any of 2 drawings or masks: nothing to train on or to score; check the files" in said
        assert "No line in any" not in setup("--dataset", "lines", "--root", cracks("c", 5)).stdout

    def test_hidden_files_are_no_photographs(self, cracks, setup, storage):
        root = cracks("a", 8)
        (root / "images" / "._a.jpg").write_bytes(b"what macOS leaves on other disks")
        setup("--dataset", "lines", "--root", root)
        assert names(storage, "lines") == ["a"]

    def test_a_folder_of_another_layout_is_refused(self, setup, tmp_path):
        assert "images/" in setup("--dataset", "lines", "--root", tmp_path, code=1).stderr


class TestMasks:
    """What people save as a mask, and what is said of it."""

    @staticmethod
    def notes(root, name):
        return (
            LineSource(root / "images" / f"{name}.jpg", root / "masks" / f"{name}.png", ("grey",))
            .prepare(["grey", "truth"], NoWriter())
            .notes
        )

    def test_of_lines_on_black_nothing_is_said(self, cracks):
        assert self.notes(cracks("a", 8), "a") == {"grey": [], "truth": []}

    def test_a_mask_without_a_line_is_said_with_its_likely_reason(self, cracks):
        (said,) = self.notes(cracks("a", 0), "a")["truth"]
        assert "masks/a.png: 0 of 12000 pixels are line, since all of it is of value 0" in said

    def test_dark_lines_are_read_and_said(self, cracks, setup, storage):
        root = cracks("a", 8)
        write_png(root / "masks" / "a.png", 255 - bar(8))
        (said,) = self.notes(root, "a")["truth"]
        assert said == f"{root / 'masks' / 'a.png'}: the lines are darker than their ground"
        setup(*AS_THEY_ARE, "--root", root)
        assert_array_equal(prepared(storage, "lines").view("a").truth, bar(8) > 0)

    @pytest.mark.parametrize("orientation", range(1, 9))
    def test_image_and_mask_that_are_stored_turned_alike_fit(self, tmp_path, setup, storage, orientation):
        exif = Image.Exif()
        exif[274] = orientation
        for folder, image in (("images", 200 - bar(8) // 2), ("masks", bar(8))):
            (tmp_path / "cracks" / folder).mkdir(parents=True)
            image[:20, :50] = image[30, 100]  # a corner that tells which way is up
            Image.fromarray(image).save(tmp_path / "cracks" / folder / "a.jpg", exif=exif, quality=95)
        setup(*AS_THEY_ARE, "--root", tmp_path / "cracks")
        view = prepared(storage, "lines").view("a")
        grey = view.read(whole(view.shape), ["grey"], 1.0)[0]
        assert grey[~view.truth].mean() - grey[view.truth].mean() > 0.45
        assert view.shape == ((200, 60) if orientation > 4 else (60, 200))

    @pytest.mark.parametrize(("orientation", "said"), [(1, 0), (3, 1)])
    def test_an_image_that_alone_is_stored_turned_is_said(self, cracks, orientation, said):
        root, exif = cracks("a", 8), Image.Exif()
        exif[274] = orientation
        Image.fromarray(np.full((60, 200), 200, np.uint8)).save(root / "images" / "a.jpg", exif=exif)
        assert (
            sum("a.png says nothing of that, so see if it fits" in note for note in self.notes(root, "a")["truth"])
            == said
        )


class TestChannels:
    def test_colours_are_prepared_where_they_are_asked_for(self, cracks, setup, storage):
        setup(*AS_THEY_ARE, "--root", cracks("a", 8), "--channels", "grey,rgb")
        view = prepared(storage, "lines").view("a")
        assert view.channels == ("grey", "rgb", "relief")
        image = view.read(whole(view.shape), ["rgb", "grey"], 1.0)
        assert image.shape == (4, 60, 200)
        assert_allclose(image, 200 / 255, atol=2 / FULL_SCALE)

    def test_a_channel_that_was_prepared_before_is_kept(self, cracks, setup, storage):
        root = cracks("a", 8)
        setup("--dataset", "lines", "--root", root, "--channels", "rgb")
        setup("--dataset", "lines", "--root", root)
        assert set(prepared(storage, "lines").view("a").channels) == {"rgb", "grey", "relief"}

    def test_what_earlier_versions_called_depth_is_grey(self, cracks, setup, storage):
        result = setup("--dataset", "lines", "--root", cracks("a", 8), "--channels", "depth")
        assert "the channel depth of lines is called grey" in result.stdout
        assert prepared(storage, "lines").view("a").channels == ("grey", "relief")

    def test_a_channel_of_scans_is_refused(self, cracks, setup):
        refused = setup("--dataset", "lines", "--root", cracks("a", 8), "--channels", "normals", code=1)
        assert "no channel 'normals'; there are: grey, red, green, blue, rgb, relief" in refused.stderr


class TestSetsOfEarlierVersions:
    """They call the grey image depth, in the manifest and in the names of files."""

    @pytest.fixture
    def earlier(self, cracks, setup, storage):
        """A set as an earlier version wrote it: its image, and its manifest."""
        setup(*AS_THEY_ARE, "--root", cracks("a", 8))
        view = prepared(storage, "lines").view("a")
        image = view.read(whole(view.shape), ["grey"], 1.0)
        manifest = json.loads((view.folder / "manifest.json").read_text())
        for table in ("encodings", "statistics", "parts"):
            manifest[table]["depth"] = manifest[table].pop("grey")
            del manifest[table]["relief"]
        del manifest["stored_as"], manifest["showing"]
        (view.folder / "manifest.json").write_text(json.dumps(manifest))
        (view.folder / "relief_model.npy").unlink()
        whole_set = json.loads((view.folder.parent / "set.json").read_text())
        del whole_set["showing"]
        (view.folder.parent / "set.json").write_text(json.dumps(whole_set))
        return image, manifest

    def test_they_open_with_the_names_of_today(self, earlier, storage):
        image, _ = earlier
        view = prepared(storage, "lines").view("a")
        assert view.channels == ("grey",)
        assert_array_equal(view.read(whole(view.shape), ["grey"], 1.0), image)
        assert view.mapped("grey", 1.0).shape == image.shape
        assert input_statistics([view], ["grey"])[0] == pytest.approx([200 / 255], abs=1e-4)

    @pytest.mark.parametrize("again", [False, True])
    def test_their_fingerprint_stays_so_that_runs_on_them_go_on(self, earlier, cracks, setup, storage, again):
        _, manifest = earlier
        parts = {
            name: [part["parameters"], [file["sha256"] for file in part["files"]]]
            for name, part in manifest["parts"].items()
        }
        assert set(parts) == {"depth", "mask", "truth"}
        if again:
            setup(*AS_THEY_ARE, "--root", cracks("a", 8))
        found = prepared(storage, "lines").view("a").fingerprint(["grey"])
        assert found == hashlib.sha256(json.dumps([3, "a", parts], sort_keys=True).encode()).hexdigest()

    @pytest.mark.usefixtures("earlier")
    def test_prepared_again_the_manifest_has_the_name_of_today_and_files_keep_theirs(self, cracks, setup, storage):
        setup(*AS_THEY_ARE, "--root", cracks("a", 8))
        folder = prepared(storage, "lines").view("a").folder
        arrays = {path.name for path in folder.glob("*.npy")}
        assert arrays == {
            "depth_model.npy",
            "mask_model.npy",
            "truth_model.npy",
            "relief_model.npy",
        }  # as programs that read them expect
        manifest = json.loads((folder / "manifest.json").read_text())
        assert manifest["statistics"].keys() == manifest["encodings"].keys() == {"grey", "relief"}
        assert manifest["parts"].keys() == {"grey", "relief", "mask", "truth"}
