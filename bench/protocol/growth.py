"""How the cost of an interaction grows with the mirror: measured at several sizes, and drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullLocator

from runs.report.style import DPI, INK, INTERACTIVE, STYLE, WIDTH

TARGET_MS = 100.0
HEIGHT = 4.2  # inches


@dataclass(frozen=True)
class Size:
    """The cost of an interaction at one size: the scan's megapixels, median time, peak memory of the process."""

    megapixels: float
    ms: float
    mib: float


@rc_context(STYLE)
def plot_growth(sizes: Sequence[Size]) -> Figure:
    """Draw the time of an interaction, with its target, and the process's memory against the scan's size.

    Parameters
    ----------
    sizes : one or more, in any order

    Returns
    -------
    Figure
        Time on the left, memory on the right; all axes are logarithmic.
    """
    sizes = sorted(sizes, key=lambda size: size.megapixels)
    figure = Figure(figsize=(WIDTH, HEIGHT), dpi=DPI, layout="constrained")
    time, memory = figure.subplots(1, 2)
    megapixels = [size.megapixels for size in sizes]
    _draw(time, "Median time of an interaction (ms)", megapixels, [size.ms for size in sizes])
    time.axhline(TARGET_MS, color=INK, linewidth=1, linestyle=":", label=f"target, {TARGET_MS:.0f} ms")
    time.legend()
    _draw(memory, "Peak memory of the process (MiB)", megapixels, [size.mib for size in sizes])
    figure.supxlabel("Scan (megapixels)", fontsize=11)
    return figure


def _draw(axes: Axes, title: str, megapixels: Sequence[float], values: Sequence[float]) -> None:
    """Draw a line with its values above it."""
    axes.loglog(megapixels, values, "o-", color=INTERACTIVE, linewidth=2.4)
    for x, value in zip(megapixels, values, strict=True):
        axes.annotate(f"{value:,.0f}", (x, value), (0, 7), textcoords="offset points", ha="center", fontsize=9)
    axes.set_title(title)
    axes.set_ylim(min(*values, TARGET_MS) / 2, max(*values, TARGET_MS) * 2)
    axes.xaxis.set_major_locator(FixedLocator(megapixels))
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_minor_locator(NullLocator())
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
