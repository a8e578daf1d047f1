"""A comparison of runs as text: the report in Markdown, and a shorter form for the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from metrics.bootstrap import LEVEL, RESAMPLES
from metrics.registry import DRAWINGS, Score, Shown, all_scores, scores_in
from runs.report.comparison import Comparison, InitialSummary
from runs.report.estimates import Estimate
from runs.report.groups import NOT_RECORDED, difference_text, differences, titled
from runs.report.markdown import markdown_table
from runs.report.measures import EFFORT, NO_VALUE, WORK, Display, display, score_display, summary_columns
from runs.report.orders import OrderQuality
from runs.report.results import FinishedRun
from runs.report.summary import UNKNOWN, Summary, estimate_text, means_table, mirror_table

DETAILS = ("half_way_pfm", "drawdown_pfm", "interactions")  # columns by mirror beyond the summary's
EFFORT_NOTE = (
    "Refined against manual at the same effort, by each score. *Peak gain* is the largest relative lead, *final gain* "
    "that at the end of the longer of the two. *Area* is the mean lead in points over manual's effort; *saved* the "
    "share of that effort which is left when refined reaches manual's final score for good, 0 where it never does, "
    "negative where it needs more; *half-way* the effort at which refined has first closed half of the error that "
    "manual leaves, in percent of manual's effort; *drawdown* the largest fall of refined below its own maximum until "
    "then, in points; *below* the share of refined's records under manual's curve, *deepest* how far in points."
)
WORK_NOTE = (
    "Pixels at model scale; *manual's pixels* are those of its whole run. *Repaired* and *spoiled* are pixels that all "
    "answers turned wrong to right and right to wrong, outside the new stroke and away from the truth's edge; *harm* "
    "is spoiled in percent of repaired."
)
ORDER_NOTE = (
    "Which patch came next. *Order* is (area - random's) / (oracle's - random's), over the runs that all three have: 1 "
    "for an order as good as the oracle's, 0 for one no better than a random one; a dash where the interval of what "
    "the oracle gains holds 0."
)
MIRROR_NOTE = "Means over seeds, and below over mirrors; measures of effort are of pFM. Scores and harm are in percent."
INITIAL_NOTE = (
    "The base model's drawing, in percent, beside classical binarizations of the channel that it sees, the first one "
    "if it sees several."
)


Summaries = Sequence[Summary[FinishedRun]]


def report_text(comparison: Comparison, picture: str) -> str:
    """Return the whole report as Markdown.

    Parameters
    ----------
    comparison : what to say
    picture : file name of the plots, beside the report
    """
    summaries = comparison.summaries
    columns = summary_columns() | {name: display(name).title for name in DETAILS}
    of_mirrors = [f"**{summary.group.label}**\n\n{mirror_table(summary, columns)}" for summary in summaries]
    main, others = _main_scores(), [score for score in all_scores() if score not in _main_scores()]
    parts = [
        f"# Runs in {comparison.folder.resolve().name}",
        _method_text(summaries),
        f"![Plots of all runs]({picture})",
        *("## Configurations", _configuration_table(summaries), _alike_text(summaries), *_difference_text(summaries)),
        *("## Scores", "In percent.", _score_table(summaries, main), _score_table(summaries, others)),
        *("## Effort", EFFORT_NOTE, _effort_table(summaries)),
        *("## Strokes and harm", WORK_NOTE, _work_table(summaries)),
        *_order_parts(comparison.orders),
        *("## By mirror", MIRROR_NOTE, *of_mirrors),
        *_initial_parts(comparison.initials),
        *_missing_parts(comparison),
    ]
    return "\n\n".join(parts) + "\n"


def terminal_text(comparison: Comparison) -> str:
    """Return a short form for the terminal: what is compared, scores, means by mirror, and missing runs."""
    summaries = comparison.summaries
    if len(summaries) == 1:
        tables = [_score_table(summaries, _main_scores()), mirror_table(summaries[0])]
    else:
        tables = [_group_table(summaries)]
    parts = [
        _configuration_table(summaries),
        *_difference_text(summaries),
        *tables,
        _order_table(comparison.orders) if comparison.orders else "",
        "\n".join(_missing_lines(comparison)),
    ]
    return "\n\n".join(filter(None, parts))


def _method_text(summaries: Summaries) -> str:
    mirrors = {mirror for summary in summaries for mirror in summary.group.mirrors}
    runs = sum(len(summary.group.runs) for summary in summaries)
    return (
        f"{_number(runs, 'finished run')} on {_number(len(mirrors), 'mirror')}. Means over mirrors of means over "
        f"seeds, with {LEVEL:.0%} intervals in brackets: percentiles of {RESAMPLES:,} bootstrap resamples of mirrors, "
        "and of each one's seeds. Such intervals over a few mirrors are too short, and over one they hold for its "
        "seeds alone. Where some runs have no value, it says how many have."
    )


def _configuration_table(summaries: Summaries) -> str:
    groups = [summary.group for summary in summaries]
    differ = differences(groups)
    head = ["configuration", "mirrors", "seeds", "runs", *differ]
    rows = [
        [group.label, str(len(group.mirrors)), _ranges(group.seeds), str(len(group.runs)), *values]
        for group, *values in zip(groups, *differ.values(), strict=True)
    ]
    return markdown_table([head, *rows])


def _alike_text(summaries: Summaries) -> str:
    first, *others = (summary.group for summary in summaries)
    alike = [
        name for name in first.settings if all(group.settings.get(name) == first.settings[name] for group in others)
    ]
    listed = ", ".join(f"{titled(name)} {first.shown(name)}" for name in alike)
    return f"{'Alike in all' if others else 'Made with'}: {listed or NOT_RECORDED}."


def _difference_text(summaries: Summaries) -> list[str]:
    if len(summaries) == 1:
        return []
    groups = [summary.group for summary in summaries]
    return [f"The {len(groups)} configurations are not averaged. They differ in {difference_text(groups)}."]


def _main_scores() -> list[Score]:
    """Return the scores over which there are curves, and so measures of effort."""
    return scores_in(Shown.RUN_TABLE)


def _score_table(summaries: Summaries, scores: Sequence[Score]) -> str:
    rows = [
        [
            summary.group.label,
            drawing,
            *(_cell(summary, f"{drawing}_{score.name}", score_display(score)) for score in scores),
        ]
        for summary in summaries
        for drawing in DRAWINGS
    ]
    return markdown_table([["configuration", "drawing", *(score.heading for score in scores)], *rows])


def _effort_table(summaries: Summaries) -> str:
    rows = [
        [
            summary.group.label,
            score.title,
            *(_cell(summary, f"{measure}_{score.name}", shown) for measure, shown in EFFORT.items()),
        ]
        for summary in summaries
        for score in _main_scores()
    ]
    return markdown_table([["configuration", "by", *(shown.title for shown in EFFORT.values())], *rows])


def _work_table(summaries: Summaries) -> str:
    rows = [
        [summary.group.label, *(_cell(summary, measure, shown) for measure, shown in WORK.items())]
        for summary in summaries
    ]
    return markdown_table([["configuration", *(shown.title for shown in WORK.values())], *rows])


def _group_table(summaries: Summaries) -> str:
    lines = ((one.group.label, len(one.group.runs), one.overall) for one in summaries)
    return means_table("configuration", lines)


def _order_parts(orders: Sequence[OrderQuality]) -> list[str]:
    return ["## Order of patches", ORDER_NOTE, _order_table(orders)] if orders else []


def _order_table(orders: Sequence[OrderQuality]) -> str:
    area = EFFORT["area"]
    rows = [
        [one.label, str(one.runs), *(area.text(value) for value in one.areas), _quality_text(one.quality)]
        for one in orders
    ]
    return markdown_table([["configuration", "runs", "area", "oracle's", "random's", "order"], *rows])


def _quality_text(quality: tuple[float, float, float] | None) -> str:
    return NO_VALUE if quality is None else "{:.2f} [{:.2f}, {:.2f}]".format(*quality)


def _initial_parts(initials: Sequence[InitialSummary]) -> list[str]:
    if not initials:
        return []
    parts = ["## Initial drawings", INITIAL_NOTE]
    for summary in initials:
        parts.append(f"Base model {summary.base}, {_number(len(summary.mirrors), 'mirror')}:")
        rows = [
            [method, *(_initial_cell(summary, estimates, score) for score in all_scores())]
            for method, estimates in summary.methods.items()
        ]
        parts.append(markdown_table([["method", *(score.heading for score in all_scores())], *rows]))
    return parts


def _initial_cell(summary: InitialSummary, estimates: Mapping[str, Estimate], score: Score) -> str:
    return estimate_text(estimates.get(score.name, UNKNOWN), score_display(score), len(summary.mirrors))


def _missing_parts(comparison: Comparison) -> list[str]:
    lines = _missing_lines(comparison)
    skipped = [f"skipped: {reason}" for reason in comparison.skipped]
    return ["## Missing", "\n".join(f"- {line}" for line in (*lines, *skipped))] if lines or skipped else []


def _missing_lines(comparison: Comparison) -> list[str]:
    return [*comparison.missing, *(f"not finished, left out: {table}" for table in comparison.unfinished)]


def _cell(summary: Summary[FinishedRun], measure: str, shown: Display) -> str:
    return estimate_text(summary.mean(measure), shown, len(summary.group.runs))


def _ranges(numbers: Sequence[int]) -> str:
    """Return rising numbers in short, as in ``0-3, 7``."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
