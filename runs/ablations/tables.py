"""The tables of ablations: our figures beside the published ones, and the matrix of annotators.

Each cell is of the same mirrors and seeds. Its figures are means over seeds of means over mirrors, and the
deviations are those of the seeds (with one degree of freedom less than seeds).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isnan, nan
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.io.files import write_json, write_whole
from runs.report.markdown import markdown_table
from runs.report.measures import display, measures
from runs.report.run_curves import RunCurves

Runs = Sequence[Sequence[RunCurves]]  # of each mirror, of each seed


@dataclass(frozen=True)
class Published:
    """Figures of a paper, in percent; None where it gives none."""

    iou: float | None = None
    pfm: float | None = None
    gain: float | None = None


# Of three mirrors. Gains are of pFM over the same strokes, pasted. The two tables come from different protocols.
SOURCE = '"Fusing Forces", ICPR 2024'
PUBLISHED = {
    "inputs": {
        "none": Published(32.86, 49.28),
        "prediction": Published(32.72, 49.27),
        "strokes": Published(35.83, 53.60, 5.8),
        "both": Published(36.04, 53.44, 5.5),
    },
    "operations": {
        "none": Published(),
        "erase": Published(38.25, 58.92, 1.9),
        "add": Published(55.19, 73.55, 8.4),
        "both": Published(58.41, 76.56, 12.3),
    },
}
TITLES = {
    "inputs": {
        "none": "initial prediction",
        "prediction": "prediction only",
        "strokes": "strokes only",
        "both": "both",
    },
    "operations": {
        "none": "initial prediction",
        "erase": "erase only",
        "add": "add only",
        "both": "both",
    },
}
HEADS = {"inputs": "input", "operations": "strokes used"}
NOTES = f"""\
Scores of the drawings at the end of the runs, in percent. Gain: of pFM over manual, relative, at the end of the longer
of the two runs. Area: mean lead in pFM over all of manual's effort, in points. The paper is {SOURCE};
it scored its own mirrors by protocols that it does not state, so orders compare and figures do not."""
MEASURES = ("refined_iou", "refined_pfm", "final_gain_pfm", "area_pfm")
MATRICES = {
    "area_pfm": "Area: mean lead in pFM over all of manual's effort, in points",
    "refined_pfm": "pFM at the end of the runs, in percent",
}


@dataclass(frozen=True)
class Figure:
    """A measure over seeds, in the units that it is printed in; a deviation of NaN where there is a single seed."""

    measure: str
    mean: float
    deviation: float

    @property
    def text(self) -> str:
        """The figure, and its deviation if it has one."""
        shown = display(self.measure)
        if isnan(self.mean) or isnan(self.deviation):
            return shown.text(self.mean / shown.factor)
        spread = replace(shown, sign="").number(self.deviation / shown.factor)
        return f"{shown.number(self.mean / shown.factor)} ± {spread}{shown.unit}"


@dataclass(frozen=True)
class Table:
    """The table of an ablation.

    Parameters
    ----------
    text : in Markdown
    rows : the same figures as values; all have the same keys
    summary : of a matrix: means on and off its diagonal; empty for published tables
    """

    text: str
    rows: list[dict[str, Any]]
    summary: dict[str, float | None]

    def write(self, folder: Path, about: Mapping[str, Any]) -> None:
        """Write ``table.md``, ``table.csv`` and ``table.json``, each whole; the JSON also holds ``about``."""
        lines = io.StringIO()
        writer = csv.DictWriter(lines, list(self.rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.rows)
        write_whole(folder / "table.md", lambda file: file.write(f"{self.text}\n".encode()))
        write_whole(folder / "table.csv", lambda file: file.write(lines.getvalue().encode()))
        write_json(folder / "table.json", {**about, "rows": self.rows, "summary": self.summary})


def over_seeds(values: NDArray[np.float64], measure: str) -> Figure:
    """Average a measure.

    Parameters
    ----------
    values : (M, S) of each mirror and seed, in the units of ``runs.report.measures``
    measure : its name there
    """
    seeds = display(measure).factor * values.mean(axis=0)
    return Figure(measure, float(seeds.mean()), float(seeds.std(ddof=1)) if len(seeds) > 1 else nan)


def published_table(ablation: str, cells: Mapping[str, Runs]) -> Table:
    """Set an ablation's rows beside the published ones.

    Parameters
    ----------
    ablation : ``inputs`` or ``operations``
    cells : the runs of each row but the first, which is their common initial drawing
    """
    figures_of = {row: _figures(runs, MEASURES) for row, runs in cells.items()}
    initial = _figures(next(iter(cells.values())), ("initial_iou", "initial_pfm"))
    figures_of["none"] = [replace(figure, deviation=nan) for figure in initial]  # no seed has a part in it
    figures_of["none"] += [Figure(measure, nan, nan) for measure in MEASURES[2:]]
    rows, lines = [], []
    for row, title in TITLES[ablation].items():
        stated, figures = PUBLISHED[ablation][row], figures_of[row]
        rows.append({"row": title, **_columns(figures, MEASURES)})
        rows[-1] |= {"published_iou": stated.iou, "published_pfm": stated.pfm, "published_gain": stated.gain}
        gain = "-" if stated.gain is None else f"{stated.gain:+.1f} %"
        ours = [figure.text for figure in figures]
        lines.append(
            [title, *ours, *("-" if score is None else f"{score:.2f}" for score in (stated.iou, stated.pfm)), gain]
        )
    head = [HEADS[ablation], "IoU", "pFM", "pFM gain", "area", "paper's IoU", "paper's pFM", "paper's gain"]
    return Table(f"{markdown_table([head, *lines])}\n\n{NOTES}", rows, {})


def matrix_table(cells: Mapping[tuple[str, str], Runs]) -> Table:
    """Set annotators against each other.

    Parameters
    ----------
    cells : by the annotator that a model was trained with and the one that it was tested under, for all pairs
    """
    parts = [_matrix(cells, measure) for measure in MATRICES]
    rows = [
        {"trained_with": trained, "tested_under": tested, **_columns(_figures(runs, MATRICES), MATRICES)}
        for (trained, tested), runs in cells.items()
    ]
    text = "\n\n".join(text for text, _ in parts)
    return Table(text, rows, {name: value for _, summary in parts for name, value in summary.items()})


def _matrix(cells: Mapping[tuple[str, str], Runs], measure: str) -> tuple[str, dict[str, float | None]]:
    """Return a measure's matrix as text, and the means on its diagonal, off it, and their difference."""
    annotators = list(dict.fromkeys(trained for trained, _ in cells))
    values = {cell: _values(runs, measure) for cell, runs in cells.items()}
    lines = [[one, *(over_seeds(values[one, other], measure).text for other in annotators)] for one in annotators]
    same = np.mean([values[one, one] for one in annotators], axis=0)
    others = np.mean([values[one, other] for one in annotators for other in annotators if one != other], axis=0)
    means = [over_seeds(part, measure) for part in (same, others, same - others)]
    text = (
        f"{MATRICES[measure]}:\n\n{markdown_table([['trained with, tested under', *annotators], *lines])}\n\n"
        f"Mean of the diagonal, where a model meets the annotator that it was trained with: {means[0].text}. Off it: "
        f"{means[1].text}. Difference: {means[2].text}."
    )
    names = [f"{measure}_{part}" for part in ("diagonal", "off_diagonal", "difference")]
    return text, _columns(means, names)


def _figures(runs: Runs, names: Iterable[str]) -> list[Figure]:
    return [over_seeds(_values(runs, name), name) for name in names]


def _values(runs: Runs, measure: str) -> NDArray[np.float64]:
    return np.array([[measures(run)[measure] for run in seeds] for seeds in runs])


def _columns(figures: Iterable[Figure], names: Iterable[str]) -> dict[str, float | None]:
    columns: dict[str, float | None] = {}
    for name, figure in zip(names, figures, strict=True):
        columns |= {name: _or_none(figure.mean), f"{name}_deviation": _or_none(figure.deviation)}
    return columns


def _or_none(value: float) -> float | None:
    return None if isnan(value) else value
