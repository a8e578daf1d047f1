"""``python -m eval``: what a run writes, who corrects, and what the options change."""

import json
import re

import cv2
import numpy as np
import pytest

import eval as evaluation
from data.images import read_drawing, read_mask, read_picture_header
from data.storage import PreparedSet
from interaction.refiners import NetworkRefiner
from metrics import pfm
from models.checkpoints import find_checkpoint, load_model
from models.networks import IN_SESSION
from runs.report.table import read_run, table_columns
from tests.runs.evaluation.evaluations import rows, table
from tests.runs.toy import MIRROR, MODELS


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


def test_only_a_verbose_evaluation_prints_the_scores_of_each_row(evaluated, tmp_path):
    verbose = evaluated.moved(DIR_EVAL=tmp_path / "out").evaluate("--record_every", "3", "--verbose")

    found = re.findall(rf"^{MIRROR} seed 0: (\d+) strokes, pFM 0\.\d{{4}}, IoU 0\.\d{{4}}$", verbose, re.M)
    assert found == [row["interaction"] for row in rows(table(evaluated))[1:]]
    assert " strokes, pFM" not in evaluated.output


def test_the_published_mode_compares_the_same_strokes(evaluated, tmp_path):
    moved = evaluated.moved(DIR_EVAL=tmp_path / "out")

    moved.evaluate("--mode", "published", "--annotator", "best-answer", "--seed", "1")

    run = read_run(tmp_path / "out" / "best-answer" / MIRROR / f"{MIRROR}_1.csv")
    assert run.manual_curves["pfm"].final > run.manual_curves["pfm"].score[0]
    assert run.manual_curves["pfm"].total == run.refined_curves["pfm"].total
    assert not list((tmp_path / "out").rglob("manual"))


def test_the_summary_has_a_line_for_the_mirror(evaluated):
    assert re.search(rf"^\| {MIRROR} \| 1 +\|", evaluated.output, re.MULTILINE)


def test_a_view_that_was_trained_on_is_no_test_and_it_says_so(project, tmp_path):
    moved = project.moved(DIR_EVAL=tmp_path / "out")
    (seen,) = {*load_model(best_of(project), "base").trained_on[:1]}

    output = moved.succeed(evaluation.main, *MODELS, "--mirror", seen, "--workers", "1")

    assert f"{seen}: a model was trained on this view" in output


def best_of(project):
    return find_checkpoint("base", project.folder / "runs")


def test_a_seed_given_twice_counts_once(evaluated):
    output = evaluated.evaluate("--record_every", "3", "--seed", "0", "--seed", "0", "--mirror", "test")

    assert re.search(rf"^\| {MIRROR} \| 1 +\|", output, re.MULTILINE)


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
