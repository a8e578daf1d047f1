"""The plot: every row's score over effort, beside manual's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import cycle, islice
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from bench.quality.results import RowResult
from metrics.bootstrap import interval, mean_over_mirrors
from metrics.effort import POINTS
from runs.report.estimates import SEED
from runs.report.run_curves import RunCurves
from runs.report.style import DPI, INK, MEAN_LINE, PALETTE, STYLE, WIDTH

HEIGHT = 4.6  # inches
STEPS = 200  # of a curve
LEGEND, KEY = 100, 6  # letters in a line of the legend, and how many the line before a label takes up
MOST_BANDS = 3  # rows; more bands hide each other
PATTERNS = ("-", "-.", ":")  # of rows beyond the colours
MANUAL: dict[str, Any] = {"color": INK, "linewidth": 1.8, "linestyle": (0, (4, 2))}

Reading = Callable[[RunCurves, NDArray[np.float64]], NDArray[np.float64]]


@rc_context(STYLE)
def plot_rows(outcomes: Sequence[RowResult]) -> Figure:
    """Draw pFM over effort, of every row and of manual, and by how much each row leads.

    Means over mirrors of means over runs, with 95 % bootstrap intervals where there are few rows. Runs in which manual
    had nothing to do take no part.

    Parameters
    ----------
    outcomes : of the rows; manual is that of the first one's runs, as in the headline mode of all
    """
    figure = Figure(figsize=(WIDTH, HEIGHT), dpi=DPI, layout="constrained")
    scores, leads = figure.subplots(1, 2)
    leads.axhline(0, **MANUAL)
    _draw(scores, outcomes[0], _manual, {**MANUAL, "label": "manual"}, banded=False)
    looks = ({"color": color, "linestyle": pattern} for pattern in cycle(PATTERNS) for color in PALETTE)
    for one, look in zip(outcomes, islice(looks, len(outcomes)), strict=True):
        banded = len(outcomes) <= MOST_BANDS
        _draw(scores, one, _refined, {**MEAN_LINE, **look, "label": one.label}, banded=banded)
        _draw(leads, one, _lead, {**MEAN_LINE, **look}, banded=banded)
    scores.set_ylabel("pFM (%)")
    leads.set_ylabel("pFM over manual's\nat the same effort (points)")
    for axes in (scores, leads):
        axes.set_xlim(0, POINTS)
    figure.supxlabel("Pixels annotated (% of manual's total)", fontsize=11)
    longest = max(len(label) for label in ("manual", *(one.label for one in outcomes)))
    figure.legend(loc="outside upper left", ncols=min(4, LEGEND // (longest + KEY)) or 1)
    return figure


def _draw(axes: Axes, one: RowResult, reading: Reading, line: dict[str, Any], *, banded: bool) -> None:
    runs = [run for of_model in one.runs for run in of_model if run.manual_curves["pfm"].total]
    if not runs:
        return
    share = np.linspace(0, 1, STEPS + 1)
    values = POINTS * np.array([reading(run, share * run.manual_curves["pfm"].total) for run in runs])
    mirrors = [run.mirror for run in runs]
    axes.plot(POINTS * share, mean_over_mirrors(values, mirrors), **line)
    if banded:
        low, high = interval(values, mirrors, np.random.default_rng(SEED))
        axes.fill_between(POINTS * share, low, high, color=line["color"], alpha=0.14, linewidth=0)


def _refined(run: RunCurves, x: NDArray[np.float64]) -> NDArray[np.float64]:
    return run.refined_curves["pfm"].at(x)


def _manual(run: RunCurves, x: NDArray[np.float64]) -> NDArray[np.float64]:
    return run.manual_curves["pfm"].at(x)


def _lead(run: RunCurves, x: NDArray[np.float64]) -> NDArray[np.float64]:
    return _refined(run, x) - _manual(run, x)
