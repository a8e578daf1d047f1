"""How the cost of an interaction grows with the mirror: measured at several sizes, and drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullLocator

from runs.report.style import DPI, INK, INTERACTIVE, MANUAL, STYLE, WIDTH

TARGET_MS = 100.0
HEIGHT = 4.2  # inches


@dataclass(frozen=True)
class Size:
    """What an interaction costs at one size.

    Parameters
    ----------
    megapixels : of the scan
    ours_ms, plain_ms : median of an interaction, kept up to date and from scratch
    ours_mib, plain_mib : the most memory of the process
    """

    megapixels: float
    ours_ms: float
    plain_ms: float
    ours_mib: float
    plain_mib: float


@rc_context(STYLE)
def plot_growth(sizes: Sequence[Size]) -> Figure:
    """Draw the time of an interaction in both ways, and the memory of ours, against the scan's size; all logarithmic.

    Parameters
    ----------
    sizes : one or more, in any order

    Returns
    -------
    Figure
        Time on the left, with the target; memory on the right.
    """
    sizes = sorted(sizes, key=lambda size: size.megapixels)
    figure = Figure(figsize=(WIDTH, HEIGHT), dpi=DPI, layout="constrained")
    time, memory = figure.subplots(1, 2)
    ours, plain = [size.ours_ms for size in sizes], [size.plain_ms for size in sizes]
    _draw(time, sizes, plain, ours, MANUAL, "straightforward")
    _draw(time, sizes, ours, plain, INTERACTIVE, "ours")
    time.axhline(TARGET_MS, color=INK, linewidth=1, linestyle=":", label=f"target, {TARGET_MS:.0f} ms")
    time.set_title("Median time of an interaction (ms)")
    _draw(memory, sizes, [size.ours_mib for size in sizes], [0.0] * len(sizes), INTERACTIVE, "ours")
    memory.set_title("Peak memory of the process, ours (MiB)")
    _lay_out(time, sizes, [TARGET_MS, *ours, *plain])
    _lay_out(memory, sizes, [size.ours_mib for size in sizes])
    figure.supxlabel("Scan (megapixels)", fontsize=11)
    figure.legend(*time.get_legend_handles_labels(), loc="outside upper left", ncols=3)
    return figure


def _draw(
    axes: Axes, sizes: Sequence[Size], values: Sequence[float], others: Sequence[float], color: str, label: str
) -> None:
    """Draw a line with its values, each on the side of it that is away from the other line's."""
    megapixels = [size.megapixels for size in sizes]
    axes.plot(megapixels, values, "o-", color=color, linewidth=2.4, label=label)
    for x, value, other in zip(megapixels, values, others, strict=True):
        text: dict[str, Any] = {"textcoords": "offset points", "color": color, "fontsize": 9}
        place, side = ((4, 6), "right") if value > other else ((0, -14), "center")  # clear of a line that rises
        axes.annotate(f"{value:,.0f}", (x, value), place, ha=side, **text)


def _lay_out(axes: Axes, sizes: Sequence[Size], values: Sequence[float]) -> None:
    megapixels = [size.megapixels for size in sizes]
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_ylim(min(values) / 2, max(values) * 2)
    axes.set_xlim(megapixels[0] / 2, megapixels[-1] * 1.7)
    axes.xaxis.set_major_locator(FixedLocator(megapixels))
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_minor_locator(NullLocator())
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
