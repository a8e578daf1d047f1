"""The tables that evaluations write: read back as curves, and summed up."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from metrics.effort import Curve, area, final_gain, peak_gain, saved
from runs.errors import RunError
from runs.record import RECORD, read_record

SUMMARY = (
    "mirror",
    "runs",
    "initial IoU",
    "initial pFM",
    "manual IoU",
    "manual pFM",
    "refined IoU",
    "refined pFM",
    "peak gain",
    "final gain",
    "area",
    "saved",
)
COLUMNS = ("interaction", "iou", "pfm", "iou_human", "pfm_human", "human_input")


@dataclass(frozen=True)
class RunCurves:
    """One run's curves over effort.

    Parameters
    ----------
    mirror, seed : which run
    refined_curves, manual_curves : by score, ``iou`` and ``pfm``
    interactions : strokes at each record
    """

    mirror: str
    seed: int
    refined_curves: dict[str, Curve]
    manual_curves: dict[str, Curve]
    interactions: tuple[int, ...]


def read_run(path: Path) -> RunCurves:
    """Read a run's table, named ``<MIRROR>_<seed>.csv``.

    The manual curve is that of the table, at refined's efforts; in the headline mode, ``manual/`` beside it holds the
    independent run's own table, and that curve is taken instead.

    Raises
    ------
    RunError
        If columns are missing, or the table was cut short or is damaged.
    """
    columns = _read_columns(path)
    manual_path = path.parent / "manual" / path.name
    published = read_record(path.with_name(path.stem) / RECORD).get("config", {}).get("mode") == "published"
    independent = manual_path.exists() and not published
    manual_path = manual_path if independent else path
    manual_columns = _read_columns(manual_path) if independent else columns
    suffix = "" if independent else "_human"
    mirror, _, seed = path.stem.rpartition("_")
    return RunCurves(
        mirror=mirror,
        seed=int(seed),
        refined_curves=_curves(path, columns, ""),
        manual_curves=_curves(manual_path, manual_columns, suffix),
        interactions=_interactions(path, columns),
    )


def find_runs(folder: Path) -> list[RunCurves]:
    """Read all runs in ``folder/<MIRROR>/<MIRROR>_<seed>.csv``, by mirror and seed.

    Raises
    ------
    RunError
        If there are none, or a table was cut short or is damaged.
    """
    runs = [read_run(path) for path in folder.glob("*/*.csv") if _is_run(path)]
    if not runs:
        raise RunError(
            f"{folder}: no run there, looked for <MIRROR>/<MIRROR>_<seed>.csv; "
            "run `python -m eval`, or set RETRACE_DIR_EVAL to where its tables are"
        )
    return sorted(runs, key=lambda run: (run.mirror, run.seed))


def summary(runs: Sequence[RunCurves]) -> str:
    """Return a table: a line a mirror, means over its seeds; a last line of means over mirrors if there are several.

    Scores are in percent, gains relative in percent, the area in points, saved in percent of manual's effort.
    """
    by_mirror = defaultdict(list)
    for run in runs:
        by_mirror[run.mirror].append(_measures(run))
    means = {mirror: np.mean(rows, axis=0) for mirror, rows in by_mirror.items()}
    rows = [_cells(mirror, len(by_mirror[mirror]), values) for mirror, values in means.items()]
    if len(means) > 1:
        rows.append(_cells(f"mean of {len(means)}", len(runs), np.mean(list(means.values()), axis=0)))
    return _markdown([SUMMARY, *rows])


def _is_run(path: Path) -> bool:
    mirror, _, seed = path.stem.rpartition("_")
    return mirror == path.parent.name and seed.isdecimal()


def _measures(run: RunCurves) -> list[float]:
    refined, manual = run.refined_curves, run.manual_curves
    scores = [
        refined["iou"].score[0],
        refined["pfm"].score[0],
        manual["iou"].final,
        manual["pfm"].final,
        refined["iou"].final,
        refined["pfm"].final,
    ]
    pair = refined["pfm"], manual["pfm"]
    return [
        *(100 * score for score in scores),
        100 * peak_gain(*pair),
        100 * final_gain(*pair),
        area(*pair),
        100 * saved(*pair),
    ]


def _cells(name: str, runs: int, values: Sequence[float]) -> list[str]:
    peak, final, between, spared = values[6:]
    gains = [f"{peak:+.1f} %", f"{final:+.1f} %", f"{between:+.2f}", f"{spared:.0f} %"]
    return [name, str(runs), *(f"{value:.2f}" for value in values[:6]), *gains]


def _markdown(rows: Sequence[Sequence[str]]) -> str:
    """Lay rows out as a Markdown table that a terminal shows well, too; the first row is the head."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    ruled = [rows[0], ["-" * width for width in widths], *rows[1:]]
    return "\n".join(
        f"| {' | '.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))} |" for row in ruled
    )


def _read_columns(path: Path) -> dict[str, list[str]]:
    try:
        text = path.read_bytes().decode()
    except UnicodeDecodeError as error:
        raise _damaged(path, "no text") from error
    if not text.endswith("\n"):  # a number that lost its last digits would still read as one
        raise RunError(f"{path}: the last line does not end; the table was cut short, run the evaluation again")
    try:
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
    except csv.Error as error:
        raise _damaged(path, str(error)) from error
    missing = [name for name in COLUMNS if not rows or any(row.get(name) in (None, "") for row in rows)]
    if missing:
        raise RunError(f"{path}: no value for {', '.join(missing)}; the table was cut short, run the evaluation again")
    return {name: [row[name] for row in rows] for name in COLUMNS}


def _curves(path: Path, columns: dict[str, list[str]], suffix: str) -> dict[str, Curve]:
    """Return the curves of both scores, from the columns that end so."""
    try:
        effort = np.array(columns["human_input"], np.int64)
        return {score: Curve(effort, np.array(columns[score + suffix], np.float64)) for score in ("iou", "pfm")}
    except (ValueError, OverflowError) as error:
        raise _damaged(path, str(error)) from error


def _interactions(path: Path, columns: dict[str, list[str]]) -> tuple[int, ...]:
    try:
        return tuple(int(value) for value in columns["interaction"])
    except ValueError as error:
        raise _damaged(path, str(error)) from error


def _damaged(path: Path, what: str) -> RunError:
    return RunError(f"{path}: damaged ({what}); run the evaluation again, or move the table away")
