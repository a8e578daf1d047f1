"""What trials came to, as a table."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bench.propagation.pieces import Floats
from bench.propagation.trial import Outcome
from metrics.bootstrap import LEVEL, mean_over_mirrors, percentiles, resampled_means
from runs.report.markdown import markdown_table

HEAD = ("labels", "way", "runs", "pieces proposed", "right, %", "pixels right, %", "pixels repaired")


def table(outcomes: Sequence[Outcome]) -> str:
    """Lay out means over mirrors of means over seeds, with bootstrap intervals; see ``metrics.bootstrap``.

    A share is that of all that was proposed, so runs that propose more count more. Of so many labels only those runs
    tell that came to as many.
    """
    keys = dict.fromkeys((one.labels, one.way) for one in outcomes)
    rows = [_row(key, [one for one in outcomes if (one.labels, one.way) == key]) for key in keys]
    return markdown_table([HEAD, *sorted(rows, key=lambda row: int(row[0]))])


def _row(key: tuple[int, str], outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    values = np.array([[one.proposed, one.right, one.changed, one.repaired] for one in outcomes], np.float64)
    values = np.column_stack([values, (values[:, 2] + values[:, 3]) / 2])  # pixels that become right
    mirrors = [one.mirror for one in outcomes]
    mean = mean_over_mirrors(values, mirrors)
    drawn = resampled_means(values, mirrors, np.random.default_rng(0))
    proposed, repaired = (_figure(mean[column], drawn[:, column]) for column in (0, 3))
    pieces, pixels = (
        _figure(*(_share(part, whole) for part, whole in ((mean[one], mean[of]), (drawn[:, one], drawn[:, of]))))
        for one, of in ((1, 0), (4, 2))
    )
    return str(key[0]), key[1], str(len(outcomes)), proposed, pieces, pixels, repaired


def _share(part: Floats, whole: Floats) -> Floats:
    """Return a share in percent, NaN of nothing."""
    return np.divide(100 * part, whole, out=np.full(np.shape(whole), np.nan), where=whole > 0)


def _figure(mean: Floats, drawn: Floats) -> str:
    if np.isnan(mean):
        return "-"
    low, high = percentiles(drawn, LEVEL)
    digits = 1 if abs(mean) < 10 else 0
    return f"{mean:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"
