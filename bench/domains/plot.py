"""The picture of the benchmark: how good the initial drawing of image k is after k - 1 images, in each domain."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle
from math import ceil

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench.domains.records import Record
from bench.domains.tables import by_method, mean
from metrics.effort import POINTS
from runs.report.style import DPI, INK, PALETTE, STYLE, WIDTH

COLUMNS, HEIGHT = 3, 2.6  # panels a row, inches a row
SHIPPED_LINE = {"color": INK, "linewidth": 1.8, "linestyle": (0, (4, 2))}
MARKERS = "osD^vP"


@rc_context(STYLE)
def plot_domains(records: Sequence[Record], methods: Sequence[str]) -> Figure:
    """Draw a panel for each domain: means over seeds of the initial pFM, by the number of the image.

    Parameters
    ----------
    records : of the benchmark
    methods : that are drawn, in this order; the shipped model's is the dashed line
    """
    rows = by_method(records)
    domains = list(dict.fromkeys(domain for domain, _ in rows))
    lines, columns = ceil(len(domains) / COLUMNS), min(COLUMNS, len(domains))
    figure = Figure(figsize=(WIDTH, HEIGHT * lines + 0.6), dpi=DPI, layout="constrained")
    panels = figure.subplots(lines, columns, squeeze=False).ravel()
    looks = dict(zip(methods, zip(cycle(PALETTE), cycle(MARKERS), strict=False), strict=False))
    for panel, domain in zip(panels, domains, strict=False):
        panel.set_title(domain)
        of_domain = [record for record in records if record["domain"] == domain]
        _line(panel, of_domain, "shipped_pfm", label="shipped", **SHIPPED_LINE)
        for method, (colour, marker) in looks.items():
            if (domain, method) in rows:
                _line(panel, rows[domain, method], "initial_pfm", label=method, color=colour, marker=marker)
    for panel in panels[len(domains) :]:
        panel.set_visible(False)
    entries = {label: line for panel in panels for line, label in zip(*panel.get_legend_handles_labels(), strict=True)}
    figure.legend(entries.values(), entries.keys(), loc="outside upper left", ncols=5)
    figure.supxlabel("image", fontsize=11)
    figure.supylabel("initial pFM (%)", fontsize=11)
    return figure


def _line(panel: Axes, records: Sequence[Record], figure: str, **look: object) -> None:
    positions = sorted({record["position"] for record in records})
    means = [mean([one for one in records if one["position"] == position], figure) for position in positions]
    panel.plot(positions, [POINTS * value for value in means], **look)  # type: ignore[arg-type]
    panel.set_xticks(positions if len(positions) <= 12 else positions[:: len(positions) // 8])
