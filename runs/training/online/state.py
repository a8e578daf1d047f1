"""A learner's state as bytes: safetensors, which hold arrays and text only."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from data.regions import Region
from interaction.prompts import prompt_from_json
from models.errors import ModelError
from models.versions import Version
from runs.training.online.guard import Score, Trial
from runs.training.online.lessons import Lesson
from runs.training.online.living import Learned

ARRAYS = ("image", "truth", "known", "initial", "reference")  # of a lesson; its other fields are JSON values
REGIONS = ("region", "shown")
Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True, eq=False)
class State:
    """All that a learner knows.

    Parameters
    ----------
    parent : hash of the weights that its versions are differences to
    events : of all lessons so far
    news : whether something is there to learn from
    lessons : that are remembered, with their numbers
    tests : oldest first
    living : by candidate
    """

    parent: str
    events: Sequence[int]
    news: bool
    lessons: Sequence[tuple[int, Lesson]]
    tests: Sequence[Trial]
    living: Mapping[str, Learned]

    def to_bytes(self) -> bytes:
        """Return it as bytes, for a file."""
        arrays: Arrays = {}
        told = [{"number": number, **_lesson_told(one, f"{number}", arrays)} for number, one in self.lessons]
        living = {}
        for name, one in self.living.items():
            arrays[f"version/{name}"] = np.frombuffer(one.version.to_bytes(), np.uint8)
            living[name] = {"lessons": sorted(one.lessons), "seen": one.seen}
        about = {
            "parent": self.parent,
            "events": list(self.events),
            "news": self.news,
            "lessons": told,
            "living": living,
        }
        about["tests"] = [asdict(test) for test in self.tests]
        arrays["about"] = np.frombuffer(json.dumps(about).encode(), np.uint8)
        return save(arrays)

    @classmethod
    def from_bytes(cls, content: bytes) -> State:
        """Read what ``to_bytes`` wrote; raises ModelError if it is damaged."""
        try:
            arrays = load(content)
            about = json.loads(arrays["about"].tobytes())
            lessons = [(int(told["number"]), _lesson(told, arrays)) for told in about["lessons"]]
            living = {
                name: Learned(
                    Version.from_bytes(arrays[f"version/{name}"].tobytes()), frozenset(one["lessons"]), one["seen"]
                )
                for name, one in about["living"].items()
            }
            tests = [_test(told) for told in about["tests"]]
            events = [int(event) for event in about["events"]]
            return cls(str(about["parent"]), events, bool(about["news"]), lessons, tests, living)
        except (SafetensorError, KeyError, TypeError, ValueError) as error:
            raise ModelError(f"no state of a learner, or a damaged one ({error}); begin to learn anew") from error


def _lesson_told(lesson: Lesson, key: str, arrays: Arrays) -> dict[str, Any]:
    """Return a lesson's fields as JSON values; put its arrays among the others."""
    told = {each.name: getattr(lesson, each.name) for each in fields(lesson)}
    for name in ARRAYS:
        if (values := told.pop(name)) is not None:
            arrays[f"{key}/{name}"] = np.ascontiguousarray(values)
    told |= {name: told[name].to_json() for name in REGIONS}
    return told | {"prompts": [prompt.to_json() for prompt in lesson.prompts]}


def _lesson(told: dict[str, Any], arrays: Arrays) -> Lesson:
    values = dict(told)
    number = values.pop("number")
    values |= {name: arrays[f"{number}/{name}"] for name in ARRAYS if f"{number}/{name}" in arrays}
    values |= {name: Region(*values[name]) for name in REGIONS}
    return Lesson(**{**values, "prompts": tuple(prompt_from_json(one) for one in values["prompts"])})


def _test(told: dict[str, Any]) -> Trial:
    scores = {name: Score(**{**told[name], "counts": tuple(told[name]["counts"])}) for name in ("score", "before")}
    return Trial(**{**told, **scores})
