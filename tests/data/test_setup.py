"""``python -m data.setup``: what is found is prepared once, what is broken is skipped and named, roots never mix."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tifffile
from click.testing import CliRunner
from numpy.testing import assert_allclose, assert_array_equal

from data.errors import DataError
from data.intake import choose_test, prepared_view
from data.line_statistics import MIRROR_LINES
from data.module import input_statistics
from data.preparation import halve_mask
from data.regions import whole
from data.setup import main
from data.storage import FULL_SCALE, PreparedSet
from tests.data.conftest import GROOVE, OBJECT, SHAPE, RawMirrors, masked, relief, write_png
from user_config import settings

HALF = (SHAPE[0] // 2, SHAPE[1] // 2)


@pytest.fixture
def storage(tmp_path, mirrors, monkeypatch):
    """The storage of this test; the root is that of ``mirrors``."""
    for name, value in (("STORAGE", tmp_path / "storage"), ("DIR_ROOT", mirrors.root)):
        monkeypatch.setenv(f"RETRACE_{name}", str(value))
    for name in ("GT_REL", "MASKS_REL"):
        monkeypatch.delenv(f"RETRACE_{name}", raising=False)
    return tmp_path / "storage"


@pytest.fixture
def setup(storage):
    """The command: ``setup("--dpi", "254")`` gives click's result, and expects the exit code named."""

    def run(*arguments, code=0):
        result = CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)
        assert result.exit_code == code, result.output
        return result

    return run


def prepared(storage: Path, kind: str = "mirrors") -> PreparedSet:
    return PreparedSet.open(storage, kind)


def names(storage: Path, kind: str = "mirrors") -> list[str]:
    return [view.name for view in prepared(storage, kind).views()]


def outcomes(result) -> dict[str, str]:
    """Return what the command says of each view: prepared, unchanged, SKIPPED."""
    lines = [line.split() for line in result.stdout.splitlines() if line.startswith("[")]
    return {line[1].removesuffix(":"): line[2] for line in lines}


class TestPreparedMirror:
    def test_arrays_lie_at_scan_and_at_model_scale(self, mirrors, setup, storage):
        mirrors.add("A_R")
        setup()
        view = prepared(storage).view("A_R")
        assert (view.shape, view.model_shape, view.scale) == (SHAPE, HALF, 0.5)
        for scale, shape in ((1.0, SHAPE), (0.5, HALF)):
            assert view.read(whole(shape), ["depth"], scale).shape == (1, *shape)

    def test_the_groove_is_dark_at_model_scale_where_the_drawing_is(self, mirrors, setup, storage):
        mirrors.add("A_R")
        setup()
        view = prepared(storage).view("A_R")
        depth = view.read(whole(HALF), ["depth"], 0.5)[0]
        assert_array_equal(view.truth, halve_mask(masked(GROOVE)))
        assert depth[view.truth].max() < depth[view.mask & ~view.truth].min()

    def test_the_model_scale_is_the_mean_of_four_scan_pixels(self, mirrors, setup, storage):
        mirrors.add("A_R")
        setup()
        view = prepared(storage).view("A_R")
        fine = view.read(whole(SHAPE), ["depth"], 1.0)[0]
        coarse = view.read(whole(HALF), ["depth"], 0.5)[0]
        assert_allclose(coarse, fine.reshape(24, 2, 32, 2).mean((1, 3)), atol=1 / FULL_SCALE)

    def test_odd_sizes_are_rounded_up(self, mirrors, setup, storage):
        mirrors.add("A_R", depth=relief()[:47, :61], drawn=False, cut=False)
        setup()
        view = prepared(storage).view("A_R")
        assert (view.shape, view.model_shape) == ((47, 61), (24, 31))

    def test_the_manifest_holds_resolution_and_the_objects_statistics(self, mirrors, setup, storage):
        mirrors.add("A_R")
        setup()
        view = prepared(storage).view("A_R")
        on_object = view.read(whole(HALF), ["depth"], 0.5)[:, view.mask]
        assert view.pixels_per_mm == pytest.approx(10)
        mean, deviation = input_statistics([view], ["depth"])
        assert mean == pytest.approx([on_object.mean()], abs=1e-4)
        assert deviation == pytest.approx([on_object.std()], abs=1e-4)
        assert view.manifest["statistics"]["depth"]["pixels"] == view.mask.sum()

    def test_lines_off_the_object_are_no_truth(self, mirrors, setup, storage):
        mirrors.add("A_R")
        drawing = np.full((*SHAPE, 4), 255, np.uint8)
        write_png(mirrors.drawing_file("A_R"), drawing)
        setup()
        view = prepared(storage).view("A_R")
        assert_array_equal(view.truth, halve_mask(masked(OBJECT)))

    def test_without_a_mask_the_whole_image_is_object_and_that_is_said(self, mirrors, setup, storage):
        mirrors.add("A_R", cut=False)
        result = setup()
        assert prepared(storage).view("A_R").mask.all()
        assert "Without a mask" in result.stdout
        assert "A_R" in result.stdout.splitlines()[-1]

    def test_without_a_drawing_a_view_is_for_predict_only_and_that_is_said(self, mirrors, setup, storage):
        mirrors.add("A_R", drawn=False)
        result = setup()
        assert not prepared(storage).view("A_R").has_truth
        assert "Without a drawing, so for predict only: A_R" in result.stdout

    def test_channels_asked_for_are_prepared_beside_the_depth(self, mirrors, setup, storage):
        mirrors.add("A_R")
        mirrors.add_normals("A_R")
        setup("--channels", "depth,normals")
        image = prepared(storage).view("A_R").read(whole(HALF), ["depth", "normals"], 0.5)
        assert_allclose(image[1:, 10, 10], [0.5, 0.5, 1], atol=1 / FULL_SCALE)

    def test_a_mirrors_lines_have_the_published_widths(self, mirrors, setup, storage):
        mirrors.add("A_R")
        setup()
        assert prepared(storage).lines == MIRROR_LINES


class TestResolution:
    def test_a_scan_that_does_not_say_its_resolution_is_refused_with_the_option_to_give(self, mirrors, setup):
        mirrors.add("A_R", dpi=None)
        assert "--dpi" in setup(code=1).stderr

    def test_the_option_gives_it(self, mirrors, setup, storage):
        mirrors.add("A_R", dpi=None)
        setup("--dpi", 254)
        assert prepared(storage).view("A_R").pixels_per_mm == pytest.approx(10)

    def test_what_the_file_says_goes_before_the_option(self, mirrors, setup, storage):
        mirrors.add("A_R", dpi=254)
        setup("--dpi", 1016)
        assert prepared(storage).view("A_R").pixels_per_mm == pytest.approx(10)


class TestSecondRun:
    def test_nothing_is_prepared_again(self, mirrors, setup, storage):
        mirrors.add("A_R")
        mirrors.add("B_R")
        assert outcomes(setup()) == {"A_R": "prepared", "B_R": "prepared"}
        written = {path: path.stat().st_mtime_ns for path in storage.glob("mirrors/*/*.npy")}
        assert outcomes(setup()) == {"A_R": "unchanged", "B_R": "unchanged"}
        assert {path: path.stat().st_mtime_ns for path in storage.glob("mirrors/*/*.npy")} == written

    @pytest.mark.parametrize("file", [RawMirrors.depth_file, RawMirrors.drawing_file, RawMirrors.mask_file])
    def test_a_touched_source_is_prepared_again_and_no_other(self, mirrors, setup, file):
        mirrors.add("A_R")
        mirrors.add("B_R")
        setup()
        os.utime(file(mirrors, "A_R"), ns=(1, 1))
        assert outcomes(setup()) == {"A_R": "prepared", "B_R": "unchanged"}

    def test_a_drawing_that_was_added_is_taken_over(self, mirrors, setup, storage):
        mirrors.add("A_R", drawn=False)
        setup()
        mirrors.add("A_R")
        setup()
        assert prepared(storage).view("A_R").truth.any()

    def test_a_drawing_that_was_taken_away_is_gone(self, mirrors, setup, storage):
        mirrors.add("A_R")
        setup()
        mirrors.drawing_file("A_R").unlink()
        setup()
        assert not prepared(storage).view("A_R").has_truth

    @pytest.mark.parametrize("options", [("--channels", "depth,normals"), ("--dpi", "254")])
    def test_other_options_prepare_again(self, mirrors, setup, options):
        mirrors.add("A_R")
        mirrors.add_normals("A_R")
        setup()
        assert outcomes(setup(*options)) == {"A_R": "prepared"}

    def test_a_preparation_that_was_broken_off_is_made_again(self, mirrors, setup, storage):
        mirrors.add("A_R")
        setup()
        (storage / "mirrors" / "A_R" / "manifest.json").unlink()
        assert outcomes(setup()) == {"A_R": "prepared"}

    def test_a_view_whose_files_are_gone_is_no_longer_part_of_the_set(self, mirrors, setup, storage):
        mirrors.add("A_R")
        mirrors.add("B_R")
        setup()
        mirrors.depth_file("B_R").unlink()
        setup()
        assert names(storage) == ["A_R"]


def cut_short(mirrors):
    path = mirrors.depth_file("B_R")
    path.write_bytes(path.read_bytes()[:100])


def full_of_gaps(mirrors):
    mirrors.add("B_R", depth=np.where(masked((slice(0, 48), slice(0, 32))), np.float32(np.nan), relief()))


def of_another_size(mirrors):
    mirrors.add("B_R", depth=relief()[:40])


def undrawn(mirrors):
    write_png(mirrors.drawing_file("B_R"), np.zeros((*SHAPE, 4), np.uint8))


def unreadable(mirrors):
    mirrors.mask_file("B_R").write_text("not a picture")


def flat(mirrors):
    mirrors.add("B_R", depth=np.full(SHAPE, 0.1, np.float32))


class TestBrokenView:
    @pytest.mark.parametrize(
        ("breaks", "said"),
        [
            (cut_short, r"B_R_U.tif"),
            (full_of_gaps, "of the object has no value"),
            (of_another_size, "40 x 64 pixels"),
            (undrawn, "no line in it"),
            (unreadable, "B_R_mask.png"),
            (flat, "constant"),
        ],
    )
    def test_it_is_skipped_and_named_and_the_others_go_on(self, mirrors, setup, storage, breaks, said):
        for view in ("A_R", "B_R", "C_R"):
            mirrors.add(view)
        breaks(mirrors)
        result = setup(code=1)
        assert outcomes(result) == {"A_R": "prepared", "B_R": "SKIPPED", "C_R": "prepared"}
        assert said in result.stderr
        assert names(storage) == ["A_R", "C_R"]

    def test_a_damaged_compressed_map_is_skipped_too(self, mirrors, setup, storage):
        mirrors.add("A_R")
        mirrors.add("B_R")
        path = mirrors.depth_file("B_R")
        tifffile.imwrite(path, relief(), compression="zlib", resolution=(254, 254), resolutionunit="INCH")
        damaged = bytearray(path.read_bytes())
        damaged[-3000:-2000] = bytes(1000)
        path.write_bytes(damaged)
        assert outcomes(setup(code=1)) == {"A_R": "prepared", "B_R": "SKIPPED"}

    def test_an_older_preparation_of_it_is_no_longer_true(self, mirrors, setup, storage):
        mirrors.add("A_R")
        mirrors.add("B_R")
        setup()
        cut_short(mirrors)
        setup(code=1)
        assert names(storage) == ["A_R"]

    def test_once_mended_it_is_prepared(self, mirrors, setup, storage):
        mirrors.add("A_R")
        mirrors.add("B_R")
        cut_short(mirrors)
        setup(code=1)
        mirrors.add("B_R")
        assert outcomes(setup()) == {"A_R": "unchanged", "B_R": "prepared"}

    def test_a_channel_that_a_view_lacks_is_named(self, mirrors, setup):
        mirrors.add("A_R")
        mirrors.add_normals("A_R")
        mirrors.add("B_R")
        assert "B_R: no normals map" in setup("--channels", "depth,normals", code=1).stderr

    def test_a_view_with_a_strange_name_is_skipped(self, mirrors, setup):
        mirrors.add("A_R")
        mirrors.add("A_X")
        assert outcomes(setup(code=1)) == {"A_R": "prepared", "A_X": "SKIPPED"}

    def test_nothing_but_broken_views_makes_no_set(self, mirrors, setup, storage):
        mirrors.add("B_R")
        cut_short(mirrors)
        assert "nothing could be prepared" in setup(code=1).stderr
        with pytest.raises(DataError, match="nothing prepared yet"):
            prepared(storage)


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
        assert choose_test(["ANSA-VI-1701_R", "B_R", "wels-11944_R"], (), None) == ("ANSA-VI-1701_R", "wels-11944_R")

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
        assert_allclose(view.read(whole(view.shape), ["depth"], 1.0), 200 / 255, atol=1 / FULL_SCALE)
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

    def test_two_photographs_of_one_name_are_refused(self, cracks, setup):
        root = cracks("a", 8)
        write_png(root / "images" / "a.png", np.full((60, 200, 3), 200, np.uint8))
        assert "another image is called a too" in setup("--dataset", "lines", "--root", root, code=1).stderr

    def test_a_folder_of_another_layout_is_refused(self, setup, tmp_path):
        assert "images/" in setup("--dataset", "lines", "--root", tmp_path, code=1).stderr


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
        with pytest.raises(DataError, match="RETRACE_STORAGE"):
            self.ask("A_R", root=tmp_path)

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


def test_help_loads_nothing_heavy():
    heavy = "['torch', 'cv2', 'numpy', 'tifffile', 'skimage']"
    code = f"import json, sys, data.setup; print(json.dumps([name for name in {heavy} if name in sys.modules]))"
    root = Path(__file__).parents[2]
    loaded = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True).stdout
    assert json.loads(loaded) == []
