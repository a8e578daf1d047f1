"""What came of lessons: a version of the models, whether it has proved better, and that in words and numbers."""

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
    record : that in numbers, for the log
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
        record = {"proved": proved, "tests": verdict.tests, "gain": verdict.gain, "low": verdict.low}
        return cls(version, proved, f"{learned} {_says(verdict.tests, verdict.gain, proved)}", record)


def _says(tests: int, gain: float, proved: bool) -> str:
    """Say what tests have shown; ``gain`` in pFM, a fraction of 1."""
    on = f"{tests} place{'' if tests == 1 else 's'} that it had not seen"
    if proved and not tests:
        gain_here = f"it draws the place itself so much better that {100 * gain:.0f} points are expected elsewhere"
        return f"It is used from now on: {gain_here}, though no place that it had not seen shows that yet."
    if proved:
        return f"It is used from now on: on {on} it drew better, by {100 * gain:.0f} points."
    if not tests:
        return "It is not used yet, as no place that it has not seen shows what it is worth: finish another one."
    return f"It is not used yet: on {on} it was not surely better ({100 * gain:+.0f} points). Finish another one."
