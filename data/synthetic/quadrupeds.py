"""Four-footed animals in profile, facing right, each about twice ``size_px`` long, its middle near the origin.

A quadruped is a row of joints with widths; species differ in proportions, head, neck, tail and coat.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator

from data.synthetic.layers import Layer, Picture, closed, curve, ellipse, limb, moved, reach, shifted
from data.synthetic.paths import LINE_WIDTH_PX, Path


@dataclass(frozen=True)
class Build:
    """Proportions of a quadruped in units of half its length.

    Attributes
    ----------
    chest, waist : half the height of the body in front and in the middle
    neck, neck_width : its length and half its width
    neck_angle : from straight down, forward
    skull : the head's length
    leg, leg_width : their length and half their width at the thigh
    tail : length and how far it is lifted, in radians
    """

    chest: float
    waist: float
    neck: float
    neck_width: float
    neck_angle: float
    skull: float
    leg: float
    leg_width: float
    tail: tuple[float, float]


DOG = Build(0.23, 0.14, 0.28, 0.12, 2.3, 0.34, 0.52, 0.11, (0.6, 1.0))
HORSE = Build(0.28, 0.24, 0.55, 0.2, 2.45, 0.42, 0.82, 0.13, (0.75, 0.3))
DEER = Build(0.23, 0.19, 0.42, 0.1, 2.6, 0.3, 0.68, 0.09, (0.18, 0.6))
PANTHER = Build(0.24, 0.19, 0.2, 0.15, 2.1, 0.33, 0.42, 0.13, (0.9, 1.3))


def quadruped(size_px: float, rng: Generator, build: Build) -> tuple[Picture, Path, float]:
    """Body, neck, legs and tail; also where the head begins and how the neck is turned."""
    s = size_px
    build = replace(
        build, **{name: getattr(build, name) * rng.uniform(0.85, 1.15) for name in ("chest", "waist", "neck", "leg")}
    )
    back = curve([[0.0, -0.62], [-0.06, -0.3], [0.0, 0.1], [-0.03, 0.5]], scale=s)
    w, c = build.waist * s, build.chest * s
    body = limb(back, ((0, 0.85 * c, 0.9 * c), (0.45, w, w), (0.8, c, c), (1, 0.8 * c, 0.8 * c)), tip=True)
    rump = cap_line(body)
    angle = build.neck_angle + rng.normal(0.0, 0.12)
    root = np.array([-0.05, 0.5]) * s
    top = reach(root, angle, build.neck * s)
    thick = build.neck_width * s
    neck = limb(
        curve([root, (root + top) / 2 + (0.03 * s, 0.02 * s), top]),
        ((0, 1.5 * thick, 1.3 * thick), (1, 0.75 * thick, 0.75 * thick)),
        shown=0.25,
    )
    body.lines.append(rump)
    layers: Picture = [neck]
    near: list[Picture] = []
    far: list[Picture] = []
    for hip, bend in ((-0.55, 1.0), (0.52, -1.0)):
        for group, swing in ((near, rng.normal(0.12, 0.18)), (far, rng.normal(-0.15, 0.18))):
            group.append(_leg(np.array([0.02, hip]) * s, build, s, bend, swing))
    layers += [layer for group in near for layer in group] + [body] + [layer for group in far for layer in group]
    layers += [_tail(np.array([-0.08, -0.8]) * s, build, s)]
    return layers, top, angle


def cap_line(body: Layer) -> Path:
    """The rounded start of a limb, which its cover ends with."""
    left, right = body.lines[0][0], body.lines[1][0]
    cover = body.covers[0]
    start = int(np.argmin(np.hypot(*(cover - right).T)))
    line = cover[start:]
    return line if len(line) > 2 else np.stack([right, left])


def _leg(hip: Path, build: Build, scale: float, bend: float, swing: float) -> Picture:
    """One leg with its hoof or paw; ``bend`` is 1 for a hind leg, -1 for a fore leg."""
    length, width = build.leg * scale, build.leg_width * scale
    knee = reach(hip, swing + 0.2 * bend, 0.5 * length)
    hock = reach(knee, swing - 0.5 * max(bend, 0.2) - 0.1, 0.32 * length)
    sole = reach(hock, swing + 0.12, 0.3 * length)
    leg = limb(
        curve([hip, knee, hock, sole]),
        (
            (0, width, 1.2 * width),
            (0.45, 0.6 * width, 0.6 * width),
            (0.75, 0.38 * width, 0.4 * width),
            (1, 0.36 * width, 0.36 * width),
        ),
        shown=0.18,
    )
    toe = 0.5 * width
    foot = closed([[-0.2, -0.8], [-0.3, 0.8], [0.9, 1.7], [0.95, -0.9]], sole, toe)
    return [Layer([foot], [foot]), leg]


def _tail(root: Path, build: Build, scale: float) -> Layer:
    """A tail that swings back and up."""
    length, lift = build.tail[0] * scale, build.tail[1]
    spine = curve(
        [
            root,
            reach(root, -0.7 - 0.5 * lift, 0.4 * length),
            reach(root, -0.35 - 0.5 * lift, 0.75 * length),
            reach(root, -0.5 - lift, length),
        ]
    )
    width = max(0.035 * scale, LINE_WIDTH_PX)
    return limb(spine, ((0, 1.3 * width, 1.3 * width), (0.7, width, width), (1, 0.6 * width, 0.6 * width)), tip=True)


def _head(top: Path, angle: float, build: Build, scale: float, snout: float) -> Layer:
    """A long head with eye, nostril and mouth; ``snout`` is how thick its end is."""
    size = build.skull * scale
    outline = [
        [-0.32, -0.28],
        [-0.36, 0.1],
        [-0.18, 0.55],
        [-0.05, 0.95],
        [0.05 + snout, 1.0],
        [0.12 + snout, 0.8],
        [0.2 + 0.5 * snout, 0.45],
        [0.3, 0.05],
        [0.1, -0.3],
    ]
    contour = closed(outline, scale=size)
    lines = [
        contour,
        ellipse((-0.12 * size, 0.22 * size), (0.07 * size, 0.09 * size)),
        curve([[0.1 + 0.6 * snout, 0.98], [0.12 + 0.4 * snout, 0.7], [0.13 + 0.3 * snout, 0.55]], scale=size),
    ]
    lines.append(curve([[-0.22, 0.14], [-0.24, 0.26], [-0.14, 0.36]], scale=size))
    return moved([Layer(lines, [contour])], top, 0.55 * (angle - 2.4) - 0.35)[0]


def _ear(top: Path, size: float, angle: float) -> Layer:
    outline = closed([[0.0, -0.12], [-0.35, -0.16], [-0.62, 0.0], [-0.3, 0.14], [0.0, 0.1]], scale=size)
    return moved([Layer([outline], [outline])], shifted(top, -0.25 * size, -0.1 * size), angle)[0]


def dog(size_px: float, rng: Generator) -> Picture:
    """A hound, with ribs and a collar."""
    body, top, angle = quadruped(size_px, rng, DOG)
    ribs = Layer(
        [curve([[-0.1, at], [0.03, at - 0.05], [0.12, at - 0.02]], scale=size_px) for at in (0.05, 0.18, 0.31)]
    )
    skull = DOG.skull * size_px
    return [_ear(top, skull, 0.5), _head(top, angle, DOG, size_px, 0.05), ribs, *body]


def horse(size_px: float, rng: Generator) -> Picture:
    """A horse with mane and bridle."""
    body, top, angle = quadruped(size_px, rng, HORSE)
    root = np.array([-0.05, 0.42]) * size_px
    mane: list[Path] = []
    for at in np.linspace(0.05, 1.0, max(int(HORSE.neck * size_px / 55), 4)):
        start = (1 - at) * (shifted(root, -0.28 * size_px, -0.15 * size_px)) + at * (
            shifted(top, -0.1 * size_px, -0.1 * size_px)
        )
        mane.append(
            curve(
                [start, shifted(start, 0.03 * size_px, 0.05 * size_px), shifted(start, 0.11 * size_px, 0.07 * size_px)]
            )
        )
    bridle = Layer([curve([[-0.12, -0.05], [0.02, 0.05], [0.12, 0.02]], top, HORSE.skull * size_px)])
    return [
        _ear(top, 0.6 * HORSE.skull * size_px, 0.2),
        bridle,
        _head(top, angle, HORSE, size_px, 0.1),
        Layer(mane),
        *body,
    ]


def deer(size_px: float, rng: Generator) -> Picture:
    """A stag with antlers and a dappled coat."""
    body, top, angle = quadruped(size_px, rng, DEER)
    skull = DEER.skull * size_px
    antlers: Picture = []
    for sway in (0.15, -0.25):
        beam = curve([[-0.2, 0.0], [-0.8, -0.25 + sway], [-1.5, -0.1 + sway], [-1.9, 0.25 + sway]], top, skull)
        antlers.append(Layer([beam]))
        for at in (0.3, 0.55, 0.8):
            root = beam[int(at * len(beam))]
            antlers.append(Layer([curve([root, reach(root, 2.2, 0.18 * skull), reach(root, 2.5, 0.42 * skull)])]))
    spots = [rng.uniform((-0.13, -0.6), (0.1, 0.45), (1, 2)) * size_px for _ in range(int(min(14, size_px / 30)))]
    return [_ear(top, 0.7 * skull, 0.9), _head(top, angle, DEER, size_px, 0.0), *antlers, Layer(spots), *body]


def panther(size_px: float, rng: Generator) -> Picture:
    """A panther with spots like small arcs."""
    body, top, angle = quadruped(size_px, rng, PANTHER)
    size = max(0.035 * size_px, 1.2 * LINE_WIDTH_PX)
    spots = [
        ellipse(place * size_px, (size, size), (turn := rng.uniform(0, 6.28), turn + 4.0))
        for place in rng.uniform((-0.15, -0.7), (0.12, 0.5), (int(min(16, size_px / 25)), 2))
    ]
    skull = PANTHER.skull * size_px
    return [_ear(top, 0.6 * skull, 0.5), _head(top, angle, PANTHER, size_px, 0.08), Layer(spots), *body]
