"""What is engraved on a made-up mirror: ornaments of the border and free, figure-like strokes, as paths.

Every motif is a function that gives a list of paths ``(N, 2)``, rows and columns in scan pixels (40 a millimetre).
Ornaments fill a `Band`; free motifs reach about ``size_px`` from the origin and are moved by `placed`.
After the two real patches of the "Drawing the Line" release: herringbone, scales and folds in parallel, long contours.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.random import Generator

from data.synthetic.grooves import Path, resample, spline

MOST_REPEATS = 10  # of parallel folds, or of scales in each direction: more would fill a mirror with one motif

Ornament = Callable[["Band", Generator], list[Path]]
Motif = Callable[[float, Generator], list[Path]]


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

    def to_scan(self, along: Path) -> Path:
        """Band coordinates ``(N, 2)``, both in [0, 1] (along, from inner to outer edge), as rows and columns."""
        angle = self.start + self.span * along[:, 0]
        radius = self.inner_px + (self.outer_px - self.inner_px) * along[:, 1]
        return np.stack([self.centre[0] + radius * np.sin(angle), self.centre[1] + radius * np.cos(angle)], axis=1)

    def stroke(self, points: list[tuple[float, float]]) -> Path:
        """A polyline given in band coordinates, bent with the band."""
        corners = np.array(points, dtype=np.float64)
        fine = np.linspace(0.0, len(corners) - 1.0, 24 * (len(corners) - 1) + 1)
        return resample(
            self.to_scan(np.stack([np.interp(fine, np.arange(len(corners)), c) for c in corners.T], axis=1))
        )

    def cells(self, pitch_px: float) -> list[tuple[float, float]]:
        """Start and end, in band coordinates, of the repeats of about ``pitch_px`` that fill the band."""
        ends = np.linspace(0.0, 1.0, max(int(self.length_px / pitch_px), 1) + 1)
        return [(float(a), float(b)) for a, b in pairwise(ends)]


def edge_lines(band: Band, rng: Generator, odds: float = 0.5) -> list[Path]:
    """The lines that bound a band, each there with the given odds."""
    count = max(int(band.length_px), 8)
    along = np.linspace(0.0, 1.0, count)
    edges = [np.stack([along, np.full(count, side)], axis=1) for side in (-0.12, 1.12)]
    return [resample(band.to_scan(edge)) for edge in edges if rng.random() < odds]


def dotted_rows(band: Band, rng: Generator, pitch_px: float = 30.0) -> list[Path]:
    """One to three rows of punched dots, as single-point paths."""
    rows = int(rng.integers(1, max(2, min(4, int((band.outer_px - band.inner_px) / pitch_px) + 1))))
    heights = np.linspace(0.2, 0.8, rows) if rows > 1 else np.array([0.5])
    pitch = pitch_px * rng.uniform(0.9, 1.3)
    return [
        band.to_scan(np.array([[0.5 * (a + b), height]])) + rng.normal(0.0, 0.8, (1, 2))
        for height in heights
        for a, b in band.cells(pitch)
    ]


def herringbone(band: Band, rng: Generator, pitch_px: float = 34.0) -> list[Path]:
    """Pairs of slanting strokes that meet, or nearly, on the band's middle."""
    slant = rng.uniform(0.6, 1.2) * (band.outer_px - band.inner_px) / 2 / band.length_px * rng.choice([-1, 1])
    paths = []
    for a, _ in band.cells(pitch_px * rng.uniform(0.9, 1.2)):
        gap = rng.uniform(-0.03, 0.1)
        paths.append(band.stroke([(a, 0.0), (a + slant, 0.5 - gap)]))
        paths.append(band.stroke([(a, 1.0), (a + slant, 0.5 + gap)]))
    return paths


def tongues(band: Band, rng: Generator) -> list[Path]:
    """A row of rounded tongues, side by side, some with a midrib."""
    ribbed = rng.random() < 0.5
    paths = []
    for a, b in band.cells((band.outer_px - band.inner_px) * rng.uniform(0.7, 1.0)):
        theta = np.linspace(0.0, np.pi, 40)
        width, middle = 0.44 * (b - a), 0.5 * (a + b)
        arch = np.stack([middle - width * np.cos(theta), 0.95 * np.sin(theta) ** 0.6], axis=1)
        paths.append(resample(band.to_scan(arch)))
        if ribbed:
            paths.append(band.stroke([(middle, 0.1), (middle, 0.6)]))
    return paths


def running_waves(band: Band, rng: Generator) -> list[Path]:
    """Waves that roll over, each ending in a small volute."""
    turn = rng.choice([-1.0, 1.0])
    paths = []
    for a, b in band.cells((band.outer_px - band.inner_px) * rng.uniform(1.1, 1.6)):
        theta = np.linspace(0.0, 1.6 * np.pi, 60)
        shrink = 0.42 * (1.0 - 0.55 * theta / theta[-1])
        curl = np.stack([0.55 - shrink * np.cos(theta), 0.5 + 1.1 * shrink * np.sin(theta)], axis=1)
        foot = np.array([[-0.25, 0.02], [-0.02, 0.2]])
        points = np.concatenate([foot, curl])
        points[:, 0] = (a + b) / 2 + turn * (b - a) * (points[:, 0] - 0.5)
        paths.append(resample(band.to_scan(points)))
    return paths


def leaves(band: Band, rng: Generator) -> list[Path]:
    """A garland: pairs of pointed leaves slanting from the band's middle."""
    forward = rng.choice([-1.0, 1.0])
    paths = []
    for a, b in band.cells((band.outer_px - band.inner_px) * rng.uniform(0.75, 1.0)):
        for side in (-1.0, 1.0):
            t = np.linspace(0.0, 1.0, 30)
            for bulge in (0.22, -0.12):
                reach = np.stack([t * 0.9 + bulge * np.sin(np.pi * t), 0.06 + 0.42 * t - bulge * np.sin(np.pi * t)], 1)
                along = (a + b) / 2 + forward * (b - a) * (reach[:, 0] - 0.5)
                paths.append(resample(band.to_scan(np.stack([along, 0.5 + side * reach[:, 1]], axis=1))))
    return paths


def cross_hatch(band: Band, rng: Generator, pitch_px: float = 60.0) -> list[Path]:
    """A net of crossing strokes."""
    lean = (band.outer_px - band.inner_px) / band.length_px
    cells = band.cells(pitch_px * rng.uniform(0.9, 1.3))
    return [band.stroke([(a, low), (a + lean, 1.0 - low)]) for a, _ in cells for low in (0.0, 1.0)]


ORNAMENTS: tuple[Ornament, ...] = (dotted_rows, herringbone, tongues, running_waves, leaves, cross_hatch)


def contour(size_px: float, rng: Generator, aspect: float = 1.7) -> list[Path]:
    """A closed, lobed outline, as of a head, a limb or a shield."""
    theta = np.linspace(0.0, 2 * np.pi, 13)[:-1]
    radius = np.ones_like(theta)
    for order in range(2, 6):
        radius += rng.normal(0.0, 0.3 / order) * np.cos(order * theta + rng.uniform(0, 2 * np.pi))
    radius = size_px * np.clip(radius, 0.4, 1.6)
    stretch = np.sqrt(rng.uniform(1.0, aspect))
    return [spline(np.stack([radius * np.sin(theta) / stretch, radius * np.cos(theta) * stretch], axis=1), closed=True)]


def long_line(size_px: float, rng: Generator) -> list[Path]:
    """One open, swinging line, as of a back, an arm or a staff."""
    count = int(rng.integers(3, 7))
    along = np.linspace(-1.2, 1.2, count) + rng.normal(0.0, 0.08, count)
    return [spline(size_px * np.stack([rng.normal(0.0, 0.25, count), along], axis=1))]


def folds(size_px: float, rng: Generator, spacing_px: float = 62.0, waviness: float = 0.0) -> list[Path]:
    """Parallel curves, as of drapery: one swing repeated at a distance, each line with its own ends."""
    spacing = spacing_px * rng.uniform(0.8, 1.4)
    count = int(np.clip(1.6 * size_px / spacing, 2, MOST_REPEATS))
    t = np.linspace(-1.0, 1.0, 60)
    bend, tilt = rng.normal(0.0, 0.35), rng.normal(0.0, 0.2)
    swing, phase = size_px * (bend * t**2 + tilt * t**3), rng.uniform(0, 2 * np.pi)
    paths = []
    for i in range(count):
        first, last = rng.uniform(-1.0, -0.6), rng.uniform(0.5, 1.0)
        rows = swing * (1.0 + 0.25 * i / count) + (i - count / 2) * spacing
        rows = rows + waviness * spacing * np.sin(7 * t + phase)
        inside = (t >= first) & (t <= last)
        paths.append(resample(np.stack([rows, size_px * t], axis=1)[inside]))
    return paths


def hair(size_px: float, rng: Generator) -> list[Path]:
    """Wavy strands close together."""
    return folds(0.7 * size_px, rng, spacing_px=42.0, waviness=0.5)


def scales(size_px: float, rng: Generator, arc_px: float = 62.0) -> list[Path]:
    """Rows of arcs, each row set off by half an arc, as of an aegis, a wing or curls of hair."""
    arc = arc_px * rng.uniform(0.8, 1.5)
    rows = int(np.clip(1.3 * size_px / arc, 1, MOST_REPEATS))
    cols = int(np.clip(0.9 * size_px / arc, 2, MOST_REPEATS))
    theta = np.linspace(0.05, np.pi - 0.05, 30)
    one = np.stack([arc * np.sin(theta), arc * np.cos(theta)], axis=1)
    return [
        resample(one * rng.uniform(0.88, 1.0) + [(i - rows / 2) * 1.15 * arc, (2 * j - cols + i % 2) * arc])
        for i in range(rows)
        for j in range(cols)
    ]


def volute(size_px: float, rng: Generator, turns: float = 1.7) -> list[Path]:
    """A tendril that rolls up."""
    theta = np.linspace(0.0, 2 * np.pi * turns * rng.uniform(0.7, 1.1), 200)
    radius = 0.7 * size_px * np.exp(-0.16 * theta) * rng.choice([-1.0, 1.0])
    curl = np.stack([radius * np.sin(theta), np.abs(radius) * np.cos(theta)], axis=1)
    tail = curl[0] + size_px * np.array([[-1.0, 0.25], [-0.5, 0.15]]) * np.sign(radius[0])
    return [spline(np.concatenate([tail, curl[::8]]))]


def roundel(size_px: float, rng: Generator) -> list[Path]:
    """Concentric circles, as of a brooch, an eye or a shield boss."""
    theta = np.linspace(0.0, 2 * np.pi, 80)
    circle = np.stack([np.sin(theta), np.cos(theta)], axis=1)
    outer = 0.5 * size_px
    return [resample(outer * share * circle) for share in (1.0, rng.uniform(0.45, 0.65)) if outer * share > 15]


# Etruscan letters on a square of one by one, (row, column), as polylines.
LETTERS: tuple[tuple[tuple[tuple[float, float], ...], ...], ...] = (
    (((1, 0), (0, 0.4), (1, 0.8)), ((0.6, 0.15), (0.55, 0.65))),  # a
    (((0, 0.6), (1, 0.6)), ((0.05, 0.6), (0.2, 0.1)), ((0.4, 0.6), (0.55, 0.1)), ((0.75, 0.6), (0.9, 0.1))),  # e
    (((0, 0), (1, 0.4), (0, 0.8)),),  # u
    (((0, 0.3), (1, 0.3)),),  # i
    (((0, 0.4), (1, 0.4)), ((0.1, 0), (0.3, 0.8))),  # t
    (((0, 0.6), (1, 0.6), (0.75, 0.1)),),  # l
    (((1, 0.7), (0, 0.7), (0.6, 0.35), (0.1, 0)),),  # n
    (((0, 0.1), (0.3, 0.6), (0.65, 0.1), (1, 0.6)),),  # s
    (((0, 0.5), (0.3, 0.1), (0.7, 0.1), (1, 0.5), (0.7, 0.9), (0.3, 0.9), (0, 0.5)), ((0.5, 0.3), (0.5, 0.7))),  # th
)


def inscription(size_px: float, rng: Generator, height_px: float = 110.0) -> list[Path]:
    """A few letters in a row; their height hardly depends on the size of what stands beside them."""
    height = height_px * rng.uniform(0.8, 1.3)
    count = max(int(min(size_px, 500.0) / height * 2), 2)
    paths = []
    for i in range(count):
        for line in LETTERS[int(rng.integers(len(LETTERS)))]:
            points = np.array(line) + rng.normal(0.0, 0.04, (len(line), 2)) + [-0.5, 1.05 * i - count / 2]
            paths.append(resample(height * points))
    return paths


# What fills the field of a mirror, with the odds of each.
MOTIFS: dict[Motif, float] = {
    contour: 0.2,
    long_line: 0.24,
    folds: 0.18,
    hair: 0.08,
    scales: 0.12,
    volute: 0.06,
    roundel: 0.06,
    inscription: 0.06,
}


def placed(paths: list[Path], centre: tuple[float, float], angle: float) -> list[Path]:
    """Turn the paths about the origin by ``angle`` (radians) and move them to ``centre`` (row, column)."""
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return [path @ turn + np.array(centre) for path in paths]
