"""Quality of orders of patches: the position of an order between a random one and the oracle's, all else equal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from interaction.patch_selection import ORACLE, RANDOM
from metrics.bootstrap import mean_over_mirrors
from metrics.order import order
from runs.report.estimates import SEED
from runs.report.groups import CALIBRATION
from runs.report.results import FinishedRun
from runs.report.summary import Summary

OF_AN_ORDER = ("order", CALIBRATION)  # settings that it consists of
AREA = "area_pfm"


@dataclass(frozen=True)
class OrderQuality:
    """The quality of an order of patches.

    Parameters
    ----------
    label : of the group whose runs go in it
    runs : how many of them have one of the same mirror and seed in the oracle's order and one in a random order
    areas : means over these of their own areas, of the oracle's and of the random ones, in points
    quality : value and interval, see ``metrics.order``; None where the oracle's may be no better than a random one
    """

    label: str
    runs: int
    areas: tuple[float, float, float]
    quality: tuple[float, float, float] | None


def order_qualities(summaries: Sequence[Summary[FinishedRun]]) -> list[OrderQuality]:
    """Measure each order with runs in the oracle's and a random order whose other settings are equal."""
    families: defaultdict[object, list[Summary[FinishedRun]]] = defaultdict(list)
    for summary in summaries:
        settings = {name: value for name, value in summary.group.settings.items() if name not in OF_AN_ORDER}
        families[frozenset(settings.items())].append(summary)
    return [quality for family in families.values() for quality in _measured(family)]


def _measured(family: Sequence[Summary[FinishedRun]]) -> list[OrderQuality]:
    named = [(summary.group.settings.get("order"), summary) for summary in family]
    oracle, random = (_areas([one for name, one in named if name == wanted]) for wanted in (ORACLE, RANDOM))
    qualities = []
    for name, summary in named:
        own = {} if name in (ORACLE, RANDOM) else _areas([summary])
        if shared := sorted(own.keys() & oracle.keys() & random.keys()):
            mirrors = [mirror for mirror, _, _ in shared]
            areas = [[of_order[run] for run in shared] for of_order in (own, oracle, random)]
            predicted, best, plain = (float(mean_over_mirrors(each, mirrors)) for each in areas)
            quality = order(areas[0], areas[1], areas[2], mirrors, np.random.default_rng(SEED))
            qualities.append(OrderQuality(summary.group.label, len(shared), (predicted, best, plain), quality))
    return qualities


def _areas(summaries: Sequence[Summary[FinishedRun]]) -> dict[tuple[str, int, str], float]:
    """Return the area of each run, by mirror, seed, and the hash of the mirror's data."""
    return {
        (run.mirror, run.seed, summary.group.data[run.mirror]): row[AREA]
        for summary in summaries
        for run, row in zip(summary.group.runs, summary.rows, strict=True)
    }
