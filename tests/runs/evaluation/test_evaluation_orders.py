"""``python -m eval --order``: where runs lie, what they are compared with, and what may not be asked."""

import json
from dataclasses import replace

import pytest

import eval as evaluation
from bench.order import Task, correct
from runs.jobs import Reporter
from runs.options import EvalOptions
from runs.report.table import read_curves
from tests.runs.toy import MIRROR, MODELS
from user_config import settings

ORDERS = ("predicted", "random", "reading")


@pytest.fixture(scope="module")
def ordered(project, tmp_path_factory):
    moved = project.moved(DIR_EVAL=tmp_path_factory.mktemp("orders") / "out")
    for order in ("oracle", *ORDERS):
        moved.evaluate("--record_every", "1", "--order", order)
    moved.report = moved.succeed(evaluation.main, "--report", moved.elsewhere["DIR_EVAL"])
    return moved


def table(ordered, order):
    folder = ordered.elsewhere["DIR_EVAL"] / ("" if order == "oracle" else order) / MIRROR
    return folder / f"{MIRROR}_0.csv"


def record(ordered, order):
    return json.loads((table(ordered, order).with_suffix("") / "run.json").read_text())


def test_each_order_has_a_folder_and_rows_of_its_own(ordered):
    rows = {order: table(ordered, order).read_text() for order in ("oracle", *ORDERS)}
    assert len(set(rows.values())) == 4
    assert len({text.splitlines()[1] for text in rows.values()}) == 1  # the same initial drawing


def test_all_are_compared_with_one_manual_run(ordered):
    out = ordered.elsewhere["DIR_EVAL"]
    assert [path.parent for path in out.rglob("manual")] == [out / MIRROR]
    for order in ORDERS:
        manual = table(ordered, order).parent / record(ordered, order)["config"]["manual"]
        assert manual.resolve() == out / MIRROR / "manual"


def test_a_predicted_order_records_what_it_goes_by(ordered):
    assert "calibration" in record(ordered, "predicted")["hashes"]
    assert "calibration" not in record(ordered, "random")["hashes"]


def test_the_report_sets_orders_side_by_side(ordered):
    for order in ("oracle", *ORDERS):
        assert f"| order {order} " in ordered.report


@pytest.mark.parametrize("order", ["predicted", "random"])
def test_the_same_seed_gives_the_same_file_byte_for_byte(ordered, tmp_path, order):
    ordered.moved(DIR_EVAL=tmp_path).evaluate("--record_every", "1", "--order", order)
    assert (tmp_path / order / MIRROR / f"{MIRROR}_0.csv").read_bytes() == table(ordered, order).read_bytes()


def test_the_bench_of_orders_corrects_with_an_interactive_model_as_evaluations_do(ordered):
    config = replace(settings(), storage=ordered.folder / "storage", project=ordered.folder / "runs")
    task = Task(MIRROR, 0, "random", "base", "cpu", record(ordered, "random")["config"]["backend"], ckpt="inter")
    refined, pasted = (correct(each, config, Reporter(print)) for each in (task, replace(task, ckpt="")))
    curve = read_curves(table(ordered, "random"))["pfm"]
    assert curve.effort.tolist() == refined.effort
    assert curve.score == pytest.approx(refined.pfm, abs=1e-6)
    assert pasted.effort[0] == refined.effort[0]
    assert pasted.pfm != refined.pfm


def test_a_classical_drawing_has_no_probabilities_to_go_by(project):
    arguments = [*MODELS, "--mirror", MIRROR, "--order", "predicted", "--initial", "otsu"]
    result = project.run(evaluation.main, *arguments)
    assert result.exit_code == 2
    assert "--order predicted reads probabilities" in result.output


def test_the_manual_run_goes_in_the_oracles_order_with_all_else_alike():
    options = EvalOptions(
        "M", 0, "c", "b", annotator="unsteady", initial="otsu", order="random", merge="reach", group="g"
    )
    assert (options.manual.order, options.manual.merge, options.manual.group) == ("oracle", "", "")
    assert options.manual.conditions == "unsteady-otsu"
    assert options.conditions == "unsteady-otsu-reach-random"
