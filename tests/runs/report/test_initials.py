"""Initial drawings in a report: by method, once each, apart where they differ in origin."""

import json

import pytest

from runs.errors import RunError
from runs.report import report
from tests.runs.builder import write_initials, write_run
from tests.runs.report.written import lines, markdown, read_json


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
