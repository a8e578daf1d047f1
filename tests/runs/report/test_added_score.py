"""A score that one file adds: where reports show it, and what they say of runs that are older than it."""

import csv
import json
import shutil

import pytest

from runs.errors import RunError
from runs.report import report
from runs.report.comparison import compare
from runs.report.measures import measures
from runs.report.plots import plot_report
from runs.report.results import find_all, read_cards
from runs.report.summary import summary
from runs.report.table import FIRST_VERSION, find_runs, table_columns
from tests.runs.builder import write_initials, write_run
from tests.scores import add_score

pytestmark = pytest.mark.usefixtures("no_plots")


@pytest.fixture
def added(monkeypatch):
    add_score(monkeypatch)


@pytest.fixture
def older(tmp_path, monkeypatch):
    """A folder of one run and initial drawings, written before the score existed."""
    write_run(tmp_path, "M", 0)
    write_initials(tmp_path, "M")
    add_score(monkeypatch)
    return tmp_path


def cells(text, *beginning):
    """The cells of a table's lines that begin with some cells."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"]
    return [row for row in rows if row[: len(beginning)] == list(beginning)]


def column(text, title, *beginning):
    """The cells below a title, in the tables that have it, of lines that begin with some cells."""
    found = []
    for table in text.split("\n\n"):
        lines = cells(table)
        if lines and title in lines[0]:
            at = lines[0].index(title)
            found += [row[at] for row in cells(table, *beginning)]
    return found


def panel_titles(folder):
    figure = plot_report(compare(folder, find_all(folder)))
    return [axes.get_title(loc="left") for part in figure.subfigs for axes in part.axes]


@pytest.mark.usefixtures("added")
class TestAdded:
    def test_has_the_last_columns_of_the_table(self):
        assert table_columns() == (*FIRST_VERSION, "tversky", "tversky_human")

    def test_has_a_curve_and_measures_of_effort(self, tmp_path):
        write_run(tmp_path)
        (run,) = find_runs(tmp_path)
        assert run.refined_curves["tversky"].score.tolist() == [0.4, 0.8, 0.8]
        assert measures(run)["saved_tversky"] == pytest.approx(0.5)

    def test_is_in_the_summary(self, tmp_path):
        write_run(tmp_path)
        assert column(summary(find_runs(tmp_path)), "Tversky", "M") == ["80.00"]

    def test_is_in_the_text_the_table_and_the_json_of_the_report(self, tmp_path):
        write_run(tmp_path)
        write_initials(tmp_path)
        report(tmp_path)
        text = (tmp_path / "report" / "report.md").read_text()
        assert column(text, "Tversky", "inter", "refined") == ["80.00"]
        assert [row[1] for row in cells(text, "inter", "Tversky")] == ["Tversky"]
        assert column(text, "Tversky", "otsu") == ["30.00"]
        with (tmp_path / "report" / "report.csv").open() as file:
            assert next(csv.DictReader(file))["refined_tversky"] == "0.8"
        (configuration,) = json.loads((tmp_path / "report" / "report.json").read_text())["configurations"]
        assert configuration["measures"]["area_tversky"]["mean"] == pytest.approx(10)

    def test_has_a_panel_of_its_own(self, tmp_path):
        write_run(tmp_path)
        assert "Tversky (%)" in panel_titles(tmp_path)

    def test_a_value_out_of_its_range_is_damage(self, tmp_path):
        path = write_run(tmp_path).with_name("M_0") / "scores.json"
        content = json.loads(path.read_text())
        content["refined"]["tversky"] = 1.5
        path.write_text(json.dumps(content))
        with pytest.raises(RunError, match=r"damaged \(tversky of refined is 1\.5\)"):
            read_cards(path)


class TestOlderFolder:
    def test_opens_without_a_complaint(self, older):
        assert report(older).skipped == []

    def test_the_gap_is_shown_as_missing(self, older):
        report(older)
        text = (older / "report" / "report.md").read_text()
        assert column(text, "Tversky", "inter", "refined") == ["-"]
        assert set(cells(text, "inter", "Tversky")[0][2:]) == {"-"}
        assert column(text, "Tversky", "otsu") == ["-"]
        assert column(text, "pFM", "inter", "refined") == ["80.00"]
        assert column(summary(find_runs(older)), "Tversky", "M") == ["-"]
        assert "tversky" not in (older / "report" / "report.csv").read_text()

    def test_its_panel_is_empty(self, older):
        figure = plot_report(compare(older, find_all(older)))
        (axes,) = [one for part in figure.subfigs for one in part.axes if one.get_title(loc="left") == "Tversky (%)"]
        assert list(axes.get_xticks()) == []

    def test_beside_newer_runs_says_how_many_have_it(self, older):
        write_run(older, "M", 1)
        report(older)
        text = (older / "report" / "report.md").read_text()
        assert column(text, "Tversky", "inter", "refined") == ["80.00 (1 of 2)"]
        with (older / "report" / "report.csv").open() as file:
            assert [row["refined_tversky"] for row in csv.DictReader(file)] == ["", "0.8"]

    def test_an_older_manual_run_leaves_the_gap_to_manual(self, older, tmp_path_factory):
        newer = tmp_path_factory.mktemp("newer")
        write_run(newer, "M", 0)
        shutil.rmtree(newer / "M" / "manual")
        shutil.copytree(older / "M" / "manual", newer / "M" / "manual")
        path = newer / "M" / "M_0" / "scores.json"
        content = json.loads(path.read_text())
        del content["manual"]["tversky"]
        path.write_text(json.dumps(content))

        assert report(newer).skipped == []

        text = (newer / "report" / "report.md").read_text()
        assert column(text, "Tversky", "inter") == ["40.00", "-", "80.00"], "initial, manual, refined"

    def test_without_a_score_that_was_always_recorded_it_is_damaged(self, older):
        path = older / "M" / "M_0" / "scores.json"
        content = json.loads(path.read_text())
        del content["refined"]["cl_dice"]
        path.write_text(json.dumps(content))
        with pytest.raises(RunError, match=r"damaged \(cl_dice of refined is None\)"):
            read_cards(path)

    def test_a_column_that_is_empty_in_some_rows_is_damaged(self, older):
        table = write_run(older, "N", 0)
        head, *rows = table.read_text().splitlines()
        cut = rows[-1].rsplit(",", 2)[0] + ",,"
        table.write_text("\n".join([head, *rows[:-1], cut]) + "\n")
        with pytest.raises(RunError, match="no value for tversky, tversky_human"):
            find_runs(older)
