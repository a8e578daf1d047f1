"""The targets of learning in new domains, and which are met."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path
from statistics import fmean

from bench.domains.methods import FOREST, ONLINE, SHIPPED, trained
from bench.domains.records import Place, Record, read_outcome
from bench.domains.tables import mean, pooled_harm, share_of_ceiling
from data.synthetic.styles import STYLES
from metrics.effort import POINTS
from runs.report.markdown import markdown_table

GAINS = {"document": 15.0, "crack": 15.0, "vessel": 4.0}  # points, of domains whose names hold these
HIGH = 0.85  # pFM of documents from which on no such gain is asked for
NEVER_BELOW = -0.5  # points
ZERO_SHOT = {"document": 0.85, "crack": 0.55, "vessel": 0.72}  # pFM
FROM_STROKES = 20  # that the forest is to be beaten from


@dataclass(frozen=True)
class Verdict:
    """A target in a domain, and what was found.

    Parameters
    ----------
    target, domain : in words
    value, limit : in the unit of ``form``
    form : how they are printed
    at_least : whether the limit is a lower one
    """

    target: str
    domain: str
    value: float
    limit: float
    form: str
    at_least: bool = True

    @property
    def met(self) -> bool:
        """Whether the target is met."""
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    @property
    def row(self) -> tuple[str, ...]:
        """Its row of the table."""
        missed = "met" if self.met else f"missed by {self.form.format(abs(self.value - self.limit)).lstrip('+')}"
        sign = "≥" if self.at_least else "≤"
        limit = self.form.format(self.limit)
        return self.target, self.domain, f"{sign} {limit}", self.form.format(self.value), missed


def targets_table(records: Sequence[Record], folder: Path) -> str:
    """Lay out all targets that can be judged by what is there.

    Parameters
    ----------
    records : of the benchmark
    folder : of it, which holds the runs
    """
    rows = [verdict.row for verdict in verdicts(records, folder)]
    return markdown_table([("target", "domain", "asked for", "found", ""), *rows])


def verdicts(records: Sequence[Record], folder: Path) -> Iterator[Verdict]:
    """Yield the verdicts on all targets, domain by domain; those that nothing was run for are left out."""
    for domain in dict.fromkeys(record["domain"] for record in records):
        of_domain = [record for record in records if record["domain"] == domain]
        yield from _of_shipped(domain, [one for one in of_domain if one["method"] == SHIPPED])
        online = [one for one in of_domain if one["method"] == ONLINE]
        if online:
            yield from _of_gains(domain, online)
            yield from _of_sessions(domain, online)
            yield from _against_forest(domain, online, folder)
        yield from _of_adaption(domain, of_domain)


def _of_shipped(domain: str, records: Sequence[Record]) -> Iterator[Verdict]:
    limit = _named(domain, ZERO_SHOT)
    if records and limit is not None:
        yield Verdict("initial pFM, shipped", domain, POINTS * mean(records, "shipped_pfm"), POINTS * limit, "{:.1f}")


def _of_gains(domain: str, online: Sequence[Record]) -> Iterator[Verdict]:
    """Judge what the first learning brings to the rest of an image, and what was learned to the next images."""
    rest = [one for one in online if one.get("rest_gain") is not None and one["position"] == 1]
    following = [one for one in online if one["position"] > 1]
    figures: tuple[tuple[str, Sequence[Record], Callable[[Record], float]], ...] = (
        ("gain on the rest of the first image", rest, lambda one: float(one["rest_gain"])),
        ("gain on next images", following, lambda one: POINTS * (one["initial_pfm"] - one["shipped_pfm"])),
    )
    for title, found, gain in figures:
        if not found:
            continue
        by_seed = [
            fmean([gain(one) for one in found if one["seed"] == seed]) for seed in {one["seed"] for one in found}
        ]
        limit = _named(domain, GAINS)
        if limit is not None and not ("document" in domain and mean(found, "shipped_pfm") >= HIGH):
            yield Verdict(title, domain, fmean(by_seed), limit, "{:+.1f}")
        yield Verdict(f"{title}, worst seed", domain, min(by_seed), NEVER_BELOW, "{:+.1f}")


def _of_sessions(domain: str, online: Sequence[Record]) -> Iterator[Verdict]:
    first, later = [one for one in online if one["position"] == 1], [one for one in online if one["position"] > 2]
    for title, records, limit in (("saved, first image", first, 0.5), ("saved, from the third on", later, 0.7)):
        if records:
            yield Verdict(title, domain, mean(records, "saved"), limit, "{:.0%}")
    yield Verdict("share of the ceiling's area", domain, share_of_ceiling(online), 0.6, "{:.0%}")
    yield Verdict("harm", domain, pooled_harm(online), 0.05, "{:.1%}", at_least=False)
    fall = max(one["worst_update"] for one in online)
    yield Verdict("fall of pFM at an update", domain, fall, 0.5, "{:.2f}", at_least=False)


def _against_forest(domain: str, online: Sequence[Record], folder: Path) -> Iterator[Verdict]:
    """Judge the lead over the forest at the forest's own efforts, from so many strokes on."""
    leads = []
    for record in online:
        image, ours, theirs = (
            record["image"],
            *(Place(folder, domain, method, record["seed"]) for method in (ONLINE, FOREST)),
        )
        if theirs.curve(image).exists():
            mine, forest = read_outcome(ours.curve(image)), read_outcome(theirs.curve(image))
            late = [step for step, strokes in enumerate(forest.strokes) if strokes >= FROM_STROKES]
            lead = [float(mine.curve.at(forest.effort[step])) - forest.pfm[step] for step in late]
            leads.append(fmean(lead) if lead else inf)
    if known := [lead for lead in leads if lead != inf]:
        yield Verdict(
            f"lead over the forest from {FROM_STROKES} strokes on", domain, POINTS * fmean(known), 0, "{:+.1f}"
        )


def _of_adaption(domain: str, records: Sequence[Record]) -> Iterator[Verdict]:
    """Judge the adaption to most images, on mirrors of a foreign style."""
    found = {how.images: one["method"] for one in records if (how := trained(one["method"])) and how.how == "adapt"}
    if domain not in STYLES or not found:
        return
    method = found[max(found)]
    adapted = [one for one in records if one["method"] == method]
    yield Verdict(f"saved, {method}", domain, mean(adapted, "saved"), 0.75, "{:.0%}")
    yield Verdict(f"share of the ceiling's area, {method}", domain, share_of_ceiling(adapted), 0.75, "{:.0%}")


def _named(domain: str, limits: dict[str, float]) -> float | None:
    return next((limit for name, limit in limits.items() if name in domain), None)
