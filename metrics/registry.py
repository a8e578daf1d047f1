"""The scores of a drawing: each is declared once, and every table, plot and logger takes its columns from here.

A score is a `Score` that a file in ``metrics/scores/`` registers. To add one, add a file there; nothing else changes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Flag, auto
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from metrics.counts import Counts, count
from metrics.dibco import WeightedCounts, weighted_count
from metrics.masks import Mask, checked
from metrics.truths import TruthCache

DRAWINGS = ("initial", "manual", "refined")
"""Drawings of a run: the one that it begins with, the last without the interactive model, and the last with it."""

PERCENT = "%"
LAST = 100
ROUNDING = 1e-9
"""How far sums of weights may carry a score out of its range."""


class Shown(Flag):
    """Where a score is shown, besides ``scores.json`` and the report's tables, which hold every score."""

    NOWHERE_ELSE = 0
    RUN_TABLE = auto()
    """In the table of each run, so that it has a curve over effort, and measures of effort in the report."""
    PLOTS = auto()
    """In the report's plots: a panel with the refined and the manual drawing."""
    INITIAL_PLOT = auto()
    """In the report's plot of initial drawings by method."""
    LOGGER = auto()
    """In what trainings log of each validation."""


class Tallied(Protocol):
    """The running counts of a drawing: pixel counts, and sums of the contests' weights."""

    @property
    def counts(self) -> Counts:
        """Pixel counts."""

    @property
    def weighted(self) -> WeightedCounts:
        """Sums of weights."""


@dataclass(frozen=True)
class Tally:
    """Running counts of a drawing; sums over pixels, so those of disjoint parts add up."""

    counts: Counts
    weighted: WeightedCounts

    @property
    def scores(self) -> dict[str, float]:
        """The scores that a run's table records, by name, in [0, 1]."""
        return {score.name: score.of(self) for score in run_table_scores()}


class MaskPair:
    """A drawing beside its truth, and the counts of it, each computed when a score first asks for it.

    Parameters
    ----------
    prediction, truth : bool arrays (H, W)
        True on the line.
    valid_mask : bool array (H, W), optional
        Pixels outside it count nowhere. The truth's skeleton and weights are those of the whole truth, as for
        `metrics.counts.count`, so that the counts are those of a drawing scored in parts.
    truths : TruthCache, optional
        Keeps the truth's skeleton and weights for the next drawing.

    Raises
    ------
    TypeError
        If an argument is no bool array.
    ValueError
        If an argument is not 2-D, or the shapes differ.
    """

    def __init__(
        self, prediction: Mask, truth: Mask, valid_mask: Mask | None = None, truths: TruthCache | None = None
    ) -> None:
        self._prediction, self._truth = checked(prediction=prediction, truth=truth)
        self._valid = None if valid_mask is None else checked(truth=truth, valid_mask=valid_mask)[1]
        self._truths = truths if truths is not None else TruthCache()

    @cached_property
    def prediction(self) -> Mask:
        """The drawing within the valid mask, (H, W)."""
        return self._within(self._prediction)

    @cached_property
    def truth(self) -> Mask:
        """The truth within the valid mask, (H, W)."""
        return self._within(self._truth)

    @property
    def pixels(self) -> int:
        """Number of pixels that count."""
        return self._truth.size if self._valid is None else int(np.count_nonzero(self._valid))

    @cached_property
    def counts(self) -> Counts:
        """Pixel counts."""
        return count(self._prediction, self._truth, self._truths.skeleton(self._truth), self._valid)

    @cached_property
    def weighted(self) -> WeightedCounts:
        """Sums of the contests' weights."""
        return weighted_count(self._prediction, self._truth, self._truths.weights(self._truth), self._valid)

    def _within(self, mask: Mask) -> Mask:
        return mask if self._valid is None else mask & self._valid


@dataclass(frozen=True, kw_only=True)
class Score:
    """A score of a drawing, and where it is shown.

    Parameters
    ----------
    name : str
        Key in ``scores.json``, column of a run's table, and part of the names of measures (``refined_<name>``).
    title : str
        Head of its column, and title of its plot.
    from_counts : function of a `Tallied`, optional
        Computes it from running counts, which a simulated correction keeps up to date from what changes.
    from_masks : function of a `MaskPair`, optional
        Computes it from the masks; for a score that does not follow from running counts. Exactly one of the two is
        given.
    unit : str
        ``%``: the score is in [0, 1] and printed in percent. Any other: it is 0 or greater and printed as it is.
    higher_is_better : bool
    digits : int
        After the point, where it is printed.
    shown : Shown
        Where it is shown besides ``scores.json``.
    summary : tuple of str
        Drawings, in the order of `DRAWINGS`, whose score the summary by mirror has a column for.
    rank : int
        Its place in ``scores.json`` and in reports: lower ones come first, those alike in the order of their names.
    always_recorded : bool
        Whether every results folder holds it. Without it, a folder that was written before the score existed is read
        and the figure shown as missing; with it, a missing figure means that a file is damaged.

    Raises
    ------
    ValueError
        If not exactly one function is given, or a score of a run's table does not follow from running counts, is not in
        percent or is better where it is lower: curves over effort hold shares that should rise.
    """

    name: str
    title: str
    from_counts: Callable[[Tallied], float] | None = None
    from_masks: Callable[[MaskPair], float] | None = None
    unit: str = PERCENT
    higher_is_better: bool = True
    digits: int = 2
    shown: Shown = Shown.NOWHERE_ELSE
    summary: tuple[str, ...] = ()
    rank: int = LAST
    always_recorded: bool = False

    def __post_init__(self) -> None:
        if (self.from_counts is None) == (self.from_masks is None):
            raise ValueError(f"{self.name}: give either from_counts or from_masks")
        rising_share = self.from_counts is not None and self.unit == PERCENT and self.higher_is_better
        if Shown.RUN_TABLE in self.shown and not rising_share:
            raise ValueError(
                f"{self.name}: a score of the run table is computed from_counts, in percent, and higher where it is "
                "better; give 1 - x in place of an error rate x, or leave RUN_TABLE out"
            )
        if self.summary and Shown.RUN_TABLE not in self.shown:
            raise ValueError(f"{self.name}: the summary shows scores of the run table only; add RUN_TABLE")

    @property
    def factor(self) -> float:
        """From the score to what is printed."""
        return 100.0 if self.unit == PERCENT else 1.0

    @property
    def upper(self) -> float:
        """The largest value that it can have."""
        return 1.0 if self.unit == PERCENT else float("inf")

    @property
    def heading(self) -> str:
        """Its title, with its unit unless that is percent."""
        return self.title if self.unit == PERCENT else f"{self.title} ({self.unit})"

    def __reduce__(self) -> tuple[Callable[[str], "Score"], tuple[str]]:
        return score_named, (self.name,)  # its functions may be lambdas, which cannot be pickled

    def of(self, drawing: MaskPair | Tally) -> float:
        """Compute it of a drawing.

        Raises
        ------
        ValueError
            If it is NaN or out of range, so that it could be written down, but not be read again.
        """
        compute: Callable[[Any], float] | None = self.from_counts or self.from_masks
        assert compute is not None
        value = float(compute(drawing))
        if not -ROUNDING <= value <= self.upper + ROUNDING:
            raise ValueError(f"the score {self.name} is {value:g} of a drawing; it has to be from 0 to {self.upper:g}")
        return min(max(value, 0.0), self.upper)

    @property
    def declared_in(self) -> str:
        """The module that its function comes from."""
        return str((self.from_counts or self.from_masks).__module__)


def register(*scores: Score) -> None:
    """Add scores to those that tables, plots and loggers show.

    Raises
    ------
    ValueError
        If there is another score of the same name.
    """
    for score in scores:
        if earlier := _REGISTERED.get(score.name):
            both = f"in {earlier.declared_in} and in {score.declared_in}"
            raise ValueError(f"there are two scores {score.name!r}, {both}; rename one")
        _REGISTERED[score.name] = score


def all_scores() -> list[Score]:
    """Return all scores, as ``scores.json`` and reports order them."""
    return sorted(_REGISTERED.values(), key=lambda score: (score.rank, score.name))


def scores_in(place: Shown) -> list[Score]:
    """Return the scores that are shown in a place, ordered as by `all_scores`."""
    return [score for score in all_scores() if place in score.shown]


def run_table_scores() -> list[Score]:
    """Return the scores that a run's table records, in the order of their names."""
    return sorted(scores_in(Shown.RUN_TABLE), key=lambda score: score.name)


def score_named(name: str) -> Score:
    """Return the score of a name.

    Raises
    ------
    KeyError
        If there is none.
    """
    return _REGISTERED[name]


_REGISTERED: dict[str, Score] = {}
