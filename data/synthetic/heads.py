"""Heads in profile, facing right: face, eye, ear, hair, beard and what is worn; the neck that carries them.

Shapes are given in head heights about the head's middle, (down, forward).
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from data.synthetic.layers import Layer, Picture, blend, closed, curve, ellipse, hatching, leaf, limb, part, polyline
from data.synthetic.paths import LINE_WIDTH_PX, Path, resample

# The profile, in pieces that meet at corners.
NOSE = ((-0.33, 0.33), (-0.2, 0.385), (-0.08, 0.4), (0.02, 0.45), (0.13, 0.515))
NOSTRIL = ((0.13, 0.515), (0.165, 0.49), (0.175, 0.425))
UPPER_LIP = ((0.175, 0.425), (0.215, 0.455), (0.255, 0.44), (0.262, 0.4))
LOWER_LIP = ((0.262, 0.4), (0.285, 0.445), (0.325, 0.43), (0.345, 0.395))
CHIN = (
    (0.345, 0.395),
    (0.4, 0.415),
    (0.455, 0.39),
    (0.495, 0.31),
    (0.47, 0.16),
    (0.4, 0.05),
    (0.27, -0.04),
    (0.15, -0.07),
)
SKULL = (
    (-0.36, 0.3),
    (-0.47, 0.14),
    (-0.52, -0.06),
    (-0.46, -0.3),
    (-0.28, -0.46),
    (-0.02, -0.49),
    (0.2, -0.4),
    (0.33, -0.27),
)
HAIRLINE = (
    (-0.36, 0.3),
    (-0.27, 0.25),
    (-0.16, 0.17),
    (-0.08, 0.06),
    (0.06, 0.0),
    (0.2, -0.08),
    (0.3, -0.18),
    (0.33, -0.27),
)
BEARD = (
    (0.02, 0.04),
    (0.12, 0.1),
    (0.2, 0.24),
    (0.23, 0.36),
    (0.34, 0.4),
    (0.5, 0.47),
    (0.66, 0.42),
    (0.6, 0.25),
    (0.47, 0.08),
    (0.3, -0.05),
    (0.1, -0.08),
)
EYE_WIDTH = 0.16
STRAND_PX = 45.0  # between strands of hair


def head(height_px: float, rng: Generator, bearded: bool = False, female: bool = False) -> Picture:
    """A head of ``height_px`` from chin to crown, its middle at the origin; small ones go without their details."""
    face = _face(height_px, rng)
    fine = height_px > 16 * LINE_WIDTH_PX
    picture: Picture = []
    if female and rng.random() < 0.6:
        picture += diadem(height_px, rng)
    elif rng.random() < 0.25:
        picture += helmet(height_px, rng)
    elif rng.random() < 0.6:
        picture += fillet(height_px, rng)
    if fine:
        picture += ear(height_px, rng, earring=female)
    if bearded:
        picture += beard(height_px, rng)
    picture += hair(height_px, rng, style="bun" if female and rng.random() < 0.5 else None)
    return [*picture, face]


def _face(height_px: float, rng: Generator) -> Layer:
    """Profile and features as one layer; noses, lips and chins differ."""
    nose = np.array(NOSE)
    nose[3:, 1] += rng.normal(0.0, 0.02)
    nose[1:3, 1] += rng.normal(0.0, 0.012)
    nostril = np.array(NOSTRIL)
    nostril[0] = nose[-1]
    chin = np.array(CHIN)
    chin[1:4] += rng.normal(0.0, 0.012, (1, 2))
    profile = [curve(points, scale=height_px) for points in (nose, nostril, UPPER_LIP, LOWER_LIP, chin)]
    outline = np.concatenate([*profile, curve(SKULL[::-1], scale=height_px)])
    lines = [*profile[:-1], part(profile[-1], 0.0, rng.uniform(0.7, 0.95))]
    lines += eye(height_px, rng)
    mouth = np.array([[0.262, 0.4], [0.268, 0.35], [0.255 + rng.normal(0.0, 0.01), 0.3]])
    lines.append(curve(mouth, scale=height_px))
    if height_px > 20 * LINE_WIDTH_PX:
        lines.append(curve([[0.17, 0.42], [0.13, 0.39], [0.15, 0.36]], scale=height_px))  # the wing of the nose
    return Layer(lines, [outline])


def eye(height_px: float, rng: Generator) -> list[Path]:
    """An almond eye, open towards the front, its iris and the brow above; ``height_px`` is the head's."""
    down, width = -0.035 + rng.normal(0.0, 0.01), EYE_WIDTH * rng.uniform(0.9, 1.15)
    inner, outer = 0.345, 0.345 - width
    upper = curve(
        [
            [down + 0.01, inner + 0.01],
            [down - 0.05, inner - 0.05],
            [down - 0.04, outer + 0.05],
            [down + 0.02, outer - 0.03],
        ],
        scale=height_px,
    )
    lower = curve([[down + 0.035, inner - 0.01], [down + 0.05, inner - 0.07], [down + 0.02, outer]], scale=height_px)
    lift = rng.uniform(0.0, 0.03)
    brow = curve(
        [
            [down - 0.09, inner + 0.035],
            [down - 0.13 - lift, inner - 0.06],
            [down - 0.12 - lift, outer],
            [down - 0.07, outer - 0.06],
        ],
        scale=height_px,
    )
    lines = [upper, lower, brow]
    if width * height_px > 5 * LINE_WIDTH_PX:
        iris = height_px * 0.035
        lines.append(ellipse((height_px * down, height_px * (inner - 0.06)), (iris, iris)))
    if height_px > 45 * LINE_WIDTH_PX:
        lines.append(blend(upper, brow, 0.3)[8:-8])
    return lines


def ear(height_px: float, rng: Generator, earring: bool) -> Picture:
    """A small ear with its inner curl, and a round earring."""
    rim = curve(
        [[0.1, -0.06], [0.02, -0.02], [-0.06, -0.05], [-0.08, -0.13], [-0.02, -0.18], [0.06, -0.15], [0.12, -0.1]],
        scale=height_px,
    )
    curl = curve([[-0.01, -0.07], [-0.03, -0.12], [0.02, -0.13], [0.05, -0.1]], scale=height_px)
    layers = [Layer([rim, curl], [np.concatenate([rim, rim[:1]])])]
    if earring:
        size = height_px * rng.uniform(0.05, 0.075)
        centre = (height_px * 0.12 + size, -0.09 * height_px)
        ring = ellipse(centre, (size, size))
        boss = [ellipse(centre, (0.4 * size, 0.4 * size))] if size > 3 * LINE_WIDTH_PX else []
        layers.insert(0, Layer([ring, *boss], [ring]))
    return layers


def hair(height_px: float, rng: Generator, style: str | None = None) -> Picture:
    """Hair over the skull, ``style`` one of ``short``, ``curls``, ``bun`` and ``long``, or any."""
    style = style or str(rng.choice(["short", "curls", "bun", "long"]))
    skull, hairline = curve(SKULL, scale=height_px), curve(HAIRLINE, scale=height_px)
    cover = np.concatenate([skull, hairline[::-1]])
    strands = []
    for strand in hatching(skull, hairline, STRAND_PX * rng.uniform(0.85, 1.3), rng, loose=0.3):
        waves = np.arange(len(strand)) / (0.2 * height_px) + 0.1 * rng.random()
        sway = min(0.17 * STRAND_PX, 0.02 * height_px) * np.sin(2 * np.pi * waves)
        strands.append(resample(strand + np.stack([sway, sway], axis=1)))
    cap = Layer([skull, hairline, *strands], [cover])
    if style == "curls":
        return [*curls(hairline, 0.085 * height_px, rng), cap]
    if style == "bun":
        return [*_bun(height_px, rng), cap]
    if style == "long":
        return [cap, *locks(height_px, rng)]
    return [cap]


def curls(along: Path, size_px: float, rng: Generator) -> Picture:
    """A row of snail curls along a path."""
    size = max(size_px, 2.2 * LINE_WIDTH_PX)
    layers = []
    for at in np.arange(0.5 * size, len(along) - 0.3 * size, 1.5 * size):
        centre = along[int(at)]
        ring = ellipse(centre, (0.75 * size, 0.75 * size), (turn := rng.uniform(0, 2 * np.pi), turn + 1.75 * np.pi))
        inner = [ellipse(centre, (0.3 * size, 0.3 * size), (turn, turn + 4.5))] if size > 4 * LINE_WIDTH_PX else []
        layers.append(Layer([ring, *inner], [ring]))
    return layers


def _bun(height_px: float, rng: Generator) -> Picture:
    """A knot of hair at the nape, bound with a band."""
    size = height_px * rng.uniform(0.14, 0.19)
    centre = np.array([rng.uniform(0.05, 0.25), -0.55]) * height_px
    knot = ellipse(centre, (size, 1.1 * size))
    left, right = ellipse(centre, (size, 1.1 * size), (-0.5, -2.6)), ellipse(centre, (size, 1.1 * size), (0.5, 2.6))
    return [Layer([knot, *hatching(left, right, STRAND_PX, rng)], [knot])]


def locks(height_px: float, rng: Generator) -> Picture:
    """Long locks that fall over the shoulder."""
    layers = []
    for i in range(int(rng.integers(2, 5))):
        start = np.array([0.12, -0.2 - 0.07 * i]) * height_px
        fall = np.array([[0, 0], [0.3, -0.07], [0.6, 0.0], [0.8 + 0.1 * rng.random(), -0.06 - 0.05 * i]])
        spine = curve(fall + rng.normal(0, 0.015, fall.shape), start, height_px)
        width = 0.05 * height_px
        lock = limb(spine, ((0, width, width), (0.7, width, width), (1, 0.2 * width, 0.2 * width)), tip=True)
        if width > 3 * LINE_WIDTH_PX:
            lock.lines.append(part(spine, 0.1, 0.85))
        layers.append(lock)
    return layers


def beard(height_px: float, rng: Generator) -> Picture:
    """A full beard and moustache in strands."""
    outline = closed(np.array(BEARD) * [rng.uniform(0.95, 1.15), 1.0], scale=height_px)
    near, far = curve(BEARD[:6], scale=height_px), curve(BEARD[:5:-1], scale=height_px)
    moustache = curve([[0.2, 0.43], [0.24, 0.33], [0.33, 0.27]], scale=height_px)
    return [Layer([moustache]), Layer([outline, *hatching(near, far, STRAND_PX, rng, loose=0.3)], [outline])]


def fillet(height_px: float, rng: Generator) -> Picture:
    """A band around the hair, sometimes with leaves."""
    lift = rng.normal(0.0, 0.02)
    middle = curve([[-0.36 + lift, 0.33], [-0.27 + lift, 0.1], [-0.1, -0.18], [0.02, -0.5]], scale=height_px)
    width = max(0.03 * height_px, 1.3 * LINE_WIDTH_PX)
    band = limb(middle, ((0, width, width), (1, width, width)))
    if rng.random() < 0.5:
        return [band]
    sprigs = []
    for at in np.linspace(0.08, 0.85, max(int(0.75 * height_px / 60), 3)):
        root = middle[int(at * len(middle))]
        tip = root + height_px * np.array([-0.11, 0.08 - 0.1 * at])
        sprigs.append(leaf(root, tip, 0.3))
    return [*sprigs, band]


def diadem(height_px: float, rng: Generator) -> Picture:
    """A raised diadem above the forehead, rimmed and dotted."""
    lower = curve([[-0.34, 0.34], [-0.3, 0.16], [-0.18, -0.08], [-0.08, -0.22]], scale=height_px)
    rise = rng.uniform(0.12, 0.2)
    arch = lower + height_px * np.array([-rise, 0.02]) * np.sin(np.linspace(0.5, np.pi, len(lower)))[:, None] ** 0.7
    upper = resample(arch)
    lines = [lower, upper, polyline([lower[0], upper[0]])]
    count = int(len(lower) / (4 * LINE_WIDTH_PX))
    middle = blend(lower, upper, 0.5)
    lines += (
        [middle[int(at) :][:1] for at in np.linspace(0.12, 0.8, count) * len(middle)] if rise * height_px > 45 else []
    )
    return [Layer(lines, [np.concatenate([lower, upper[::-1]])])]


def helmet(height_px: float, rng: Generator) -> Picture:
    """A crested helmet, its rim over the forehead, the crest's hair in short strokes."""
    bowl = curve(
        [[-0.27, 0.4], [-0.45, 0.26], [-0.57, -0.04], [-0.48, -0.37], [-0.2, -0.53], [0.1, -0.52], [0.32, -0.42]],
        scale=height_px,
    )
    rim = curve([[-0.27, 0.4], [-0.2, 0.14], [-0.04, -0.02], [0.16, -0.16], [0.32, -0.42]], scale=height_px)
    band = rim + height_px * np.array([-0.05, -0.02])
    cap = Layer([bowl, rim, band], [np.concatenate([bowl, rim[::-1]])])
    if rng.random() < 0.4:
        return [cap]
    outer = curve(
        [[-0.62, 0.42], [-0.78, 0.1], [-0.74, -0.35], [-0.4, -0.74], [0.1, -0.8], [0.5, -0.7]], scale=height_px
    )
    inner = curve(
        [[-0.48, 0.3], [-0.59, 0.0], [-0.5, -0.38], [-0.2, -0.56], [0.15, -0.55], [0.5, -0.6]], scale=height_px
    )
    strokes = []
    for at in np.linspace(0.03, 0.97, max(int(len(outer) / 55), 5)):
        stroke = polyline([inner[int(at * (len(inner) - 1))], outer[int(at * (len(outer) - 1))]])
        strokes.append(part(stroke, 0.2, 1.0))
    crest = Layer([outer, inner, polyline([outer[0], inner[0]]), *strokes], [np.concatenate([outer, inner[::-1]])])
    return [cap, crest]
