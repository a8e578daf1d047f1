"""The targets of refinement, and whether a row meets them: judged on its worst mirror or its worst run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan

from bench.quality.results import LEADS, POOLED_HARM, RowResult, shown
from runs.options import EvalOptions
from runs.report.measures import NO_VALUE, Display

MIRROR, RUN, ROW = "mirror", "run", "row"
RATIO = "area_ratio"  # of a row's area to the first row's
TIMES = Display("area", factor=1, digits=1, unit=" times the first row's")


@dataclass(frozen=True)
class Target:
    """A bound of a measure.

    Parameters
    ----------
    measure : its name in ``RowResult.values``, ``POOLED_HARM`` or ``RATIO``
    limit : in the measure's own units
    at_least : whether the limit is a lower one
    over : what the limit holds for: the mean of every ``mirror``, every ``run``, or the ``row`` as a whole
    strict : whether the limit itself misses the target
    """

    measure: str
    limit: float
    at_least: bool = False
    over: str = MIRROR
    strict: bool = False

    @property
    def shown(self) -> Display:
        """How the measure is printed."""
        return TIMES if self.measure == RATIO else shown(self.measure)

    @property
    def title(self) -> str:
        """The target in words."""
        sign = ("<", ">", "≤", "≥")[2 * (not self.strict) + self.at_least]
        over = "" if self.over == ROW else f", every {self.over}"
        return f"{self.shown.title} {sign} {self.shown.text(self.limit)}{over}"

    def judged(self, outcome: RowResult, first: RowResult) -> Verdict:
        """Judge a row by its worst value.

        Parameters
        ----------
        outcome : of the row
        first : of the table's first row
        """
        worst = min if self.at_least else max
        return Verdict(self, worst(self._values(outcome, first)))

    def _values(self, outcome: RowResult, first: RowResult) -> Sequence[float]:
        """Return the values that the limit holds for; a missing one, such as half-way never reached, is beyond it."""
        if self.measure == RATIO:
            return [outcome.times(first, "area_pfm").mean]
        values = outcome.values[self.measure].ravel() if self.over == RUN else outcome.by_mirror(self.measure).values()
        beyond = float("-inf" if self.at_least else "inf")
        return [beyond if isnan(value) else float(value) for value in values]


@dataclass(frozen=True)
class Verdict:
    """Whether a target is met.

    Parameters
    ----------
    target : which
    value : the worst value of the measure; infinite where there is no value, NaN where the target cannot be judged
    """

    target: Target
    value: float

    @property
    def met(self) -> bool:
        """Whether the target is met."""
        if self.value == self.target.limit:
            return not self.target.strict
        return self.value > self.target.limit if self.target.at_least else self.value < self.target.limit

    @property
    def text(self) -> str:
        """The value, and by how much it misses the target."""
        shown = self.target.shown
        if isnan(self.value):
            return NO_VALUE
        if abs(self.value) == float("inf"):
            return f"{NO_VALUE}: missed"
        by = "met" if self.met else f"missed by {shown.number(abs(self.value - self.target.limit)).lstrip('+')}"
        return f"{shown.text(self.value)}: {by}"


TARGETS = (
    Target("saved_pfm", 0.8, at_least=True),
    Target("drawdown_pfm", 0.2, over=RUN),
    *(Target(lead, 0.0, at_least=True) for lead in LEADS),
    Target(POOLED_HARM, 0.02),
    Target("below_pfm", 0.01),
    Target("below_depth_pfm", 0.1, over=RUN),
    Target("half_way_pfm", 0.25, strict=True),
    Target(RATIO, 1.5, at_least=True, over=ROW),
)
HARM_OF_OTHERS = Target(POOLED_HARM, 0.05)  # annotators than the usual one
ADVERSARY = "adversarial"  # who spoils on purpose


def targets_under(annotator: str) -> list[Target]:
    """Return the targets under an annotator: the usual ones, with what holds for harm under that one."""
    targets = (harm_target(annotator) if target.measure == POOLED_HARM else target for target in TARGETS)
    return [target for target in targets if target]


def harm_target(annotator: str) -> Target | None:
    """Return the target of harm under an annotator, if there is one."""
    if annotator == ADVERSARY:
        return None
    usual = annotator == EvalOptions.annotator
    return next(one for one in TARGETS if one.measure == POOLED_HARM) if usual else HARM_OF_OTHERS
