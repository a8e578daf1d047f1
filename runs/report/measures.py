"""Measures of one run: numbers by name, and how each of them is printed.

A measure is a score of one of the run's drawings (``refined_pfm``), a figure of its curve over effort by a score
(``saved_pfm``), or a count of strokes and pixels (``harm``). Scores are those of `metrics.registry`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isfinite, isnan, nan

import numpy as np
from numpy.typing import NDArray

from metrics.effort import POINTS, Curve, area, below, drawdown, final_gain, half_way, peak_gain, saved
from metrics.harm import harm
from metrics.registry import Score, all_scores, run_table_scores, score_named
from runs.report.run_curves import RunCurves

NO_VALUE = "-"
LEADING = "pfm"  # the score by which the paper, the summary and the plots measure effort


@dataclass(frozen=True)
class Display:
    """How a measure is printed.

    Parameters
    ----------
    title : head of its column
    factor : from the measure to what is printed
    digits : after the point
    sign : ``+`` where a plus is printed, too
    unit : behind the number
    """

    title: str
    factor: float = POINTS
    digits: int = 2
    sign: str = ""
    unit: str = ""

    def text(self, value: float) -> str:
        """Return a value as it is printed; a dash if there is none."""
        return NO_VALUE if isnan(value) else self.number(value) + self.unit

    def number(self, value: float) -> str:
        """Return a value without its unit."""
        return f"{self.factor * value:{self.sign},.{self.digits}f}"


EFFORT = {  # over the curves of one score
    "peak_gain": Display("peak gain", digits=1, sign="+", unit=" %"),
    "final_gain": Display("final gain", digits=1, sign="+", unit=" %"),
    "area": Display("area", factor=1, sign="+"),
    "saved": Display("saved", digits=0, unit=" %"),
    "half_way": Display("half-way", digits=0, unit=" %"),
    "drawdown": Display("drawdown", factor=1),
    "below": Display("below", digits=0, unit=" %"),
    "below_depth": Display("deepest", factor=1),
}
WORK = {  # whatever the score
    "interactions": Display("strokes", factor=1, digits=0),
    "effort": Display("pixels annotated", factor=1, digits=0),
    "manual_effort": Display("manual's pixels", factor=1, digits=0),
    "repaired": Display("repaired", factor=1, digits=0),
    "spoiled": Display("spoiled", factor=1, digits=0),
    "harm": Display("harm", digits=1, unit=" %"),
}


def measures(run: RunCurves) -> dict[str, float]:
    """Compute the measures of a run, by name.

    Returns
    -------
    dict
        ``<drawing>_<score>`` of the initial, the manual and the refined drawing, in [0, 1]; ``<measure>_<score>`` for
        each of ``EFFORT``, in the units of ``metrics.effort`` but ``half_way``, which is a share of manual's total
        effort; and each of ``WORK``. A score that the run's table or manual's lacks has no entries. A value is NaN
        where there is none: a gain over nothing, half-way where it is never reached, harm where some was done and
        nothing repaired.
    """
    values: dict[str, float] = {}
    for score, refined in run.refined_curves.items():
        if (manual := run.manual_curves.get(score)) is None:
            continue
        ours = {"initial": float(refined.score[0]), "manual": manual.final, "refined": refined.final}
        ours |= _effort_measures(refined, manual)
        values |= {f"{name}_{score}": value for name, value in ours.items()}
    refined, manual = run.refined_curves[LEADING], run.manual_curves[LEADING]
    strokes = {"interactions": run.interactions[-1], "effort": refined.total, "manual_effort": manual.total}
    return values | strokes | _harm_measures(run.repaired, run.spoiled)


def gain(run: RunCurves) -> NDArray[np.float64]:
    """Relative pFM gain of refined over manual at the same effort.

    Parameters
    ----------
    run : of N records

    Returns
    -------
    float array (N,)
        A fraction, 0.12 being the paper's +12 %; NaN where manual's pFM is 0.
    """
    refined, manual = run.refined_curves[LEADING], run.manual_curves[LEADING]
    baseline = manual.at(refined.effort)
    return refined.score / np.where(baseline > 0, baseline, np.nan) - 1


def or_none(value: float) -> float | None:
    """Return a measure as written to JSON and CSV: None in place of NaN and of infinity."""
    return value if isfinite(value) else None


def display(measure: str) -> Display:
    """Return how a measure is printed, by its name in ``measures`` or, with its drawing, in a scorecard."""
    if measure in WORK:
        return WORK[measure]
    for name, shown in EFFORT.items():
        if measure in {f"{name}_{score.name}" for score in all_scores()}:
            return shown
    drawing, _, name = measure.partition("_")
    score = score_named(name)
    return replace(score_display(score), title=f"{drawing} {score.heading}")


def score_display(score: Score) -> Display:
    """Return how a score is printed below its heading."""
    return Display(score.heading, factor=score.factor, digits=score.digits)


def summary_columns() -> dict[str, str]:
    """Return the columns of the summary by mirror: measure, and head of its column.

    Heads are short, as a terminal has about 150 letters for all of them: of a score that is shown of several drawings,
    only the first names it.
    """
    columns: dict[str, str] = {}
    for score in run_table_scores():
        for drawing in score.summary:
            head = f"{score.title}: {drawing}" if drawing == score.summary[0] else drawing
            columns[f"{drawing}_{score.name}"] = head if len(score.summary) > 1 else score.title
    gains = {f"{name}_{LEADING}": EFFORT[name].title for name in ("peak_gain", "final_gain", "area", "saved")}
    return columns | gains | {"harm": WORK["harm"].title}


def _effort_measures(refined: Curve, manual: Curve) -> dict[str, float]:
    share, depth = below(refined, manual)
    halved = half_way(refined, manual)
    return {
        "peak_gain": peak_gain(refined, manual),
        "final_gain": final_gain(refined, manual),
        "area": area(refined, manual),
        "saved": saved(refined, manual),
        "half_way": nan if halved is None or not manual.total else halved / manual.total,
        "drawdown": drawdown(refined),
        "below": share,
        "below_depth": depth,
    }


def _harm_measures(repaired: int | None, spoiled: int | None) -> dict[str, float]:
    if repaired is None or spoiled is None:
        return {"repaired": nan, "spoiled": nan, "harm": nan}
    ratio = harm(repaired, spoiled)
    return {"repaired": repaired, "spoiled": spoiled, "harm": ratio if isfinite(ratio) else nan}
