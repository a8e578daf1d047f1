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
    shown : the version that a person may look at: the same, or one that draws what ``version`` would not draw yet
    """

    version: Version
    proved: bool
    says: str
    record: dict[str, Any]
    shown: Version

    @classmethod
    def of(cls, learner: OnlineLearner, version: Version, view: str, *, proved: bool) -> Taught:
        """Say what a learner knows of a version, for the image ``view``."""
        verdict = learner.verdict(version.candidate, view)
        count = len(version.lessons)
        learned = f"Learned from {count} place{'' if count == 1 else 's'}."
        says = _says(verdict.tests, verdict.gain, proved, draws=bool(version.base))
        record = {"proved": proved, "tests": verdict.tests, "gain": verdict.gain, "low": verdict.low}
        return cls(version, proved, f"{learned} {says}", record, learner.to_preview(view))


def _says(tests: int, gain: float, proved: bool, *, draws: bool = True) -> str:
    """Say what tests have shown.

    Parameters
    ----------
    tests : how many there were
    gain : in pFM, a fraction of 1
    proved : whether the version is used
    draws : whether it draws otherwise, and does not only answer strokes
    """
    on = f"{tests} place{'' if tests == 1 else 's'} that it had not seen"
    points = f"{100 * gain:.0f} point{'' if round(100 * gain) == 1 else 's'}"
    if proved:
        does = "draws" if draws else "answers strokes in"
        used = "It is used from now on" if draws else "It answers your strokes from now on"
        if tests:
            return f"{used}: on {on} it was better, by {points}."
        learned = f"it {does} what it learned from so much better that {points} more can be expected elsewhere"
        return f"{used}: {learned}, though no place that it had not seen shows that yet."
    if not tests:
        return "It is not used yet, as no place that it has not seen shows what it is worth: finish another one."
    return f"It is not used yet: on {on} it was not surely better ({100 * gain:+.0f} points). Finish another one."
