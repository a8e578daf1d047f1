import csv
import json
import re
import shutil
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner

import eval as evaluation
import train
from metrics.effort import POINTS, area, final_gain
from models.checkpoints import find_checkpoint, load_model
from runs import ablations
from runs.ablations import ablate, variants
from runs.ablations.tables import over_seeds
from runs.errors import RunError
from runs.options import EvalOptions
from runs.report.table import read_run
from tests.runs.toy import MIRROR, NETWORK
from user_config import settings

OTHER = "SYN-0003_R"
BUDGET = ["--batch_train", "4", "--batch_val", "8", "--crops", "8", "--max_epochs", "1", "--strokes", "2"]
TRAIN_WITH = " ".join([*NETWORK, *BUDGET])
EVERY = EvalOptions(mirror=MIRROR, seed=0, ckpt="", base_model="base", backend="torch", record_every=5)
NO_WORKERS = {"workers": 1, "scheduler": None, "report": lambda line: None}


@pytest.fixture(scope="module")
def place(project, tmp_path_factory):
    folder = tmp_path_factory.mktemp("ablations")
    for name in ("base", "inter"):
        shutil.copytree(project.folder / "runs" / name, folder / "runs" / name)
    return project.moved(DIR_EVAL=folder / "out", WANDB_PROJECT=folder / "runs")


@contextmanager
def training_here():
    """Training happens in this process, which has imported all it takes; `test_variants` starts the real command."""

    def run(command):
        assert command[0] == "train"
        result = CliRunner().invoke(train.main, command[1:])
        assert result.exit_code == 0, result.output + repr(result.exception)
        return 0

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(variants, "run_command", run)
        yield


@pytest.fixture
def config(place, monkeypatch):
    for name, value in place.environment.items():
        monkeypatch.setenv(name, value)
    return settings()


def given(kind, *arguments, base="base", mirror=MIRROR):
    fixed = ["--ablation", kind, "--base_model", base, "--mirror", mirror]
    fixed += ["--workers", "1", "--backend", "torch", "--record_every", "5"]
    return [*fixed, *arguments]


def ablation(place, kind, *arguments):
    return place.succeed(evaluation.main, *given(kind, *arguments))


def forbidden(*arguments):
    raise AssertionError(f"nothing is to be run, but {arguments}")


def out(place):
    return place.elsewhere["DIR_EVAL"]


def trained(place, name):
    return json.loads((place.elsewhere["WANDB_PROJECT"] / name / "run.json").read_bytes())


def read_rows(folder):
    with (folder / "table.csv").open() as file:
        return list(csv.DictReader(file))


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


# Tables by hand: of each mirror and seed the final IoU and pFM of refined and pFM of manual; all begin at 0.2, 0.3, and
# rise straight to their end after 100 pixels.
ENDS = {
    (MIRROR, 0): (0.5, 0.66, 0.6),
    (MIRROR, 1): (0.6, 0.72, 0.6),
    (OTHER, 0): (0.7, 0.80, 0.8),
    (OTHER, 1): (0.8, 0.88, 0.8),
}


@pytest.fixture
def by_hand(config, tmp_path, monkeypatch):
    """Nothing is trained, and all runs of a mirror and seed end alike, but those that are skipped."""

    def evaluate(evaluations, *_, **__):
        tables = {}
        for options in evaluations:
            iou, pfm, manual = ENDS[options.mirror, options.seed]
            path = tmp_path / options.group / options.mirror / f"{options.mirror}_{options.seed}.csv"
            path.parent.mkdir(parents=True, exist_ok=True)
            ends = f"1,{iou},{pfm},{iou},{manual},100"
            path.write_text(f"interaction,iou,pfm,iou_human,pfm_human,human_input\n0,0.2,0.3,0.2,0.3,0\n{ends}\n")
            if (options.group.rpartition("/")[2], options.mirror, options.seed) not in skipped:
                tables[options] = path
        return tables, [f"{mirror} was refused" for _, mirror, _ in skipped]

    skipped = []
    monkeypatch.setattr(ablations, "train_variants", lambda *_: None)
    monkeypatch.setattr(ablations, "evaluate", evaluate)
    return replace(config, eval=tmp_path), skipped


EVERYTHING = [replace(EVERY, mirror=mirror, seed=seed) for mirror, seed in ENDS]


def test_figures_are_means_over_mirrors_with_the_deviation_over_seeds(by_hand):
    config, _ = by_hand
    text, _ = ablate("inputs", EVERYTHING, "", config=config, **NO_WORKERS)

    rows = {row["row"]: row for row in read_rows(config.eval / "ablation-inputs")}
    # Means over mirrors, of each seed: IoU 60 and 70, pFM 73 and 80, gain 5 and 15, area 1.5 and 5
    expected = {
        "refined_iou": (65, 50**0.5),
        "refined_pfm": (76.5, 24.5**0.5),
        "final_gain_pfm": (10, 50**0.5),
        "area_pfm": (3.25, 6.125**0.5),
    }
    for name, (mean, deviation) in expected.items():
        assert float(rows["both"][name]) == pytest.approx(mean)
        assert float(rows["both"][f"{name}_deviation"]) == pytest.approx(deviation)
    both = [cell.strip() for cell in text.split("| both")[1].split("\n")[0].split("|")[1:-1]]
    assert both == ["65.00 ± 7.07", "76.50 ± 4.95", "+10.0 ± 7.1 %", "+3.25 ± 2.47", "36.04", "53.44", "+5.5 %"]
    assert "means of 2 mirrors and 2 seeds ± deviation over seeds" in text


def test_published_figures_stand_beside_ours(by_hand):
    config, _ = by_hand
    for ablation, stated in (
        (
            "inputs",
            [("32.86", "49.28", ""), ("32.72", "49.27", ""), ("35.83", "53.6", "5.8"), ("36.04", "53.44", "5.5")],
        ),
        (
            "operations",
            [("", "", ""), ("38.25", "58.92", "1.9"), ("55.19", "73.55", "8.4"), ("58.41", "76.56", "12.3")],
        ),
    ):
        ablate(ablation, EVERYTHING, "", config=config, **NO_WORKERS)

        rows = read_rows(config.eval / f"ablation-{ablation}")
        assert [tuple(row[f"published_{name}"] for name in ("iou", "pfm", "gain")) for row in rows] == stated


def test_the_initial_drawing_has_no_gain(by_hand):
    config, _ = by_hand
    text, _ = ablate("inputs", EVERYTHING, "", config=config, **NO_WORKERS)

    line = next(line for line in text.splitlines() if "| initial prediction" in line)
    assert [cell.strip() for cell in line.split("|")[2:6]] == ["20.00", "30.00", "-", "-"]


def test_a_mirror_that_lacks_a_run_is_in_no_row_and_reported(by_hand):
    config, skipped = by_hand
    skipped.append(("strokes", OTHER, 1))

    text, why = ablate("inputs", EVERYTHING, "", config=config, **NO_WORKERS)

    assert why == [f"{OTHER} was refused"]
    assert f"Left out of all rows, as runs of them were skipped: {OTHER}" in text
    assert "means of 1 mirror and 2 seeds" in text
    rows = read_rows(config.eval / "ablation-inputs")
    assert [float(row["refined_pfm"]) for row in rows[1:]] == pytest.approx([69, 69, 69])
    assert json.loads((config.eval / "ablation-inputs" / "table.json").read_bytes())["left_out"] == [OTHER]


def test_without_a_whole_mirror_there_is_no_table(by_hand):
    config, skipped = by_hand
    skipped += [("strokes", OTHER, 1), ("both", MIRROR, 0)]

    with pytest.raises(RunError, match=f"no mirror came to its end in all its runs: {OTHER} was refused; {MIRROR} was"):
        ablate("inputs", EVERYTHING, "", config=config, **NO_WORKERS)
    assert not (config.eval / "ablation-inputs" / "table.csv").exists()


def test_other_conditions_have_a_folder_of_their_own(by_hand):
    config, _ = by_hand
    unsteady = [replace(options, annotator="unsteady") for options in EVERYTHING]

    for every in (EVERYTHING, unsteady):
        ablate("inputs", every, "", config=config, **NO_WORKERS)

    assert (config.eval / "ablation-inputs-unsteady" / "table.csv").exists()
    assert (config.eval / "ablation-inputs" / "table.csv").exists()


def test_a_value_that_one_run_lacks_is_none():
    assert over_seeds(np.array([[0.5, np.nan]]), "final_gain_pfm").text == "-"
