"""The tables of evaluations, a row every few interactions: columns, and reading them as curves.

A table begins with the published columns. Each further score of the run table adds two, its name and its name with
``_human``; a table that was written before a score existed lacks them.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import numpy as np

from metrics.effort import Curve
from metrics.registry import run_table_scores
from runs.errors import RunError
from runs.provenance import RECORD, read_record
from runs.report.groups import difference_text, grouped
from runs.report.run_curves import RunCurves

PUBLISHED = ("interaction", "iou", "pfm", "iou_human", "pfm_human", "human_input")
FIRST_VERSION = (*PUBLISHED, "pfm_dibco", "pfm_dibco_human", "repaired", "spoiled")

Columns = dict[str, list[str]]


def table_columns() -> tuple[str, ...]:
    """Return the columns of a table that is written now: those of the first version, and those of later scores."""
    of_scores = (column for score in run_table_scores() for column in (score.name, f"{score.name}_human"))
    return (*FIRST_VERSION, *(column for column in of_scores if column not in FIRST_VERSION))


def read_run(path: Path) -> RunCurves:
    """Read a run's table, named ``<MIRROR>_<seed>.csv``, and its record in the folder of the same name, if it is there.

    The manual curve is that of the table, at refined's efforts. In the headline mode an independent manual run has its
    own table, of the same name, in the folder that the record calls ``manual`` (relative to the table's folder; without
    a word of it, in ``manual/`` if it is there); that curve is taken instead.

    Raises
    ------
    RunError
        If columns are missing, or a table or the record was cut short or is damaged.
    """
    record = read_record(path.with_name(path.stem) / RECORD)
    columns = _read_columns(path)
    independent = manual_table(path, record.get("config", {}))
    manual_curves = read_curves(independent) if independent else _curves(path, columns, "_human")
    mirror, _, seed = path.stem.rpartition("_")
    return RunCurves(
        mirror=mirror,
        seed=int(seed),
        refined_curves=_curves(path, columns, ""),
        manual_curves=manual_curves,
        interactions=_whole_numbers(path, columns, "interaction"),
        repaired=_last(path, columns, "repaired"),
        spoiled=_last(path, columns, "spoiled"),
        config=record.get("config", {}),
        hashes=record.get("hashes", {}),
        commit=record.get("commit", ""),
    )


def read_curves(path: Path) -> dict[str, Curve]:
    """Read the curves of a table's own drawing, by score, those of the run table that it holds.

    Raises
    ------
    RunError
        If columns are missing, or the table was cut short or is damaged.
    """
    return _curves(path, _read_columns(path), "")


def manual_table(path: Path, config: dict[str, Any]) -> Path | None:
    """Return the table of the independent manual run that a run is compared with, if there is one.

    Parameters
    ----------
    path : of the run's own table
    config : of its record; may be empty
    """
    if config.get("mode") == "published":
        return None
    if "manual" in config:
        return path.parent / str(config["manual"]) / path.name
    beside = path.parent / "manual" / path.name
    return beside if beside.exists() else None


def is_run(path: Path) -> bool:
    """Tell whether a table lies where a run's does: in ``<MIRROR>/``, as ``<MIRROR>_<seed>.csv``."""
    mirror, _, seed = path.stem.rpartition("_")
    return mirror == path.parent.name and seed.isdecimal()


def find_runs(folder: Path) -> list[RunCurves]:
    """Read all runs in ``folder/<MIRROR>/<MIRROR>_<seed>.csv``, by mirror and seed.

    Runs under other conditions lie in folders below; they are not read.

    Raises
    ------
    RunError
        If there are none, a table or record was cut short or is damaged, or the runs differ in more than mirror and
        seed, so that they must not be averaged.
    """
    runs = [read_run(path) for path in sorted(folder.glob("*/*.csv")) if is_run(path)]
    if not runs:
        raise RunError(
            f"{folder}: no run there, looked for <MIRROR>/<MIRROR>_<seed>.csv; "
            "run `python -m eval`, or set RETRACE_DIR_EVAL to where its tables are"
        )
    groups = grouped(runs)
    if len(groups) > 1:
        raise RunError(
            f"{folder}: the runs there differ in more than mirror and seed ({difference_text(groups)}), so they are "
            f"not averaged; `python -m eval --report {folder}` sets them side by side"
        )
    return sorted(runs, key=lambda run: (run.mirror, run.seed))


def _read_columns(path: Path) -> Columns:
    """Read the published columns, and those of the others that the table has; an empty column counts as absent."""
    try:
        text = path.read_bytes().decode()
    except UnicodeDecodeError as error:
        raise _damaged(path, "no text") from error
    if not text.endswith("\n"):  # a number that lost its last digits would still read as one
        raise RunError(f"{path}: the last line does not end; the table was cut short, run the evaluation again")
    try:
        reader = csv.DictReader(io.StringIO(text, newline=""))
        rows = list(reader)
    except csv.Error as error:
        raise _damaged(path, str(error)) from error
    names = [name for name in table_columns() if name in PUBLISHED or name in (reader.fieldnames or ())]
    names = [name for name in names if name in FIRST_VERSION or any(row.get(name) != "" for row in rows)]
    missing = [name for name in names if not rows or any(row.get(name) in (None, "") for row in rows)]
    if missing:
        raise RunError(f"{path}: no value for {', '.join(missing)}; the table was cut short, run the evaluation again")
    return {name: [row[name] for row in rows] for name in names}


def _curves(path: Path, columns: Columns, suffix: str) -> dict[str, Curve]:
    """Return the curves of the scores whose columns end in a suffix."""
    try:
        effort = np.array(columns["human_input"], np.int64)
        return {
            score.name: Curve(effort, np.array(columns[score.name + suffix], np.float64))
            for score in run_table_scores()
            if score.name + suffix in columns
        }
    except (ValueError, OverflowError) as error:
        raise _damaged(path, str(error)) from error


def _last(path: Path, columns: Columns, name: str) -> int | None:
    return _whole_numbers(path, columns, name)[-1] if name in columns else None


def _whole_numbers(path: Path, columns: Columns, name: str) -> tuple[int, ...]:
    try:
        return tuple(int(value) for value in columns[name])
    except ValueError as error:
        raise _damaged(path, str(error)) from error


def _damaged(path: Path, what: str) -> RunError:
    return RunError(f"{path}: damaged ({what}); run the evaluation again, or move the table away")
