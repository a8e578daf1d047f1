"""``python -m runs.plots``: plots of the interactive model's gain, from the tables of an evaluation.

The functions give `matplotlib.figure.Figure` objects and leave the state of pyplot alone, so a notebook, a command and
a test draw the same picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import cycle
from math import ceil
from pathlib import Path
from typing import Any

import click
import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from data.io.files import write_whole
from data.options import UserPath
from metrics.effort import POINTS, Curve, saved
from runs.commands import one_message
from runs.report.groups import by_mirror
from runs.report.measures import LEADING, gain
from runs.report.run_curves import RunCurves
from runs.report.style import DPI, INK, INTERACTIVE, MANUAL, MEAN_LINE, PALETTE, STYLE, WIDTH
from runs.report.table import find_runs
from user_config import settings

PLOTS = "plots"  # folder beside the mirrors'; it holds no table, so that no run is mistaken for it
ROW_HEIGHT = 4.4  # inches
COLUMNS = 3  # mirrors side by side
SEED_LINE: dict[str, Any] = {"linewidth": 0.8, "alpha": 0.35}
WHOLE_EFFORT = 100  # percent


@rc_context(STYLE)
def plot_gain(runs: Sequence[RunCurves]) -> Figure:
    """Draw the relative pFM gain over manual at the same effort against interactions.

    A thin line a seed, ending in a dot where the run converged; the mean over a mirror's seeds, with a band of one
    standard deviation. Runs that ended earlier hold their last gain in the mean.

    Parameters
    ----------
    runs : of any mirrors and seeds

    Returns
    -------
    Figure
    """
    _require(runs)
    if len(by_mirror(runs)) > len(PALETTE):
        runs = [replace(run, mirror=_together(runs)) for run in runs]
    figure = Figure(figsize=(WIDTH, ROW_HEIGHT), dpi=DPI, layout="constrained")
    axes = figure.subplots()
    axes.axhline(0, color=INK, linewidth=1)
    for (mirror, group), color in zip(by_mirror(runs).items(), cycle(PALETTE), strict=False):
        _draw_gain(axes, mirror, group, color)
    _count_along_x(axes, intervals=9)
    axes.set_xlabel("Interactions (strokes)")
    axes.set_ylabel("pFM gain over manual\nat the same effort (%)")
    figure.legend(loc="outside upper left", ncols=COLUMNS)
    return figure


@rc_context(STYLE)
def plot_effort(runs: Sequence[RunCurves]) -> Figure:
    """Draw pFM over the pixels that the user annotated, manual against interactive; a panel a mirror.

    Thin lines are seeds, thick ones their means, runs that ended earlier holding their last score. The arrow spans
    what the interactive model spares: from the effort at which refined reaches manual's final pFM for good, to
    manual's total. It shows the mean over seeds, as the summary does.

    Parameters
    ----------
    runs : of any mirrors and seeds

    Returns
    -------
    Figure
    """
    _require(runs)
    mirrors, effort = by_mirror(runs), "Pixels annotated (model scale)"
    if len(mirrors) > len(PALETTE):
        mirrors, effort = by_mirror(pooled(runs) or runs), "Pixels annotated (% of manual's total)"
    columns = min(COLUMNS, len(mirrors))
    rows = ceil(len(mirrors) / columns)
    figure = Figure(figsize=(WIDTH, ROW_HEIGHT * rows), dpi=DPI, layout="constrained")
    panels = figure.subplots(rows, columns, sharey=True, squeeze=False).ravel()
    for axes, (mirror, group) in zip(panels, mirrors.items(), strict=False):
        _draw_effort(axes, mirror, group)
        _count_along_x(axes, intervals=9 // columns)
        _mark_saving(axes, group)
    for axes in panels[len(mirrors) :]:
        axes.set_visible(False)
    _leave_room_below(panels[0])
    figure.supxlabel(effort, fontsize=11)
    figure.supylabel("pFM (%)", fontsize=11)
    handles = [Line2D([], [], color=color, **MEAN_LINE) for color in (INTERACTIVE, MANUAL)]
    handles.append(Line2D([], [], color=INK, linewidth=1, linestyle=":"))
    labels = ["interactive (refined)", "manual", "manual's final pFM"]
    figure.legend(handles, labels, loc="outside upper left", ncols=len(handles))
    return figure


def pooled(runs: Sequence[RunCurves]) -> list[RunCurves]:
    """Return runs as of one mirror, their efforts in percent of manual's total.

    Where there are more mirrors than colours, as in a set of photographs, this is what can still be read. Runs in which
    manual found nothing to do have no such effort and are left out.
    """

    def shared(curves: dict[str, Curve], total: int) -> dict[str, Curve]:
        return {score: Curve(curve.effort * WHOLE_EFFORT // total, curve.score) for score, curve in curves.items()}

    return [
        replace(
            run,
            mirror=_together(runs),
            refined_curves=shared(run.refined_curves, run.manual_curves[LEADING].total),
            manual_curves=shared(run.manual_curves, run.manual_curves[LEADING].total),
        )
        for run in runs
        if run.manual_curves[LEADING].total
    ]


def save_plots(runs: Sequence[RunCurves], folder: Path) -> tuple[Path, Path]:
    """Write ``plots/gain.png`` and ``plots/effort.png`` in the runs' folder; return their paths."""
    paths = folder / PLOTS / "gain.png", folder / PLOTS / "effort.png"
    for path, figure in zip(paths, (plot_gain(runs), plot_effort(runs)), strict=True):
        write_whole(path, partial(figure.savefig, format="png"))
    return paths


@click.command()
@click.argument("folder", type=UserPath(), required=False)
def main(folder: Path | None) -> None:
    """Draw the runs in FOLDER (DIR_EVAL, unless given) into FOLDER/plots."""
    folder = folder or settings().eval
    with one_message():
        paths = save_plots(find_runs(folder), folder)
    for path in paths:
        click.echo(path)


def _require(runs: Sequence[RunCurves]) -> None:
    if not runs:
        raise ValueError("no run to draw; give at least one")


def _draw_gain(axes: Axes, mirror: str, runs: Sequence[RunCurves], color: str) -> None:
    interactions = np.unique(np.concatenate([run.interactions for run in runs]))
    gains = [POINTS * gain(run) for run in runs]
    held = [np.interp(interactions, run.interactions, values) for run, values in zip(runs, gains, strict=True)]
    mean, spread = np.mean(held, axis=0), np.std(held, axis=0)
    axes.fill_between(interactions, mean - spread, mean + spread, color=color, alpha=0.15, linewidth=0)
    for run, values in zip(runs, gains, strict=True):
        axes.plot(run.interactions, values, color=color, **SEED_LINE)
        axes.plot(run.interactions[-1], values[-1], "o", color=color, markersize=3, alpha=0.6)
    axes.plot(interactions, mean, color=color, label=_titled(mirror, runs), **MEAN_LINE)


def _draw_effort(axes: Axes, mirror: str, runs: Sequence[RunCurves]) -> None:
    manual, refined = _pairs(runs)
    for curves, color in ((manual, MANUAL), (refined, INTERACTIVE)):
        effort = np.unique(np.concatenate([curve.effort for curve in curves]))
        mean = np.mean([curve.at(effort) for curve in curves], axis=0)
        for curve in curves:
            axes.plot(curve.effort, POINTS * curve.score, color=color, **SEED_LINE)
        axes.plot(effort, POINTS * mean, color=color, **MEAN_LINE)
    axes.set_title(_titled(mirror, runs))


def _pairs(runs: Sequence[RunCurves]) -> tuple[list[Curve], list[Curve]]:
    """Return the manual and the refined pFM curves of some runs."""
    return [run.manual_curves[LEADING] for run in runs], [run.refined_curves[LEADING] for run in runs]


def _count_along_x(axes: Axes, intervals: int) -> None:
    axes.set_xlim(left=0)
    axes.xaxis.set_major_locator(MaxNLocator(intervals, integer=True, steps=[1, 2, 2.5, 3, 4, 5, 10]))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))


def _mark_saving(axes: Axes, runs: Sequence[RunCurves]) -> None:
    """Mark manual's final score, and span the effort from where refined reaches it to manual's total."""
    manual, refined = _pairs(runs)
    share = float(np.mean([saved(*pair) for pair in zip(refined, manual, strict=True)]))
    reached = sum(ours.final >= theirs.final for ours, theirs in zip(refined, manual, strict=True))
    total = float(np.mean([curve.total for curve in manual]))
    level = POINTS * float(np.mean([curve.final for curve in manual]))
    axes.axhline(level, color=INK, linewidth=1, linestyle=":")
    start, right = (1 - share) * total, axes.get_xlim()[1]
    middle = float(np.clip((start + total) / 2, 0.3 * right, 0.7 * right))  # the text stays inside the panel
    on_axis = axes.get_xaxis_transform()  # x in pixels annotated, y as a share of the panel's height
    paper = {"facecolor": "white", "linewidth": 0, "pad": 1.5}  # keeps lines from running through the letters
    text = _saving(share, reached, len(runs))
    axes.text(middle, 0.09, text, transform=on_axis, ha="center", va="bottom", bbox=paper, zorder=5)
    if not reached or not total:
        return
    line = {"color": INK, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", (start, 0.06), (total, 0.06), on_axis, on_axis, arrowprops={"arrowstyle": "<->", **line})
    for x in (start, total):  # annotations, as lines would push the axis' lower end further down
        thin = {"arrowstyle": "-", "linewidth": 0.8, "alpha": 0.6, **line}
        axes.annotate("", (x, level), (x, 0.03), "data", on_axis, arrowprops=thin)


def _saving(share: float, reached: int, seeds: int) -> str:
    if not reached:
        return "manual's final pFM\nnot reached"
    text = f"{POINTS * share:.0f} % saved" if share >= 0 else f"{-POINTS * share:.0f} % more needed"
    return text if reached == seeds else f"{text}\n({reached} of {seeds} runs)"


def _together(runs: Sequence[RunCurves]) -> str:
    return f"{len({run.mirror for run in runs})} images"


def _titled(mirror: str, runs: Sequence[RunCurves]) -> str:
    return f"{mirror} ({len(runs)} run{'s' if len(runs) > 1 else ''})"


def _leave_room_below(axes: Axes) -> None:
    """Lower the axis for the arrows and their text, where the curves have not been yet."""
    low, high = axes.get_ylim()
    axes.set_ylim(low - 0.22 * (high - low), high)


if __name__ == "__main__":
    main()
