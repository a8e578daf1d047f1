"""Read all runs in a folder with their scorecards: finished, unfinished and damaged ones."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from math import isclose
from pathlib import Path
from typing import Any

from metrics.registry import all_scores, run_table_scores
from runs.commands import for_each
from runs.errors import RunError
from runs.provenance import RECORD, read_record
from runs.report.run_curves import RunCurves
from runs.report.table import is_run, manual_table, read_run

SCORECARDS = "scores.json"
INITIALS = "initials.json"
ROUNDING = 1e-5  # between scores with six digits in a table and all digits in a scorecard

Scorecard = dict[str, float]


@dataclass(frozen=True, kw_only=True)
class FinishedRun(RunCurves):
    """A finished run.

    Parameters
    ----------
    path : of its table
    cards : scorecards of the ``initial``, the ``manual`` and the ``refined`` drawing
    """

    path: Path
    cards: dict[str, Scorecard]


@dataclass(frozen=True)
class InitialDrawings:
    """Scores of a mirror's initial drawings.

    Parameters
    ----------
    mirror : its name
    base, data : hashes of the base model's weights and of the mirror's data
    cards : scorecards by method, ``base`` being the base model's
    """

    mirror: str
    base: str
    data: str
    cards: dict[str, Scorecard]


@dataclass(frozen=True)
class Results:
    """The runs in a folder.

    Parameters
    ----------
    runs : finished, those higher up in the folder first, then by place, mirror and seed
    unfinished : tables of runs that are not finished
    initials : scores of initial drawings
    skipped : why other runs cannot be read
    """

    runs: list[FinishedRun]
    unfinished: list[Path]
    initials: list[InitialDrawings]
    skipped: list[str]


def find_all(folder: Path) -> Results:
    """Read all runs in a folder and in those below it; manual runs are part of those that are compared with them.

    Raises
    ------
    click.ClickException
        If the only file there is damaged.
    """
    tables = {path for path in folder.rglob("*.csv") if is_run(path)}
    records = (path.parent for path in folder.rglob(RECORD))
    tables |= {path for path in (one.with_name(f"{one.name}.csv") for one in records) if is_run(path)}
    read, skipped = for_each(sorted(tables, key=_place), _read)
    initials, damaged = for_each(sorted(folder.rglob(INITIALS), key=_place), read_initials)
    return Results(
        runs=[run for run in read if isinstance(run, FinishedRun)],
        unfinished=[run for run in read if isinstance(run, Path)],
        initials=initials,
        skipped=[*skipped, *damaged],
    )


def read_cards(path: Path, drawings: Sequence[str] = ("initial", "manual", "refined")) -> dict[str, Scorecard]:
    """Read the scores of a run's drawings.

    Parameters
    ----------
    path : of a ``scores.json``
    drawings : which of its drawings; an independent manual run has no ``manual``

    Raises
    ------
    RunError
        If the file is damaged: no JSON, a score is out of its range, or one is missing that was always recorded.
    """
    content = _read_json(path)
    return {drawing: _checked_card(path, content.get(drawing), drawing) for drawing in drawings}


def read_initials(path: Path) -> InitialDrawings:
    """Read an ``initials.json``: the scores of the initial drawings of the mirror that its folder is named after.

    Raises
    ------
    RunError
        If the file is damaged, as for `read_cards`.
    """
    content = _read_json(path)
    base, data, cards = (content.get(name) for name in ("base", "data", "scores"))
    if not (isinstance(base, str) and isinstance(data, str) and isinstance(cards, dict)):
        raise _damaged(path)
    checked = {method: _checked_card(path, card, method) for method, card in cards.items()}
    return InitialDrawings(path.parent.name, base, data, checked)


def _place(path: Path) -> tuple[int, tuple[str, ...], str, int]:
    """Sort seeds as numbers, and what lies higher up first."""
    name, _, seed = path.stem.rpartition("_")
    return len(path.parts), path.parent.parts, name, int(seed) if seed.isdecimal() else 0


def _read(table: Path) -> FinishedRun | Path | None:
    """Read a run; its path if it is not finished, None if it is a manual one."""
    folder = table.with_name(table.stem)
    record = read_record(folder / RECORD)
    if not record:
        raise RunError(f"{table}: no {RECORD} beside it, so the run's options are unknown; run the evaluation again")
    if "interactive" not in record["hashes"]:
        return None
    if not (folder / SCORECARDS).exists():
        return table
    run = FinishedRun(path=table, cards=read_cards(folder / SCORECARDS), **vars(read_run(table)))
    _require_agreement(run)
    return run


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_bytes())
    except ValueError as error:
        raise _damaged(path) from error
    if not isinstance(content, dict):
        raise _damaged(path)
    return content


def _checked_card(path: Path, card: object, drawing: str) -> Scorecard:
    """Return the scores of a drawing: of those that are registered, all that were recorded."""
    if not isinstance(card, dict):
        raise _damaged(path, f"no scores of {drawing}")
    recorded = [score for score in all_scores() if score.always_recorded or score.name in card]
    for score in recorded:
        value = card.get(score.name)
        if not isinstance(value, int | float) or not 0 <= value <= score.upper:
            raise _damaged(path, f"{score.name} of {drawing} is {value}")
    return {score.name: float(card[score.name]) for score in recorded}


def _require_agreement(run: FinishedRun) -> None:
    """Raise RunError if a table does not begin and end with the scores in the scorecards, so that it lacks rows."""
    for score in (one.name for one in run_table_scores() if one.always_recorded):
        if score not in run.refined_curves or score not in run.manual_curves:
            raise RunError(f"{run.path}: no column {score}; run the evaluation again")
    for score in run.refined_curves:
        if score not in run.manual_curves:
            continue
        refined, manual = run.refined_curves[score], run.manual_curves[score]
        ends = {"initial": refined.score[0], "manual": manual.final, "refined": refined.final}
        for drawing, value in ends.items():
            card = run.cards[drawing].get(score)
            if card is not None and not isclose(value, card, abs_tol=ROUNDING):
                independent = manual_table(run.path, run.config) if drawing == "manual" else None
                raise RunError(
                    f"{independent or run.path}: {score} of the {drawing} drawing is {value:.6f}, but {card:.6f} in "
                    f"{run.path.with_name(run.path.stem) / SCORECARDS}; the table was cut short or changed, run the "
                    "evaluation again"
                )


def _damaged(path: Path, what: str = "no JSON of this kind") -> RunError:
    return RunError(f"{path}: damaged ({what}); remove it and run the evaluation again")
