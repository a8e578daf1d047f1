"""Made-up mirrors on disk: layout, encodings, what the command refuses."""

from __future__ import annotations

import hashlib
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile
from click.testing import CliRunner

from data.errors import DataError
from data.synthetic import files
from data.synthetic.__main__ import main
from data.synthetic.difficulty import SCALE
from data.synthetic.files import view_files, write_mirrors
from data.synthetic.maps import PIXELS_PER_MM

HEIGHT, WIDTH = 384, 512


def digests(root: Path) -> dict[str, str]:
    return {
        str(p.relative_to(root)): hashlib.sha256(p.read_bytes()).hexdigest() for p in root.rglob("*") if p.is_file()
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("mirrors")
    write_mirrors(root, 2, HEIGHT, WIDTH, seed=3)
    return root


def test_same_seed_gives_the_same_bytes(folder, tmp_path):
    write_mirrors(tmp_path, 2, HEIGHT, WIDTH, seed=3)
    assert digests(tmp_path) == digests(folder)


def test_a_mirror_does_not_depend_on_how_many_are_made(folder, tmp_path):
    write_mirrors(tmp_path, 1, HEIGHT, WIDTH, seed=3)
    whole = digests(folder)
    assert all(whole[name] == digest for name, digest in digests(tmp_path).items())


def test_a_set_grows_by_the_mirrors_that_it_would_have_had(folder, tmp_path):
    assert write_mirrors(tmp_path, 1, HEIGHT, WIDTH, seed=3, first=2) == ["SYN-0002"]

    whole = digests(folder)
    assert digests(tmp_path) == {name: digest for name, digest in whole.items() if "SYN-0002" in name}


def test_a_set_grows_beside_what_is_there_and_over_nothing(tmp_path):
    call = [str(tmp_path), "--height", "256", "--width", "256", "--difficulty", "clean", "--mirrors"]
    first = CliRunner().invoke(main, [*call, "1", "--first", "3"])
    before = digests(tmp_path)
    overlapping = CliRunner().invoke(main, [*call, "2", "--first", "2"])
    assert first.exit_code == 0, first.output
    assert overlapping.exit_code == 1
    assert "SYN-0003 exists" in overlapping.output
    assert digests(tmp_path) == before

    beside = CliRunner().invoke(main, [*call, "1", "--first", "2"])

    assert beside.exit_code == 0, beside.output
    assert before.items() < digests(tmp_path).items()
    assert {path.name for path in tmp_path.glob("SYN-*")} == {"SYN-0002", "SYN-0003"}


def test_another_seed_gives_another_drawing(folder, tmp_path):
    write_mirrors(tmp_path, 1, HEIGHT, WIDTH, seed=4)
    name = "drawings/SYN-0001_R_drawings.png"
    assert (tmp_path / name).read_bytes() != (folder / name).read_bytes()


def test_layout_is_the_datasets_and_nothing_is_left_aside(folder):
    view = "SYN-000{k}_R"
    names = ["SYN-000{k}/PS/" + view + f"_{suffix}.tif" for suffix in ("N", "RHO", "U")]
    names += ["drawings/" + view + "_drawings.png", "masks/" + view + "_mask.png"]
    assert set(digests(folder)) == {name.format(k=k) for name in names for k in (1, 2)}


def test_names_of_folders_follow_the_settings(monkeypatch, tmp_path):
    monkeypatch.setenv("RETRACE_GT_REL", "lines/of/people")
    assert view_files(tmp_path, "SYN-0001")["drawing"] == tmp_path / "lines/of/people/SYN-0001_R_drawings.png"


@pytest.mark.parametrize(
    ("name", "dtype", "shape"),
    [
        ("normals", np.uint16, (HEIGHT, WIDTH, 3)),
        ("albedo", np.float32, (HEIGHT, WIDTH)),
        ("depth", np.float32, (HEIGHT, WIDTH)),
    ],
)
def test_tiffs_hold_type_shape_and_40_pixels_a_millimetre(folder, name, dtype, shape):
    with tifffile.TiffFile(view_files(folder, "SYN-0001")[name]) as tiff:
        page = tiff.pages[0]
        assert page.dtype == dtype
        assert page.shape == shape
        assert page.tags["ResolutionUnit"].value == 2  # inch
        numerator, denominator = page.tags["XResolution"].value
        assert numerator / denominator / 25.4 == pytest.approx(PIXELS_PER_MM)


def test_pngs_hold_the_line_as_alpha_and_the_object_as_white(folder):
    paths = view_files(folder, "SYN-0001")
    drawing = cv2.imread(str(paths["drawing"]), cv2.IMREAD_UNCHANGED)
    mask = cv2.imread(str(paths["mask"]), cv2.IMREAD_UNCHANGED)
    assert drawing.shape == (HEIGHT, WIDTH, 4)
    assert mask.shape == (HEIGHT, WIDTH, 3)
    assert set(np.unique(drawing[..., 3])) == {0, 255}
    assert not drawing[..., :3].any()
    assert set(np.unique(mask)) == {0, 255}


def test_normals_file_decodes_to_unit_vectors(folder):
    encoded = tifffile.imread(view_files(folder, "SYN-0002")["normals"])
    normals = encoded / 65535 * 2 - 1
    assert np.linalg.norm(normals, axis=2) == pytest.approx(1, abs=1e-4)


def test_an_existing_object_is_refused_and_left_alone(folder):
    before = digests(folder)
    with pytest.raises(DataError, match="SYN-0001 exists"):
        write_mirrors(folder, 3, HEIGHT, WIDTH, seed=9)
    assert digests(folder) == before


def test_command_writes_refuses_and_overwrites(tmp_path):
    call = [str(tmp_path), "--mirrors", "1", "--height", "256", "--width", "300", "--seed", "1"]
    first = CliRunner().invoke(main, call)
    before = digests(tmp_path)
    again = CliRunner().invoke(main, call)
    over = CliRunner().invoke(main, [*call[:-1], "2", "--overwrite"])
    assert first.exit_code == 0, first.output
    assert "SYN-0001" in first.output
    assert again.exit_code == 1
    assert "--overwrite" in again.output
    assert over.exit_code == 0, over.output
    assert digests(tmp_path).keys() == before.keys()
    assert digests(tmp_path) != before


@pytest.mark.parametrize(
    "bad",
    [
        ["--height", "255"],
        ["--width", "100"],
        ["--mirrors", "0"],
        ["--first", "0"],
        ["--seed", "-1"],
        ["--difficulty", "easy"],
    ],
)
def test_command_refuses_what_cannot_be_made(tmp_path, bad):
    result = CliRunner().invoke(main, [str(tmp_path), *bad])
    assert result.exit_code == 2
    assert not list(tmp_path.iterdir())


def test_each_mirror_reports_its_difficulty_and_what_was_lost(tmp_path):
    lines: list[str] = []
    write_mirrors(tmp_path, 1, 256, 256, seed=0, report=lines.append, level="ruined")
    assert len(lines) == 1
    assert all(word in lines[0] for word in ("SYN-0001", "256 x 256", "ruined", "lines", "crust", "lost"))


def test_a_mixed_set_draws_its_levels_by_seed(tmp_path, monkeypatch, mirrors):
    drawn: dict[int, list[str]] = {1: [], 2: []}
    for seed, levels in drawn.items():
        monkeypatch.setattr(files, "make_mirror", lambda *call, kept=levels: kept.append(call[3].name) or mirrors[0])
        write_mirrors(tmp_path / str(seed), 5, 256, 256, seed=seed)
    assert drawn[1] != drawn[2]
    assert len({*drawn[1], *drawn[2]}) >= 3


def test_a_level_drawn_by_a_mixed_set_makes_the_mirror_that_it_makes_by_name(tmp_path):
    lines: list[str] = []
    write_mirrors(tmp_path / "mixed", 1, 256, 256, seed=3, report=lines.append)
    level = next(name for name in SCALE if name in lines[0])
    write_mirrors(tmp_path / "named", 1, 256, 256, seed=3, level=level)
    assert digests(tmp_path / "named") == digests(tmp_path / "mixed")


def test_an_unknown_difficulty_writes_nothing(tmp_path):
    with pytest.raises(ValueError, match=r"'easy'.*clean"):
        write_mirrors(tmp_path, 1, 256, 256, seed=0, level="easy")
    assert not list(tmp_path.iterdir())
