"""How a line is cut by an engraver and drawn by an annotator, both with an unsteady hand."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.random import Generator

from data.synthetic.grooves import (
    GROOVE_REACH,
    SECTIONS,
    Map,
    Mask,
    Path,
    Profile,
    carve,
    ink,
    line_depth,
    line_radius,
    raise_beside,
    runs,
    shaken,
    wander,
)

STEP = 2  # samples of a path between discs: the envelope is then smooth to a tenth of a pixel
SLIP_CORRELATION_PX = 300.0  # over which the second stroke of a double line leaves the first and comes back


@dataclass(frozen=True)
class Engraver:
    """How grooves are cut.

    Attributes
    ----------
    sections : odds of each cross-section of ``SECTIONS``
    spread : deviation of the logarithm of the depth between lines
    fade_px : over which an end fades out, in scan pixels
    burr_odds, burr_share : how often metal stands up beside a groove, and the most of the groove's depth that it does
    double_odds : how often a line is cut twice
    slip_px : how far the second stroke lies off, deviation, in scan pixels
    """

    sections: dict[str, float] = field(default_factory=lambda: {"round": 0.4, "v": 0.25, "u": 0.2, "flat": 0.15})
    spread: float = 0.4
    fade_px: float = 50.0
    burr_odds: float = 0.3
    burr_share: float = 0.3
    double_odds: float = 0.05
    slip_px: float = 6.0


@dataclass(frozen=True)
class Annotator:
    """How lines are drawn: ``sway_px`` off by a smooth wander and ``offset_px`` for a whole line, deviations."""

    sway_px: float = 0.7
    offset_px: float = 0.6

    def drawn(self, path: Path, rng: Generator) -> Path:
        """The path ``(N, 2)`` as it is drawn."""
        return shaken(path, rng, self.sway_px) + self.offset_px * rng.standard_normal(2)


@dataclass(frozen=True)
class Hands:
    """Who engraves and who draws."""

    engraver: Engraver = field(default_factory=Engraver)
    annotator: Annotator = field(default_factory=Annotator)


def beside(path: Path, distance_px: Profile) -> Path:
    """The path moved sideways by ``distance_px`` ``(N,)``, to the left of the way along it if positive."""
    if len(path) < 2:
        return path
    heading = np.gradient(path, axis=0)
    heading /= np.maximum(np.hypot(*heading.T), 1e-9)[:, None]
    return np.asarray(path + distance_px[:, None] * np.stack([-heading[:, 1], heading[:, 0]], axis=1))


def engrave_line(
    relief: Map, drawing: Mask, path: Path, level: float, depth_mm: float, hands: Hands, rng: Generator
) -> int:
    """Cut one line into ``relief`` and draw it into ``drawing``, both ``(H, W)``, in place; how many pixels it added.

    ``level`` is standard normal over lines: a wide line is a deep one, about ``depth_mm`` deep at 0. A line cut twice
    is drawn once where the strokes overlap, and twice where the ground shows between them.
    """
    cutter = hands.engraver
    radius = line_radius(len(path), level, rng)
    depth = line_depth(len(path), level, depth_mm, rng, cutter.spread, cutter.fade_px)
    section = SECTIONS[str(rng.choice(list(cutter.sections), p=list(cutter.sections.values())))]
    carve(relief, path, radius, depth, section, STEP)
    if rng.random() < cutter.burr_odds:
        side = rng.choice([-1.0, 1.0])
        height = (
            depth * cutter.burr_share * rng.random() * (0.5 + 0.5 * np.abs(wander(len(path), rng, 80.0)).clip(0, 1))
        )
        raise_beside(relief, beside(path, side * 1.5 * GROOVE_REACH * radius), 0.6 * radius, height)
    fresh = ink(drawing, hands.annotator.drawn(path, rng), radius, STEP)
    if len(path) > SLIP_CORRELATION_PX / 2 and rng.random() < cutter.double_odds:
        slip = cutter.slip_px * wander(len(path), rng, SLIP_CORRELATION_PX)
        second = beside(path, slip)
        carve(relief, second, radius, rng.uniform(0.5, 1.0) * depth, section, STEP)
        for run in runs(np.abs(slip) > 2.0 * GROOVE_REACH * radius, int(2 * radius.max())):
            fresh += ink(drawing, hands.annotator.drawn(second[run], rng), radius[run], STEP)
    return fresh
