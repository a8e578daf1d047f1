"""The table: of each row effort, harm, targets met or missed, and the figures under each annotator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bench.quality.results import LEADS, POOLED_HARM, RowResult, shown
from bench.quality.targets import RATIO, TARGETS, TIMES, harm_target, targets_under
from metrics.bootstrap import LEVEL, RESAMPLES
from metrics.effort import POINTS
from runs.ablations.tables import Table
from runs.report.estimates import Estimate
from runs.report.markdown import markdown_table
from runs.report.measures import or_none
from runs.report.summary import estimate_text

EFFORT = ("saved_pfm", "area_pfm", RATIO, "half_way_pfm", "interactions")
SAFETY = ("drawdown_pfm", POOLED_HARM, "harm", "below_pfm", "below_depth_pfm", *LEADS)
ANNOTATORS = ("saved_pfm", "area_pfm", "drawdown_pfm", *LEADS, POOLED_HARM)
EFFORT_NOTE = (
    "*Saved* is the share of manual's effort that is left when refined reaches manual's final pFM for good; *area* the "
    "mean lead in points over manual's effort; *half-way* the effort at which refined has first closed half of the "
    "error that manual leaves, in percent of manual's."
)
SAFETY_NOTE = (
    "Behind each mean the worst run. *Drawdown*, *deepest* and the leads over manual's final scores are in points; "
    "*harm* is spoiled in percent of repaired pixels, of all runs together, *mean harm* that of each run; *below* the "
    "share of interactions at which refined lies under manual."
)
TARGET_NOTE = "What is given is the worst mirror in the mean over its runs, the worst run, or the row as a whole."


def quality_table(outcomes: Mapping[str, Sequence[RowResult]], answer_ms: Mapping[str, float], heading: str) -> Table:
    """Lay out the results of all rows.

    Parameters
    ----------
    outcomes : of each row, by annotator; the targets are judged under the first annotator
    answer_ms : milliseconds of one answer, by row
    heading : title, and what the table was made from
    """
    annotator, rows = next(iter(outcomes.items()))
    parts = [
        *(heading, _method_text(rows[0])),
        *("## Effort", _effort_table(rows, answer_ms), EFFORT_NOTE),
        *("## Safety", _measure_table({one.label: one for one in rows}, "row", SAFETY), SAFETY_NOTE),
        *("## Targets", _target_table(rows, annotator), TARGET_NOTE),
    ]
    if len(outcomes) > 1:
        parts += ["## Annotators", *(_annotator_text(one.label, outcomes, at) for at, one in enumerate(rows))]
    lines = [
        {"row": one.label, "annotator": name, **_figures(one, of_annotator[0], name), "answer_ms": answer_ms[one.label]}
        for name, of_annotator in outcomes.items()
        for one in of_annotator
    ]
    return Table("\n\n".join(parts), lines, {})


def _method_text(first: RowResult) -> str:
    initial, manual, effort = (first.estimate(name).mean for name in ("initial_pfm", "manual_pfm", "manual_effort"))
    return (
        f"Manual takes {effort:,.0f} pixels from a pFM of {POINTS * initial:.1f} to {POINTS * manual:.1f} %. Means "
        f"over mirrors of means over seeds and models, with {LEVEL:.0%} intervals of {RESAMPLES:,} bootstrap resamples."
    )


def _effort_table(rows: Sequence[RowResult], answer_ms: Mapping[str, float]) -> str:
    head = ["row", *("times the first's" if name == RATIO else shown(name).title for name in EFFORT), "ms an answer"]
    lines = [
        [one.label, *(_estimated(one, name, rows[0]) for name in EFFORT), f"{answer_ms[one.label]:.0f}"] for one in rows
    ]
    return markdown_table([head, *lines])


def _measure_table(outcomes: Mapping[str, RowResult], what: str, names: Sequence[str]) -> str:
    """Lay out means with the worst run behind them, a line an outcome."""
    head = [what, *(shown(name).title for name in names)]
    lines = [[label, *(_with_worst(one, name) for name in names)] for label, one in outcomes.items()]
    return markdown_table([head, *lines])


def _target_table(rows: Sequence[RowResult], annotator: str) -> str:
    targets = targets_under(annotator)
    lines = [[target.title, *(target.judged(one, rows[0]).text for one in rows)] for target in targets]
    return markdown_table([["target", *(one.label for one in rows)], *lines])


def _annotator_text(label: str, outcomes: Mapping[str, Sequence[RowResult]], at: int) -> str:
    """Set the annotators of a row below one another, and judge harm."""
    of_row = {annotator: of_annotator[at] for annotator, of_annotator in outcomes.items()}
    judged = [(annotator, harm_target(annotator), one) for annotator, one in of_row.items()]
    missed = [f"{annotator} {target.judged(one, one).text}" for annotator, target, one in judged if target]
    return (
        f"**{label}**\n\n{_measure_table(of_row, 'annotator', ANNOTATORS)}\n\nHarm, every mirror: {'; '.join(missed)}."
    )


def _estimated(one: RowResult, name: str, first: RowResult) -> str:
    if name == RATIO:
        return estimate_text(one.times(first, "area_pfm"), TIMES, one.count)
    return estimate_text(one.estimate(name), shown(name), one.count)


def _with_worst(one: RowResult, name: str) -> str:
    text = estimate_text(one.estimate(name), shown(name), one.count)
    return text if name == POOLED_HARM else f"{text}; {shown(name).text(one.worst(name))}"


def _figures(one: RowResult, first: RowResult, annotator: str) -> dict[str, Any]:
    """Return all figures of a row, for programs, in the units of ``runs.report.measures``."""
    estimates: dict[str, Estimate] = {name: one.estimate(name) for name in (*one.values, POOLED_HARM)}
    estimates[RATIO] = one.times(first, "area_pfm")
    values: dict[str, Any] = {"runs": one.count}
    for name, estimate in estimates.items():
        values |= {name: or_none(estimate.mean), f"{name}_low": or_none(estimate.low)}
        values |= {f"{name}_high": or_none(estimate.high), f"{name}_runs": estimate.runs}
    values |= {f"{name}_worst": or_none(one.worst(name)) for name in SAFETY if name != POOLED_HARM}
    judged: dict[str, Any] = {f"{target.measure}_met": None for target in TARGETS}
    judged |= {f"{target.measure}_met": target.judged(one, first).met for target in targets_under(annotator)}
    return values | judged
