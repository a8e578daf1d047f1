import csv
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

import eval as evaluation
import predict
from data.images import read_drawing, read_mask, read_picture_header
from data.storage import PreparedSet
from interaction.refiners import NetworkRefiner
from metrics import pfm
from models.checkpoints import find_checkpoint, load_model
from models.networks import IN_SESSION
from runs.evaluation import recorded_run
from runs.report.table import read_run, table_columns
from tests.root import ROOT
from tests.runs.toy import MIRROR, MODELS


@pytest.fixture(scope="module")
def evaluated(project):
    project.output = project.evaluate("--record_every", "3", "--picture_every", "5")
    return project


def table(project, seed=0, folder=""):
    """Return a run's table, of another folder if it is an absolute one."""
    return project.folder / "out" / MIRROR / folder / f"{MIRROR}_{seed}.csv"


def rows(path):
    with path.open() as file:
        return list(csv.DictReader(file))


def test_a_run_writes_its_table_and_record(evaluated):
    found = rows(table(evaluated))

    assert tuple(found[0]) == table_columns()
    assert [int(row["interaction"]) for row in found[:3]] == [0, 3, 6]
    efforts = [int(row["human_input"]) for row in found]
    assert efforts == sorted(efforts)
    record = json.loads((evaluated.folder / "out" / MIRROR / f"{MIRROR}_0" / "run.json").read_text())
    assert record["config"]["seed"] == 0
    assert {"base", "interactive", "data"} <= record["hashes"].keys()


def test_the_first_row_scores_the_initial_drawing(evaluated):
    view = PreparedSet.open(evaluated.folder / "storage", "mirrors").view(MIRROR)
    (initial,) = (evaluated.folder / "out" / MIRROR).glob("initial_base_*.npy")

    first = rows(table(evaluated))[0]

    assert float(first["pfm"]) == pytest.approx(pfm(np.load(initial) > 0.5, view.truth & view.mask), abs=1e-6)
    assert first["pfm"] == first["pfm_human"]


def test_the_manual_run_stands_by_itself_and_corrects(evaluated):
    manual = rows(table(evaluated, folder="manual"))

    assert float(manual[-1]["pfm"]) > float(manual[0]["pfm"])
    assert manual[-1]["pfm"] == manual[-1]["pfm_human"]


def test_the_final_drawing_is_one_of_the_datasets_own(evaluated):
    path = evaluated.folder / "out" / MIRROR / f"{MIRROR}_0" / f"{MIRROR}_drawings.png"

    line = read_drawing(path)

    assert line.shape == (512, 450)
    assert read_picture_header(path).pixels_per_mm == pytest.approx(40)
    assert cv2.imread(str(path), cv2.IMREAD_UNCHANGED).shape[2] == 4
    mask = read_mask(evaluated.folder / "mirrors" / "masks" / f"{MIRROR}_mask.png")
    assert line.any()
    assert not (line & ~mask).any()


def test_pictures_are_drawn_at_the_start_on_the_way_and_at_the_end(evaluated):
    last = int(rows(table(evaluated))[-1]["interaction"])
    drawn = {path.stem for path in (evaluated.folder / "out" / MIRROR / f"{MIRROR}_0" / "pictures").glob("*.png")}

    assert {"00000", "00005", f"{last:05d}"} <= drawn


def test_a_second_start_changes_nothing(evaluated):
    before = {path: path.read_bytes() for path in (evaluated.folder / "out").rglob("*.csv")}

    output = evaluated.evaluate("--record_every", "3", "--picture_every", "5")

    assert "finished earlier" in output
    assert {path: path.read_bytes() for path in (evaluated.folder / "out").rglob("*.csv")} == before


def test_the_same_seed_gives_the_same_file_byte_for_byte(evaluated, tmp_path):
    evaluated.moved(DIR_EVAL=tmp_path / "out").evaluate("--record_every", "3")

    assert (tmp_path / "out" / MIRROR / f"{MIRROR}_0.csv").read_bytes() == table(evaluated).read_bytes()


def test_only_a_verbose_evaluation_prints_the_scores_of_each_row(evaluated, tmp_path):
    verbose = evaluated.moved(DIR_EVAL=tmp_path / "out").evaluate("--record_every", "3", "--verbose")

    found = re.findall(rf"^{MIRROR} seed 0: (\d+) strokes, pFM 0\.\d{{4}}, IoU 0\.\d{{4}}$", verbose, re.M)
    assert found == [row["interaction"] for row in rows(table(evaluated))[1:]]
    assert " strokes, pFM" not in evaluated.output


def test_a_killed_run_goes_on_and_ends_with_the_same_rows(evaluated, tmp_path):
    environment = os.environ | evaluated.moved(DIR_EVAL=tmp_path / "out").environment
    command = [sys.executable, "-c", KILLABLE, *MODELS, "--mirror", MIRROR, "--workers", "1", "--record_every", "3"]
    finished = tmp_path / "out" / MIRROR / f"{MIRROR}_0.csv"
    for target in (finished.parent / "manual" / finished.name, finished):
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment | {"HALT_AT": str(target)}, stdout=subprocess.DEVNULL
        )
        while process.poll() is None and not (target.exists() and len(target.read_text().splitlines()) > 4):
            time.sleep(0.01)
        process.kill()
        assert process.wait() == -signal.SIGKILL, "it ended before it could be killed"
        assert (target.parent / target.stem / "state.npz").exists()

    subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)

    assert finished.read_bytes() == table(evaluated).read_bytes()


# Saves its state after each row. From the fifth line of a table on it waits to be killed, however late that comes.
KILLABLE = """
import os, pathlib, time
import runs.evaluation.recorded_run as recorded_run, eval
recorded_run.SNAPSHOT_SECONDS = 0
row, halt = recorded_run._row, pathlib.Path(os.environ.get("HALT_AT", "nowhere"))
def halting(*arguments):
    while halt.exists() and len(halt.read_text().splitlines()) > 4:
        time.sleep(1)
    return row(*arguments)
recorded_run._row = halting
eval.main()
"""


def test_the_published_mode_compares_the_same_strokes(evaluated, tmp_path):
    moved = evaluated.moved(DIR_EVAL=tmp_path / "out")

    moved.evaluate("--mode", "published", "--annotator", "best-answer", "--seed", "1")

    run = read_run(tmp_path / "out" / "best-answer" / MIRROR / f"{MIRROR}_1.csv")
    assert run.manual_curves["pfm"].final > run.manual_curves["pfm"].score[0]
    assert run.manual_curves["pfm"].total == run.refined_curves["pfm"].total
    assert not list((tmp_path / "out").rglob("manual"))


def test_other_options_in_the_same_place_are_refused_and_overwrite_nothing(evaluated):
    before = table(evaluated).read_bytes()

    result = evaluated.run(evaluation.main, *MODELS, "--mirror", MIRROR, "--workers", "1", "--record_every", "4")

    assert result.exit_code == 1
    assert "holds another run" in result.output
    assert table(evaluated).read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--ckpt", "nobody", "--base_model", "base", "--mirror", MIRROR], "no checkpoint 'nobody'"),
        (["--ckpt", "base", "--base_model", "base", "--mirror", MIRROR], "the interactive one is needed"),
        ([*MODELS, "--mirror", "SYN-9999_R"], "no prepared view 'SYN-9999_R'"),
    ],
)
def test_what_cannot_be_evaluated_is_one_message(project, arguments, message):
    result = project.run(evaluation.main, *arguments)

    assert result.exit_code == 1
    assert message in result.output


def test_the_summary_has_a_line_for_the_mirror(evaluated):
    assert re.search(rf"^\| {MIRROR} \| 1 +\|", evaluated.output, re.MULTILINE)


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


def test_a_view_that_was_trained_on_is_no_test_and_it_says_so(project, tmp_path):
    moved = project.moved(DIR_EVAL=tmp_path / "out")
    (seen,) = {*load_model(best_of(project), "base").trained_on[:1]}

    output = moved.succeed(evaluation.main, *MODELS, "--mirror", seen, "--workers", "1")

    assert f"{seen}: a model was trained on this view" in output


def best_of(project):
    return find_checkpoint("base", project.folder / "runs")


def test_predicting_an_unknown_view_is_one_message(project):
    result = project.run(predict.main, "--base_model", "base", "--mirror", "SYN-9999_R")

    assert result.exit_code == 1
    assert "no view 'SYN-9999_R'" in result.output


def test_a_run_killed_at_its_very_end_repeats_no_row(evaluated, tmp_path, monkeypatch):
    moved = evaluated.moved(DIR_EVAL=tmp_path / "out")
    arguments = (*MODELS, "--mirror", MIRROR, "--workers", "1", "--record_every", "1000")
    monkeypatch.setattr(recorded_run, "SNAPSHOT_SECONDS", 0)
    for _ in range(2):
        with monkeypatch.context() as killed:
            killed.setattr(recorded_run, "at_scan_size", _die)
            assert moved.run(evaluation.main, *arguments).exit_code != 0

    moved.succeed(evaluation.main, *arguments)

    for part in ("", "manual"):
        assert len(rows(tmp_path / "out" / MIRROR / part / f"{MIRROR}_0.csv")) == 2, "the first row and the last"


def _die(*arguments):
    raise KeyboardInterrupt


def test_a_seed_given_twice_counts_once(evaluated):
    output = evaluated.evaluate("--record_every", "3", "--seed", "0", "--seed", "0", "--mirror", "test")

    assert re.search(rf"^\| {MIRROR} \| 1 +\|", output, re.MULTILINE)


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


@pytest.mark.parametrize(("ckpt", "base"), [("nobody", "base"), ("inter", "nobody"), ("base", "base")])
def test_a_model_that_cannot_be_used_ends_an_evaluation_at_once(project, ckpt, base):
    views = ["--mirror", MIRROR, "--mirror", "SYN-9999_R", "--seed", "0", "--seed", "1"]

    result = project.run(evaluation.main, "--ckpt", ckpt, "--base_model", base, *views)

    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert "skipped" not in result.output.lower()


def test_a_view_that_cannot_be_evaluated_is_skipped_and_the_others_go_on(evaluated):
    before = table(evaluated).read_bytes()
    command = [*MODELS, "--workers", "1", "--record_every", "3", "--mirror", "SYN-9999_R"]

    result = evaluated.run(evaluation.main, *command, "--mirror", MIRROR)

    assert result.exit_code == 1
    assert f"| {MIRROR} " in result.output
    assert "no prepared view 'SYN-9999_R'" in result.stderr.split("Skipped:\n")[1]
    assert table(evaluated).read_bytes() == before


@pytest.mark.parametrize(
    "damaged",
    [f"{MIRROR}_0/state.npz", f"{MIRROR}_0/run.json", f"manual/{MIRROR}_0/scores.json", "initials.json"],
)
def test_what_an_earlier_run_left_damaged_is_one_message(evaluated, tmp_path, damaged):
    shutil.copytree(evaluated.folder / "out", tmp_path / "out")
    path = tmp_path / "out" / MIRROR / damaged
    path.write_bytes(path.read_bytes()[:100])
    command = [*MODELS, "--workers", "1", "--record_every", "3", "--mirror", MIRROR]

    result = evaluated.moved(DIR_EVAL=tmp_path / "out").run(evaluation.main, *command, "--picture_every", "5")

    assert result.exit_code == 1
    assert result.stderr.startswith(f"SKIPPED: {path}: damaged")
    assert result.stderr.count(path.name) == 1


@pytest.mark.parametrize("part", ["", "manual"])
def test_lost_scores_are_made_again_and_the_rows_stay(evaluated, tmp_path, part):
    shutil.copytree(evaluated.folder / "out", tmp_path / "out")
    lost = tmp_path / "out" / MIRROR / part / f"{MIRROR}_0" / "scores.json"
    scores = lost.read_bytes()
    lost.unlink()

    evaluated.moved(DIR_EVAL=tmp_path / "out").evaluate("--record_every", "3", "--picture_every", "5")

    assert lost.read_bytes() == scores
    assert (tmp_path / "out" / MIRROR / f"{MIRROR}_0.csv").read_bytes() == table(evaluated).read_bytes()


def test_a_table_of_an_unknown_run_is_left_as_it_is(evaluated, tmp_path):
    foreign = tmp_path / "out" / MIRROR / f"{MIRROR}_0.csv"
    foreign.parent.mkdir(parents=True)
    foreign.write_text("interaction\n")

    result = evaluated.moved(DIR_EVAL=tmp_path / "out").run(
        evaluation.main, *MODELS, "--mirror", MIRROR, "--workers", "1"
    )

    assert result.exit_code == 1
    assert f"{foreign}: a table, but nothing says of which run; move it away" in result.stderr
    assert foreign.read_text() == "interaction\n"


def test_a_first_drawing_that_is_damaged_is_one_message(evaluated, tmp_path):
    (initial,) = (evaluated.folder / "out" / MIRROR).glob("initial_base_*.npy")
    damaged = tmp_path / "out" / MIRROR / initial.name
    damaged.parent.mkdir(parents=True)
    damaged.write_bytes(initial.read_bytes()[:1000])
    command = [*MODELS, "--workers", "1", "--mirror", MIRROR]

    result = evaluated.moved(DIR_EVAL=tmp_path / "out").run(evaluation.main, *command)

    assert result.exit_code == 1
    assert result.stderr.startswith(f"SKIPPED: {damaged}: damaged; remove it")
    assert '("SYN-0004_R seed 0" waited for it)' in result.stderr


def test_results_are_the_same_whatever_the_number_of_workers(evaluated, tmp_path):
    moved = evaluated.moved(DIR_EVAL=tmp_path / "out")

    moved.evaluate("--record_every", "3", "--picture_every", "5", "--workers", "2")

    there = evaluated.folder / "out"
    written = [path.relative_to(there) for pattern in ("*.csv", "scores.json") for path in there.rglob(pattern)]
    assert len(written) == 4
    for path in written:
        assert (tmp_path / "out" / path).read_bytes() == (there / path).read_bytes()


def test_each_annotator_has_runs_of_its_own_and_each_operation(evaluated, tmp_path):
    moved = evaluated.moved(DIR_EVAL=tmp_path / "out")

    output = moved.evaluate("--annotator", "longer", "--annotator", "short")
    moved.evaluate("--operations", "erase", "--annotator", "short")

    for folder in (".", "short", "short-erase"):
        assert table(moved, folder=tmp_path / "out" / folder / MIRROR).exists()
        assert table(moved, folder=tmp_path / "out" / folder / MIRROR / "manual").exists()
    assert "short" in output
    state = np.load(tmp_path / "out" / "short-erase" / MIRROR / f"{MIRROR}_0" / "state.npz")
    assert {stroke["sign"] for stroke in json.loads(str(state["rest"]))["state"]["strokes"]} == {-1}


def test_another_merge_rule_has_runs_of_its_own_beside_the_same_manual_ones(evaluated, tmp_path):
    moved = evaluated.moved(DIR_EVAL=tmp_path / "out")

    moved.evaluate("--record_every", "3", "--merge", "touching")

    ruled = tmp_path / "out" / "touching" / MIRROR / f"{MIRROR}_0.csv"
    assert json.loads((ruled.with_suffix("") / "run.json").read_text())["config"]["merge"] == "touching"
    assert ruled.read_bytes() != table(evaluated).read_bytes()
    (manual,) = (tmp_path / "out").rglob("manual")
    assert manual == tmp_path / "out" / MIRROR / "manual"
    assert (manual / ruled.name).read_bytes() == table(evaluated, folder="manual").read_bytes()


def test_a_model_is_asked_as_it_was_trained_unless_told_otherwise(project, tmp_path, monkeypatch):
    interactive = ["--is_interactive", "True", "--base_model", "base", "--strokes", "2", "--prompts", "session"]
    project.train("--name", "asked", *interactive, "--window", "stroke", "--merge", "one-way", "--crops", "8")
    asked, window = set(), NetworkRefiner.window
    monkeypatch.setattr(
        NetworkRefiner,
        "window",
        lambda refiner, *place: asked.add((refiner.encoder.inputs, refiner.around_stroke)) or window(refiner, *place),
    )
    moved = project.moved(DIR_EVAL=tmp_path / "out")
    command = ["--ckpt", "asked", "--base_model", "base", "--mirror", MIRROR, "--workers", "1", "--record_every", "3"]
    for merge in ([], ["--merge", "one-way"], ["--merge", "whole"]):
        moved.succeed(evaluation.main, *command, *merge)

    own, named, whole = (tmp_path / "out" / folder / MIRROR / f"{MIRROR}_0.csv" for folder in ("", "one-way", "whole"))
    assert asked == {(IN_SESSION, True)}
    assert own.read_bytes() == named.read_bytes()
    assert own.read_bytes() != whole.read_bytes()


def test_a_classical_binarization_can_be_what_is_corrected(evaluated, tmp_path):
    moved = evaluated.moved(DIR_EVAL=tmp_path / "out")

    moved.evaluate("--initial", "otsu")

    scores = json.loads((tmp_path / "out" / MIRROR / "initials.json").read_text())["scores"]
    first = rows(tmp_path / "out" / "otsu" / MIRROR / f"{MIRROR}_0.csv")[0]
    assert float(first["pfm"]) == pytest.approx(scores["otsu"]["pfm"], abs=1e-6)
    assert scores["otsu"] != scores["base"]
    assert scores.keys() == {"base", "otsu", "sauvola", "adaptive", "sato"}


def test_the_scores_of_a_finished_run_are_those_of_its_table(evaluated):
    scores = json.loads((table(evaluated).with_suffix("") / "scores.json").read_text())
    manual = json.loads((table(evaluated, folder="manual").with_suffix("") / "scores.json").read_text())

    last = rows(table(evaluated))[-1]
    for name in ("pfm", "iou", "pfm_dibco"):
        assert float(last[name]) == pytest.approx(scores["refined"][name], abs=1e-6)
    assert scores["manual"] == manual["refined"]
    assert "manual" not in manual


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--mirror", MIRROR, *MODELS[:2]], "or --report FOLDER"),
        (MODELS, "give --mirror, or --report FOLDER"),
        ([], "give --mirror, or --report FOLDER"),
        ([*MODELS, "--mirror", MIRROR, "--annotator", "nobody"], "no annotator 'nobody'; there are: longer, "),
        ([*MODELS, "--mirror", MIRROR, "--merge", "nearby"], "no merge rule 'nearby'; give whole, or some of reach"),
        ([*MODELS, "--mirror", MIRROR, "--initial", "nothing"], "'nothing' is not one of 'base', 'otsu'"),
        ([*MODELS, "--mirror", MIRROR, "--seed", "1", "--seeds", "2"], "give --seed or --seeds, not both"),
        (
            [*MODELS, "--mirror", MIRROR, "--workers", "1", "--scheduler", "x"],
            "give --workers or --scheduler, not both",
        ),
        ([*MODELS, "--mirror", MIRROR, "--train_with", "--lr 1"], "--train_with is for the trainings of --ablation"),
        (["--report", ".", "--seed", "1", *MODELS], "leave out --base_model, --ckpt, --seed"),
        ([*MODELS, "--mirror", MIRROR, "--ablation", "colours"], "'colours' is not one of"),
        ([*MODELS, "--mirror", MIRROR, "--scheduler", "nowhere"], "nowhere"),
    ],
)
def test_what_makes_no_sense_is_one_message_and_nothing_is_written(project, tmp_path, arguments, message):
    result = project.moved(DIR_EVAL=tmp_path / "out").run(evaluation.main, *arguments)

    assert result.exit_code != 0
    assert message in result.stderr
    assert "Traceback" not in result.output
    assert not (tmp_path / "out").exists()
