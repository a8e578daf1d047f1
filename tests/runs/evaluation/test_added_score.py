"""A score that one file adds, in an evaluation: in its tables and scorecards, and beside what was made before."""

import csv
import json
import shutil

import pytest

import eval as evaluation
from runs.evaluation import recorded_run
from runs.report.table import FIRST_VERSION
from tests.runs.evaluation.evaluations import die
from tests.runs.toy import MIRROR, MODELS
from tests.scores import add_score

RARELY = ("--record_every", "1000")


def rows(folder, part=""):
    with (folder / MIRROR / part / f"{MIRROR}_0.csv").open() as file:
        return list(csv.DictReader(file))


def scores(folder, part=""):
    return json.loads((folder / MIRROR / part / f"{MIRROR}_0" / "scores.json").read_text())


@pytest.fixture(scope="module")
def before(project, tmp_path_factory):
    """What an evaluation wrote before the score existed."""
    folder = tmp_path_factory.mktemp("before") / "out"
    project.moved(DIR_EVAL=folder).evaluate(*RARELY)
    return folder


def test_it_is_in_tables_and_scorecards(project, before, tmp_path, monkeypatch):
    add_score(monkeypatch)

    output = project.moved(DIR_EVAL=tmp_path / "out").evaluate(*RARELY)

    last = rows(tmp_path / "out")[-1]
    card = scores(tmp_path / "out")
    assert tuple(last) == (*FIRST_VERSION, "tversky", "tversky_human")
    assert float(last["tversky"]) == pytest.approx(card["refined"]["tversky"], abs=1e-6)
    assert float(rows(tmp_path / "out")[0]["tversky"]) == pytest.approx(card["initial"]["tversky"], abs=1e-6)
    assert "tversky" in json.loads((tmp_path / "out" / MIRROR / "initials.json").read_text())["scores"]["otsu"]
    assert "Tversky" in output
    assert [{name: row[name] for name in FIRST_VERSION} for row in rows(tmp_path / "out")] == rows(before)


def test_an_older_manual_run_is_used_as_it_is(project, before, tmp_path, monkeypatch):
    shutil.copytree(before, tmp_path / "out")
    (tmp_path / "out" / MIRROR / f"{MIRROR}_0.csv").unlink()
    shutil.rmtree(tmp_path / "out" / MIRROR / f"{MIRROR}_0")
    add_score(monkeypatch)
    moved = project.moved(DIR_EVAL=tmp_path / "out")

    moved.evaluate(*RARELY)

    assert 0 < float(rows(tmp_path / "out")[-1]["tversky"]) <= 1
    assert {row["tversky_human"] for row in rows(tmp_path / "out")} == {""}
    assert "tversky" not in scores(tmp_path / "out")["manual"]
    moved.succeed(evaluation.main, "--report", tmp_path / "out")


def test_a_run_that_was_begun_before_ends_without_it(project, before, tmp_path, monkeypatch):
    shutil.copytree(before / MIRROR / "manual", tmp_path / "out" / MIRROR / "manual")
    moved = project.moved(DIR_EVAL=tmp_path / "out")
    monkeypatch.setattr(recorded_run, "SNAPSHOT_SECONDS", 0)
    arguments = (*MODELS, "--mirror", MIRROR, "--workers", "1", *RARELY)
    with monkeypatch.context() as killed:
        killed.setattr(recorded_run, "at_scan_size", die)
        assert moved.run(evaluation.main, *arguments).exit_code != 0
    add_score(monkeypatch)

    moved.succeed(evaluation.main, *arguments)

    table = f"{MIRROR}/{MIRROR}_0.csv"
    assert (tmp_path / "out" / table).read_bytes() == (before / table).read_bytes()
    moved.succeed(evaluation.main, "--report", tmp_path / "out")
