"""The report of a folder of runs: means, configurations side by side, and its files."""

import json
import shutil

import pytest
from matplotlib.image import imread

from runs.errors import RunError
from runs.report import report
from tests.runs.builder import INTERACTIVE, Curves, write_initials, write_run
from tests.runs.report.written import FAST, SLOW, lines, markdown, read_csv, read_json

FILES = ["report.md", "report.csv", "report.json", "report.png", "report.pdf"]


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
