"""Ablations: models that differ in one thing are trained and evaluated, once each, where they can be compared."""

import json
import re

import numpy as np
import pytest

import eval as evaluation
from metrics.effort import POINTS, area, final_gain
from models.checkpoints import find_checkpoint, load_model
from runs import ablations
from runs.ablations import ablate
from runs.report.table import read_run
from tests.runs.ablations.setting import EVERY, NO_WORKERS, TRAIN_WITH, ablation, given, read_rows, training_here
from tests.runs.toy import MIRROR


def forbidden(*arguments):
    raise AssertionError(f"nothing is to be run, but {arguments}")


def out(place):
    return place.elsewhere["DIR_EVAL"]


def trained(place, name):
    return json.loads((place.elsewhere["WANDB_PROJECT"] / name / "run.json").read_bytes())


def runs_below(folder, seeds=(0,)):
    return [read_run(folder / MIRROR / f"{MIRROR}_{seed}.csv") for seed in seeds]


def pfm_of(run):
    return run.refined_curves["pfm"], run.manual_curves["pfm"]


@pytest.fixture(scope="module")
def inputs(place):
    with training_here():
        place.output = ablation(place, "inputs", "--seeds", "2", "--train_with", TRAIN_WITH)
    return place


def test_the_models_of_inputs_differ_in_what_they_see_alone(inputs):
    seen = {"prediction": "initial", "strokes": "strokes", "both": "separate"}
    records = {row: trained(inputs, f"base-inputs-{row}") for row in seen}

    for row, record in records.items():
        assert record["config"].pop("prompts") == seen[row]
        assert record["config"].pop("name") == f"base-inputs-{row}"
    assert records["prediction"]["config"] == records["strokes"]["config"] == records["both"]["config"]
    assert len({record["hashes"]["base"] for record in records.values()}) == 1
    for row, prompts in seen.items():
        checkpoint = find_checkpoint(f"base-inputs-{row}", inputs.elsewhere["WANDB_PROJECT"])
        assert load_model(checkpoint, "interactive").network.config.prompts == prompts


def test_each_command_is_one_that_a_user_types(inputs):
    command = "$ python -m train --name base-inputs-strokes --is_interactive True --base_model base --dataset mirrors"

    assert command in inputs.output
    assert inputs.output.count("$ python -m train") == 3


def test_the_table_of_inputs_holds_the_runs_own_figures(inputs):
    rows = {row["row"]: row for row in read_rows(out(inputs) / "ablation-inputs")}

    for folder, title in (("prediction", "prediction only"), ("strokes", "strokes only"), ("both", "both")):
        runs = runs_below(out(inputs) / "ablation-inputs" / folder, seeds=(0, 1))
        ious = [POINTS * run.refined_curves["iou"].final for run in runs]
        gains = [POINTS * final_gain(*pfm_of(run)) for run in runs]
        assert float(rows[title]["refined_iou"]) == pytest.approx(np.mean(ious))
        assert float(rows[title]["refined_iou_deviation"]) == pytest.approx(np.std(ious, ddof=1))
        assert float(rows[title]["final_gain_pfm"]) == pytest.approx(np.mean(gains))
        assert float(rows[title]["area_pfm"]) == pytest.approx(np.mean([area(*pfm_of(run)) for run in runs]))
        assert f"{np.mean(ious):.2f} ± {np.std(ious, ddof=1):.2f}" in inputs.output
    initial = POINTS * runs[0].refined_curves["pfm"].score[0]
    assert float(rows["initial prediction"]["refined_pfm"]) == pytest.approx(initial)


def test_the_models_share_the_manual_runs(inputs):
    manual = [path.parent for path in out(inputs).rglob(f"manual/{MIRROR}_0.csv")]

    assert manual == [out(inputs) / MIRROR / "manual"]


def test_a_second_start_makes_nothing_anew(inputs):
    def made():
        files = [*out(inputs).rglob("run.json"), *out(inputs).rglob("state.npz"), *out(inputs).parent.rglob("*.ckpt")]
        return {path: path.stat().st_mtime_ns for path in files}

    before, tables = made(), {path: path.read_bytes() for path in out(inputs).rglob("*.csv")}

    output = ablation(inputs, "inputs", "--seeds", "2", "--train_with", TRAIN_WITH)

    assert "$ python -m train" not in output
    assert output.count("trained earlier") == 3
    assert made() == before
    assert {path: path.read_bytes() for path in out(inputs).rglob("*.csv")} == tables
    assert (out(inputs) / "ablation-inputs" / "table.md").read_text() in output


def test_operations_share_the_model_that_sees_both(inputs, config):
    messages = []
    text, skipped = ablate(
        "operations", [EVERY], TRAIN_WITH, config=config, **{**NO_WORKERS, "report": messages.append}
    )

    assert skipped == []
    assert "base-inputs-both: trained earlier" in messages
    rows = {row["row"]: row for row in read_rows(out(inputs) / "ablation-operations")}
    for operation, title in (("erase", "erase only"), ("add", "add only"), ("both", "both")):
        folder = out(inputs) / "ablation-operations" / operation
        (run,) = runs_below(folder)
        assert run.config["operations"] == operation
        assert float(rows[title]["refined_pfm"]) == pytest.approx(POINTS * run.refined_curves["pfm"].final)
        assert rows[title]["refined_pfm_deviation"] == ""
        assert title in text
    assert "±" not in text.partition("Scores of")[0]


def test_annotators_are_set_against_each_other(place):
    people = ("longer", "random")
    named = [word for name in people for word in ("--annotator", name)]

    with training_here():
        output = ablation(place, "annotators", *named, "--train_with", TRAIN_WITH)

    folder = out(place) / "ablation-annotators"
    areas = {}
    for one in people:
        assert trained(place, f"base-annotators-{one}")["config"]["annotators"] == one
        for other in people:
            (run,) = runs_below(folder / one / other)
            assert (run.config["ckpt"], run.config["annotator"]) == (f"base-annotators-{one}", other)
            areas[one, other] = area(*pfm_of(run))
    found = {(row["trained_with"], row["tested_under"]): float(row["area_pfm"]) for row in read_rows(folder)}
    assert found == pytest.approx(areas)
    summary = json.loads((folder / "table.json").read_bytes())["summary"]
    assert summary["area_pfm_diagonal"] == pytest.approx((areas["longer", "longer"] + areas["random", "random"]) / 2)
    assert summary["area_pfm_off_diagonal"] == pytest.approx(
        (areas["longer", "random"] + areas["random", "longer"]) / 2
    )
    lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in output.splitlines() if line.startswith("|")]
    assert lines[2] == ["longer", *(f"{areas['longer', other]:+.2f}" for other in people)]
    assert lines[3] == ["random", *(f"{areas['random', other]:+.2f}" for other in people)]


def test_what_train_does_not_know_it_says_itself(place, tmp_path, capfd):
    elsewhere = place.moved(**{**place.elsewhere, "DIR_EVAL": tmp_path})

    result = elsewhere.run(evaluation.main, *given("inputs", "--train_with", "--epochs 3", base="inter"))

    assert result.exit_code == 1
    assert re.search("No such option.*--epochs", capfd.readouterr().err)
    assert "its own message is above" in result.output
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (given("inputs", base="nobody"), "no checkpoint 'nobody'"),
        (given("inputs", mirror="nobody"), "nobody"),
        (given("inputs", "--ckpt", "inter"), "--ablation inputs trains its own models"),
        (given("annotators", "--ckpt", "inter", "--annotator", "all"), "--ablation annotators trains its own models"),
        (given("annotators"), "give several --annotator"),
        (given("inputs", "--annotator", "longer", "--annotator", "short"), "give one --annotator, not longer, short"),
        (given("operations", "--ckpt", "inter", "--operations", "add"), "--ablation operations goes through all"),
        (given("operations", "--ckpt", "inter", "--train_with", "--lr 1"), "nothing is trained if --ckpt"),
        (given("operations", "--ckpt", "nobody"), "no checkpoint 'nobody'"),
        (given("annotators", "--annotator", "all", "--train_with", "--annotators long"), "--annotators is what an"),
    ],
)
def test_what_cannot_be_set_side_by_side_is_one_message(place, tmp_path, monkeypatch, arguments, message):
    monkeypatch.setattr(ablations, "train_variants", forbidden)
    elsewhere = place.moved(**{**place.elsewhere, "DIR_EVAL": tmp_path})

    result = elsewhere.run(evaluation.main, *arguments)

    assert result.exit_code == 1, repr(result.exception)
    assert message in result.output
    assert "Traceback" not in result.output
    assert not list(tmp_path.iterdir())


def test_a_scheduler_that_does_not_answer_is_found_out_before_the_trainings(place, tmp_path, monkeypatch):
    monkeypatch.setattr(ablations, "train_variants", forbidden)
    elsewhere = place.moved(**{**place.elsewhere, "DIR_EVAL": tmp_path})
    fixed = ["--ablation", "inputs", "--base_model", "base", "--mirror", MIRROR]

    result = elsewhere.run(evaluation.main, *fixed, "--scheduler", "tcp://127.0.0.1:1")

    assert result.exit_code == 1, repr(result.exception)
    assert "'tcp://127.0.0.1:1': no Dask scheduler answers there" in result.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--train_with", TRAIN_WITH, "--mode", "published"], "mode headline there, published asked for"),
        (["--train_with", TRAIN_WITH + " --lr 1"], "'--lr': '1'"),
    ],
)
def test_a_folder_of_another_ablation_is_left_alone(inputs, monkeypatch, arguments, message):
    monkeypatch.setattr(ablations, "train_variants", forbidden)
    before = {path: path.read_bytes() for path in out(inputs).glob("ablation-inputs/*.*")}

    result = inputs.run(evaluation.main, *given("inputs", "--seeds", "2", *arguments))

    assert result.exit_code == 1
    assert "holds another ablation" in result.output
    assert {path: path.read_bytes() for path in before} == before
