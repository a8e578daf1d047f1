"""The tables of the benchmark: a row for each domain and method, and the worst image and seed of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from math import nan
from statistics import fmean

from bench.domains.records import SCORES, Record
from metrics.effort import POINTS
from metrics.harm import harm
from runs.report.markdown import markdown_table
from runs.report.measures import NO_VALUE

HEAD = (
    "domain",
    "method",
    "runs",
    "initial",
    "manual",
    "refined",
    "area",
    "of the ceiling's",
    "saved",
    "harm",
    "drawdown",
    "seconds",
    "worst",
)
Rows = dict[tuple[str, str], list[Record]]


def by_method(records: Sequence[Record]) -> Rows:
    """Put the records of a domain and method together, in the order in which they come."""
    rows: Rows = defaultdict(list)
    for record in records:
        rows[record["domain"], record["method"]].append(record)
    return dict(rows)


def domains_table(records: Sequence[Record], order: Sequence[str]) -> str:
    """Lay out the means over images and seeds.

    Parameters
    ----------
    records : of the benchmark
    order : of the methods
    """
    rows = by_method(records)
    place = {method: number for number, method in enumerate(order)}
    keys = sorted(rows, key=lambda key: (key[0], place.get(key[1], len(place)), key[1]))
    return markdown_table([HEAD, *(_row(*key, rows[key]) for key in keys)])


def mean(records: Sequence[Record], name: str) -> float:
    """Return the mean of a figure over the records that have it; NaN if none has."""
    known = [float(record[name]) for record in records if record.get(name) is not None]
    return fmean(known) if known else nan


def share_of_ceiling(records: Sequence[Record]) -> float:
    """Return the area of runs as a share of the ceiling's, of all together; NaN where there is nothing to gain."""
    known = [record for record in records if record.get("area") is not None]
    top = sum(max(0.0, record["ceiling_area"]) for record in known)
    return sum(record["area"] for record in known) / top if top > 0 else nan


def pooled_harm(records: Sequence[Record]) -> float:
    """Return the harm of all runs together; NaN if there are none."""
    known = [record for record in records if record.get("repaired") is not None]
    if not known:
        return nan
    return harm(sum(record["repaired"] for record in known), sum(record["spoiled"] for record in known))


def _row(domain: str, method: str, records: Sequence[Record]) -> tuple[str, ...]:
    return (
        domain,
        method,
        str(len(records)),
        *(_scores(records, drawing) for drawing in ("initial", "manual", "refined")),
        _text(mean(records, "area"), "{:+.2f}"),
        _text(share_of_ceiling(records), "{:.0%}"),
        _text(mean(records, "saved"), "{:.0%}"),
        _text(pooled_harm(records), "{:.1%}"),
        _text(
            max((record["drawdown"] for record in records if record.get("drawdown") is not None), default=nan), "{:.2f}"
        ),
        _text(mean(records, "seconds"), "{:.0f}"),
        _worst(records),
    )


def _scores(records: Sequence[Record], drawing: str) -> str:
    means = [mean(records, f"{drawing}_{column}") for column in SCORES]
    return NO_VALUE if means[0] != means[0] else " / ".join(f"{POINTS * value:.1f}" for value in means)


def _worst(records: Sequence[Record]) -> str:
    """Name the image and seed with the least area, or of initial drawings that which loses most to the shipped one."""
    known = [record for record in records if record.get("area") is not None]
    if known:
        worst = min(known, key=lambda record: record["area"])
        return f"{worst['image']}, seed {worst['seed']}: area {worst['area']:+.2f}"
    worst = min(records, key=lambda record: record["initial_pfm"] - record["shipped_pfm"])
    return f"{worst['image']}: initial {POINTS * (worst['initial_pfm'] - worst['shipped_pfm']):+.1f}"


def _text(value: float, form: str) -> str:
    return NO_VALUE if value != value else form.format(value)
