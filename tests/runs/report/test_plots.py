"""A report's pictures: dots, curves, and configurations that stay apart."""

import pytest

from runs.report import report
from runs.report.comparison import compare
from runs.report.plots import plot_report
from runs.report.results import find_all
from tests.runs.builder import Curves, write_initials, write_run
from tests.runs.report.written import FAST, SLOW, read_json


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
