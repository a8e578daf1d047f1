"""Inspection of raw views: what their files hold and what is wrong with them, without preparing anything."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence

from data.errors import some
from data.findings import ABSENT, Findings, Inspection, inspect_sources
from data.kinds import RawData, kind_named
from data.progress import ProgressBar

COLUMNS = {"verdict": 12, "rows x columns": 14, "px/mm": 5, "drawing": 18, "mask": 18, "maps": 0}  # widths
MOST_ALIKE = 8  # views of which the same remark is printed in full


def inspect_all(dataset: str, raw: RawData, full: bool, report: Callable[[str], object]) -> int:
    """Inspect all views below a root, and report a table, each line as soon as it is known.

    Parameters
    ----------
    dataset : name of their kind
    raw : where they lie; channels are required of each view
    full : decode everything and try to prepare it, instead of reading headers only
    report : called with each line of the table

    Returns
    -------
    int
        How many views cannot be used.

    Raises
    ------
    DataError
        If nothing is found, or an option cannot be used.
    """
    kind = kind_named(dataset)
    findings = kind.inspect(raw, full) if kind.inspect else inspect_sources(kind.sources(raw))
    done = _tabulate(findings, report)
    for note in findings.notes:
        report(note)
    for what, paths in findings.unusual.items():
        report(f"Read as well: {what} ({len(paths)}): {some([path.name for path in paths])}")
    if findings.strays:
        report("Files that belong to no view, perhaps misnamed:")
        for path in findings.strays:
            report(f"  {path}")
    unusable = sum(bool(one.faults) for one in done)
    undrawn = sum(one.verdict == "predict only" for one in done)
    unmasked = sum(one.mask == ABSENT for one in done) if kind.has_object_masks else 0
    report(
        f"{raw.root}: {len(done)} views, {unusable} unusable, {undrawn} without a drawing (for predict only), "
        f"{unmasked} without a mask (the whole image counts as object), {len(findings.strays)} files that belong to "
        "none"
    )
    said = Counter(one.resolution_source for one in done if one.resolution_source)
    if said:
        report("Resolution said by: " + ", ".join(f"{source} ({count})" for source, count in said.items()))
    if not full and not findings.in_full:
        report("Only headers were read; --full decodes the files too.")
    return unusable


def _tabulate(findings: Findings, report: Callable[[str], object]) -> list[Inspection]:
    """Report the table's head and, for each view, its line, faults and remarks; of many alike the first ones."""
    widths = [max(map(len, ["view", *findings.names])), *COLUMNS.values()]
    numbers = list(map(str, range(len(findings.names))))  # two views may bear one name

    def line(cells: Sequence[str]) -> str:
        return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()

    report(line(["view", *COLUMNS]))
    done, views_by_remark = [], defaultdict[str, list[str]](list)
    with ProgressBar(numbers, report, unit="views") as progress:
        for number, inspection in zip(numbers, findings.inspections, strict=True):
            said = [*inspection.faults]
            for remark in inspection.remarks:
                alike = views_by_remark[remark.partition(": ")[2] or remark]  # whichever file it is of
                alike.append(inspection.view)
                said += [remark] if len(alike) <= MOST_ALIKE else []
            progress.echo("\n".join([line(inspection.row()), *(f"  - {one}" for one in said)]))
            progress.end(number)
            done.append(inspection)
    for remark, views in views_by_remark.items():
        if len(views) > MOST_ALIKE:
            report(f"Likewise of {some(views[MOST_ALIKE:])}: {remark}")
    return done
