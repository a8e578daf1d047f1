"""What one run comes to, as numbers by name, and how each of them is printed."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, isnan, nan

import numpy as np
from numpy.typing import NDArray

from metrics.effort import POINTS, Curve, area, below, drawdown, final_gain, half_way, peak_gain, saved
from metrics.harm import harm
from runs.report.run_curves import RunCurves

NO_VALUE = "-"


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


SCORE_TITLES = {
    "pfm": "pFM",
    "pfm_dibco": "contest pFM",
    "iou": "IoU",
    "f_measure": "F-measure",
    "precision": "precision",
    "recall": "recall",
    "accuracy": "accuracy",
    "cl_dice": "clDice",
    "pseudo_recall": "contest recall",
    "pseudo_precision": "contest precision",
}
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
    """Return what a run comes to, by name.

    Returns
    -------
    dict
        ``<drawing>_<score>`` of the initial, the manual and the refined drawing, in [0, 1]; ``<measure>_<score>`` for
        each of ``EFFORT``, in the units of ``metrics.effort`` but ``half_way``, which is a share of manual's total
        effort; and each of ``WORK``. A score that the table lacks has no entries. NaN stands where there is no value:
        a gain over nothing, half-way where it is never reached, harm where some was done and nothing repaired.
    """
    values: dict[str, float] = {}
    for score, refined in run.refined_curves.items():
        manual = run.manual_curves[score]
        ours = {"initial": float(refined.score[0]), "manual": manual.final, "refined": refined.final}
        ours |= _effort_measures(refined, manual)
        values |= {f"{name}_{score}": value for name, value in ours.items()}
    refined, manual = run.refined_curves["pfm"], run.manual_curves["pfm"]
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
    refined, manual = run.refined_curves["pfm"], run.manual_curves["pfm"]
    baseline = manual.at(refined.effort)
    return refined.score / np.where(baseline > 0, baseline, np.nan) - 1


def or_none(value: float) -> float | None:
    """Return a measure as JSON and tables for programs have it: None in place of NaN and of what is infinite."""
    return value if isfinite(value) else None


def display(measure: str) -> Display:
    """Return how a measure is printed, by its name in ``measures`` or, with its drawing, in a card of scores."""
    if measure in WORK:
        return WORK[measure]
    for name, shown in EFFORT.items():
        if measure in {f"{name}_{score}" for score in SCORE_TITLES}:
            return shown
    drawing, _, score = measure.partition("_")
    return Display(f"{drawing} {SCORE_TITLES[score]}")


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
