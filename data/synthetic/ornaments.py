"""Ornaments: each fills a straight strip, along a handle or bent around the mirror; and the palmette.

A strip is ``length_px`` long and ``width_px`` wide; its points are (across, along), 0 at the inner edge and at the
start. What repeats does so a whole number of times, so that a ring closes.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from data.synthetic.layers import Layer, Picture, curve, ellipse, leaf, polyline, reach, shifted, visible
from data.synthetic.paths import LINE_WIDTH_PX, Path, resample

Ornament = Callable[[float, float, Generator], list[Path]]


def repeats(length_px: float, pitch_px: float) -> tuple[np.ndarray, float]:
    """Where a motif of about ``pitch_px`` begins so that it fills a length evenly, and its exact pitch."""
    count = max(round(length_px / pitch_px), 1)
    return np.arange(count) * length_px / count, length_px / count


def dotted_rows(length_px: float, width_px: float, rng: Generator, pitch_px: float = 30.0) -> list[Path]:
    """One to three rows of punched dots, as single-point paths."""
    rows = int(rng.integers(1, max(2, min(4, int(width_px / pitch_px) + 1))))
    heights = width_px * (np.linspace(0.2, 0.8, rows) if rows > 1 else np.array([0.5]))
    starts, _ = repeats(length_px, pitch_px * rng.uniform(0.9, 1.3))
    return [np.array([[height, start]]) + rng.normal(0.0, 0.8, (1, 2)) for height in heights for start in starts]


def herringbone(length_px: float, width_px: float, rng: Generator, pitch_px: float = 36.0) -> list[Path]:
    """Pairs of slanting strokes that meet, or nearly, on the strip's middle."""
    slant = rng.uniform(0.3, 0.6) * width_px * rng.choice([-1.0, 1.0])
    paths = []
    for start in repeats(length_px, pitch_px * rng.uniform(0.9, 1.2))[0]:
        for edge in (0.0, 1.0):
            meet = 0.5 + (0.5 - edge) * rng.uniform(-0.2, 0.06)
            ends = [[edge, start], [meet, start + slant]] + rng.normal(0.0, 0.03, (2, 2)) * [1.0, 30.0]
            paths.append(resample(ends * [width_px, 1.0]))
    return paths


def tongues(length_px: float, width_px: float, rng: Generator) -> list[Path]:
    """A row of rounded tongues, side by side, some with a midrib or an inner line."""
    inner = str(rng.choice(["none", "rib", "double"]))
    starts, pitch = repeats(length_px, max(width_px * rng.uniform(0.5, 0.8), 3.5 * LINE_WIDTH_PX))
    inner = inner if pitch > 5 * LINE_WIDTH_PX else "none"
    paths = []
    for start in starts:
        middle = start + 0.5 * pitch
        for share in (0.86, 0.4) if inner == "double" else (0.86,):
            half, top = 0.5 * share * pitch, width_px * (0.98 if share > 0.5 else 0.72)
            sides = [
                [0, -1],
                [0.35, -1],
                [0.72, -0.9],
                [0.95, -0.45],
                [1, 0],
                [0.95, 0.45],
                [0.72, 0.9],
                [0.35, 1],
                [0, 1],
            ]
            paths.append(curve(np.array(sides) * [top, half] + [0.0, middle]))
        if inner == "rib":
            paths.append(polyline([[0.1 * width_px, middle], [0.62 * width_px, middle]]))
    return paths


def running_waves(length_px: float, width_px: float, rng: Generator) -> list[Path]:
    """Waves that roll over, each rising from the foot of the one before and ending in a volute."""
    turn = rng.choice([-1.0, 1.0])
    starts, pitch = repeats(length_px, max(width_px * rng.uniform(1.0, 1.4), 6 * LINE_WIDTH_PX))
    rolled = rng.uniform(1.5, 2.4) * np.pi
    paths = []
    for start in starts:
        angle = np.linspace(0.0, rolled, 12)
        radius = 0.4 * (1.0 - 0.62 * angle / rolled)
        curl = np.stack([0.58 + radius * np.sin(angle - 0.35), 0.6 - 0.95 * radius * np.cos(angle - 0.35)], axis=1)
        points = np.concatenate([[[0.02, -0.45], [0.04, -0.1]], curl])
        points[:, 1] = start + pitch * (0.5 + turn * (points[:, 1] - 0.5))
        paths.append(curve(points * [width_px, 1.0]))
    return paths


def laurel(length_px: float, width_px: float, rng: Generator) -> list[Path]:
    """A garland of pointed leaves in twos or threes, each over the foot of the next."""
    forward = rng.choice([-1.0, 1.0])
    starts, pitch = repeats(length_px, max(width_px * rng.uniform(0.55, 0.8), 5 * LINE_WIDTH_PX))
    spread = rng.uniform(0.3, 0.42)
    middle = rng.random() < 0.5
    picture: Picture = []
    for start in starts[:: int(forward)]:
        root = np.array([0.5 * width_px, start])
        for lean in (0.0, 1.0, -1.0) if middle else (1.0, -1.0):
            tip = shifted(root, lean * spread * width_px, forward * pitch * (1.45 if lean == 0.0 else 1.15))
            foot = shifted(root, 0.08 * lean * width_px, 0.0)
            blade = leaf(foot, tip, 0.36 if lean else 0.26)
            if lean and width_px > 16 * LINE_WIDTH_PX:
                blade.lines.append(polyline([foot + 0.15 * (tip - foot), foot + 0.75 * (tip - foot)]))
            picture.append(blade)
    return visible(picture)


def ivy(length_px: float, width_px: float, rng: Generator) -> list[Path]:
    """A waving stem with heart-shaped leaves and berries by turns."""
    starts, pitch = repeats(length_px, max(1.5 * width_px, 10 * LINE_WIDTH_PX))
    along = np.arange(0.0, length_px, 3.0)
    stem = resample(np.stack([width_px * (0.5 + 0.2 * np.sin(2 * np.pi * along / pitch)), along], axis=1))
    size = 0.5 * width_px
    picture: Picture = []
    for start in starts:
        for half, side in ((0.25, -1.0), (0.75, 1.0)):
            root = np.array([0.5 * width_px - side * 0.2 * width_px, start + half * pitch])
            picture += ivy_leaf(root, size, 0.5 * np.pi * (1 - side) + rng.normal(0.0, 0.2), rng)
            berry = shifted(root, side * 0.75 * size, 0.2 * pitch)
            if 0.16 * size > 0.8 * LINE_WIDTH_PX and rng.random() < 0.8:
                picture.append(Layer([ellipse(berry, (0.2 * size, 0.2 * size))]))
    return visible([*picture, Layer([stem])])


def ivy_leaf(root: Path, size_px: float, angle: float, rng: Generator) -> Picture:
    """A heart-shaped leaf on a short stalk that leads from ``root`` along ``angle`` from straight down."""
    forward, across = reach((0, 0), angle, size_px), reach((0, 0), angle + np.pi / 2, size_px)
    shape = np.array([[0.28, 0.0], [0.12, 0.22], [0.22, 0.48], [0.55, 0.48], [0.9, 0.2], [1.25, 0.0]])
    halves = [curve(root + shape[:, :1] * forward + side * shape[:, 1:] * across) for side in (1.0, -1.0)]
    lines = [*halves, polyline([root, root + 0.28 * forward])]
    if size_px > 6 * LINE_WIDTH_PX:
        lines.append(polyline([root + 0.35 * forward, root + 0.95 * forward]))
    return [Layer(lines, [np.concatenate([halves[0], halves[1][::-1]])])]


def cross_hatch(length_px: float, width_px: float, rng: Generator, pitch_px: float = 50.0) -> list[Path]:
    """A net of crossing strokes."""
    lean = width_px * rng.uniform(0.5, 1.2)
    starts, _ = repeats(length_px, pitch_px * rng.uniform(0.9, 1.3))
    ends = [(np.array([[low, start], [1.0 - low, start + lean]])) for start in starts for low in (0.0, 1.0)]
    return [resample((end + rng.normal(0.0, 0.02, (2, 2)) * [1.0, 60.0]) * [width_px, 1.0]) for end in ends]


def beads(length_px: float, width_px: float, rng: Generator) -> list[Path]:
    """A row of rings, bead beside bead, with a dot in each where there is room."""
    starts, pitch = repeats(length_px, max(width_px * rng.uniform(0.9, 1.2), 3.5 * LINE_WIDTH_PX))
    radius = rng.uniform(0.38, 0.44) * pitch
    middles = [np.array([0.5 * width_px, start + 0.5 * pitch]) for start in starts]
    dots = [middle[None] for middle in middles] if radius > 2.2 * LINE_WIDTH_PX else []
    return [ellipse(middle, (min(radius, 0.5 * width_px), radius)) for middle in middles] + dots


def meander(length_px: float, width_px: float, rng: Generator) -> list[Path]:
    """A square running meander."""
    starts, pitch = repeats(length_px, max(width_px * rng.uniform(1.0, 1.25), 7 * LINE_WIDTH_PX))
    key = np.array([[0.05, 0.0], [0.95, 0.0], [0.95, 0.72], [0.35, 0.72], [0.35, 0.4], [0.62, 0.4]])
    if rng.random() < 0.5:
        key[:, 1] = 1.0 - key[:, 1]
    foot = np.array([[0.05, 0.0], [0.05, 1.0]])
    return [polyline(line * [width_px, pitch] + [0, start]) for start in starts for line in (key, foot)]


# Ornaments with the widths, in scan pixels, in which they are at home on a large mirror.
ORNAMENTS: dict[str, tuple[Ornament, tuple[float, float]]] = {
    "dotted_rows": (dotted_rows, (50.0, 110.0)),
    "herringbone": (herringbone, (90.0, 170.0)),
    "tongues": (tongues, (110.0, 220.0)),
    "running_waves": (running_waves, (110.0, 230.0)),
    "laurel": (laurel, (170.0, 330.0)),
    "ivy": (ivy, (200.0, 340.0)),
    "cross_hatch": (cross_hatch, (80.0, 170.0)),
    "beads": (beads, (55.0, 100.0)),
    "meander": (meander, (110.0, 180.0)),
}


def palmette(size_px: float, rng: Generator) -> list[Path]:
    """A palmette on two volutes, as where the handle joins; it opens upwards and reaches about ``size_px``."""
    count = int(rng.integers(3, 6)) * 2 + 1
    picture: Picture = []
    heart = ellipse((0.18 * size_px, 0.0), (0.14 * size_px, 0.16 * size_px))
    picture.append(Layer([heart], [heart]))
    for i in sorted(range(count), key=lambda i: abs(i - count // 2)):
        turn = (i - count // 2) / (count // 2)
        length = size_px * (0.95 - 0.3 * abs(turn))
        root, tip = np.array([0.15 * size_px, 0.1 * turn * size_px]), reach((0.0, 0.0), np.pi - 1.35 * turn, length)
        half = 1.3 * length / count
        middle = (root + tip) / 2 + (-0.06 * size_px, -0.06 * turn * size_px)
        outline = curve(
            [
                root,
                shifted(middle, 0.0, -0.6 * half),
                shifted(tip, 0.0, -0.3 * half),
                shifted(tip, -0.2 * half, 0.0),
                shifted(tip, 0.0, 0.3 * half),
                shifted(middle, 0.0, 0.6 * half),
                root,
            ]
        )
        picture.append(Layer([outline], [outline]))
    for side in (1.0, -1.0):
        angle = np.linspace(0.0, 3.2 * np.pi, 26)
        radius = 0.26 * size_px * np.exp(-0.13 * angle)
        curl = np.stack(
            [0.42 * size_px - radius * np.cos(angle), side * (0.36 * size_px - radius * np.sin(angle))], axis=1
        )
        picture.append(Layer([curve(np.concatenate([[[0.2 * size_px, side * 0.12 * size_px]], curl]))]))
    return visible(picture)
