"""The results of a row: its measures over mirrors, seeds and models, with intervals and worst cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import nan

import numpy as np
from numpy.typing import NDArray

from metrics.bootstrap import LEVEL, RESAMPLES, mean_over_mirrors, percentiles, resampled_means
from metrics.harm import harm
from metrics.registry import Shown, scores_in
from runs.report.estimates import SEED, Estimate
from runs.report.measures import LEADING, Display, display, measures
from runs.report.run_curves import RunCurves

Floats = NDArray[np.float64]

POOLED_HARM = "harm_pooled"  # of all runs together, so that a run in which little is repaired weighs little
LEADS = {  # of the refined drawing over the manual one
    f"lead_{score.name}": f"final {score.title}" if score.name == LEADING else score.title
    for score in scores_in(Shown.RUN_TABLE)
}
MORE_IS_BETTER = ("saved_pfm", "area_pfm", *LEADS)


@dataclass(frozen=True, eq=False)
class RowResult:
    """The runs of a row, and the measures that follow from them.

    Parameters
    ----------
    label : of the row
    runs : of K models, of each the same R runs
    """

    label: str
    runs: Sequence[Sequence[RunCurves]]

    @property
    def mirrors(self) -> list[str]:
        """The mirror of each of a model's runs, R."""
        return [run.mirror for run in self.runs[0]]

    @property
    def count(self) -> int:
        """How many runs there are."""
        return sum(len(of_model) for of_model in self.runs)

    @property
    def commits(self) -> set[str]:
        """The commits of the code that the runs were made with, as far as they are known."""
        return {run.commit for of_model in self.runs for run in of_model if run.commit}

    @cached_property
    def values(self) -> dict[str, Floats]:
        """Each measure of each run by name, (K, R): those of ``runs.report.measures``, and ``LEADS``."""
        rows = [[_measured(run) for run in of_model] for of_model in self.runs]
        names = dict.fromkeys(name for of_model in rows for row in of_model for name in row)
        return {name: np.array([[row.get(name, nan) for row in of_model] for of_model in rows]) for name in names}

    def estimate(self, name: str) -> Estimate:
        """Return the mean of a measure over mirrors of means over their runs, and its interval.

        A resample draws mirrors, runs of each, and models, all with replacement; every model has the same runs, so it
        has the same draws, too.
        """
        if name == POOLED_HARM:
            (repaired, all_repaired), (spoiled, all_spoiled) = self._spread("repaired"), self._spread("spoiled")
            return _estimate(_harm(repaired, spoiled), _harm(all_repaired, all_spoiled), self.count)
        mean, drawn = self._spread(name)
        known = int(np.count_nonzero(~np.isnan(self.values[name])))
        return _estimate(mean, drawn, known)

    def times(self, first: RowResult, name: str) -> Estimate:
        """Return how many times as large the mean of a measure is as another row's, whose runs have the same mirrors.

        NaN where the other's is not above 0; without an interval where the other's reaches down to 0, since a quotient
        has none there.
        """
        (mine, all_mine), (other, all_others) = self._spread(name), first._spread(name)
        ratio = _estimate(_quotient(mine, other), _quotient(all_mine, all_others), self.count)
        return ratio if first.estimate(name).low > 0 else replace(ratio, low=np.nan, high=np.nan)

    def worst(self, name: str) -> float:
        """Return a measure of the worst run; NaN if no run has a value, infinite harm if one repairs nothing."""
        if name == "harm" and ((self.values["repaired"] == 0) & (self.values["spoiled"] > 0)).any():
            return np.inf
        known = self.values[name][~np.isnan(self.values[name])]
        if not known.size:
            return np.nan
        return float(known.min() if name in MORE_IS_BETTER else known.max())

    def by_mirror(self, name: str) -> dict[str, float]:
        """Return the mean of a measure over each mirror's runs; NaN where one has no value, infinite harm as it is."""
        places = np.array(self.mirrors)
        of_mirror = {mirror: places == mirror for mirror in self.mirrors}
        if name == POOLED_HARM:
            repaired, spoiled = self.values["repaired"], self.values["spoiled"]
            return {
                mirror: harm(int(repaired[:, at].sum()), int(spoiled[:, at].sum())) for mirror, at in of_mirror.items()
            }
        return {mirror: float(self.values[name][:, at].mean()) for mirror, at in of_mirror.items()}

    def _spread(self, name: str) -> tuple[Floats, Floats]:
        """Return a measure's mean, (), and its resampled means, (RESAMPLES,)."""
        values = self.values[name]
        mean = mean_over_mirrors(values.T.reshape(-1), np.repeat(self.mirrors, len(values)).tolist())
        of_models = np.array([resampled_means(one, self.mirrors, np.random.default_rng(SEED)) for one in values])
        models = len(values)
        rng = np.random.default_rng([SEED, models])  # not the stream that draws mirrors
        times = rng.multinomial(models, np.full(models, 1 / models), size=RESAMPLES).T
        weights = np.where(np.isnan(of_models), 0, times)
        total = weights.sum(axis=0)
        drawn = (np.nan_to_num(of_models) * weights).sum(axis=0)
        return mean, _quotient(drawn, total)


def shown(measure: str) -> Display:
    """Return how a measure of an `RowResult` is printed."""
    if measure in LEADS:
        return Display(f"{LEADS[measure]} over manual's", sign="+")
    if measure == POOLED_HARM:
        return display("harm")
    if measure == "harm":
        return replace(display("harm"), title="mean harm")
    return replace(display(measure), digits=1) if measure == "below_pfm" else display(measure)


def _quotient(values: Floats, over: Floats) -> Floats:
    return np.divide(values, over, out=np.full(over.shape, np.nan), where=over > 0)


def _harm(repaired: Floats, spoiled: Floats) -> Floats:
    return np.where(spoiled > 0, _quotient(spoiled, repaired), 0)


def _estimate(mean: Floats, drawn: Floats, known: int) -> Estimate:
    low, high = percentiles(drawn, LEVEL) if known > 1 else (np.nan, np.nan)
    return Estimate(float(mean), float(low), float(high), known)


def _measured(run: RunCurves) -> dict[str, float]:
    values = measures(run)
    return values | {
        lead: values.get(lead.replace("lead", "refined"), nan) - values.get(lead.replace("lead", "manual"), nan)
        for lead in LEADS
    }
