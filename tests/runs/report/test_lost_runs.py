"""Runs that are missing, unfinished or damaged are named, and the others reported."""

import json

import click
import pytest

from runs.errors import RunError
from runs.report import report
from tests.runs.builder import card, write_initials, write_run
from tests.runs.report.written import FAST, SLOW, markdown, read_csv, read_json


@pytest.mark.usefixtures("no_plots")
class TestMissing:
    def test_seed_that_another_mirror_has_is_named(self, tmp_path):
        for mirror, seed in (("M", 0), ("M", 1), ("N", 1)):
            write_run(tmp_path, mirror, seed)
        made = report(tmp_path)
        assert "inter: no run N_0; the means are of what is there" in made.text
        assert read_json(tmp_path)["configurations"][0]["missing"] == ["N_0"]
        assert made.skipped == []

    def test_run_that_goes_on_is_named_and_left_out(self, tmp_path):
        write_run(tmp_path, "M", 0, FAST)
        write_run(tmp_path, "M", 1, SLOW, finished=False)
        made = report(tmp_path)
        assert "not finished, left out: M/M_1.csv" in made.text
        assert made.skipped == []
        assert len(read_csv(tmp_path)) == 1

    def test_run_that_was_killed_before_its_table_is_named_too(self, tmp_path):
        write_run(tmp_path, "M", 0)
        write_run(tmp_path, "M", 1, finished=False).unlink()
        assert "not finished, left out: M/M_1.csv" in report(tmp_path).text

    @pytest.mark.parametrize("begun", [False, True])
    def test_folder_without_a_finished_run_is_one_message(self, tmp_path, begun):
        if begun:
            write_run(tmp_path, finished=False)
        with pytest.raises(RunError, match=r"no finished run there \(1 begun" if begun else "no finished run there;"):
            report(tmp_path)
        assert not (tmp_path / "report").exists()


def cut(path):
    path.write_text(path.read_text()[:-3])


def lose_last_row(path):
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))


def garble(path):
    path.write_bytes(b"\xff{")


def empty_scores(path):
    path.write_text(json.dumps({"initial": card(0.4), "manual": {"pfm": 2}, "refined": card(0.8)}))


@pytest.mark.usefixtures("no_plots")
class TestDamaged:
    DAMAGE = (
        ("M/M_1.csv", cut, "M_1.csv: the last line does not end"),
        ("M/M_1.csv", lose_last_row, "M_1.csv: iou of the refined drawing is 0.300000, but 0.35"),
        ("M/M_1.csv", lambda path: path.unlink(), "M_1.csv"),
        ("M/manual/M_1.csv", lose_last_row, "manual/M_1.csv: iou of the manual drawing is 0.3"),
        ("M/M_1/run.json", garble, "M_1/run.json: damaged"),
        ("M/M_1/run.json", lambda path: path.unlink(), "M_1.csv: no run.json beside it"),
        ("M/M_1/scores.json", garble, "M_1/scores.json: damaged"),
        ("M/M_1/scores.json", empty_scores, "M_1/scores.json: damaged (pfm of manual is 2)"),
        ("M/initials.json", garble, "M/initials.json: damaged"),
    )

    @pytest.mark.parametrize(("name", "damage", "message"), DAMAGE)
    def test_file_is_named_and_the_others_are_reported(self, tmp_path, name, damage, message):
        write_run(tmp_path, "M", 0, FAST)
        write_run(tmp_path, "M", 1, SLOW)
        write_initials(tmp_path, "M")
        write_initials(tmp_path, "N")
        damage(tmp_path / name)
        before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

        made = report(tmp_path)

        (reason,) = made.skipped
        assert message in reason
        assert "\n" not in reason
        assert "## Missing" in markdown(tmp_path)
        assert str(tmp_path) not in markdown(tmp_path), "the same runs give the same report, wherever they lie"
        assert ("M", "0") in [(row["mirror"], row["seed"]) for row in read_csv(tmp_path)]
        assert {path: path.read_bytes() for path in before} == before

    def test_single_run_is_one_message(self, tmp_path):
        cut(write_run(tmp_path))
        with pytest.raises(click.ClickException, match="cut short"):
            report(tmp_path)
        assert not (tmp_path / "report").exists()
