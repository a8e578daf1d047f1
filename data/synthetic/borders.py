"""Borders: ornaments bent around the mirror, whole rings or arches over the scene."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from data.synthetic.ornaments import Ornament
from data.synthetic.paths import Path, resample
from data.synthetic.plate import Plate, inked_px

ORNAMENT_DEPTH_MM = 0.08
PIECE_PX = 900.0  # of ornament, cut with one level of width and depth
RING_GAP_PX = 60.0  # between bands, for the rings
SPANS = (2 * np.pi, 1.5 * np.pi, np.pi)  # of a band: all around, or an arch over the scene
ENOUGH = 0.75  # share of a band's pixels for which it is drawn all the same
ARCH_ODDS = 0.4  # how often an arch is taken rather than a plainer ring looked for
INNERMOST = 0.74  # of the disc's radius: no band begins further in


@dataclass(frozen=True)
class Band:
    """A piece of a ring: its centre (row, column), inner and outer radius in scan pixels, start and span in radians."""

    centre: tuple[float, float]
    inner_px: float
    outer_px: float
    start: float
    span: float

    @property
    def length_px(self) -> float:
        """Length along the middle of the band."""
        return self.span * 0.5 * (self.inner_px + self.outer_px)

    @property
    def width_px(self) -> float:
        """From the inner to the outer edge."""
        return self.outer_px - self.inner_px

    def bent(self, strip: Path) -> Path:
        """Points ``(N, 2)`` of a straight strip (across, along), as rows and columns of the scan."""
        angle = self.start + self.span * strip[:, 1] / self.length_px
        radius = self.inner_px + strip[:, 0]
        return np.stack([self.centre[0] + radius * np.sin(angle), self.centre[1] + radius * np.cos(angle)], axis=1)

    def turn(self, points: Path) -> NDArray[np.float64]:
        """Angles ``(N,)`` of points of the scan ``(N, 2)`` from the start of the band, 0 to 2 pi."""
        down, right = (points - self.centre).T
        return np.asarray((np.arctan2(down, right) - self.start) % (2 * np.pi))

    def spanning(self, span: float) -> Band:
        """The piece of ``span`` radians about the same middle."""
        return replace(self, start=self.start + (self.span - span) / 2, span=span)

    def filled(self, ornament: Ornament, rng: Generator) -> list[Path]:
        """An ornament bent along the band."""
        return [self.bent(path) for path in ornament(self.length_px, self.width_px, rng)]


def engrave_border(plate: Plate, goal_px: float, upright: float, rng: Generator) -> tuple[Band, int]:
    """Bands of ornament from the rim inwards, until about ``goal_px`` are drawn: the ring they fill, and the pixels.

    Where the pixels do not suffice for a whole ring, one band arches over the scene, which stands ``upright`` (the
    angle from straight down at which its foot lies); where they do not suffice for that, there is no border.
    """
    radius = plate.outline.radius_px
    outer = rim = radius - float(np.clip(0.08 * radius, 22.0, 150.0))
    ring = Band(plate.outline.centre, rim, rim, 0.5 * np.pi - upright, 2 * np.pi)  # it closes below the scene
    drawn = 0
    offered = plate.layout.ornaments
    wide = np.array([sum(widths) for _, widths in offered.values()])  # and rich, and too costly for the later bands
    for name in rng.choice(list(offered), len(offered), replace=False, p=wide**2 / np.sum(wide**2)):
        ornament, widths = offered[str(name)]
        width = float(np.clip(rng.uniform(*widths) * min(radius / 2200.0, 1.0), 55.0, 0.3 * radius))
        band = replace(ring, inner_px=outer - width, outer_px=outer)
        paths = _decorated(band, ornament, rng)
        affordable = (goal_px - drawn) / inked_px(paths)
        span = next((s for s in SPANS if affordable >= ENOUGH * s / (2 * np.pi)), 0.0)
        arch = 0.0 < span < 2 * np.pi and not drawn and rng.random() < ARCH_ODDS
        if span < 2 * np.pi and not arch:
            continue
        if arch:
            band = band.spanning(span)
            paths = _decorated(band, ornament, rng)
        drawn += _inscribe(plate, paths, band, rng)
        outer = band.inner_px - float(np.clip(0.03 * radius, 22.0, RING_GAP_PX))
        ring = replace(band, inner_px=outer, outer_px=rim)
        if arch:
            ring = ring.spanning(span + 4 * ring_gap(band) / outer)  # its ends are lines too
            break
        if outer < INNERMOST * radius:
            break
    return (ring if drawn else ring.spanning(0.0)), drawn


def ring_gap(band: Band) -> float:
    """How far outside a band its rings lie, in scan pixels."""
    return float(np.clip(0.2 * band.width_px, 20.0, 34.0))


def _decorated(band: Band, ornament: Ornament, rng: Generator) -> list[Path]:
    """An ornament along a band with the rings that bound it; an arch is closed at both ends."""
    gap = ring_gap(band)
    paths = band.filled(ornament, rng) + rings(band, rng, gap_px=gap)
    if band.span < 2 * np.pi:
        across = np.linspace(-0.9 * gap, band.width_px + 0.9 * gap, 2)
        ends = (np.full(2, -gap), np.full(2, band.length_px + gap))
        paths += [resample(band.bent(np.stack([across, along], axis=1))) for along in ends]
    return paths


def rings(band: Band, rng: Generator, doubled: float = 0.4, gap_px: float = 30.0) -> list[Path]:
    """The lines that bound a band, some doubled."""
    lines = []
    for side, edge in ((-1.0, 0.0), (1.0, band.width_px)):
        for step in range(2 if rng.random() < doubled else 1):
            across = edge + side * (0.9 + step) * gap_px
            along = np.arange(0.0, band.length_px, 4.0)
            lines.append(resample(band.bent(np.stack([np.full_like(along, across), along], axis=1))))
    return lines


def _inscribe(plate: Plate, paths: list[Path], band: Band, rng: Generator) -> int:
    """Engrave what fills a band in pieces, each with its own level of width and depth; how many pixels it took."""
    order = np.argsort([band.turn(path[:1])[0] for path in paths])
    count = max(int(band.length_px / PIECE_PX), 1)
    return sum(
        plate.inscribe(plate.on_object([paths[i] for i in piece], 8.0), ORNAMENT_DEPTH_MM, rng)
        for piece in np.array_split(order, count)
    )
