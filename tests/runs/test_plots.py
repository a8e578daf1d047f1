"""Plots of runs: what the lines hold, worked out by hand, and the command that writes them."""

import matplotlib as mpl
import numpy as np
import pytest
from click.testing import CliRunner
from matplotlib.image import imread

from metrics.effort import Curve
from runs.plots import main, plot_effort, plot_gain
from runs.report.run_curves import RunCurves
from runs.report.table import PUBLISHED
from tests.runs.builder import write_run as write_sample

ROWS = ("0,0.2,0.4,0.2,0.4,0", "10,0.3,0.8,0.25,0.6,100", "20,0.4,0.8,0.3,0.8,200")


def run(refined, manual, effort=(0, 100, 200), manual_effort=None, mirror="M", seed=0):
    """A run recorded every ten interactions."""
    pfm = Curve(np.array(effort), np.array(refined))
    manual_pfm = Curve(np.array(manual_effort or effort), np.array(manual))
    return RunCurves(mirror, seed, {"pfm": pfm}, {"pfm": manual_pfm}, tuple(range(0, 10 * len(effort), 10)))


def line(axes, label):
    """The y values of the line with a label."""
    return next(line.get_ydata() for line in axes.lines if line.get_label() == label)


def texts(axes):
    return [text.get_text() for text in axes.texts if text.get_text()]


def write_table(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([",".join(PUBLISHED), *ROWS]) + "\n")
    return path


class TestPlotGain:
    SHORT = run([0.5, 0.6], [0.5, 0.5], effort=(0, 100))  # +20 % at its end, after 10 interactions
    LONG = run([0.5, 0.7, 0.5], [0.5, 0.5, 0.5], seed=1)  # +40 %, then nothing

    def test_mean_holds_the_last_gain_of_the_shorter_run(self):
        (axes,) = plot_gain([self.SHORT, self.LONG]).axes
        assert line(axes, "M (2 runs)") == pytest.approx([0, 30, 10])

    def test_has_a_line_a_seed_up_to_its_end(self):
        (axes,) = plot_gain([self.SHORT, self.LONG]).axes
        seeds = [line.get_xydata().tolist() for line in axes.lines if line.get_alpha() == 0.35]
        assert [points[-1] for points in seeds] == [pytest.approx([10, 20]), pytest.approx([20, 0])]

    def test_has_a_mean_a_mirror_with_units_on_the_axes(self):
        (axes,) = plot_gain([self.SHORT, run([0.5, 0.5, 0.5], [0.5, 0.5, 0.5], mirror="N")]).axes
        assert line(axes, "M (1 run)") == pytest.approx([0, 20])
        assert line(axes, "N (1 run)") == pytest.approx([0, 0, 0])
        assert "%" in axes.get_ylabel()
        assert "strokes" in axes.get_xlabel()

    def test_leaves_the_settings_of_matplotlib_alone(self):
        before = dict(mpl.rcParams)
        plot_gain([self.SHORT])
        assert dict(mpl.rcParams) == before

    def test_mirrors_that_needed_no_stroke_are_drawn_all_the_same(self):
        runs = [run([0.5], [0.5], effort=(0,), mirror=f"M{number}") for number in range(9)]
        assert line(plot_gain(runs).axes[0], "9 images (9 runs)") == pytest.approx([0])
        assert len([axes for axes in plot_effort(runs).axes if axes.get_visible()]) == 9


class TestPlotEffort:
    FASTER = run([0.4, 0.8, 0.8], [0.4, 0.6, 0.8])
    NEVER = run([0.4, 0.6, 0.7], [0.4, 0.6, 0.8], seed=1)
    SLOWER = run([0.4, 0.4, 0.8], [0.4, 0.8], effort=(0, 100, 200), manual_effort=(0, 100))

    def test_marks_what_is_saved(self):
        (axes,) = plot_effort([self.FASTER]).axes
        assert texts(axes) == ["50 % saved"]
        arrow = next(text for text in axes.texts if not text.get_text())
        assert (arrow.xy[0], arrow.xyann[0]) == pytest.approx((100, 200))

    def test_says_how_many_seeds_reach_it(self):
        (axes,) = plot_effort([self.FASTER, self.NEVER]).axes
        assert texts(axes) == ["25 % saved\n(1 of 2 runs)"]  # the summary's mean, one that never does counting 0

    def test_says_if_it_is_never_reached(self):
        (axes,) = plot_effort([self.NEVER]).axes
        assert texts(axes) == ["manual's final pFM\nnot reached"]

    def test_says_if_more_effort_is_needed(self):
        (axes,) = plot_effort([self.SLOWER]).axes
        assert texts(axes) == ["100 % more needed"]

    def test_mean_holds_the_last_score_of_the_shorter_run(self):
        short = run([0.4, 0.6], [0.4, 0.4], effort=(0, 100), seed=1)
        (axes,) = plot_effort([self.FASTER, short]).axes
        means = [line.get_ydata() for line in axes.lines if line.get_linewidth() == 2.4]
        assert means[0] == pytest.approx([40, 50, 60])  # manual
        assert means[1] == pytest.approx([40, 70, 70])  # refined

    def test_has_a_panel_a_mirror_three_in_a_row(self):
        runs = [run([0.4, 0.8, 0.8], [0.4, 0.6, 0.8], mirror=name) for name in "ABCD"]
        axes = plot_effort(runs).axes
        assert [one.get_title(loc="left") for one in axes if one.get_visible()] == [
            f"{name} (1 run)" for name in "ABCD"
        ]

    def test_run_without_a_stroke_is_drawn(self):
        plot_effort([run([0.5], [0.5], effort=(0,))])

    @pytest.mark.parametrize("plot", [plot_gain, plot_effort])
    def test_nothing_to_draw_is_refused(self, plot):
        with pytest.raises(ValueError, match="no run to draw"):
            plot([])


class TestCommand:
    def test_writes_both_plots_and_says_where(self, tmp_path):
        write_table(tmp_path / "M" / "M_0.csv")
        result = CliRunner().invoke(main, [str(tmp_path)])
        assert result.exit_code == 0, result.output
        paths = [tmp_path / "plots" / "gain.png", tmp_path / "plots" / "effort.png"]
        assert result.output.split() == [str(path) for path in paths]
        assert [imread(path).shape[:2] for path in paths] == [(880, 1800), (880, 1800)]

    def test_draws_dir_eval_unless_told_otherwise(self, tmp_path, monkeypatch):
        monkeypatch.setenv("RETRACE_DIR_EVAL", str(tmp_path))
        write_table(tmp_path / "M" / "M_0.csv")
        assert CliRunner().invoke(main, []).exit_code == 0
        assert (tmp_path / "plots" / "gain.png").exists()

    def test_folder_without_runs_is_reported(self, tmp_path):
        result = CliRunner().invoke(main, [str(tmp_path / "nowhere")])
        assert result.exit_code == 1
        assert "nowhere: no run there" in result.output
        assert "python -m eval" in result.output
        assert not (tmp_path / "nowhere").exists()

    def test_table_cut_short_is_reported(self, tmp_path):
        path = write_table(tmp_path / "M" / "M_0.csv")
        path.write_text(path.read_text()[:-2])
        result = CliRunner().invoke(main, [str(tmp_path)])
        assert result.exit_code == 1
        assert "M_0.csv" in result.output
        assert "cut short" in result.output


class TestManyMirrors:
    RUNS = tuple(
        run([0.4, 0.8, 0.8], [0.4, 0.6, 0.8], effort=(0, 50 * size, 100 * size), mirror=f"{size:03d}")
        for size in range(1, 31)
    )

    def test_share_one_panel_by_percent_of_manuals_effort(self):
        (axes,) = plot_effort(self.RUNS).axes
        assert axes.get_title(loc="left") == "30 images (30 runs)"
        assert texts(axes) == ["50 % saved"]
        assert {tuple(line.get_xdata()) for line in axes.lines if line.get_alpha() == 0.35} == {(0, 50, 100)}

    def test_share_one_line_of_gain(self):
        (axes,) = plot_gain(self.RUNS).axes
        assert [line.get_label() for line in axes.lines if line.get_linewidth() == 2.4] == ["30 images (30 runs)"]

    def test_one_without_any_manual_effort_is_left_out(self):
        done = run([0.9], [0.9], effort=(0,), mirror="done")
        (axes,) = plot_effort([*self.RUNS, done]).axes
        assert axes.get_title(loc="left") == "31 images (30 runs)"


def test_a_damaged_table_is_one_message(tmp_path):
    write_table(tmp_path / "M" / "M_0.csv").write_bytes(bytes(range(256)) + b"\n")

    result = CliRunner().invoke(main, [str(tmp_path)])

    assert result.exit_code == 1
    assert result.output.startswith(f"Error: {tmp_path / 'M' / 'M_0.csv'}: damaged")
    assert result.output.count("\n") == 1


def test_runs_of_two_annotators_are_not_drawn_as_one(tmp_path):
    write_sample(tmp_path, seed=0)
    write_sample(tmp_path, seed=1, annotator="unsteady")

    result = CliRunner().invoke(main, [str(tmp_path)])

    assert result.exit_code == 1
    assert "differ in more than mirror and seed (annotator: longer / unsteady)" in result.output
    assert not (tmp_path / "plots").exists()
