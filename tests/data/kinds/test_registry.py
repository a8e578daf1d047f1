"""Kinds of data: a file more, and every command knows one more; listing them loads nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import import_module
from importlib.metadata import EntryPoint

import numpy as np
import pytest
from click.testing import CliRunner

import data.check
import data.kinds
import data.setup
from data.channels import channel_named, vector_planes
from data.errors import DataError
from data.kinds import kind_named, names, register
from data.module import split_views
from data.regions import Region
from data.storage import FORMAT, VIEW_MANIFEST, PreparedSet, open_view
from tests.data.kinds.stamps import INFRARED, KIND
from tests.root import ROOT

COMMANDS = ["train", "eval", "predict", "annotate.__main__", "data.setup", "data.check", "bench.quality.__main__"]


def command(module):
    return import_module(module).main


@pytest.fixture
def stamps(monkeypatch):
    """The kind of the test folder, known for one test."""
    monkeypatch.setattr(data.kinds, "_registered", {})
    register(KIND)


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A command on three stamps of two objects: ``run(data.check.main)`` gives its output."""
    images = np.ones((3, 2, 40, 60), np.float32)
    images[:, 0, 18:22, 10:50] = 0
    (tmp_path / "stamps").mkdir()
    for name, image in zip(("penny-front", "penny-back", "mauritius-front"), images, strict=True):
        np.save(tmp_path / "stamps" / f"{name}.npy", image)
    monkeypatch.setenv("RETRACE_STORAGE", str(tmp_path / "storage"))
    monkeypatch.setenv("RETRACE_DIR_ROOT", str(tmp_path / "stamps"))

    def invoke(command, code=0):
        result = CliRunner().invoke(command, ["--dataset", "stamps"], catch_exceptions=False)
        assert result.exit_code == code, result.output
        return result.output

    return invoke


@pytest.mark.usefixtures("stamps")
class TestFromAnotherFolder:
    @pytest.mark.parametrize("module", COMMANDS)
    def test_every_command_offers_it(self, module):
        output = CliRunner().invoke(command(module), ["--help"], terminal_width=200).output
        assert f"[{'|'.join(names())}]" in output
        assert "stamps" in names()

    def test_its_files_are_checked(self, run):
        assert "3 views, 0 unusable" in run(data.check.main)

    def test_a_faulty_file_is_named(self, run, tmp_path):
        np.save(tmp_path / "stamps" / "penny-back.npy", np.ones((4, 4)))
        assert "penny-back.npy: no two planes" in run(data.check.main, code=1)

    def test_its_views_are_prepared_with_its_own_channel_and_split_by_its_objects(self, run, tmp_path):
        run(data.setup.main)
        prepared = PreparedSet.open(tmp_path / "storage", "stamps")
        view = prepared.view("mauritius-front")
        assert (view.channels, view.scale, view.model_shape) == (("infrared",), 0.5, (20, 30))
        assert view.read(Region(0, 0, 20, 30), ["infrared"], 0.5).shape == (INFRARED.planes, 20, 30)
        assert prepared.test == ("penny-front",)
        assert prepared.test_objects == {"penny"}
        with pytest.raises(DataError, match="1 drawn object"):
            split_views(prepared, share=0.5, seed=0)

    def test_a_second_of_its_name_is_refused(self):
        with pytest.raises(ValueError, match="'stamps'"):
            register(KIND)


def test_an_installed_package_adds_kinds_by_entry_points(monkeypatch):
    def installed(group):
        return [EntryPoint("stamps", "tests.data.kinds.stamps:KIND", group)]

    monkeypatch.setattr(data.kinds, "entry_points", installed)
    data.kinds._entry_points.cache_clear()
    try:
        assert {"lines", "mirrors", "stamps"} <= set(names())
        assert kind_named("stamps") is KIND
    finally:
        data.kinds._entry_points.cache_clear()
        data.kinds._loaded.cache_clear()


@pytest.mark.parametrize("module", COMMANDS)
def test_an_unknown_kind_is_refused_with_those_there_are(module):
    result = CliRunner().invoke(command(module), ["--dataset", "coins"])
    assert result.exit_code == 2
    assert "'coins' is not one of 'lines', 'mirrors'" in result.output


@pytest.fixture(params=["import nothing_such", "KIND = 5", "def (", "raise RuntimeError('no\\nlicence')", ""])
def broken(request, tmp_path, monkeypatch):
    """A kind of the name "broken", whose file cannot be used."""
    (tmp_path / "broken_kind.py").write_text(request.param)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(data.kinds, "_entry_points", lambda: {"broken": EntryPoint("broken", "broken_kind:KIND", "")})
    yield
    sys.modules.pop("broken_kind", None)


@pytest.mark.usefixtures("broken")
class TestAKindThatCannotBeLoaded:
    @pytest.mark.parametrize("command", [data.setup.main, data.check.main])
    def test_is_refused_in_one_sentence_that_says_where_it_lies(self, command):
        result = CliRunner().invoke(command, ["--dataset", "broken"])
        assert result.exit_code == 1
        assert result.output.startswith("Error: the kind of data 'broken' cannot be loaded from broken_kind:KIND: ")
        assert result.output.count("\n") == 1

    def test_keeps_no_other_from_being_explained(self):
        output = CliRunner().invoke(data.setup.main, ["--help"], terminal_width=300).output
        assert "lines    photographs with masks of their lines" in output
        assert "broken   the kind of data 'broken' cannot be loaded from broken_kind:KIND: " in output

    def test_is_named_where_a_view_has_a_channel_that_it_declares(self, tmp_path):
        folder = tmp_path / "broken" / "A"
        folder.mkdir(parents=True)
        (folder / VIEW_MANIFEST).write_text(json.dumps({"format": FORMAT, "view": "A", "statistics": {"infra": {}}}))
        with pytest.raises(DataError, match="'broken' cannot be loaded"):
            open_view(folder)

    def test_hinders_no_other(self):
        assert kind_named("mirrors").name == "mirrors"
        assert channel_named("depth").planes == 1


def test_help_explains_each_kind():
    output = CliRunner().invoke(data.setup.main, ["--help"]).output
    assert "lines    photographs with masks of their lines" in output
    assert "Channels: grey, red, green, blue, rgb, relief." in " ".join(output.split())


def test_listing_kinds_loads_nothing_heavy():
    heavy = "['torch', 'cv2', 'numpy', 'tifffile', 'data.kinds.mirrors']"
    loaded = f"[name for name in {heavy} if name in sys.modules]"
    code = f"import json, sys, data.kinds; data.kinds.names(); print(json.dumps({loaded}))"
    output = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert json.loads(output) == []


def test_every_file_declares_the_kind_of_its_name():
    assert [kind_named(name).name for name in names()] == list(names())


class TestChannels:
    def test_an_unknown_channel_is_refused_with_those_there_are(self):
        with pytest.raises(DataError, match="no channel 'colour'; there are: depth"):
            channel_named("colour")

    def test_a_kind_refuses_channels_of_another(self):
        with pytest.raises(DataError, match="no channel 'normals'; there are: grey, red, green, blue, rgb, relief"):
            kind_named("lines").chosen_channels("grey,normals")

    def test_without_a_choice_they_are_the_default_ones(self):
        assert kind_named("lines").chosen_channels("") == ("grey",)
        assert kind_named("mirrors").chosen_channels("") == ("depth",)

    def test_what_lines_called_depth_is_grey_and_that_is_reported(self):
        notes = []
        assert kind_named("lines").chosen_channels("depth, rgb", notes.append) == ("grey", "rgb")
        assert notes == ["Note: the channel depth of lines is called grey."]

    def test_the_depth_of_mirrors_is_depth(self):
        notes = []
        assert kind_named("mirrors").chosen_channels("depth", notes.append) == ("depth",)
        assert notes == []

    def test_vectors_begin_behind_the_planes_of_the_channels_before(self):
        assert vector_planes(["rgb", "normals", "depth"]) == (3,)
        assert vector_planes(["grey", "rgb"]) == ()
