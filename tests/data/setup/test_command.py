"""The command: roots never mix, views kept for testing, one view at a time, one message where the system refuses."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from data.asking import choose_test
from data.errors import DataError
from data.ingest import prepared_view
from data.kinds import kind_named
from tests.data.conftest import SHAPE, RawMirrors
from tests.data.setup.conftest import names, outcomes, prepared
from tests.root import ROOT
from user_config import settings


class TestRoots:
    def test_an_empty_root_is_refused_with_the_layout(self, mirrors, setup):
        mirrors.root.mkdir()
        assert "<VIEW>_U.tif" in setup(code=1).stderr

    def test_an_unknown_channel_is_refused_with_the_known_ones(self, mirrors, setup):
        mirrors.add("A_R")
        assert "depth, normals, albedo" in setup("--channels", "colour", code=1).stderr

    def test_another_root_is_refused_and_nothing_changes(self, mirrors, setup, storage, tmp_path):
        mirrors.add("A_R")
        setup()
        RawMirrors(tmp_path / "others").add("Z_R")
        assert "RETRACE_STORAGE" in setup("--root", tmp_path / "others", code=1).stderr
        assert names(storage) == ["A_R"]

    def test_what_another_root_left_half_done_does_not_slip_in(self, mirrors, setup, storage, tmp_path):
        mirrors.add("A_R")
        others = RawMirrors(tmp_path / "others")
        others.add("Z_R")
        setup("--root", others.root)
        (storage / "mirrors" / "set.json").unlink()  # as if it had been stopped before its last line
        setup()
        assert names(storage) == ["A_R"]

    def test_drawings_and_masks_are_looked_for_below_the_root_given(self, mirrors, setup, storage, tmp_path):
        others = RawMirrors(tmp_path / "others")
        others.add("Z_R")
        setup("--root", others.root)
        view = prepared(storage).view("Z_R")
        assert view.has_truth
        assert not view.mask.all()


class TestViewsForTest:
    def test_the_published_ones_are_kept_where_they_are_there(self):
        views, published = ["ANSA-VI-1701_R", "B_R", "wels-11944_R"], kind_named("mirrors").test_views
        assert choose_test(views, (), None, published) == ("ANSA-VI-1701_R", "wels-11944_R")

    def test_the_last_ones_by_name_are_kept(self, mirrors, setup, storage):
        for view in ("C_R", "A_R", "B_R"):
            mirrors.add(view)
        setup("--test_last", 2)
        assert prepared(storage).test == ("B_R", "C_R")

    def test_the_named_ones_are_kept(self, mirrors, setup, storage):
        for view in ("A_R", "B_R", "C_R"):
            mirrors.add(view)
        setup("--test", "C_R", "--test", "A_R")
        assert set(prepared(storage).test) == {"A_R", "C_R"}

    def test_a_view_that_does_not_exist_is_refused(self, mirrors, setup):
        mirrors.add("A_R")
        assert "'Z_R'" in setup("--test", "Z_R", code=1).stderr

    def test_keeping_all_views_is_refused(self, mirrors, setup):
        mirrors.add("A_R")
        assert "leaves none" in setup("--test_last", 1, code=1).stderr


class TestOneView:
    """``prepared_view``, which predict asks."""

    @staticmethod
    def ask(name, channels=("depth",), root=None, dpi=None):
        return prepared_view(name, "mirrors", root, channels, dpi, settings())

    def test_it_is_prepared_when_asked_for_and_no_other(self, mirrors, storage):
        mirrors.add("A_R")
        mirrors.add("B_R", drawn=False)
        assert self.ask("B_R").shape == SHAPE
        assert [path.name for path in (storage / "mirrors").iterdir()] == ["B_R"]

    def test_an_unknown_one_is_refused_with_the_known_ones(self, mirrors, storage):
        mirrors.add("A_R")
        with pytest.raises(DataError, match="'Z_R'; there are: A_R"):
            self.ask("Z_R")

    def test_another_root_is_refused(self, mirrors, setup, tmp_path):
        mirrors.add("A_R")
        setup()
        RawMirrors(tmp_path / "others").add("A_R")
        with pytest.raises(DataError, match="RETRACE_STORAGE"):
            self.ask("A_R", root=tmp_path / "others")

    def test_looking_at_it_takes_no_channel_and_no_resolution_away(self, mirrors, setup, storage):
        mirrors.add("A_R", dpi=None)
        mirrors.add_normals("A_R")
        setup("--channels", "depth,normals", "--dpi", 254)
        manifest = storage / "mirrors" / "A_R" / "manifest.json"
        before = manifest.read_text()
        self.ask("A_R")
        assert manifest.read_text() == before

    def test_a_channel_that_it_lacks_is_prepared_beside_the_others(self, mirrors, setup):
        mirrors.add("A_R")
        mirrors.add_normals("A_R")
        setup()
        assert set(self.ask("A_R", channels=["normals"]).manifest["statistics"]) == {"depth", "normals"}


class TestSystem:
    """Where the system refuses, one message names the file and says what to do, and what is finished is kept."""

    def test_a_full_disk(self, mirrors, setup, storage, monkeypatch):
        mirrors.add("A_R")
        setup()
        mirrors.add("B_R")

        def full(_):
            raise OSError(errno.ENOSPC, "No space left on device")

        with monkeypatch.context() as patched:
            patched.setattr(os, "fsync", full)
            message = setup(code=1).stderr
        assert f"{storage}/mirrors/B_R/" in message
        assert "No space left on device; free some space and run again" in message
        assert names(storage) == ["A_R"]
        assert not list(storage.rglob(".*"))
        assert outcomes(setup()) == {"A_R": "unchanged", "B_R": "prepared"}

    def test_a_storage_that_may_not_be_written(self, mirrors, setup, storage, monkeypatch):
        mirrors.add("A_R")

        def refuse(self, *_, **__):
            raise PermissionError(errno.EACCES, "Permission denied", str(self))

        monkeypatch.setattr(Path, "mkdir", refuse)
        assert f"{storage}/mirrors/A_R: Permission denied; allow this user" in setup(code=1).stderr

    def test_a_file_where_the_storage_should_be(self, mirrors, setup, storage):
        mirrors.add("A_R")
        storage.write_text("")
        assert "Not a directory; a file lies where a folder is expected" in setup(code=1).stderr

    @pytest.mark.parametrize("dpi", ["0", "-300", "fine"])
    def test_a_resolution_that_is_none(self, mirrors, setup, dpi):
        mirrors.add("A_R")
        assert "--dpi" in setup("--dpi", dpi, code=2).stderr


def test_help_loads_nothing_heavy():
    heavy = "['torch', 'cv2', 'numpy', 'tifffile', 'skimage']"
    code = f"import json, sys, data.setup; print(json.dumps([name for name in {heavy} if name in sys.modules]))"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert json.loads(loaded) == []
