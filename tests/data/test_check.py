"""``python -m data.check``: each view has its line, each fault is named, and nothing is prepared."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
import tifffile
from click.testing import CliRunner

from data.check import main
from data.images import read_photograph
from tests.data.conftest import SHAPE, relief, write_png
from tests.root import ROOT


@pytest.fixture
def check(tmp_path, mirrors, monkeypatch):
    """The command: ``check("--full", code=1)`` gives what it prints."""
    for name, value in (("STORAGE", tmp_path / "storage"), ("DIR_ROOT", mirrors.root)):
        monkeypatch.setenv(f"RETRACE_{name}", str(value))
    for name in ("GT_REL", "MASKS_REL"):
        monkeypatch.delenv(f"RETRACE_{name}", raising=False)

    def run(*arguments, code=0):
        result = CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)
        assert result.exit_code == code, result.output
        assert not (tmp_path / "storage").exists()
        return result.output

    return run


def cells(output: str, view: str) -> list[str]:
    """Return the cells of a view's line: name, verdict, size, resolution, drawing, mask, maps."""
    (line,) = (line for line in output.splitlines() if line.startswith(f"{view} "))
    return [cell.strip() for cell in line.split("  ") if cell.strip()]


def faults(output: str) -> list[str]:
    return [line.removeprefix("  - ") for line in output.splitlines() if line.startswith("  - ")]


class TestTable:
    def test_a_sound_view_is_described(self, mirrors, check):
        mirrors.add("A_R")
        mirrors.add_normals("A_R")
        described = ["A_R", "ok", "48 x 64", "10.0", "8 bit RGBA", "8 bit RGB", "depth float32, normals float32 x 3"]
        for options in ([], ["--full"]):
            assert cells(check(*options), "A_R") == described

    def test_without_drawing_and_mask_a_view_is_for_predict_only(self, mirrors, check):
        mirrors.add("A_R", drawn=False, cut=False)
        output = check()
        assert cells(output, "A_R")[1:6] == ["predict only", "48 x 64", "10.0", "-", "-"]
        assert "1 views, 0 unusable, 1 without a drawing (for predict only), 1 without a mask" in output

    def test_a_resolution_that_no_file_says_has_to_be_given(self, mirrors, check):
        mirrors.add("A_R", dpi=None)
        assert faults(check(code=1)) == [f"{mirrors.depth_file('A_R')}: no resolution in the file; give it with --dpi"]
        assert cells(check("--dpi", 254), "A_R")[3] == "10.0"

    def test_who_says_the_resolution_is_summed_up(self, mirrors, check):
        mirrors.add("A_R")
        mirrors.add("B_R", dpi=None)
        assert "Resolution said by: TIFF tag XResolution (1), nobody (1)" in check(code=1)
        assert "Resolution said by: --dpi and file (1), --dpi (1)" in check("--dpi", 254)

    def test_a_resolution_that_editors_write_is_questioned(self, mirrors, check):
        mirrors.add("A_R", dpi=72)
        (remark,) = faults(check())
        assert remark.startswith("A_R_U.tif says 72 dots an inch, which image editors write by default")
        assert faults(check("--dpi", 1016)) == ["A_R_U.tif says 72 dots an inch; --dpi 1016 is used instead"]

    def test_another_map_of_the_view_that_says_another_resolution_is_named(self, mirrors, check):
        mirrors.add("A_R")
        path = mirrors.depth_file("A_R").with_name("A_R_RHO.tif")
        tifffile.imwrite(path, relief(), resolution=(72, 72), resolutionunit="INCH")
        (remark,) = faults(check("--channels", "depth,albedo"))
        assert remark.startswith("A_R_RHO.tif says 72 dots an inch, but A_R_U.tif, which is used, 254 dots an inch")

    def test_a_full_check_says_what_is_missing_and_which_way_the_depth_grows(self, mirrors, check):
        depth = -relief()
        depth[40, 20:23] = -9999
        mirrors.add("A_R", depth=depth)
        filled, turned = faults(check("--full"))
        assert filled == "A_R_U.tif: filled as missing: 3 pixels of the value -9999"
        assert turned.startswith("A_R_U.tif: drawn lines are higher than the ground around them")
        assert faults(check("--full", "--depth_sign", "depth")) == [filled]

    def test_strays_are_listed_and_hinder_nothing(self, mirrors, check):
        mirrors.add("A_R")
        stray = write_png(mirrors.drawing_file("Z_R"), np.zeros((4, 4), np.uint8))
        assert f"\n  {stray}\n" in check()


class TestFaults:
    def test_all_of_a_view_are_named_and_the_others_go_on(self, mirrors, check):
        mirrors.add("A_R")
        mirrors.add("B_X", depth=relief()[:40])
        mirrors.mask_file("B_X").write_text("not a picture")
        (mirrors.root / "drawings" / "B_X_drawing.png").write_bytes(b"")
        output = check(code=1)
        assert cells(output, "A_R")[1] == "ok"
        assert cells(output, "B_X")[1] == "UNUSABLE"
        messages = faults(output)
        assert len(messages) == 4
        for part in (
            "another drawing",
            "<OBJ>_R (back)",
            "B_X_mask.png: no picture of a kind that is read",
            "48 x 64 pixels, but B_X_U.tif: 40 x",
        ):
            assert sum(part in fault for fault in messages) == 1

    def test_channels_asked_for_are_required(self, mirrors, check):
        mirrors.add("A_R")
        assert faults(check("--channels", "depth,normals", code=1)) == ["A_R: no normals map; export it as A_R_N.tif"]

    def test_what_lies_beside_the_depth_is_looked_at_and_only_a_fault_where_it_is_asked_for(self, mirrors, check):
        mirrors.add("A_R")
        path = mirrors.depth_file("A_R").with_name("A_R_RHO.tif")
        path.write_bytes(b"")
        (remark,) = faults(check(code=0))
        assert str(path) in remark
        assert "only for --channels albedo" in remark
        assert "only for" not in faults(check("--channels", "depth,albedo", code=1))[0]

    def test_a_map_cut_short_shows_in_its_header(self, mirrors, check):
        mirrors.add("A_R")
        path = mirrors.depth_file("A_R")
        path.write_bytes(path.read_bytes()[:-1])
        assert "A_R_U.tif: cut short" in faults(check(code=1))[0]

    def test_a_drawing_cut_short_shows_without_decoding(self, mirrors, check):
        mirrors.add("A_R")
        path = mirrors.drawing_file("A_R")
        path.write_bytes(path.read_bytes()[:-1])
        assert "A_R_drawings.png: cut short" in faults(check(code=1))[0]

    def test_what_only_the_values_show_takes_a_full_check(self, mirrors, check):
        mirrors.add("A_R", depth=np.zeros(SHAPE, np.float32))
        write_png(mirrors.drawing_file("A_R"), np.zeros((*SHAPE, 4), np.uint8))
        assert cells(check(), "A_R")[1] == "ok"
        first, second = faults(check("--full", code=1))
        assert "A_R_U.tif: the depth is constant" in first
        assert "A_R_drawings.png: no line in it" in second

    def test_a_full_check_decodes_what_other_faults_keep_from_being_prepared(self, mirrors, check):
        mirrors.add("A_R")
        path = mirrors.depth_file("A_R")
        tifffile.imwrite(path, relief(), compression="zlib")  # and no resolution
        damaged = bytearray(path.read_bytes())
        damaged[-3000:-2000] = bytes(1000)
        path.write_bytes(damaged)
        assert len(faults(check(code=1))) == 1
        assert "A_R_U.tif: cannot be read as a TIFF" in faults(check("--full", code=1))[1]

    def test_two_scans_of_one_name_are_both_unusable(self, mirrors, check):
        mirrors.add("A_R")
        other = mirrors.root / "B" / "PS" / "A_R_U.tif"
        other.parent.mkdir(parents=True)
        other.write_bytes(mirrors.depth_file("A_R").read_bytes())
        assert "2 views, 2 unusable" in check(code=1)


class TestRefused:
    def test_a_folder_that_is_not_there(self, check, tmp_path):
        assert "RETRACE_DIR_ROOT" in check("--root", tmp_path / "nowhere", code=1)

    def test_an_unknown_channel(self, mirrors, check):
        mirrors.add("A_R")
        assert "no channel 'colour'; there are: depth, normals, albedo" in check("--channels", "colour", code=1)


class TestPhotographs:
    @pytest.fixture
    def root(self, tmp_path):
        write_png(tmp_path / "cracks" / "images" / "a.png", np.full((6, 8), 200, np.uint8))
        return tmp_path / "cracks"

    def test_they_are_described(self, root, check):
        write_png(root / "masks" / "a.png", np.full((6, 8), 200, np.uint8))
        assert cells(check("--dataset", "lines", "--root", root), "a")[1:3] == ["ok", "6 x 8"]

    def test_columns_stand_below_their_heads_where_names_are_short(self, root, check):
        head, first = check("--dataset", "lines", "--root", root).splitlines()[:2]

        assert len(first.split()[0]) < len("view")
        assert head.index("verdict") == first.index("predict only")

    def test_a_mask_of_another_size_is_named(self, root, check):
        write_png(root / "masks" / "a.png", np.full((6, 9), 200, np.uint8))
        assert "a.png: 6 x 9 pixels" in faults(check("--dataset", "lines", "--root", root, code=1))[0]

    def test_which_files_were_taken_is_said_where_it_is_not_plain(self, root, check):
        write_png(root / "masks" / "A_mask.png", np.full((6, 8), 200, np.uint8))
        output = check("--dataset", "lines", "--root", root)
        assert cells(output, "a")[1] == "ok"
        assert "Read as well: masks that are not called like their images (1): A_mask.png" in output.splitlines()
        assert "--full" not in output  # photographs are always decoded

    def test_of_many_remarks_alike_the_first_are_printed_and_the_others_counted(self, root, check):
        dark = np.full((6, 8), 255, np.uint8)
        dark[3] = 0
        for number in range(20):
            write_png(root / "images" / f"b{number:02}.webp", np.full((6, 8), 200, np.uint8))
            write_png(root / "masks" / f"b{number:02}.png", dark)
        lines = check("--dataset", "lines", "--root", root).splitlines()
        said = [line for line in lines if line.endswith(": the lines are darker than their ground")]
        eight = [f"b{number:02}" for number in range(8, 16)]
        assert len(said) == 9
        assert said[-1] == f"Likewise of {', '.join(eight)} and 4 more: the lines are darker than their ground"
        assert any(
            line.startswith("Read as well: images that end in .webp (20): b00.webp, b01.webp, ") for line in lines
        )

    def test_each_photograph_is_decoded_once_to_be_looked_at_and_once_to_be_tried(self, root, check, monkeypatch):
        write_png(root / "masks" / "a.png", np.repeat([0, 0, 255, 0, 0, 0], 8).reshape(6, 8).astype(np.uint8))
        read = []

        def counted(path, planes):
            read.append(path)
            return read_photograph(path, planes)

        monkeypatch.setattr("data.kinds.lines.read_photograph", counted)
        check("--dataset", "lines", "--root", root)
        assert read == [root / "images" / "a.png"] * 2

    def test_a_depth_sign_is_refused(self, root, check):
        output = check("--dataset", "lines", "--root", root, "--depth_sign", "depth", code=1)
        assert output == "Error: --depth_sign: photographs have no depth map; leave it out\n"

    def test_what_belongs_to_no_photograph_is_named(self, root, check):
        strays = [write_png(root / "masks" / "b.png", np.full((6, 8), 200, np.uint8)), root / "images" / "a.psd"]
        strays[1].write_bytes(b"")
        output = check("--dataset", "lines", "--root", root)
        assert all(f"\n  {stray}\n" in output for stray in strays)
        assert "2 files that belong to none" in output

    def test_one_cut_short_is_named_once(self, root, check):
        path = root / "images" / "a.png"
        path.write_bytes(path.read_bytes()[:-5])
        (fault,) = faults(check("--dataset", "lines", "--root", root, code=1))
        assert f"{path}: cut short" in fault


def test_help_loads_nothing_heavy():
    heavy = "['torch', 'cv2', 'numpy', 'tifffile', 'skimage']"
    code = f"import json, sys, data.check; print(json.dumps([name for name in {heavy} if name in sys.modules]))"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert json.loads(loaded) == []
