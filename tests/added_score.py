"""A score as somebody would add it: this file alone, in ``metrics/scores/``."""

from metrics.registry import Score, Shown, Tallied, register


def _tversky(tally: Tallied) -> float:
    counts = tally.counts
    weighed = counts.true_positive + 0.3 * counts.false_positive + 0.7 * counts.false_negative
    return counts.true_positive / weighed if weighed else 1.0


register(
    Score(
        name="tversky",
        title="Tversky",
        from_counts=_tversky,
        shown=Shown.RUN_TABLE | Shown.PLOTS | Shown.INITIAL_PLOT | Shown.LOGGER,
        summary=("refined",),
    )
)
