"""The report of a folder of runs: means, messages, refusals, and its files."""

import csv
import json
import shutil

import click
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread

from runs.errors import RunError
from runs.report import report
from runs.report.comparison import compare
from runs.report.plots import plot_report
from runs.report.results import find_all
from tests.runs.builder import INTERACTIVE, Curves, card, write_initials, write_run

# Against the same manual run, over 200 pixels: half of them saved, or none.
FAST = Curves(refined=(0.4, 0.8, 0.8), repaired=80, spoiled=20)
SLOW = Curves(refined=(0.4, 0.6, 0.7), repaired=40, spoiled=20)
FILES = ["report.md", "report.csv", "report.json", "report.png", "report.pdf"]


@pytest.fixture
def no_plots(monkeypatch):
    """An empty page in place of the plots, which take a second."""
    monkeypatch.setattr("runs.report.plot_report", lambda comparison: Figure(figsize=(1, 1)))


def read_json(folder):
    return json.loads((folder / "report" / "report.json").read_text())


def read_csv(folder):
    with (folder / "report" / "report.csv").open() as file:
        return list(csv.DictReader(file))


def markdown(folder):
    return (folder / "report" / "report.md").read_text()


def lines(text, *beginning):
    """The lines of tables that begin with some cells: their other cells."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"]
    return [row[len(beginning) :] for row in rows if row[: len(beginning)] == list(beginning)]


@pytest.fixture(scope="module")
def means(tmp_path_factory):
    """A report of two mirrors with two seeds each."""
    folder = tmp_path_factory.mktemp("means")
    for mirror, seed, curves in (("M", 0, FAST), ("M", 1, FAST), ("N", 0, SLOW), ("N", 1, SLOW)):
        write_run(folder, mirror, seed, curves)
    made = report(folder)
    assert made.skipped == []
    assert [path.name for path in made.paths] == FILES
    return folder


class TestMeans:
    def test_are_of_one_configuration_over_mirrors(self, means):
        (configuration,) = read_json(means)["configurations"]
        assert (configuration["label"], configuration["runs"], configuration["seeds"]) == ("inter", 4, [0, 1])
        found = configuration["measures"]
        assert found["initial_pfm"]["mean"] == pytest.approx(0.4)
        assert found["manual_pfm"]["mean"] == pytest.approx(0.8)
        assert found["refined_pfm"]["mean"] == pytest.approx((0.8 + 0.7) / 2)
        assert found["refined_iou"]["mean"] == pytest.approx((0.4 + 0.35) / 2)
        assert found["refined_cl_dice"]["mean"] == pytest.approx((0.8 + 0.7) / 2)
        assert found["saved_pfm"]["mean"] == pytest.approx((0.5 + 0) / 2)
        assert found["harm"]["mean"] == pytest.approx((20 / 80 + 20 / 40) / 2)
        assert found["interactions"]["mean"] == 20

    def test_have_intervals_over_mirrors(self, means):
        saved = read_json(means)["configurations"][0]["measures"]["saved_pfm"]
        assert (saved["low"], saved["high"]) == pytest.approx((0, 0.5))  # both draws N, or both M

    def test_are_given_by_mirror_too(self, means):
        mirrors = read_json(means)["configurations"][0]["mirrors"]
        assert mirrors["M"]["saved_pfm"]["mean"] == pytest.approx(0.5)
        assert mirrors["N"]["saved_pfm"]["mean"] == 0

    def test_are_printed_with_their_intervals(self, means):
        (scores, _) = lines(markdown(means), "inter", "refined")
        assert scores == ["75.00 [70.00, 80.00]", "67.50 [63.00, 72.00]", "37.50 [35.00, 40.00]"]
        (effort,) = lines(markdown(means), "inter", "pFM")
        assert effort[2:4] == ["+3.75 [-2.50, +10.00]", "25 % [0, 50]"]
        (mean,) = lines(markdown(means), "mean of 2", "4")
        assert mean[-4:] == ["37.5 %", "50 % (2 of 4)", "0.00", "20"]

    def test_of_what_some_runs_never_reach_say_how_many_did(self, means):
        (effort,) = lines(markdown(means), "inter", "pFM")
        assert effort[4] == "50 % [50, 50] (2 of 4)"

    def test_every_run_has_its_row(self, means):
        rows = read_csv(means)
        assert [(row["configuration"], row["mirror"], row["seed"]) for row in rows] == [
            ("inter", mirror, seed) for mirror in "MN" for seed in "01"
        ]
        assert rows[3]["table"] == "N/N_1.csv"
        assert float(rows[3]["refined_pfm"]) == 0.7
        assert float(rows[0]["area_pfm"]) == pytest.approx(10)


@pytest.mark.usefixtures("no_plots")
class TestConfigurations:
    def test_are_set_side_by_side_and_the_text_tells_in_what_they_differ(self, tmp_path):
        write_run(tmp_path, "M", 0, FAST)
        write_run(tmp_path / "unsteady", "M", 0, SLOW, annotator="unsteady", hashes={"interactive": "2" * 64}, ckpt="b")

        made = report(tmp_path)

        warning = (
            "The 2 configurations are not averaged. They differ in interactive model: inter (11111111) / b (22222222); "
            "annotator: longer / unsteady."
        )
        assert warning in made.text
        assert warning in markdown(tmp_path)
        found = read_json(tmp_path)
        assert found["differ_in"]["annotator"] == ["longer", "unsteady"]
        assert [one["label"] for one in found["configurations"]] == ["inter, longer", "b, unsteady"]
        assert [one["measures"]["refined_pfm"]["mean"] for one in found["configurations"]] == [0.8, 0.7]

    def test_in_one_folder_are_told_apart_too(self, tmp_path):
        write_run(tmp_path, "M", 0, FAST)
        write_run(tmp_path, "M", 1, SLOW, record_every=5)
        assert "record_every: 10 / 5" in report(tmp_path).text

    def test_higher_up_in_the_folder_come_first(self, tmp_path):
        write_run(tmp_path / "A", annotator="a")
        write_run(tmp_path)
        report(tmp_path)
        assert [one["label"] for one in read_json(tmp_path)["configurations"]] == ["longer", "a"]

    def test_name_mirrors_that_only_others_have(self, tmp_path):
        for mirror in "MN":
            write_run(tmp_path, mirror)
        write_run(tmp_path / "otsu", "M", initial="otsu")
        assert "initial otsu: no run of N; its means are over fewer mirrors" in report(tmp_path).text

    def test_manual_runs_are_none(self, tmp_path):
        write_run(tmp_path / "group", "M", manual="../../manual-runs/M")
        assert (tmp_path / "manual-runs" / "M" / "M_0" / "run.json").exists()
        assert report(tmp_path).skipped == []
        (configuration,) = read_json(tmp_path)["configurations"]
        assert configuration["runs"] == 1

    def test_the_same_run_in_two_places_counts_once(self, tmp_path):
        write_run(tmp_path, "M", 0)
        write_run(tmp_path / "ablation-inputs" / "both", "M", 0, group="ablation-inputs/both")
        report(tmp_path)
        (configuration,) = read_json(tmp_path)["configurations"]
        assert configuration["runs"] == 1

    def test_the_same_run_with_other_figures_in_two_places_is_refused(self, tmp_path):
        write_run(tmp_path, "M", 0)
        write_run(tmp_path / "copy", "M", 0, Curves(refined=(0.4, 0.7, 0.8)))
        with pytest.raises(RunError, match=r"copy/M/M_0\.csv: made from the same .*/M/M_0\.csv") as error:
            report(tmp_path)
        assert "\n" not in str(error.value)
        assert not (tmp_path / "report").exists()


@pytest.mark.usefixtures("no_plots")
class TestPublishedMode:
    def test_takes_manual_from_the_runs_own_table(self, tmp_path):
        write_run(tmp_path, "M", 0, FAST, mode="published")
        assert not (tmp_path / "M" / "manual").exists()
        report(tmp_path)
        assert read_json(tmp_path)["configurations"][0]["measures"]["manual_pfm"]["mean"] == pytest.approx(0.8)


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


@pytest.mark.usefixtures("no_plots")
class TestInitialDrawings:
    def test_stand_beside_the_base_model_by_method(self, tmp_path):
        write_run(tmp_path)
        write_initials(tmp_path, "M", {"base": 0.5, "otsu": 0.3})
        write_initials(tmp_path, "N", {"base": 0.6, "otsu": 0.2})
        report(tmp_path)
        (found,) = read_json(tmp_path)["initial_drawings"]
        assert (found["base"], found["mirrors"]) == ("base (bbbbbbbb)", ["M", "N"])
        assert found["methods"]["base"]["pfm"]["mean"] == pytest.approx(0.55)
        assert found["methods"]["otsu"]["iou"]["mean"] == pytest.approx(0.125)
        (otsu,) = lines(markdown(tmp_path), "otsu")
        assert otsu[0] == "25.00 [20.00, 30.00]"

    def test_the_same_in_two_places_count_once(self, tmp_path):
        write_run(tmp_path)
        write_initials(tmp_path, "M", {"base": 0.5})
        write_initials(tmp_path / "copy", "M", {"base": 0.5})
        report(tmp_path)
        (found,) = read_json(tmp_path)["initial_drawings"]
        assert found["methods"]["base"]["pfm"]["runs"] == 1

    def test_with_other_scores_in_two_places_are_refused(self, tmp_path):
        write_run(tmp_path)
        write_initials(tmp_path, "M", {"base": 0.5})
        write_initials(tmp_path / "copy", "M", {"base": 0.6})
        with pytest.raises(RunError, match=r"M: its initial drawings.* in two initials\.json"):
            report(tmp_path)

    def test_of_one_mirror_prepared_twice_are_kept_apart(self, tmp_path):
        write_run(tmp_path)
        write_initials(tmp_path, "M", {"base": 0.5})
        other = write_initials(tmp_path / "again", "M", {"base": 0.7})
        other.write_text(json.dumps(json.loads(other.read_text()) | {"data": "f" * 64}))
        report(tmp_path)
        means = [one["methods"]["base"]["pfm"]["mean"] for one in read_json(tmp_path)["initial_drawings"]]
        assert means == [0.5, 0.7]

    def test_of_two_base_models_are_kept_apart(self, tmp_path):
        write_run(tmp_path)
        write_initials(tmp_path, "M", {"base": 0.5})
        write_initials(tmp_path, "N", {"base": 0.7}, base="c" * 64)
        report(tmp_path)
        means = [one["methods"]["base"]["pfm"]["mean"] for one in read_json(tmp_path)["initial_drawings"]]
        assert means == [0.5, 0.7]


class TestPlots:
    def comparison(self, folder):
        return compare(folder, find_all(folder))

    def panel(self, figure, title):
        (axes,) = [one for part in figure.subfigs for one in part.axes if one.get_title(loc="left") == title]
        return axes

    def test_dots_are_means_on_their_intervals(self, tmp_path):
        for mirror, curves in (("M", FAST), ("N", SLOW)):
            write_run(tmp_path, mirror, 0, curves)
        write_run(tmp_path / "unsteady", "M", 0, SLOW, annotator="unsteady")
        axes = self.panel(plot_report(self.comparison(tmp_path)), "pFM (%)")
        assert [label.get_text() for label in axes.get_yticklabels()] == ["longer", "unsteady"]
        dots = [line.get_xydata()[0].tolist() for line in axes.lines if len(line.get_xdata()) == 1]
        assert dots == [pytest.approx(dot) for dot in ([80, 0], [75, 0], [80, 1], [70, 1])]  # manual, then refined
        bar = next(line for line in axes.lines if len(line.get_xdata()) == 2)
        assert bar.get_xdata() == pytest.approx([70, 80])

    def test_curves_are_means_over_manuals_effort(self, tmp_path):
        for mirror, curves in (("M", FAST), ("N", SLOW)):
            write_run(tmp_path, mirror, 0, curves)
        effort, strokes = plot_report(self.comparison(tmp_path)).subfigs[0].axes
        manual, refined = effort.lines
        assert manual.get_ydata()[[0, 50, 100]] == pytest.approx([40, 60, 80])
        assert refined.get_ydata()[[0, 50, 100]] == pytest.approx([40, 70, 75])
        assert strokes.lines[-1].get_ydata() == pytest.approx([0, 100 * (0.8 / 0.6 - 1) / 2, -100 * 0.1 / 0.8 / 2])

    def test_page_has_initial_drawings_where_there_are_any(self, tmp_path):
        write_run(tmp_path)
        assert len(plot_report(self.comparison(tmp_path)).subfigs) == 2
        write_initials(tmp_path)
        axes = self.panel(plot_report(self.comparison(tmp_path)), "Initial drawings by method (%)")
        assert [label.get_text() for label in axes.get_yticklabels()] == ["base", "otsu", "sauvola", "adaptive", "sato"]

    def test_run_without_a_stroke_is_drawn(self, tmp_path):
        still = Curves(refined=(0.5,), manual=(0.5,), effort=(0,), manual_effort=(0,))
        write_run(tmp_path, curves=still)
        assert report(tmp_path).skipped == []
        assert read_json(tmp_path)["configurations"][0]["measures"]["half_way_pfm"]["mean"] is None

    def test_more_configurations_than_colours_stay_apart(self, tmp_path):
        for number in range(9):
            write_run(tmp_path / str(number), annotator=f"person {number}")
        effort = plot_report(self.comparison(tmp_path)).subfigs[0].axes[0]
        looks = {(line.get_color(), line.get_linestyle()) for line in effort.lines if line.get_linewidth() == 2.4}
        assert len(looks) == 9


class TestFiles:
    def test_are_the_same_for_the_same_runs_wherever_they_lie(self, tmp_path):
        for seed in (0, 1):
            write_run(tmp_path / "a" / "out", "M", seed, FAST)
        write_initials(tmp_path / "a" / "out")
        shutil.copytree(tmp_path / "a" / "out", tmp_path / "b" / "out")
        first, second = (report(tmp_path / place / "out").paths for place in "ab")
        for one, other in zip(first, second, strict=True):
            assert one.read_bytes() == other.read_bytes(), one.name

    @pytest.mark.usefixtures("no_plots")
    def test_a_report_is_no_run_of_the_next_one(self, tmp_path):
        write_run(tmp_path)
        assert report(tmp_path).text == report(tmp_path).text

    def test_page_is_as_wide_as_twice_a_readme(self, tmp_path):
        write_run(tmp_path)
        report(tmp_path)
        assert imread(tmp_path / "report" / "report.png").shape[1] == 1800
        pdf = (tmp_path / "report" / "report.pdf").read_bytes()
        assert pdf.startswith(b"%PDF")
        assert b"CreationDate" not in pdf

    @pytest.mark.usefixtures("no_plots")
    def test_json_holds_no_nan_and_the_whole_configuration(self, tmp_path):
        write_run(tmp_path, curves=Curves(repaired=0, spoiled=3))
        report(tmp_path)
        text = (tmp_path / "report" / "report.json").read_text()
        assert "NaN" not in text
        (configuration,) = json.loads(text)["configurations"]
        assert configuration["settings"]["interactive"] == INTERACTIVE
        assert configuration["measures"]["harm"]["mean"] is None
        assert read_csv(tmp_path)[0]["harm"] == ""
