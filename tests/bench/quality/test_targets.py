"""Targets of a row, and the tables and pictures that say which are met."""

from __future__ import annotations

import csv
import json
import re
from math import inf, nan

import pytest

from bench.quality.plot import plot_rows
from bench.quality.results import POOLED_HARM, RowResult
from bench.quality.tables import quality_table
from bench.quality.targets import RATIO, TARGETS, Verdict, harm_target
from tests.bench.quality.curves import run, verdicts


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
