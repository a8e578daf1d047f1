"""``python -m eval --report FOLDER``: all runs below a folder, in tables and on one page of plots.

::

    FOLDER/report/report.md       tables: scores, effort, harm, orders, mirrors, initial drawings; and what is missing
    FOLDER/report/report.csv      a row a run, all its measures
    FOLDER/report/report.json     means and intervals of each configuration, and what they differ in
    FOLDER/report/report.png      the page of plots
    FOLDER/report/report.pdf      the same

The same runs give the same files, byte for byte.
"""

from __future__ import annotations

import csv
import io
from dataclasses import asdict, dataclass
from functools import partial
from math import isnan, nan
from pathlib import Path
from typing import Any

from data.io.files import write_json, write_text, write_whole
from metrics.bootstrap import LEVEL, RESAMPLES
from runs.report.comparison import Comparison, compare
from runs.report.estimates import Estimate
from runs.report.groups import differences
from runs.report.measures import or_none
from runs.report.plots import plot_report
from runs.report.results import FinishedRun, find_all
from runs.report.summary import Summary
from runs.report.text import report_text, terminal_text

REPORT = "report"  # folder beside the mirrors' and name of the files in it
UNDATED = {"CreationDate": None}  # a date would make each PDF another one


@dataclass(frozen=True)
class Report:
    """A report that was written.

    Parameters
    ----------
    text : for the terminal
    paths : of its files
    skipped : why some runs are left out; those that are merely not finished are named in the text
    """

    text: str
    paths: list[Path]
    skipped: list[str]


def report(folder: Path) -> Report:
    """Sum up all runs below a folder, and write ``report/`` into it.

    Runs that differ in more than mirror and seed are set side by side, never averaged.

    Raises
    ------
    RunError
        If no run there is finished, or one lies in two places with other figures; nothing is written then.
    click.ClickException
        If the only run there is damaged.
    """
    results = find_all(folder)
    comparison = compare(folder, results)
    place = folder / REPORT
    markdown, table, content, png, pdf = paths = [
        place / f"{REPORT}.{kind}" for kind in ("md", "csv", "json", "png", "pdf")
    ]
    figure = plot_report(comparison)
    write_text(markdown, report_text(comparison, png.name))
    write_text(table, _csv(comparison))
    write_json(content, _json(comparison))
    write_whole(png, partial(figure.savefig, format="png"))
    write_whole(pdf, partial(figure.savefig, format="pdf", metadata=UNDATED))
    return Report(terminal_text(comparison), paths, results.skipped)


def _csv(comparison: Comparison) -> str:
    measures = list(dict.fromkeys(name for summary in comparison.summaries for row in summary.rows for name in row))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["configuration", "mirror", "seed", "table", *measures])
    for summary in comparison.summaries:
        for run, row in zip(summary.group.runs, summary.rows, strict=True):
            place = run.path.relative_to(comparison.folder).as_posix()
            writer.writerow(
                [summary.group.label, run.mirror, run.seed, place, *(_filled(row.get(name, nan)) for name in measures)]
            )
    return text.getvalue()


def _json(comparison: Comparison) -> dict[str, Any]:
    return {
        "interval": {"level": LEVEL, "resamples": RESAMPLES},
        "configurations": [_configuration(summary) for summary in comparison.summaries],
        "differ_in": differences(comparison.groups),
        "orders": [asdict(quality) for quality in comparison.orders],
        "initial_drawings": [
            {
                "base": summary.base,
                "mirrors": summary.mirrors,
                "methods": {method: _estimates(scores) for method, scores in summary.methods.items()},
            }
            for summary in comparison.initials
        ],
        "missing": comparison.missing,
        "unfinished": comparison.unfinished,
        "skipped": comparison.skipped,
    }


def _configuration(summary: Summary[FinishedRun]) -> dict[str, Any]:
    group = summary.group
    return {
        "label": group.label,
        "settings": group.settings,
        "data": group.data,
        "runs": len(group.runs),
        "seeds": group.seeds,
        "missing": group.missing,
        "measures": _estimates(summary.overall),
        "mirrors": {mirror: _estimates(means) for mirror, means in summary.mirrors.items()},
    }


def _estimates(estimates: dict[str, Estimate]) -> dict[str, Any]:
    return {
        name: {"mean": or_none(one.mean), "low": or_none(one.low), "high": or_none(one.high), "runs": one.runs}
        for name, one in estimates.items()
    }


def _filled(value: float) -> str:
    return "" if isnan(value) else str(value)
