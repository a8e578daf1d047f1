"""One engraved line: its width and depth on the way, how an engraver cuts it and an annotator draws it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.random import Generator

from data.line_statistics import MIRROR_LINES
from data.synthetic.grooves import GROOVE_REACH, SECTIONS, carve, ink
from data.synthetic.maps import Map, Mask
from data.synthetic.paths import STEP_PX, Path, Profile, beside, runs, shaken, wander

RADIUS_DEVIATIONS = 2.0  # the Gamma was fitted to what lies within two deviations
STEP = 2  # samples of a path between discs: the envelope is then smooth to a tenth of a pixel
SLIP_CORRELATION_PX = 300.0  # over which the second stroke of a double line leaves the first and comes back


def line_radius(
    count: int, level: float, rng: Generator, steadiness: float = 0.7, correlation_px: float = 150.0
) -> Profile:
    """Radii ``(count,)`` in scan pixels whose marginal is the annotators' Gamma, varying slowly along the line.

    ``level`` is the line's own, standard normal over lines; ``steadiness`` is the share of the variance that lies
    between lines, the rest lies along a line.
    """
    from scipy.special import gammaincinv, ndtr

    normal = np.sqrt(steadiness) * level + np.sqrt(1.0 - steadiness) * wander(count, rng, correlation_px)
    normal = np.clip(normal, -RADIUS_DEVIATIONS, RADIUS_DEVIATIONS)
    quantile = gammaincinv(MIRROR_LINES.shape, ndtr(normal))
    return np.asarray(MIRROR_LINES.location + MIRROR_LINES.scale * quantile)


def line_depth(
    count: int, level: float, median_mm: float, rng: Generator, spread: float = 0.4, fade_px: float = 50.0
) -> Profile:
    """Depths ``(count,)`` in millimetres: lognormal between lines, uneven along each, fading towards its ends.

    ``level`` is the line's own, standard normal over lines.
    """
    uneven = np.exp(0.25 * wander(count, rng, correlation_px=90.0))
    from_end = np.minimum(np.arange(count), np.arange(count)[::-1]) * STEP_PX
    floor = rng.uniform(0.25, 0.9)  # some lines start with a firm cut
    fade = floor + (1.0 - floor) * np.minimum(from_end / min(fade_px, max(0.3 * count * STEP_PX, 1.0)), 1.0)
    return np.asarray(median_mm * np.exp(spread * level) * uneven * fade)


@dataclass(frozen=True)
class Engraver:
    """How grooves are cut.

    Attributes
    ----------
    sections : odds of each cross-section of ``SECTIONS``
    spread : deviation of the logarithm of the depth between lines
    fade_px : over which an end fades out, in scan pixels
    double_odds : how often a line is cut twice
    slip_px : how far the second stroke lies off, deviation, in scan pixels
    width : of the grooves, in those that the annotators' statistics ask for
    """

    sections: dict[str, float] = field(default_factory=lambda: {"round": 0.4, "v": 0.25, "u": 0.2, "flat": 0.15})
    spread: float = 0.4
    fade_px: float = 50.0
    double_odds: float = 0.05
    slip_px: float = 6.0
    width: float = 1.0


@dataclass(frozen=True)
class Annotator:
    """How lines are drawn.

    Attributes
    ----------
    sway_px, offset_px : how far off by a smooth wander, and for a whole line; deviations, in scan pixels
    width : of a drawn line, in widths of its groove
    """

    sway_px: float = 0.7
    offset_px: float = 0.6
    width: float = 1.0

    def drawn(self, path: Path, rng: Generator) -> Path:
        """The path ``(N, 2)`` as it is drawn."""
        return shaken(path, rng, self.sway_px) + self.offset_px * rng.standard_normal(2)


@dataclass(frozen=True)
class Hands:
    """Who engraves and who draws."""

    engraver: Engraver = field(default_factory=Engraver)
    annotator: Annotator = field(default_factory=Annotator)


def engrave_line(
    relief: Map, drawing: Mask, path: Path, level: float, depth_mm: float, hands: Hands, rng: Generator
) -> int:
    """Cut one line into ``relief`` and draw it into ``drawing``, both ``(H, W)``, in place; how many pixels it added.

    ``level`` is standard normal over lines: a wide line is a deep one, about ``depth_mm`` deep at 0. A line cut twice
    is drawn once where the strokes overlap, and twice where the ground shows between them.
    """
    cutter, width = hands.engraver, hands.annotator.width
    radius = cutter.width * line_radius(len(path), level, rng)
    depth = line_depth(len(path), level, depth_mm, rng, cutter.spread, cutter.fade_px)
    section = SECTIONS[str(rng.choice(list(cutter.sections), p=list(cutter.sections.values())))]
    carve(relief, path, radius, depth, section, STEP)
    fresh = ink(drawing, hands.annotator.drawn(path, rng), width * radius, STEP)
    if len(path) > SLIP_CORRELATION_PX / 2 and rng.random() < cutter.double_odds:
        slip = cutter.slip_px * wander(len(path), rng, SLIP_CORRELATION_PX)
        second = beside(path, slip)
        carve(relief, second, radius, rng.uniform(0.5, 1.0) * depth, section, STEP)
        for run in runs(np.abs(slip) > 2.0 * GROOVE_REACH * radius, int(2 * radius.max())):
            fresh += ink(drawing, hands.annotator.drawn(second[run], rng), width * radius[run], STEP)
    return fresh
