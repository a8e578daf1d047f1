"""A score as somebody would add it: this file alone, in ``metrics/scores/``."""

from metrics.registry import Score, Shown, register

register(
    Score(
        name="tversky",
        title="Tversky",
        from_counts=lambda tally: (
            tally.counts.true_positive
            / (tally.counts.true_positive + 0.3 * tally.counts.false_positive + 0.7 * tally.counts.false_negative)
        ),
        shown=Shown.RUN_TABLE | Shown.PLOTS | Shown.INITIAL_PLOT | Shown.LOGGER,
        summary=("refined",),
    )
)
