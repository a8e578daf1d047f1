"""The records of the benchmark, one a domain, method, seed and image; written as they come."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from bench.domains.correcting import Outcome
from data.errors import DataError
from data.io.files import write_json
from data.paths import entry
from metrics.effort import area, drawdown, saved
from metrics.harm import harm

Record = dict[str, Any]

RUNS, ALL = "runs", "domains.json"
SCORES = {"pfm": "pfm", "contest_pfm": "pfm_dibco", "iou": "iou", "cldice": "cl_dice"}  # columns, and scores' names


@dataclass(frozen=True)
class Place:
    """Where a run lies.

    Parameters
    ----------
    folder : of the benchmark
    domain, method : names
    seed : of the person
    """

    folder: Path
    domain: str
    method: str
    seed: int

    @property
    def home(self) -> Path:
        """The folder of the run."""
        return entry(self.folder / RUNS, self.domain) / self.method / f"seed-{self.seed}"

    def record(self, image: str) -> Path:
        """The file of the record of an image."""
        return entry(self.home, f"{image}.json")

    def curve(self, image: str) -> Path:
        """The file of the outcome that it was made from."""
        return entry(self.home, f"{image}.curve.json")


@dataclass(frozen=True)
class Yardsticks:
    """What all methods are compared with on an image, by one seed.

    Parameters
    ----------
    initial : scores of the drawing of the shipped base model
    manual, ceiling : corrections of it by hand, and with perfect answers in what touches the stroke
    """

    initial: dict[str, float]
    manual: Outcome
    ceiling: Outcome

    def write(self, path: Path) -> None:
        """Write them as JSON."""
        write_json(path, {"initial": self.initial, "manual": self.manual.to_json(), "ceiling": self.ceiling.to_json()})

    @classmethod
    def read(cls, path: Path) -> Yardsticks:
        """Read what ``write`` wrote; raises DataError if it is damaged."""
        try:
            content = json.loads(path.read_text())
            return cls(content["initial"], Outcome(**content["manual"]), Outcome(**content["ceiling"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DataError(f"{path}: missing or damaged; remove it, and it is made again") from error


def record_of(
    place: Place, image: str, position: int, initial: dict[str, float], yardsticks: Yardsticks, outcome: Outcome | None
) -> Record:
    """Return the record of a run on an image.

    Parameters
    ----------
    place, image : of the run
    position : 1 for the first image of the domain
    initial : scores of the drawing that it began with
    yardsticks : of the image and seed
    outcome : what came of it; None for a method of an initial drawing alone
    """
    manual, ceiling = yardsticks.manual, yardsticks.ceiling
    top = area(ceiling.curve, manual.curve)
    record: Record = {
        "domain": place.domain,
        "method": place.method,
        "seed": place.seed,
        "image": image,
        "initial_pfm": initial["pfm"],
        "manual_pfm": manual.scores["pfm"],
        "refined_pfm": outcome.scores["pfm"] if outcome else None,
        "area": area(outcome.curve, manual.curve) if outcome else None,
        "saved": saved(outcome.curve, manual.curve) if outcome else None,
        "harm": _harm(outcome) if outcome else None,
        "seconds": outcome.seconds if outcome else None,
        "position": position,
        "shipped_pfm": yardsticks.initial["pfm"],
        "ceiling_area": top,
        "share": area(outcome.curve, manual.curve) / top if outcome and top > 0 else None,
        "drawdown": drawdown(outcome.curve) if outcome else None,
        "worst_update": outcome.worst_update if outcome else None,
        "repaired": outcome.repaired if outcome else None,
        "spoiled": outcome.spoiled if outcome else None,
        "strokes": outcome.strokes[-1] if outcome else None,
        "effort": outcome.effort[-1] if outcome else None,
        "manual_strokes": manual.strokes[-1],
        "manual_effort": manual.effort[-1],
    }
    for column, name in SCORES.items():
        record[f"initial_{column}"] = initial[name]
        record[f"manual_{column}"] = manual.scores[name]
        record[f"refined_{column}"] = outcome.scores[name] if outcome else None
    record |= outcome.notes if outcome else {}
    return {name: _writable(value) for name, value in record.items()}


def write_record(place: Place, record: Record, outcome: Outcome | None) -> None:
    """Write a record and what it was made from, and gather all that there are."""
    place.home.mkdir(parents=True, exist_ok=True)
    if outcome:
        write_json(place.curve(record["image"]), outcome.to_json())
    write_json(place.record(record["image"]), record)
    write_json(place.folder / ALL, gathered(place.folder))


def gathered(folder: Path) -> list[Record]:
    """Return all records of a benchmark's folder, in the order of domains, methods, seeds and images."""
    paths = (path for path in (folder / RUNS).glob("*/*/seed-*/*.json") if not path.name.endswith(".curve.json"))
    records = [json.loads(path.read_text()) for path in paths if path.parent.parent.name != YARDSTICKS]
    return sorted(records, key=lambda one: (one["domain"], one["method"], one["seed"], one["position"]))


def read_outcome(path: Path) -> Outcome:
    """Read the outcome of a run; raises DataError if it is damaged."""
    try:
        return Outcome(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError) as error:
        raise DataError(f"{path}: missing or damaged; remove the folder {path.parent}, and it is made again") from error


def all_there(place: Place, images: Iterable[str]) -> bool:
    """Whether there is a record of each of some images."""
    return all(place.record(image).exists() for image in images)


YARDSTICKS = "yardsticks"  # stands for a method where they lie


def _writable(value: Any) -> Any:
    """Return a value that JSON has; None for what is not finite."""
    return None if isinstance(value, float) and not isfinite(value) else value


def _harm(outcome: Outcome) -> float | None:
    """Return the harm of a run; None where nobody counted what was repaired and spoiled."""
    if outcome.repaired is None or outcome.spoiled is None:
        return None
    return harm(outcome.repaired, outcome.spoiled)
