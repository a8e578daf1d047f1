"""One run, as read from its table and its record."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from metrics.effort import Curve


@dataclass(frozen=True)
class RunCurves:
    """The curves of a run over effort, and the fields of its record.

    Parameters
    ----------
    mirror, seed : which run
    refined_curves, manual_curves : by score, those of the run table that it holds
    interactions : strokes at each record
    repaired, spoiled : pixels that all answers turned wrong to right and right to wrong, outside the new stroke and
        away from the truth's edge; None if the table does not count them, as the published form does not
    config, hashes, commit : of the run's record; empty if it has none
    """

    mirror: str
    seed: int
    refined_curves: dict[str, Curve]
    manual_curves: dict[str, Curve]
    interactions: tuple[int, ...]
    repaired: int | None = None
    spoiled: int | None = None
    config: dict[str, Any] = field(default_factory=dict)
    hashes: dict[str, str] = field(default_factory=dict)
    commit: str = ""
