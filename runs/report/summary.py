"""Groups of runs averaged: measures by mirror and over mirrors, and the table of their means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isnan, nan
from typing import Generic

from runs.report.estimates import Estimate, estimates
from runs.report.groups import Group, Run, by_mirror, difference_text, grouped
from runs.report.markdown import markdown_table
from runs.report.measures import Display, display, measures, summary_columns
from runs.report.run_curves import RunCurves

UNKNOWN = Estimate(nan, nan, nan, 0)


@dataclass(frozen=True)
class Summary(Generic[Run]):
    """A group of runs and the means of their measures.

    Parameters
    ----------
    group : its runs
    rows : the measures of each of them, by name
    overall : means over mirrors of means over seeds
    mirrors : means over seeds, by mirror and measure
    """

    group: Group[Run]
    rows: list[dict[str, float]]
    overall: dict[str, Estimate]
    mirrors: dict[str, dict[str, Estimate]]

    def mean(self, measure: str) -> Estimate:
        """Return the mean of a measure over mirrors; unknown if no run has the measure."""
        return self.overall.get(measure, UNKNOWN)


def summed_up(group: Group[Run], rows: Sequence[dict[str, float]]) -> Summary[Run]:
    """Average a group of runs.

    Parameters
    ----------
    group : of R runs
    rows : R, the measures of each run, by name
    """
    mirrors = [run.mirror for run in group.runs]
    own = {name: [row for mirror, row in zip(mirrors, rows, strict=True) if mirror == name] for name in group.mirrors}
    of_mirrors = {name: estimates(some, [name] * len(some)) for name, some in own.items()}
    return Summary(group, list(rows), estimates(rows, mirrors), of_mirrors)


def summary(runs: Sequence[RunCurves]) -> str:
    """Return a table: a line a mirror, means over its seeds; a last line of means over mirrors if there are several.

    Scores are in percent, gains relative in percent, the area in points, saved in percent of manual's effort, harm in
    percent of the repaired pixels. A run without a value counts in no mean, and the table states how many have one.
    Runs that differ in more than mirror and seed get a table each, and the text states what they differ in.
    """
    groups = grouped(runs)
    tables = [mirror_table(summed_up(group, [measures(run) for run in group.runs])) for group in groups]
    if len(groups) == 1:
        return tables[0]
    titled = "\n\n".join(f"{group.label}:\n{table}" for group, table in zip(groups, tables, strict=True))
    return f"{titled}\n\nNot averaged, as they differ in {difference_text(groups)}"


def mirror_table(summed: Summary[Run], columns: Mapping[str, str] | None = None) -> str:
    """Lay out a line a mirror, and one of means over mirrors if there are several; ``columns`` as for `means_table`."""
    runs = by_mirror(summed.group.runs)
    lines = [(mirror, len(runs[mirror]), means) for mirror, means in summed.mirrors.items()]
    if len(lines) > 1:
        lines.append((f"mean of {len(lines)}", len(summed.group.runs), summed.overall))
    return means_table("mirror", lines, columns)


def means_table(
    head: str, lines: Iterable[tuple[str, int, Mapping[str, Estimate]]], columns: Mapping[str, str] | None = None
) -> str:
    """Lay out means without their intervals.

    Parameters
    ----------
    head : of the first column
    lines : of each, its first cell, the number of its runs, and its means by measure
    columns : measure, and head of its column; None: `summary_columns`
    """
    columns = summary_columns() if columns is None else columns
    rows = [
        [
            name,
            str(runs),
            *(estimate_text(means.get(one, UNKNOWN), display(one), runs, interval=False) for one in columns),
        ]
        for name, runs, means in lines
    ]
    return markdown_table([[head, "runs", *columns.values()], *rows])


def estimate_text(estimate: Estimate, shown: Display, runs: int, *, interval: bool = True) -> str:
    """Return a mean with its interval, and how many runs have a value if not all do; a dash if none has."""
    text = shown.text(estimate.mean)
    if interval and not isnan(estimate.low):
        text += f" [{shown.number(estimate.low)}, {shown.number(estimate.high)}]"
    return text if estimate.runs in (0, runs) else f"{text} ({estimate.runs} of {runs})"
