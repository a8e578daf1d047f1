"""``python -m bench.quality``: measures over mirrors, seeds and models, their targets, and the table of real runs."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace
from math import inf, isnan, nan

import numpy as np
import pytest
import torch
from click.testing import CliRunner

from bench.quality import __main__ as quality
from bench.quality import mirrors as own_mirrors
from bench.quality.mirrors import drawn_views, own_set
from bench.quality.plot import plot_rows
from bench.quality.results import POOLED_HARM, RowResult
from bench.quality.rows import Row
from bench.quality.tables import quality_table
from bench.quality.targets import RATIO, TARGETS, Verdict, harm_target
from data.storage import PreparedSet
from metrics.effort import Curve
from models.modules import BaseModule, InteractiveModule
from models.networks import NetworkConfig
from runs.errors import RunError
from runs.report.estimates import estimates
from runs.report.measures import measures
from runs.report.run_curves import RunCurves
from user_config import settings

NETWORK = NetworkConfig("unet-slim", "tu-mobilenetv4_conv_small_050", (0.5,), (0.2,)).as_dict()
TASK = {"dataset": "mirrors", "channels": ["depth"], "scale": 0.5, "patch": 128}
MANUAL = (0.4, 0.6, 0.8)
SCORES = ("pfm", "pfm_dibco", "iou")


def run(mirror="M", seed=0, refined=(0.4, 0.8, 0.9), manual=MANUAL, repaired=100, spoiled=1):
    """A run whose scores are all alike, with records at 0, 100 and 200 pixels."""
    ours, theirs = (dict.fromkeys(SCORES, Curve(np.array([0, 100, 200]), np.array(y))) for y in (refined, manual))
    return RunCurves(mirror, seed, ours, theirs, (0, 1, 2), repaired, spoiled)


def uneven_runs():
    """Runs whose measures differ from mirror to mirror and from seed to seed, all of positive area."""
    ends = {"M": (0.62, 0.65), "N": (0.7, 0.72), "O": (0.75, 0.9)}
    return [
        run(mirror, seed, (0.4, end, (1 + end) / 2), repaired=100 * (seed + 1), spoiled=round(20 * end))
        for mirror, of_mirror in ends.items()
        for seed, end in enumerate(of_mirror)
    ]


def verdicts(outcome, first=None):
    return {target.measure: target.judged(outcome, first or outcome) for target in TARGETS}


def test_means_are_over_mirrors_of_means_over_seeds_and_models():
    """Finals lead by 10 on M; on N by 0 and -10 with one model, by -20 and 10 with the other."""
    ends = [(0.9, 0.9, 0.8, 0.7), (0.9, 0.9, 0.6, 0.9)]
    places = ("M", 0), ("M", 1), ("N", 0), ("N", 1)
    models = [[run(*place, (0.4, 0.4, end)) for place, end in zip(places, of_model, strict=True)] for of_model in ends]
    outcome = RowResult("row", models)
    found = outcome.estimate("lead_pfm")
    assert found.mean == pytest.approx((0.1 - 0.05) / 2)
    assert -0.2 <= found.low < found.mean < found.high <= 0.1
    assert found.runs == outcome.count == 8
    assert outcome.by_mirror("lead_pfm") == pytest.approx({"M": 0.1, "N": -0.05})
    assert outcome.worst("lead_pfm") == pytest.approx(-0.2)
    assert outcome.worst("drawdown_pfm") == 0


def test_intervals_of_one_model_are_those_of_reports():
    runs = [
        run(mirror, seed, (0.4, 0.7, 0.8 + 0.02 * seed + 0.05 * (mirror == "N"))) for mirror in "MN" for seed in (0, 1)
    ]
    theirs = estimates([measures(one) for one in runs], [one.mirror for one in runs])
    ours = RowResult("row", [runs])
    for name in ("area_pfm", "refined_iou", "saved_pfm"):
        found, wanted = ours.estimate(name), theirs[name]
        assert [found.mean, found.low, found.high] == pytest.approx([wanted.mean, wanted.low, wanted.high])


def test_two_models_that_differ_widen_the_interval():
    models = [[run(mirror, refined=(0.4, 0.4, end)) for mirror in "MN"] for end in (0.5, 0.9)]
    found = RowResult("row", models).estimate("refined_pfm")
    assert (found.low, found.mean, found.high) == pytest.approx((0.5, 0.7, 0.9))


def test_models_of_the_same_runs_have_the_interval_of_one_for_they_share_the_draws():
    one, three = RowResult("row", [uneven_runs()]), RowResult("row", [uneven_runs()] * 3)
    for name in ("area_pfm", "refined_iou", "lead_pfm", POOLED_HARM):
        found, wanted = three.estimate(name), one.estimate(name)
        assert wanted.low < wanted.mean < wanted.high
        assert [found.mean, found.low, found.high] == pytest.approx([wanted.mean, wanted.low, wanted.high])


def test_harm_is_pooled_and_boundless_where_nothing_was_repaired():
    runs = [run("M", 0, repaired=90, spoiled=9), run("M", 1, repaired=10, spoiled=6), run("N", repaired=0, spoiled=1)]
    outcome = RowResult("row", [runs])
    assert outcome.by_mirror(POOLED_HARM) == {"M": 0.15, "N": inf}
    assert outcome.worst("harm") == inf
    assert RowResult("row", [runs[:2]]).worst("harm") == 0.6
    assert outcome.estimate("harm").mean == pytest.approx((0.1 + 0.6) / 2)
    # Over mirrors of means over seeds: (7.5 + 1) / 2 spoiled, (50 + 0) / 2 repaired.
    assert outcome.estimate(POOLED_HARM).mean == pytest.approx(4.25 / 25)


def test_areas_are_compared_with_the_first_rows():
    """The leads at 100 and 200 pixels are 10 and 0 points, so areas 5; then twice that."""
    first, other = (RowResult("row", [[run(refined=(0.4, end, 0.8)) for _ in "ab"]]) for end in (0.7, 0.8))
    assert first.estimate("area_pfm").mean == pytest.approx(5)
    times = other.times(first, "area_pfm")
    assert (times.low, times.mean, times.high) == pytest.approx((2, 2, 2))
    nothing = RowResult("row", [[run(refined=MANUAL) for _ in "ab"]])
    assert isnan(other.times(nothing, "area_pfm").mean)
    assert not verdicts(other, nothing)[RATIO].met


def test_a_quotient_has_no_interval_where_the_first_row_may_lead_by_nothing():
    ends = {"M": 0.75, "N": 0.58}  # leads of 15 and -2 points at 100 pixels
    first = RowResult("first", [[run(mirror, refined=(0.4, end, 0.8)) for mirror, end in ends.items()]])
    assert first.estimate("area_pfm").low < 0 < first.estimate("area_pfm").mean
    times = RowResult("row", [[run(mirror, refined=(0.4, 0.8, 0.8)) for mirror in ends]]).times(first, "area_pfm")
    assert times.mean == pytest.approx(20 / 6.5)
    assert isnan(times.low)
    assert isnan(times.high)


def test_two_rows_are_compared_on_the_same_draws():
    """However much mirrors differ, a row is exactly once as good as itself, in each resample."""
    row = RowResult("row", [uneven_runs()] * 2)
    times = row.times(row, "area_pfm")
    assert (times.low, times.mean, times.high) == pytest.approx((1, 1, 1))


def test_a_good_row_meets_every_target():
    good = RowResult("row", [[run(mirror, refined=(0.4, 0.95, 0.95)) for mirror in "MN"]])
    good_verdicts = verdicts(good, RowResult("first", [[run(mirror, refined=(0.4, 0.62, 0.8)) for mirror in "MN"]]))
    # Manual's 0.8 is reached at 400 / 5.5 = 73 of 200 pixels; half of its error is closed at 0.3 / 0.45 of 100.
    assert good_verdicts.pop("saved_pfm").value == pytest.approx(1 - 72.7 / 200, abs=1e-3)
    assert good_verdicts.pop("half_way_pfm").value == pytest.approx(0.3 / 0.45 / 2)
    assert all(verdict.met for verdict in good_verdicts.values())


def test_one_bad_mirror_or_run_misses_a_target():
    runs = [run("M", seed, (0.4, 0.9, 0.9)) for seed in range(9)] + [run("N", 0, (0.4, 0.55, 0.52), spoiled=3)]
    outcome = RowResult("row", [runs])
    assert outcome.worst("drawdown_pfm") == pytest.approx(3)
    found = verdicts(outcome)
    assert found["saved_pfm"].value == 0
    assert found["drawdown_pfm"].value == pytest.approx(3)
    assert found["lead_pfm"].value == pytest.approx(-0.28)
    assert found[POOLED_HARM].value == pytest.approx(0.03)
    assert found["below_pfm"].value == pytest.approx(2 / 3)
    assert found["below_depth_pfm"].value == pytest.approx(28)
    assert found["half_way_pfm"].value == inf
    assert not any(verdict.met for verdict in found.values())


@pytest.mark.parametrize(
    ("measure", "found", "met", "text"),
    [
        ("saved_pfm", 0.8, True, "80 %: met"),
        ("saved_pfm", 0.62, False, "62 %: missed by 18"),
        ("lead_pfm", -0.0123, False, "-1.23: missed by 1.23"),
        ("half_way_pfm", 0.25, False, "25 %: missed by 0"),
        ("half_way_pfm", inf, False, "-: missed"),
        (POOLED_HARM, 0.015, True, "1.5 %: met"),
        (RATIO, nan, False, "-"),
    ],
)
def test_a_verdict_says_by_how_much(measure, found, met, text):
    verdict = Verdict(next(target for target in TARGETS if target.measure == measure), found)
    assert (verdict.met, verdict.text) == (met, text)


def test_more_harm_is_allowed_under_other_annotators():
    targets = {annotator: harm_target(annotator) for annotator in ("longer", "unsteady", "adversarial")}
    assert (targets["longer"].limit, targets["unsteady"].limit, targets["adversarial"]) == (0.02, 0.05, None)


@pytest.mark.parametrize(
    ("annotator", "targets"), [("longer", ["harm ≤ 2.0 %"]), ("unsteady", ["harm ≤ 5.0 %"]), ("adversarial", [])]
)
def test_targets_of_harm_are_those_of_who_draws(annotator, targets):
    table = quality_table({annotator: [RowResult("row", [[run()]])]}, {"row": 30.0}, "# Title")
    assert re.findall("harm ≤ .* %(?=, every mirror)", table.text) == targets
    assert (table.rows[0]["harm_pooled_met"] is not None) == bool(targets)


def test_annotators_with_and_without_a_target_of_harm_are_written_together(tmp_path):
    worst = [RowResult("row", [[run(repaired=0, spoiled=1)]])]
    table = quality_table({"adversarial": worst, "longer": worst}, {"row": 30.0}, "# Title")
    table.write(tmp_path, {})
    assert [row["harm_worst"] for row in json.loads((tmp_path / "table.json").read_text())["rows"]] == [None, None]
    with (tmp_path / "table.csv").open() as file:
        assert [row["harm_pooled_met"] for row in csv.DictReader(file)] == ["", "False"]


def test_an_outcome_knows_the_commits_of_its_runs():
    runs = [replace(run("M"), commit="a1"), replace(run("N"), commit="b2"), run("O")]
    assert RowResult("row", [runs]).commits == {"a1", "b2"}


def test_the_legend_fits_into_the_picture():
    outcomes = [RowResult(f"session, 16,000 crops, sure, {number}", [[run()]]) for number in range(5)]
    figure = plot_rows(outcomes)
    figure.draw_without_rendering()
    legend, canvas = figure.legends[0].get_window_extent(), figure.bbox
    assert legend.x0 >= 0
    assert legend.x1 <= canvas.x1


def test_the_table_gives_each_annotator_and_the_picture_each_row():
    outcomes = {
        annotator: [RowResult(label, [[run(spoiled=spoiled)]]) for label in ("published", "ours")]
        for annotator, spoiled in (("longer", 1), ("unsteady", 7))
    }
    table = quality_table(outcomes, {"published": 30.0, "ours": 45.4}, "# Title")
    assert table.text.startswith("# Title")
    assert "| harm ≤ 2.0 %, every mirror" in table.text
    assert table.text.count("Harm, every mirror: longer 1.0 %: met; unsteady 7.0 %: missed by 2.0.") == 2
    assert [(row["row"], row["annotator"], row["answer_ms"]) for row in table.rows] == [
        ("published", "longer", 30.0),
        ("ours", "longer", 45.4),
        ("published", "unsteady", 30.0),
        ("ours", "unsteady", 45.4),
    ]
    assert table.rows[2]["harm_pooled"] == 0.07
    figure = plot_rows(outcomes["longer"])
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["manual", "published", "ours"]


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("published=RUN", Row("published", ("RUN",))),
        ("a + b = one, two :sure+one-way", Row("a + b", ("one", "two"), "sure+one-way")),
        ("x=some/epoch=4.ckpt:sure", Row("x", ("some/epoch=4.ckpt",), "sure")),
    ],
)
def test_a_row_is_read(text, row):
    assert Row.parsed(text) == row


@pytest.mark.parametrize("text", ["RUN", "=RUN", "label=", "label=one,,two", "label=:sure"])
def test_what_is_no_row_is_refused(text):
    with pytest.raises(ValueError, match="give LABEL=MODEL"):
        Row.parsed(text)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Two small mirrors, a base model that draws nothing, and one that answers with nothing, and one with ink."""
    folder = tmp_path_factory.mktemp("quality")
    for name, kind, logit in (
        ("base", BaseModule, -9),
        ("nothing", InteractiveModule, -9),
        ("ink", InteractiveModule, 9),
    ):
        module = kind(NETWORK, TASK, 1e-3, {})
        last = module.network.unet.segmentation_head[0]
        torch.nn.init.zeros_(last.weight)
        torch.nn.init.constant_(last.bias, logit)
        path = folder / "runs" / name / "checkpoints" / "epoch=0.ckpt"
        path.parent.mkdir(parents=True)
        torch.save({"state_dict": module.state_dict(), "hyper_parameters": dict(module.hparams)}, path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(own_mirrors, "HEIGHT", 384)
        patch.setattr(own_mirrors, "WIDTH", 320)
        own_set(folder / "set", 2, settings(), lambda line: None)
    return folder


def compare(project, *arguments):
    command = [str(project / "set"), "--base_model", "base", "--mirrors", "2", "--seeds", "1", "--workers", "1"]
    return CliRunner().invoke(
        quality.main, [*command, *arguments], env={"RETRACE_WANDB_PROJECT": str(project / "runs")}
    )


@pytest.fixture(scope="module")
def compared(project):
    """The table of both models, whose figures are known beforehand."""
    result = compare(project, "--row", "nothing=nothing,nothing", "--row", "ink=ink:whole")
    assert result.exit_code == 0, result.output + repr(result.exception)
    return project / "set"


def test_a_model_that_answers_with_nothing_is_as_good_as_manual_and_one_with_ink_never_helps(compared):
    with (compared / "table.csv").open() as file:
        nothing, ink = csv.DictReader(file)
    assert (nothing["runs"], ink["runs"]) == ("4", "2")
    assert float(nothing["interactions"]) > 10
    same = ("area_pfm", "lead_pfm", "lead_pfm_dibco", "lead_iou", "below_pfm", "harm_pooled")
    assert {float(nothing[name]) for name in same} == {0}
    assert float(nothing["effort"]) == float(nothing["manual_effort"])
    assert nothing["half_way_pfm"] == ""
    assert float(ink["interactions"]) == 0
    assert float(ink["lead_pfm"]) == -float(nothing["manual_pfm"]) == -float(ink["manual_pfm"])
    assert (nothing["lead_pfm_met"], ink["lead_pfm_met"]) == ("True", "False")
    assert float(nothing["answer_ms"]) > 0


def test_all_interactions_are_recorded_and_manual_is_shared(compared):
    tables = list((compared / "out").rglob("SYN-0901_R_0.csv"))
    assert len(tables) == 3
    (manual,) = (path for path in tables if path.parent.name == "manual")
    with manual.open() as file:
        interactions = [int(row["interaction"]) for row in csv.DictReader(file)]
    assert interactions == list(range(len(interactions)))


def test_the_files_say_what_was_compared(compared):
    content = json.loads((compared / "table.json").read_text())
    assert content["models"] == {"nothing": ["nothing", "nothing"], "ink": ["ink"]}
    assert content["mirrors"] == ["SYN-0901_R", "SYN-0902_R"]
    assert [row["row"] for row in content["rows"]] == ["nothing", "ink"]
    assert "annotator longer, base model base, 2 mirrors, 1 seeds" in (compared / "table.md").read_text()
    assert (compared / "table.png").read_bytes().startswith(b"\x89PNG")


def test_what_is_there_is_not_computed_again(compared, project):
    before = {path: path.stat().st_mtime_ns for path in (compared / "out").rglob("state.npz")}
    result = compare(project, "--row", "another name=nothing")
    assert result.exit_code == 0, result.output
    assert before == {path: path.stat().st_mtime_ns for path in (compared / "out").rglob("state.npz")}
    assert "another name" in (compared / "table.md").read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--row", "one=nothing", "--row", "one=ink"], "two rows have one label"),
        (["--row", "one"], "give LABEL=MODEL"),
        (["--row", "one=nothing:all"], "no merge rule 'all'"),
        (["--row", "one=none"], "no checkpoint 'none'"),
        (["--row", "one=nothing", "--mirrors", "3"], "holds 2 mirrors, 3 asked for"),
        (["--row", "one=nothing", "--storage", "."], "leave it out beside --storage"),
        (["--row", "one=nothing", "--dataset", "lines"], "--dataset lines needs --storage"),
    ],
)
def test_a_wrong_option_is_reported_in_one_line(project, arguments, message):
    result = compare(project, *arguments)
    assert result.exit_code != 0
    assert message in result.output
    assert "Traceback" not in result.output


def test_the_views_kept_for_testing_are_taken_or_all(project):
    storage = project / "set" / "storage"
    assert drawn_views(storage, "mirrors") == ["SYN-0901_R", "SYN-0902_R"]
    prepared = PreparedSet.open(storage, "mirrors")
    try:
        replace(prepared, test=("SYN-0902_R",)).save()
        assert drawn_views(storage, "mirrors") == ["SYN-0902_R"]
    finally:
        prepared.save()


def test_own_mirrors_are_not_made_twice(project):
    messages = []
    assert own_set(project / "set", 2, settings(), messages.append) == project / "set" / "storage"
    assert not messages
    with pytest.raises(RunError, match="holds 2 mirrors, 5 asked for"):
        own_set(project / "set", 5, settings(), messages.append)
