"""All runs of a folder side by side, in groups of those that may be averaged."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from runs.errors import RunError
from runs.provenance import run_id_of
from runs.report.estimates import Estimate, estimates
from runs.report.groups import SHORT, Group, grouped
from runs.report.measures import measures
from runs.report.orders import OrderQuality, order_qualities
from runs.report.results import INITIALS, FinishedRun, InitialDrawings, Results
from runs.report.summary import Summary, summed_up


@dataclass(frozen=True)
class InitialSummary:
    """Mean scores of initial drawings, those of one base model among them.

    Parameters
    ----------
    base : name of the model
    mirrors : by name
    methods : means over mirrors, by method and score
    """

    base: str
    mirrors: list[str]
    methods: dict[str, dict[str, Estimate]]


@dataclass(frozen=True)
class Comparison:
    """The content of a report.

    Parameters
    ----------
    folder : of the runs
    summaries : a group each
    orders : the quality of each order of patches that can be measured
    initials : one a base model; several if its mirrors were prepared anew between runs
    unfinished : tables of runs that are left out, below the folder
    skipped : why other runs are left out
    """

    folder: Path
    summaries: list[Summary[FinishedRun]]
    orders: list[OrderQuality]
    initials: list[InitialSummary]
    unfinished: list[str]
    skipped: list[str]

    @property
    def groups(self) -> list[Group[FinishedRun]]:
        """The groups of runs."""
        return [summary.group for summary in self.summaries]

    @property
    def missing(self) -> list[str]:
        """A line for each group that lacks seeds of some mirrors, or mirrors that other groups have."""
        everywhere = sorted({mirror for group in self.groups for mirror in group.mirrors})
        lines = []
        for group in self.groups:
            if group.missing:
                lines.append(f"{group.label}: no run {', '.join(group.missing)}; the means are of what is there")
            if absent := [mirror for mirror in everywhere if mirror not in group.mirrors]:
                lines.append(f"{group.label}: no run of {', '.join(absent)}; its means are over fewer mirrors")
        return lines


def compare(folder: Path, results: Results) -> Comparison:
    """Sum up the runs of a folder.

    Raises
    ------
    RunError
        If none is finished, or one, or scores of initial drawings, lie in two places with other figures.
    """
    if not results.runs:
        raise RunError(_nothing_finished(folder, results))
    summaries = [_summed_up(_each_once(group)) for group in grouped(results.runs)]
    return Comparison(
        folder=folder,
        summaries=summaries,
        orders=order_qualities(summaries),
        initials=_initial_summaries(results),
        unfinished=[str(path.relative_to(folder)) for path in results.unfinished],
        skipped=[reason.replace(f"{folder}/", "") for reason in results.skipped],
    )


def _summed_up(group: Group[FinishedRun]) -> Summary[FinishedRun]:
    return summed_up(group, [_measures(run) for run in group.runs])


def _measures(run: FinishedRun) -> dict[str, float]:
    cards = {f"{drawing}_{score}": value for drawing, card in run.cards.items() for score, value in card.items()}
    return cards | {name: value for name, value in measures(run).items() if name not in cards}


def _initial_summaries(results: Results) -> list[InitialSummary]:
    names = {run.hashes["base"]: run.config.get("base_model", "base") for run in results.runs if "base" in run.hashes}
    versions: Counter[tuple[str, str]] = Counter()  # of a mirror's data, which are not averaged
    of_base: dict[tuple[str, int], list[InitialDrawings]] = defaultdict(list)
    for drawings in _different(results.initials):
        of_base[drawings.base, versions[drawings.base, drawings.mirror]].append(drawings)
        versions[drawings.base, drawings.mirror] += 1
    return [
        InitialSummary(
            base=f"{run_id_of(str(names.get(base, 'base')))} ({base[:SHORT]})",
            mirrors=sorted({drawings.mirror for drawings in members}),
            methods=_methods(members),
        )
        for (base, _), members in of_base.items()
    ]


def _different(initials: Sequence[InitialDrawings]) -> list[InitialDrawings]:
    """Drop scores that lie in a second place, as in a copied folder; both must agree."""
    distinct: dict[tuple[str, str, str], InitialDrawings] = {}
    for drawings in initials:
        other = distinct.setdefault((drawings.mirror, drawings.base, drawings.data), drawings)
        if other.cards != drawings.cards:
            raise RunError(
                f"{drawings.mirror}: its initial drawings, of the same base model and data, have other scores in two "
                f"{INITIALS}; report a folder that holds one of them, or move one away"
            )
    return list(distinct.values())


def _methods(members: Sequence[InitialDrawings]) -> dict[str, dict[str, Estimate]]:
    methods = dict.fromkeys(method for drawings in members for method in drawings.cards)
    mirrors = [drawings.mirror for drawings in members]
    return {method: estimates([drawings.cards.get(method, {}) for drawings in members], mirrors) for method in methods}


def _each_once(group: Group[FinishedRun]) -> Group[FinishedRun]:
    """Drop a run that lies in a second place, as when two ablations share a model; both must agree."""
    places: dict[tuple[str, int], FinishedRun] = {}
    for run in group.runs:
        other = places.setdefault((run.mirror, run.seed), run)
        if other.path.read_bytes() != run.path.read_bytes():
            raise RunError(
                f"{run.path}: made from the same models and options as {other.path}, but its figures are others; "
                "report a folder that holds one of them, or move one away"
            )
    return replace(group, runs=tuple(places.values()))


def _nothing_finished(folder: Path, results: Results) -> str:
    unfinished = results.unfinished
    begun = f" ({len(unfinished)} begun, such as {unfinished[0].name})" if unfinished else ""
    return f"{folder}: no finished run there{begun}; looked for <MIRROR>/<MIRROR>_<seed>.csv, run `python -m eval`"
