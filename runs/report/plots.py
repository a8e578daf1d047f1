"""One page of plots of all runs of a folder: curves over effort, measures with intervals, initial drawings."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle, islice, zip_longest
from math import ceil
from textwrap import fill
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from metrics.bootstrap import interval, mean_over_mirrors
from metrics.effort import POINTS
from metrics.registry import Shown, score_named, scores_in
from runs.report.comparison import Comparison, InitialSummary
from runs.report.estimates import SEED, Estimate
from runs.report.measures import LEADING, Display, display, gain, score_display
from runs.report.results import FinishedRun
from runs.report.style import DPI, INK, MANUAL, MEAN_LINE, PALETTE, STYLE, WIDTH
from runs.report.summary import UNKNOWN, Summary

STEPS = 100  # of a curve over effort
PANELS = 4  # side by side
TITLES = {  # panels of other measures than scores
    "peak_gain_pfm": "peak gain (%)",
    "area_pfm": "area (points)",
    "saved_pfm": "saved (%)",
    "half_way_pfm": "half-way (%)",
    "harm": "harm (%)",
}
SIGNED = ("peak_gain_pfm", "area_pfm", "saved_pfm")  # may be negative; a line marks zero
PATTERNS = ("-", "-.", ":")  # of configurations beyond the colours
LABEL_WIDTH = 16  # letters
LEGEND_LETTERS, LEGEND_HANDLE = 88, 8  # across the page, and as wide as a line with its gaps
MOST_BANDS = 3  # configurations; more bands hide each other
CURVES_HEIGHT, PANEL_HEIGHT, ROW_HEIGHT, LINE_HEIGHT, LEGEND_ROW = 3.3, 0.75, 0.3, 0.19, 0.24  # inches
BAND: dict[str, Any] = {"alpha": 0.14, "linewidth": 0}
PASTED: dict[str, Any] = {"linewidth": 1.6, "linestyle": (0, (4, 2))}  # manual's line
OPEN: dict[str, Any] = {"marker": "o", "markerfacecolor": "white", "markersize": 6, "linestyle": "", "zorder": 3}
SMALL: dict[str, Any] = {"ha": "center", "va": "bottom", "fontsize": 8}
DOT: dict[str, Any] = {"marker": "o", "markersize": 6.5, "linestyle": "", "zorder": 4}


@rc_context(STYLE)
def plot_report(comparison: Comparison) -> Figure:
    """Draw pFM over effort and gain over interactions, measures with their intervals, and initial drawings by method.

    Every mean is over mirrors of means over seeds; bars are 95 % bootstrap intervals, and so are bands, which
    more than a few groups go without.

    Parameters
    ----------
    comparison : with at least one group of runs

    Returns
    -------
    Figure
        Of one page; its height follows the number of groups.
    """
    summaries, initials = comparison.summaries, comparison.initials
    looks = _looks(len(summaries))
    methods = sum(len(summary.methods) for summary in initials)
    line_breaks = max(fill(summary.group.label, LABEL_WIDTH).count("\n") for summary in summaries)
    rows = len(summaries) * (ROW_HEIGHT + LINE_HEIGHT * line_breaks)
    legend_rows = ceil((len(summaries) + 1) / _columns(summaries))
    heights = [
        CURVES_HEIGHT + LEGEND_ROW * legend_rows,
        ceil(len(_plotted_measures()) / PANELS) * (PANEL_HEIGHT + rows) + LEGEND_ROW,
    ]
    heights += [PANEL_HEIGHT + LEGEND_ROW + 1.3 * ROW_HEIGHT * methods] if methods else []
    figure = Figure(figsize=(WIDTH, sum(heights)), dpi=DPI, layout="constrained")
    curves, dots, *others = np.ravel(figure.subfigures(len(heights), 1, height_ratios=heights))  # type: ignore[arg-type]
    _draw_curves(curves, summaries, looks)
    _draw_measures(dots, summaries, looks)
    for part in others:
        _draw_initials(part, initials)
    return figure


def _looks(groups: int) -> list[dict[str, Any]]:
    """Return colour and pattern of each group's line; a single group's is not manual's colour."""
    colors = [color for color in PALETTE if color != MANUAL] if groups < len(PALETTE) else list(PALETTE)
    looks = ({"color": color, "linestyle": pattern} for pattern in cycle(PATTERNS) for color in colors)
    return list(islice(looks, groups))


def _draw_curves(part: SubFigure, summaries: Sequence[Summary[FinishedRun]], looks: Sequence[dict[str, Any]]) -> None:
    over_effort, over_strokes = part.subplots(1, 2)
    over_strokes.axhline(0, color=INK, linewidth=1)
    manual_color = MANUAL if len(summaries) == 1 else None
    banded = len(summaries) <= MOST_BANDS
    for summary, look in zip(summaries, looks, strict=True):
        runs = summary.group.runs
        _draw_over_effort(over_effort, runs, look, manual_color or look["color"], banded=banded)
        interactions = np.unique(np.concatenate([run.interactions for run in runs]))
        gains = np.array([np.interp(interactions, run.interactions, gain(run)) for run in runs])
        _draw_band(over_strokes, interactions, gains, runs, {**look, **MEAN_LINE}, banded=banded)
    over_effort.set(xlabel="Pixels annotated (% of manual's)", ylabel="pFM (%)", xlim=(0, POINTS))
    over_strokes.set(xlabel="Interactions (strokes)", ylabel="pFM gain over manual\nat the same effort (%)")
    over_strokes.set_xlim(left=0)
    over_strokes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    handles = [Line2D([], [], **look, **MEAN_LINE) for look in looks]
    handles.append(Line2D([], [], color=manual_color or INK, **PASTED))
    labels = [summary.group.label for summary in summaries]
    labels.append("manual" if manual_color else "manual of each")
    part.legend(handles, labels, loc="outside upper left", ncols=_columns(summaries))


def _columns(summaries: Sequence[Summary[FinishedRun]]) -> int:
    """Return how many labels fit side by side above the plots."""
    return max(1, LEGEND_LETTERS // (LEGEND_HANDLE + max(len(summary.group.label) for summary in summaries)))


def _draw_over_effort(
    axes: Axes, runs: Sequence[FinishedRun], look: dict[str, Any], manual_color: str, *, banded: bool
) -> None:
    corrected = [run for run in runs if run.manual_curves[LEADING].total]
    if not corrected:  # nothing had to be corrected
        return
    share = np.linspace(0, 1, STEPS + 1)
    pairs = [(run.refined_curves[LEADING], run.manual_curves[LEADING]) for run in corrected]
    refined = np.array([ours.at(share * theirs.total) for ours, theirs in pairs])
    manual = np.array([theirs.at(share * theirs.total) for _, theirs in pairs])
    _draw_band(axes, POINTS * share, manual, corrected, {"color": manual_color, **PASTED}, banded=banded)
    _draw_band(axes, POINTS * share, refined, corrected, {**look, **MEAN_LINE}, banded=banded)


def _draw_band(
    axes: Axes,
    x: NDArray[Any],
    values: NDArray[np.float64],
    runs: Sequence[FinishedRun],
    line: dict[str, Any],
    *,
    banded: bool,
) -> None:
    """Draw the mean over runs, fractions, in percent, and its interval."""
    mirrors = [run.mirror for run in runs]
    if banded:
        low, high = POINTS * interval(values, mirrors, np.random.default_rng(SEED))
        axes.fill_between(x, low, high, color=line["color"], **BAND)
    axes.plot(x, POINTS * mean_over_mirrors(values, mirrors), **line)


def _plotted_measures() -> list[str]:
    return [*(f"refined_{score.name}" for score in scores_in(Shown.PLOTS)), *TITLES]


def _draw_measures(part: SubFigure, summaries: Sequence[Summary[FinishedRun]], looks: Sequence[dict[str, Any]]) -> None:
    measures = _plotted_measures()
    panels = part.subplots(ceil(len(measures) / PANELS), PANELS, sharey=True)
    for axes, measure in zip_longest(panels.ravel(), measures):
        if measure is None:
            axes.set_visible(False)
        else:
            _draw_measure(axes, measure, summaries, [look["color"] for look in looks])
    first = panels[0, 0]
    first.set_yticks(range(len(summaries)), [fill(summary.group.label, LABEL_WIDTH) for summary in summaries])
    first.set_ylim(len(summaries) - 0.4, -0.6)
    dots = [Line2D([], [], color=INK, **style) for style in (DOT, OPEN)]
    part.legend(dots, ["refined", "manual"], loc="outside upper left", ncols=2)


def _draw_measure(axes: Axes, measure: str, summaries: Sequence[Summary[FinishedRun]], colors: Sequence[str]) -> None:
    drawing, _, name = measure.partition("_")
    shown = display(measure)
    for row, (summary, color) in enumerate(zip(summaries, colors, strict=True)):
        estimate, runs = summary.mean(measure), len(summary.group.runs)
        if drawing == "refined":
            axes.plot(shown.factor * summary.mean(f"manual_{name}").mean, row, color=color, **OPEN)
        _draw_estimate(axes, row, estimate, shown, color)
        if 0 < estimate.runs < runs:
            place = shown.factor * estimate.mean, row
            axes.annotate(f"{estimate.runs} of {runs}", place, (0, 5), textcoords="offset points", **SMALL)
    axes.set_title(TITLES.get(measure) or f"{score_named(name).title} ({score_named(name).unit})")
    if measure in SIGNED:
        axes.axvline(0, color=INK, linewidth=1)
    _few_ticks(axes)
    if not any(summary.mean(measure).runs for summary in summaries):
        axes.set_xticks([])  # no run has a value


def _draw_initials(part: SubFigure, initials: Sequence[InitialSummary]) -> None:
    axes = part.subplots()
    rows = [
        (method if len(initials) == 1 else f"{method}, {summary.base}", estimates)
        for summary in initials
        for method, estimates in summary.methods.items()
    ]
    scores = scores_in(Shown.INITIAL_PLOT)
    colors = list(islice(cycle(PALETTE), len(scores)))
    offsets = 0.17 * (np.arange(len(scores)) - (len(scores) - 1) / 2)
    for score, offset, color in zip(scores, offsets, colors, strict=True):
        for row, (_, estimates) in enumerate(rows):
            _draw_estimate(axes, row + offset, estimates.get(score.name, UNKNOWN), score_display(score), color)
    axes.set_yticks(range(len(rows)), [label for label, _ in rows])
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_title("Initial drawings by method (%)")
    axes.grid(visible=False, axis="y")
    handles = [Line2D([], [], color=color, **DOT) for color in colors]
    part.legend(handles, [score.heading for score in scores], loc="outside upper left", ncols=4)


def _draw_estimate(axes: Axes, row: float, estimate: Estimate, shown: Display, color: str) -> None:
    """Draw a dot on its interval; neither where no run has a value."""
    ends = shown.factor * estimate.low, shown.factor * estimate.high
    axes.plot(ends, (row, row), color=color, linewidth=2, solid_capstyle="butt")
    axes.plot(shown.factor * estimate.mean, row, color=color, **DOT)


def _few_ticks(axes: Axes) -> None:
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="y", length=0)
    axes.margins(x=0.1)
    axes.xaxis.set_major_locator(MaxNLocator(3, steps=[1, 2, 5, 10]))
