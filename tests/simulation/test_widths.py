"""``python -m simulation.widths``: a folder of drawings in; a table and a picture out; messages that say what to do."""

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from data.line_statistics import MIRROR_LINES
from interaction.prompts.strokes import Stroke
from simulation.widths import drawn_radii, main, measure, table
from tests.interaction.log.scans import prepared
from tests.interaction.log.sessions import Session, stroke
from tests.root import ROOT
from tests.simulation.fakes import bar

SHAPE = (40, 200)
BAR = bar(SHAPE, slice(10, 15), slice(10, 190))  # five pixels wide, so its edge is three pixels from its centre row
WIDE = bar(SHAPE, slice(10, 19), slice(10, 190))  # nine: five pixels


def write_drawing(path, line):
    """Write a drawing as the mirrors have it: black, with the line in the alpha channel."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = np.zeros((*line.shape, 4), np.uint8)
    image[..., 3] = line * 255
    cv2.imwrite(str(path), image)


def write_mask(path, line):
    """Write a mask of lines: grey, bright on the line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), line.astype(np.uint8) * 255)


def command(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path / "drawings"


@pytest.mark.parametrize("write", [write_drawing, write_mask])
def test_drawings_and_line_masks_are_measured(folder, write):
    write(folder / "one.png", BAR)
    ((radii,), _) = measure(folder)
    assert np.median(radii) == 3


@pytest.mark.parametrize("suffix", [".tif", ".bmp", ".webp", ".TIFF"])
def test_drawings_of_other_formats_are_measured(folder, suffix):
    write_mask(folder / f"one{suffix}", BAR)
    ((radii,), _) = measure(folder)
    assert np.median(radii) == 3


def test_what_was_drawn_on_and_hidden_files_are_not_measured(folder):
    write_mask(folder / "masks" / "one.png", BAR)
    write_mask(folder / "images" / "one.jpg", WIDE)
    write_mask(folder / "A" / "PS" / "A_R_U.tif", WIDE)
    (folder / "masks" / "._one.png").write_bytes(b"what a Mac leaves beside a file")
    ((radii,), _) = measure(folder)
    assert np.median(radii) == 3


def test_folders_below_are_searched_too(folder):
    write_drawing(folder / "a" / "b" / "one.png", BAR)
    write_mask(folder / "TWO.PNG", WIDE)
    assert sorted(float(np.median(radii)) for radii in measure(folder)[0]) == [3, 5]


def test_the_table_shows_what_was_measured_beside_the_published_mirrors(folder):
    write_drawing(folder / "one.png", BAR)
    result = command(folder)
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert lines[0].startswith("files: 1, pixels of centre line: 1")
    assert "3.0" in next(line for line in lines if "mean" in line)
    assert "6.20 ± 1.49 px" in result.output
    for value in ("49.1290", "-4.2790", "0.2132"):
        assert value in result.output


def test_the_mirrors_own_lines_stand_on_both_sides_of_the_table():
    for row in table(29, 1000, MIRROR_LINES).splitlines()[2:]:
        name, values = row[:26], row[26:].replace(" px", "px").replace(" ± ", "±").split()
        assert name.strip()
        assert values[0] == values[1]


def test_a_picture_is_written_into_the_working_directory(folder):
    write_drawing(folder / "one.png", BAR)
    assert "line_widths.png" in command(folder).output
    assert cv2.imread("line_widths.png").ndim == 3


def test_or_where_it_is_wanted(folder, tmp_path):
    write_drawing(folder / "one.png", BAR)
    assert command(folder, "--out", tmp_path / "new" / "widths.png").exit_code == 0
    assert (tmp_path / "new" / "widths.png").exists()
    assert not Path("line_widths.png").exists()


@pytest.mark.parametrize(("line", "what"), [(np.zeros(SHAPE, bool), "none"), (np.ones(SHAPE, bool), "all")])
def test_a_drawing_without_line_is_skipped_and_named(folder, line, what):
    write_drawing(folder / "good.png", BAR)
    write_mask(folder / "bad.png", line)
    result = command(folder)
    assert result.exit_code == 0
    assert "bad.png: skipped" in result.stderr
    assert what in result.stderr
    assert "files: 1," in result.output


def test_where_no_drawing_has_a_line_the_command_says_what_is_taken_for_one(folder):
    write_drawing(folder / "bad.png", np.zeros(SHAPE, bool))
    result = command(folder)
    assert result.exit_code == 1
    assert "opaque" in result.stderr
    assert not Path("line_widths.png").exists()


def test_a_folder_that_is_not_there_is_named(folder):
    result = command(folder)
    assert result.exit_code == 1
    assert f"{folder}: no such folder; give" in result.stderr


def test_a_folder_without_drawings_is_named(folder):
    folder.mkdir()
    (folder / "notes.txt").write_text("none yet")
    result = command(folder)
    assert result.exit_code == 1
    assert f"{folder}: no picture below it; give" in result.stderr


def test_a_file_that_is_no_image_is_named(folder):
    folder.mkdir()
    (folder / "broken.png").write_text("not an image")
    result = command(folder)
    assert result.exit_code == 1
    assert "broken.png" in result.stderr
    assert "Traceback" not in result.output


def test_one_that_cannot_be_read_is_skipped_and_the_others_are_measured(folder):
    write_drawing(folder / "a.png", BAR)
    (folder / "b.png").write_text("not an image")
    write_drawing(folder / "c.png", WIDE)
    result = command(folder)
    assert result.exit_code == 1
    assert "files: 2," in result.stdout
    assert Path("line_widths.png").exists()
    skipped, end = result.stderr.split("Skipped:\n")
    assert skipped.startswith(f"SKIPPED: {folder / 'b.png'}: no picture of a kind that is read")
    assert end.startswith(f"  {folder / 'b.png'}: no picture of a kind that is read")
    assert "a.png" not in end


def test_where_none_can_be_read_nothing_is_written(folder):
    folder.mkdir()
    for name in ("a.png", "b.png"):
        (folder / name).write_text("not an image")
    result = command(folder)
    assert result.exit_code == 1
    assert result.stderr.count("SKIPPED: ") == 2
    assert "none of its 2 files can be read" in result.stderr
    assert not Path("line_widths.png").exists()


def test_a_file_in_place_of_the_folder_is_told_from_nothing_there(folder):
    write_drawing(folder / "one.png", BAR)
    result = command(folder / "one.png")
    assert result.exit_code == 1
    assert "one.png: a file; give the folder" in result.stderr


def test_a_picture_below_a_file_is_refused_before_anything_is_measured(folder, monkeypatch):
    write_drawing(folder / "one.png", BAR)
    monkeypatch.setattr("simulation.widths.measure", lambda folder: pytest.fail("measured before"))
    result = command(folder, "--out", folder / "one.png" / "below" / "widths.png")
    assert result.exit_code == 1
    assert f"{folder / 'one.png'}: a file, so nothing can be written below it; choose another --out" in result.stderr


@pytest.fixture
def log(tmp_path):
    """A log of the annotation page: 100 pixels added with radius 3, some more as the pen was pressed, some erased."""
    view = prepared(tmp_path / "storage" / "A_R", {"depth": np.zeros((1, 200, 200), np.uint16)})
    session = Session(view, tmp_path / "annotations" / "A_R" / "log.sqlite")
    session.draw(stroke((20, 20), (20, 119), radius=3))
    session.draw(Stroke(np.array([[60.0, 20], [60, 30]]), np.array([4.0, 6.0]), 1))
    session.draw(stroke((100, 20), (100, 90), radius=9, sign=-1))
    session.log.close()
    return session.log.path


def test_a_log_tells_with_which_radii_a_user_drew(log):
    radii = drawn_radii(log)
    assert len(radii) == 100 + 11
    assert (radii[:100] == 3).all()
    np.testing.assert_allclose(radii[100:], np.linspace(4, 6, 11))


@pytest.mark.slow
def test_a_log_is_measured_alone_and_under_a_folder_with_drawings(folder, log, tmp_path):
    ((alone,), _) = measure(log)
    np.testing.assert_array_equal(alone, drawn_radii(log))
    write_drawing(folder / "one.png", BAR)
    write_drawing(log.parent / "tiles" / "normals" / "0.png", BAR)  # the page's own, no drawing
    result = command(tmp_path)
    assert result.exit_code == 0, result.output
    assert result.output.startswith("files: 2,")
    assert command(folder, log).output.startswith("files: 2,")


def test_a_log_without_a_stroke_that_adds_is_named(folder, tmp_path):
    view = prepared(tmp_path / "storage" / "B_R", {"depth": np.zeros((1, 64, 64), np.uint16)})
    session = Session(view, tmp_path / "annotations" / "B_R" / "log.sqlite")
    session.draw(stroke((10, 20), (10, 50), sign=-1))
    session.log.close()
    result = command(session.log.path)
    assert result.exit_code == 1
    assert f"{session.log.path}: skipped, no stroke in it adds line" in result.stderr
    assert "no line in any of 1 files" in result.stderr
    write_drawing(folder / "one.png", BAR)
    result = command(folder, session.log.path)
    assert result.exit_code == 0
    assert "no stroke in it adds line" in result.stderr


def test_a_damaged_log_is_reported_in_one_line(log):
    log.write_bytes(b"no database")
    result = command(log)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: {log}: ")
    assert "Traceback" not in result.output


def test_help_imports_nothing_heavy():
    code = (
        "import sys; sys.argv = ['widths', '--help']\n"
        "try:\n    import runpy; runpy.run_module('simulation.widths', run_name='__main__')\n"
        "except SystemExit as end:\n    code = end.code\n"
        "heavy = {'numpy', 'cv2', 'skimage', 'matplotlib', 'torch'} & set(sys.modules)\n"
        "sys.exit(code or (f'imported {heavy}' if heavy else 0))"
    )
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert "DIR" in result.stdout
