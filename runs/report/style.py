"""The style of all figures: size, colours, fonts and lines."""

from __future__ import annotations

from typing import Any

WIDTH, DPI = 9.0, 200  # inches and pixels an inch: sharp at a README's 900 pixels, with letters as large as its text

# M. Okabe, K. Ito, "Color Universal Design", 2008: told apart with any kind of colour vision. Its yellow is left out,
# as it is too pale for a line on white.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
INTERACTIVE, MANUAL, INK = PALETTE[0], PALETTE[1], "#333333"
STYLE: dict[Any, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 11,
    "axes.titlesize": 10.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.edgecolor": "#888888",
    "axes.labelcolor": INK,
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": "#E6E6E6",
    "grid.linewidth": 0.8,
    "legend.frameon": False,
    "legend.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "lines.solid_capstyle": "round",
    "lines.solid_joinstyle": "round",
}
MEAN_LINE: dict[str, Any] = {"linewidth": 2.4}
