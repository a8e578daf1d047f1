"""Runs whose figures are known."""

from __future__ import annotations

import numpy as np

from bench.quality.targets import TARGETS
from metrics.effort import Curve
from runs.report.run_curves import RunCurves

MANUAL = (0.4, 0.6, 0.8)
SCORES = ("pfm", "pfm_dibco", "iou")


def run(mirror="M", seed=0, refined=(0.4, 0.8, 0.9), manual=MANUAL, repaired=100, spoiled=1):
    """A run whose scores are all alike, with records at 0, 100 and 200 pixels."""
    ours, theirs = (dict.fromkeys(SCORES, Curve(np.array([0, 100, 200]), np.array(y))) for y in (refined, manual))
    return RunCurves(mirror, seed, ours, theirs, (0, 1, 2), repaired, spoiled)


def verdicts(outcome, first=None):
    return {target.measure: target.judged(outcome, first or outcome) for target in TARGETS}
