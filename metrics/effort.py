"""Measures of score against effort, over the curves of a simulated or real correction.

A run gives scores at certain efforts x (stroke pixels at model scale, repeats counted). Two curves are compared:
*refined*, the interactive model's drawing, and *manual*, the initial drawing with the strokes merely pasted in. In the
published mode both come from one run and share x; in the headline mode the manual curve is a run of its own.

A curve is read as **linear between records and held after the last**. Records are taken every ten interactions, so
the score moved somewhere in between, and a step would systematically credit it too late. Everything below is exact
for that reading; nothing is sampled.

Scores go in as fractions in [0, 1]. `area`, `drawdown` and the depth of `below` come out in points (100 times a
difference of scores); `saved`, `peak_gain` and `final_gain` as fractions (0.12 is the paper's +12 %); `half_way` as an
effort in pixels.

References
----------
"Fusing Forces", ICPR 2024: gains over manual at the same effort, and the effort to reach manual's final pFM.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Scores = NDArray[np.float64]

POINTS = 100.0
"""Points in a score of 1."""


@dataclass(frozen=True, eq=False)
class Curve:
    """Score of a drawing against the effort so far.

    Parameters
    ----------
    effort : int array (N,)
        Stroke pixels so far, not decreasing; the first is 0, for the initial drawing.
    score : float array (N,)
        Score at that effort, in [0, 1].

    Raises
    ------
    TypeError
        If the efforts are not whole numbers.
    ValueError
        If the arrays are empty, differ in length, or break the rules above.

    Notes
    -----
    Of several records at one effort, the last one counts. Both arrays are copied and read-only.
    """

    effort: NDArray[np.int64]
    score: Scores

    def __post_init__(self) -> None:
        effort, score = np.array(self.effort), np.array(self.score, dtype=np.float64)
        _check_effort(effort)
        _check_score(score, effort.size)
        effort = effort.astype(np.int64)
        effort.flags.writeable = score.flags.writeable = False
        object.__setattr__(self, "effort", effort)
        object.__setattr__(self, "score", score)

    @property
    def total(self) -> int:
        """Effort of the whole run, in pixels."""
        return int(self.effort[-1])

    @property
    def final(self) -> float:
        """Last recorded score, in [0, 1]."""
        return float(self.score[-1])

    @property
    def knots(self) -> tuple[NDArray[np.int64], Scores]:
        """The curve's corners, (M,) efforts, strictly rising, and (M,) scores."""
        last = np.append(self.effort[1:] > self.effort[:-1], True)
        return self.effort[last], self.score[last]

    def at(self, x: ArrayLike) -> Scores:
        """Score at the effort `x`, linear between records and held after the last.

        Parameters
        ----------
        x : float or array of any shape
            Efforts in pixels, 0 or greater.

        Returns
        -------
        float64 array of the shape of `x`, in [0, 1]

        Raises
        ------
        ValueError
            If an effort is negative.
        """
        x = np.asarray(x, dtype=np.float64)
        if not (x >= 0).all():
            raise ValueError(f"a curve starts at effort 0, asked for {x.min()}")
        return np.asarray(np.interp(x, *self.knots))

    def integral(self, end: float) -> float:
        """Exact integral of the score over efforts from 0 to `end`, in score times pixels."""
        effort, _ = self.knots
        x = np.append(effort[effort < end], end)
        return float(np.trapezoid(self.at(x), x))


def area(refined: Curve, manual: Curve) -> float:
    """Mean lead of refined over manual, from effort 0 to manual's total, in points.

    The integral of the two curves' difference, divided by manual's total. The shorter curve holds its last score. If
    manual took no effort at all, the difference at effort 0.

    Parameters
    ----------
    refined, manual : Curve

    Returns
    -------
    float
        In [-100, 100]; negative if refined lags behind.
    """
    if manual.total == 0:
        return POINTS * float(refined.at(0) - manual.at(0))
    return POINTS * (refined.integral(manual.total) - manual.integral(manual.total)) / manual.total


def saved(refined: Curve, manual: Curve) -> float:
    """Share of manual's effort that refined spares.

    1 - x / (manual's total), x being the effort from which refined reaches manual's final score and never falls below
    it again.

    Parameters
    ----------
    refined, manual : Curve

    Returns
    -------
    float
        At most 1; 0 if refined never reaches that score, or if manual took no effort. Negative if refined gets there
        with more effort than manual's total.
    """
    effort, score = refined.knots
    if manual.total == 0 or score[-1] < manual.final:
        return 0.0
    return 1.0 - _stays_nonnegative_from(effort, score - manual.final) / manual.total


def peak_gain(refined: Curve, manual: Curve) -> float:
    """Largest relative gain over manual at the same effort, a fraction.

    The maximum of refined / manual - 1 over all efforts at which either curve has a record. Efforts at which manual's
    score is 0 have no relative gain and are left out.

    Parameters
    ----------
    refined, manual : Curve

    Returns
    -------
    float
        Greater than or equal to `final_gain`; NaN if manual's score is 0 throughout.
    """
    x = _shared_knots(refined, manual)
    baseline = manual.at(x)
    x, baseline = x[baseline > 0], baseline[baseline > 0]
    return float((refined.at(x) / baseline).max() - 1) if x.size else float("nan")


def final_gain(refined: Curve, manual: Curve) -> float:
    """Relative gain over manual at the end of the longer run, the other holding its last score; a fraction.

    Parameters
    ----------
    refined, manual : Curve

    Returns
    -------
    float
        NaN if manual's final score is 0.
    """
    return refined.final / manual.final - 1 if manual.final > 0 else float("nan")


def drawdown(refined: Curve) -> float:
    """Largest fall of the score below its own running maximum, in points.

    Parameters
    ----------
    refined : Curve

    Returns
    -------
    float
        In [0, 100]; 0 if the score never falls.
    """
    return POINTS * float((np.maximum.accumulate(refined.score) - refined.score).max())


def half_way(refined: Curve, manual: Curve) -> float | None:
    """Effort at which refined has first closed half of the error that manual leaves at the same effort.

    The error is 1 - score; so the first x with 1 - refined(x) <= (1 - manual(x)) / 2.

    Parameters
    ----------
    refined, manual : Curve

    Returns
    -------
    float or None
        In pixels, up to the end of the longer run; None if it never does.
    """
    x = _shared_knots(refined, manual)
    lead = refined.at(x) - (1 + manual.at(x)) / 2
    reached = np.flatnonzero(lead >= 0)
    if not reached.size:
        return None
    first = int(reached[0])
    return float(x[0]) if first == 0 else _crossing(x, lead, first - 1)


def below(refined: Curve, manual: Curve) -> tuple[float, float]:
    """How often refined lies below manual at the same effort, and how far.

    Parameters
    ----------
    refined, manual : Curve

    Returns
    -------
    share : float
        Of refined's records, the initial drawing's among them, in [0, 1]. Of several at one effort the last one counts.
    depth : float
        How far it lies below at most at a record, in points, in [0, 100]; 0 if it never does.
    """
    effort, score = refined.knots
    lag = manual.at(effort) - score
    return float(np.mean(lag > 0)), POINTS * max(float(lag.max()), 0.0)


def _shared_knots(refined: Curve, manual: Curve) -> NDArray[np.int64]:
    """Efforts at which either curve has a corner: between two of them both are straight."""
    return np.union1d(refined.effort, manual.effort)


def _stays_nonnegative_from(x: NDArray[np.int64], y: Scores) -> float:
    """First x from which the polyline through (x, y) stays at 0 or above; its last y has to be."""
    below = np.flatnonzero(y < 0)
    return _crossing(x, y, int(below[-1])) if below.size else float(x[0])


def _crossing(x: NDArray[np.int64], y: Scores, before: int) -> float:
    """Where a polyline comes up to 0 between the knots `before`, with y < 0, and the next, with y >= 0."""
    low, high = y[before], y[before + 1]
    return float(x[before] + (x[before + 1] - x[before]) * (low / (low - high)))


def _check_effort(effort: NDArray[np.generic]) -> None:
    if effort.ndim != 1 or not effort.size:
        raise ValueError(f"effort has shape {effort.shape}; give (N,) with at least the initial record")
    if not np.issubdtype(effort.dtype, np.integer):
        raise TypeError(f"effort holds {effort.dtype}; it counts pixels, give integers")
    steps = effort.astype(np.int64)
    if steps[0] != 0:
        raise ValueError(f"effort starts at {steps[0]}; the first record is the initial drawing, at effort 0")
    if (np.diff(steps) < 0).any():
        fall = int(np.flatnonzero(np.diff(steps) < 0)[0])
        raise ValueError(
            f"effort falls from {steps[fall]} to {steps[fall + 1]} at record {fall + 1}; give a running sum"
        )


def _check_score(score: Scores, records: int) -> None:
    if score.shape != (records,):
        raise ValueError(f"score has shape {score.shape} beside {records} efforts; give one score for each")
    if not ((score >= 0) & (score <= 1)).all():
        raise ValueError(f"scores run from {score.min()} to {score.max()}, expected [0, 1]; divide percent by 100")
