"""Preparing again does only what has changed; what is gone goes; nothing half written is taken for whole."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from data.errors import DataError
from data.ingest import prepare_view, prepared_view
from data.io.files import writer
from data.kinds import RawData
from data.kinds.mirrors import KIND, mirror_sources
from data.storage import open_view
from tests.data.conftest import SHAPE, relief, write_png
from user_config import settings


@pytest.fixture
def written(folder):
    """What was written since it was asked last: names of arrays."""
    seen: dict[str, int] = {}

    def since_last():
        now = {path.name: path.stat().st_mtime_ns for path in folder.glob("*.npy")}
        fresh = {name.removesuffix(".npy") for name, when in now.items() if seen.get(name) != when}
        seen.clear()
        seen.update(now)
        return fresh

    return since_last


def both(*names):
    return {f"{name}_{level}" for name in names for level in ("scan", "model")}


def redraw(mirrors, rows):
    image = np.zeros((*SHAPE, 4), np.uint8)
    image[rows, 12:52] = (0, 0, 0, 255)
    write_png(mirrors.drawing_file("A_R"), image)


class TestAgain:
    def test_a_file_that_was_touched_or_copied_is_the_same_file(self, mirrors, prepare, written, folder):
        mirrors.add("A_R")
        prepare()
        written()
        os.utime(mirrors.depth_file("A_R"), ns=(1, 1))
        fingerprint = open_view(folder).fingerprint(["depth"])
        prepare()
        assert written() == set()
        assert open_view(folder).fingerprint(["depth"]) == fingerprint
        now = open_view(folder).manifest["parts"]["depth"]["files"][0]
        assert now["modified_ns"] == 1  # so that it need not be read to be compared the next time

    def test_of_another_drawing_only_the_truth_is_made(self, mirrors, prepare, written, folder):
        mirrors.add("A_R")
        prepare()
        written()
        before = open_view(folder).fingerprint(["depth"])
        redraw(mirrors, slice(30, 34))
        prepare()
        assert written() == both("truth")
        assert open_view(folder).truth[15:17, 6:26].all()
        assert open_view(folder).fingerprint(["depth"]) != before

    def test_of_another_mask_all_is_made(self, mirrors, prepare, written):
        mirrors.add("A_R")
        prepare()
        written()
        write_png(mirrors.mask_file("A_R"), np.full(SHAPE, 255, np.uint8))
        prepare()
        assert written() == both("depth", "mask", "truth")

    def test_a_further_channel_is_made_alone_and_kept_up_to_date(self, mirrors, prepare, written, folder):
        mirrors.add("A_R")
        mirrors.add_normals("A_R")
        prepare()
        written()
        prepare("depth", "normals")
        assert written() == both("normals")
        mirrors.add("A_R", depth=relief() * 2)
        prepare("depth")
        assert written() == both("depth")
        assert open_view(folder).channels == ("depth", "normals")

    def test_a_channel_whose_map_is_gone_goes_too(self, mirrors, prepare, folder):
        mirrors.add("A_R")
        mirrors.add_normals("A_R")
        prepare("depth", "normals")
        mirrors.depth_file("A_R").with_name("A_R_N.tif").unlink()
        assert prepare() == []
        assert open_view(folder).channels == ("depth",)
        assert not list(folder.glob("normals*"))

    def test_a_drawing_that_is_gone_goes_too(self, mirrors, prepare, folder):
        mirrors.add("A_R")
        prepare()
        mirrors.drawing_file("A_R").unlink()
        prepare()
        assert not open_view(folder).has_truth
        assert not list(folder.glob("truth*"))

    def test_another_resolution_makes_the_depth_anew_and_is_remembered(self, mirrors, prepare, written, folder):
        mirrors.add("A_R", dpi=None)
        prepare(dpi=254.0)
        written()
        prepare()
        assert written() == set()
        prepare(dpi=508.0)
        assert written() == both("depth")
        assert open_view(folder).pixels_per_mm == pytest.approx(20)

    def test_a_resolution_that_the_file_states_too_changes_nothing(self, mirrors, prepare, written):
        mirrors.add("A_R")
        prepare()
        written()
        prepare(dpi=254.0)
        assert written() == set()

    def test_a_resolution_that_the_file_states_otherwise_goes_before_it(self, mirrors, prepare, written, folder):
        mirrors.add("A_R")
        prepare()
        written()
        prepare(dpi=508.0)
        assert written() == both("depth")
        assert open_view(folder).pixels_per_mm == pytest.approx(20)
        assert prepared_view("A_R", "mirrors", None, ["depth"], None, settings()).pixels_per_mm == pytest.approx(20)

    def test_without_a_mask_another_size_of_one_map_is_checked_against_all(self, mirrors, prepare):
        mirrors.add("B_R")
        mirrors.add_normals("B_R")
        mirrors.add("A_R", cut=False, drawn=False)
        mirrors.add_normals("A_R")
        prepare("depth", "normals")
        mirrors.add("A_R", cut=False, drawn=False, depth=relief()[:40])
        (reason,) = prepare("depth", "normals")
        assert "A_R_N.tif: 48 x 64 pixels, but the first map: 40 x 64" in reason

    def test_of_a_mask_that_is_new_or_gone_all_is_made(self, mirrors, prepare, written, folder):
        mirrors.add("A_R", cut=False)
        prepare()
        written()
        mirrors.add("A_R")
        prepare()
        assert written() == both("depth", "mask", "truth")
        mirrors.mask_file("A_R").unlink()
        prepare()
        assert written() == both("depth", "mask", "truth")
        assert open_view(folder).mask.all()

    def test_arrays_that_somebody_removed_are_made_anew(self, mirrors, prepare, written, folder):
        mirrors.add("A_R")
        mirrors.add_normals("A_R")
        prepare("depth", "normals")
        written()
        (folder / "normals_scan.npy").unlink()  # another process, that knew of no normals, does just that
        prepare()
        assert written() == both("normals")

    def test_a_further_channel_changes_nothing_for_a_model_that_does_not_see_it(self, mirrors, prepare, config, folder):
        mirrors.add("A_R", cut=False)
        mirrors.add_normals("A_R")
        prepare()
        before = open_view(folder).fingerprint(["depth"])
        prepared_view("A_R", "mirrors", None, ["normals"], None, config)
        assert open_view(folder).fingerprint(["depth"]) == before
        assert open_view(folder).fingerprint(["depth", "normals"]) != before

    @pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": 2}', '{"format": 3}'])
    def test_a_manifest_that_cannot_be_used_is_made_anew(self, mirrors, prepare, folder, content):
        mirrors.add("A_R")
        prepare()
        (folder / "manifest.json").write_text(content)
        prepare()
        assert open_view(folder).truth.any()

    def test_moved_elsewhere_a_set_has_the_same_fingerprint(self, mirrors, prepare, folder, tmp_path):
        mirrors.add("A_R")
        prepare()
        shutil.copytree(mirrors.root, tmp_path / "moved")
        root = tmp_path / "moved"
        (source,) = mirror_sources(RawData(root, root / "drawings", root / "masks", channels=("depth",)))
        prepare_view(source, tmp_path / "other", KIND.model_scale)
        assert open_view(tmp_path / "other").fingerprint(["depth"]) == open_view(folder).fingerprint(["depth"])

    @pytest.mark.parametrize(
        "harm", [Path.unlink, lambda path: os.truncate(path, 200), lambda path: path.write_bytes(b"")]
    )
    def test_an_array_that_was_lost_or_cut_short_is_made_anew(self, mirrors, prepare, written, folder, harm):
        mirrors.add("A_R")
        prepare()
        written()
        harm(folder / "depth_model.npy")
        prepare()
        assert written() == both("depth")

    def test_an_array_cut_short_is_one_message(self, mirrors, prepare, folder):
        mirrors.add("A_R")
        prepare()
        os.truncate(folder / "truth_model.npy", 200)
        with pytest.raises(DataError, match=r"truth_model.npy: cut short or damaged; run `python -m data.setup`"):
            _ = open_view(folder).truth

    def test_of_a_view_that_is_skipped_no_array_is_left(self, mirrors, prepare, folder):
        mirrors.add("A_R")
        mirrors.add("B_R")
        prepare()
        mirrors.add("A_R", depth=np.full(SHAPE, 0.5, np.float32))
        assert "constant" in prepare()[0]
        assert list(folder.iterdir()) == []

    def test_a_view_whose_folder_cannot_be_written_stops_no_other(self, mirrors, prepare, folder):
        for view in ("A_R", "B_R"):
            mirrors.add(view)
        folder.parent.mkdir(parents=True)
        folder.write_text("a file where the view's folder should be")
        (reason,) = prepare()
        assert "A_R" in reason
        assert open_view(folder.with_name("B_R")).has_truth


class TestBrokenOff:
    def test_what_was_begun_is_not_there_and_is_made_the_next_time(self, mirrors, prepare, folder, monkeypatch):
        mirrors.add("A_R")
        prepare()
        redraw(mirrors, slice(30, 34))

        def fail(self, name, mask):
            (self.folder / f".truth_scan.npy.{writer(999999999)}").touch()
            raise KeyboardInterrupt

        with monkeypatch.context() as broken:
            broken.setattr("data.preparing.writing.ViewWriter.mask", fail)
            with pytest.raises(KeyboardInterrupt):
                prepare()
        with pytest.raises(DataError, match="not to the end"):
            open_view(folder)
        prepare()
        assert open_view(folder).truth[15:17, 6:26].all()
        assert not list(folder.glob(".*"))

    def test_a_manifest_never_speaks_of_arrays_that_are_gone(self, mirrors, prepare, folder, monkeypatch):
        mirrors.add("A_R")
        prepare()
        mirrors.drawing_file("A_R").rename(mirrors.root / "elsewhere.png")

        def fail(path, content):
            raise KeyboardInterrupt

        with monkeypatch.context() as broken:
            broken.setattr("data.ingest.write_json", fail)
            with pytest.raises(KeyboardInterrupt):
                prepare()
        assert open_view(folder).truth.any()
