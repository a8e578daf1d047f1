"""``python -m predict``: scans of no prepared set are drawn, and what cannot be drawn is listed."""

from pathlib import Path

import predict
from data.images import read_drawing
from data.storage import PreparedSet


def test_a_scan_without_drawing_is_drawn_at_its_own_size(project, tmp_path):
    for path in (project.folder / "mirrors").rglob("SYN-0001_R*"):
        target = tmp_path / "scans" / path.relative_to(project.folder / "mirrors")
        if "drawings" not in path.name:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    moved = project.moved(DIR_ROOT=tmp_path / "scans", STORAGE=tmp_path / "storage", DIR_EVAL=tmp_path / "out")

    moved.predict("--mirror", "SYN-0001_R")

    line = read_drawing(tmp_path / "out" / "SYN-0001_R" / "SYN-0001_R_drawings.png")
    assert line.shape == (512, 450)
    assert 0.01 < line.mean() < 0.5


def test_predicting_an_unknown_view_is_one_message(project):
    result = project.run(predict.main, "--base_model", "base", "--mirror", "SYN-9999_R")

    assert result.exit_code == 1
    assert "no view 'SYN-9999_R'" in result.output


def test_predicting_changes_no_training_set(project):
    before = [view.name for view in PreparedSet.open(project.folder / "storage", "mirrors").views()]
    for path in (project.folder / "mirrors").rglob("SYN-0001_R*"):
        late = path.parent / path.name.replace("SYN-0001", "SYN-0009")
        late = Path(str(late).replace("SYN-0001/", "SYN-0009/"))
        late.parent.mkdir(parents=True, exist_ok=True)
        late.write_bytes(path.read_bytes())

    project.predict("--mirror", "SYN-0009_R")

    assert [view.name for view in PreparedSet.open(project.folder / "storage", "mirrors").views()] == before


def copy_of(view, project, target, name):
    """Copy a view's raw files under another name."""
    source = project.folder / "mirrors"
    for path in source.rglob(f"{view}*"):
        copied = target / str(path.relative_to(source)).replace(view.removesuffix("_R"), name.removesuffix("_R"))
        copied.parent.mkdir(parents=True, exist_ok=True)
        copied.write_bytes(path.read_bytes())


def test_of_several_views_the_broken_ones_are_listed_and_the_others_drawn(project, tmp_path):
    names = [f"SYN-{number:04d}_R" for number in range(11, 15)]
    for name in names:
        copy_of("SYN-0001_R", project, tmp_path / "scans", name)
    bad_mask = tmp_path / "scans" / "masks" / f"{names[0]}_mask.png"
    bad_mask.write_bytes(b"no picture")
    (bad_depth,) = (tmp_path / "scans").rglob(f"{names[2]}_U.tif")
    bad_depth.write_bytes(bad_depth.read_bytes()[:500])
    moved = project.moved(DIR_ROOT=tmp_path / "scans", STORAGE=tmp_path / "storage", DIR_EVAL=tmp_path / "out")

    result = moved.run(predict.main, "--base_model", "base", *(part for name in names for part in ("--mirror", name)))

    assert result.exit_code == 1
    drawn = {path.name for path in (tmp_path / "out").rglob("*.png")}
    assert drawn == {f"{names[1]}_drawings.png", f"{names[3]}_drawings.png"}
    first, second = result.stderr.split("Skipped:\n")[1].splitlines()
    assert first.startswith(f"  {bad_mask}: ")
    assert second.startswith(f"  {bad_depth}: ")


def test_one_view_alone_says_once_what_is_wrong(project):
    result = project.run(predict.main, "--base_model", "base", "--mirror", "SYN-9999_R")

    assert result.exit_code == 1
    assert result.stderr.startswith("Error: ")
    assert result.output.count("SYN-9999_R") == 1
