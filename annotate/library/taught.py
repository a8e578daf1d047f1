"""What came of lessons: a version of the models, whether it has proved better, and that in words and numbers.

A version in use may be of one network alone: most often the interactive model is the first to answer strokes better,
and draws nothing anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from models.versions import Version
    from runs.training.online import OnlineLearner


@dataclass(frozen=True, eq=False)
class Taught:
    """What came of lessons.

    Parameters
    ----------
    version : the one that is in use for the mirror from now on, if ``proved``; else one to expect something of
    proved : whether it drew better than what was used before on lessons that it had not learned from
    says : that in words, for people
    record : that in numbers, for the log; of a version of both networks, of what it draws
    """

    version: Version
    proved: bool
    says: str
    record: dict[str, Any]

    @classmethod
    def of(cls, learner: OnlineLearner, version: Version, view: str, *, proved: bool) -> Taught:
        """Say what a learner knows of a version, for the image ``view``."""
        verdict = learner.verdict(version.candidate, view)
        count = len(version.lessons)
        learned = f"Learned from {count} place{'' if count == 1 else 's'}."
        says = _of_networks(version, verdict.tests, verdict.gain, proved)
        record = {"proved": proved, "tests": verdict.tests, "gain": verdict.gain, "low": verdict.low}
        return cls(version, proved, f"{learned} {says}", record)


def _of_networks(version: Version, tests: int, gain: float, proved: bool) -> str:
    """Say what tests have shown of each network of a version; parameters as of ``_says``."""
    if not proved or not version.interactive:
        return _says(tests, gain, proved)
    if version.base:
        return f"{_says(tests, gain, proved)} It answers strokes, too."
    on = f"on {tests} place{'' if tests == 1 else 's'} that it had not seen" if tests else "on the places themselves"
    return (
        f"It answers strokes from now on, as its answers were better {on} (expected elsewhere: {100 * gain:+.0f} pFM). "
        "It is not sure yet of drawing better: finish another place."
    )


def _says(tests: int, gain: float, proved: bool) -> str:
    """Say what tests have shown of a base model; ``gain`` in pFM, a fraction of 1."""
    on = f"{tests} place{'' if tests == 1 else 's'} that it had not seen"
    if proved and not tests:
        gain_here = f"it draws the place itself so much better that {100 * gain:.0f} points are expected elsewhere"
        return f"It is used from now on: {gain_here}, though no place that it had not seen shows that yet."
    if proved:
        return f"It is used from now on: on {on} it drew better, by {100 * gain:.0f} points."
    if not tests:
        return "It is not used yet, as no place that it has not seen shows what it is worth: finish another one."
    return f"It is not used yet: on {on} it was not surely better ({100 * gain:+.0f} points). Finish another one."
