"""Things that figures hold; each is a picture around the place of the hand, for a figure of ``height_px``."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from data.synthetic.layers import Layer, Picture, closed, curve, ellipse, leaf, limb, moved, polyline, reach, shifted
from data.synthetic.paths import LINE_WIDTH_PX, Path

Thing = Callable[[Path, float, Generator], Picture]


def shaft(grip: Path, height_px: float, rng: Generator, above: float = 0.45, half: float = 0.008) -> Layer:
    """A pole held upright: two lines from ``above`` the hand to the ground or the same below."""
    width = max(half * height_px, 1.1 * LINE_WIDTH_PX)
    below = min(0.5 - grip[0] / height_px, 0.8)
    lean = rng.normal(0.0, 0.06)
    foot, top = reach(grip, lean, below * height_px), reach(grip, np.pi + lean, above * height_px)
    return limb(polyline([foot, top]), ((0, width, width), (1, width, width)), tip=True)


def spear(grip: Path, height_px: float, rng: Generator) -> Picture:
    """A spear with a leaf-shaped head."""
    pole = shaft(grip, height_px, rng)
    top = (pole.lines[0][-1] + pole.lines[1][-1]) / 2
    along = pole.lines[0][-1] - pole.lines[0][0]
    along = along / np.hypot(*along)
    blade = leaf(top - 0.01 * height_px * along, top + 0.1 * height_px * along, 0.42)
    blade.lines.append(polyline([top, top + 0.075 * height_px * along]))
    return [blade, pole]


def sceptre(grip: Path, height_px: float, rng: Generator) -> Picture:
    """A long staff with a bud on top."""
    pole = shaft(grip, height_px, rng, above=rng.uniform(0.2, 0.4))
    top = (pole.lines[0][-1] + pole.lines[1][-1]) / 2
    bud = ellipse(top, (0.022 * height_px, 0.018 * height_px))
    petals = [leaf(top, reach(top, np.pi + turn, 0.055 * height_px), 0.5) for turn in (0.0, -0.7, 0.7)]
    return [Layer([bud], [bud]), *petals, pole]


def thyrsus(grip: Path, height_px: float, rng: Generator) -> Picture:
    """A staff with a pine cone, hatched crosswise, and leaves below it."""
    pole = shaft(grip, height_px, rng, above=rng.uniform(0.25, 0.4))
    top = (pole.lines[0][-1] + pole.lines[1][-1]) / 2
    size = 0.045 * height_px
    cone = closed([[-1.5, 0], [-0.8, 0.55], [0, 0.7], [0.6, 0.35], [0.6, -0.35], [0, -0.7], [-0.8, -0.55]], top, size)
    net = []
    for sign in (1.0, -1.0):
        for at in np.arange(-1.1, 1.2, max(0.5, 3.2 * LINE_WIDTH_PX / size)):
            stroke = polyline([[at - 0.5, -0.7 * sign], [at + 0.5, 0.7 * sign]], top, size)
            down, wide = ((stroke - top) / size).T
            net.append(stroke[(np.abs(wide) < 0.62 - 0.3 * np.maximum(-down, 0)) & (down > -1.25) & (down < 0.55)])
    leaves = [
        leaf(shifted(top, 0.6 * size, 0), reach(shifted(top, 0.6 * size, 0), turn, 1.2 * size), 0.4)
        for turn in (-1.0, 1.0)
    ]
    return [Layer([cone, *(line for line in net if len(line) > 2 * LINE_WIDTH_PX)], [cone]), *leaves, pole]


def branch(grip: Path, height_px: float, rng: Generator) -> Picture:
    """A twig with leaves on both sides."""
    lean = rng.normal(0.3, 0.3)
    stem = curve(
        [
            reach(grip, lean, 0.05 * height_px),
            reach(grip, np.pi + lean, 0.1 * height_px),
            reach(grip, np.pi + 0.6 * lean, 0.3 * height_px),
        ]
    )
    leaves: Picture = []
    for i, at in enumerate(np.linspace(0.35, 1.0, 9)):
        root = stem[int(at * (len(stem) - 1))]
        leaves.append(
            leaf(root, reach(root, np.pi + 0.6 * lean + (0.75 if i % 2 else -0.75) * (at < 1), 0.055 * height_px), 0.38)
        )
    return [*leaves, Layer([stem])]


def shield(grip: Path, height_px: float, rng: Generator) -> Picture:
    """A round shield with a rim, ticked or plain, and an emblem."""
    radius = rng.uniform(0.12, 0.18) * height_px
    rings = [ellipse(grip, (r, 0.93 * r)) for r in (radius, 0.86 * radius)]
    ticks = []
    if rng.random() < 0.6:
        for angle in np.linspace(0, 2 * np.pi, max(int(6.28 * radius / 60), 12), endpoint=False):
            ticks.append(
                polyline([reach(grip, angle, 0.88 * radius), reach(grip, angle + 0.05, 0.97 * radius)]) * [1, 0.93]
                + grip * [0, 0.07]
            )
    emblem = (
        star((0.0, 0.0), 0.5 * radius, rng)
        if rng.random() < 0.6
        else [Layer([ellipse((0, 0), (r, r)) for r in (0.2 * radius, 0.5 * radius)])]
    )
    return [*moved(emblem, grip), Layer([*rings, *ticks], [rings[0]])]


def star(centre: tuple[float, float], radius_px: float, rng: Generator) -> Picture:
    """A star or rosette of leaves around a disc."""
    small = radius_px < 12 * LINE_WIDTH_PX
    count = int(rng.integers(5, 7) if small else rng.integers(6, 11))
    plump = min(0.5, 2.2 / count) if small or rng.random() < 0.5 else 0.25
    turn = rng.uniform(0, 1)
    hub = ellipse(centre, (0.2 * radius_px, 0.2 * radius_px))
    petals = [
        leaf(reach(centre, a, 0.2 * radius_px), reach(centre, a, radius_px), plump)
        for a in turn + np.arange(count) * 2 * np.pi / count
    ]
    return [Layer([hub], [hub]), *petals]


def lyre(grip: Path, height_px: float, rng: Generator) -> Picture:
    """A tortoise-shell lyre: sound box, two curved arms, crossbar and strings."""
    size = 0.2 * height_px
    box = closed([[0.0, -0.3], [-0.05, 0.0], [0.0, 0.3], [0.3, 0.3], [0.42, 0.0], [0.3, -0.3]], grip, size)
    layers: Picture = [
        Layer([box, ellipse(shifted(np.asarray(grip), 0.18 * size, 0), (0.1 * size, 0.18 * size))], [box])
    ]
    bar = limb(
        polyline([[-0.72, -0.42], [-0.72, 0.42]], grip, size),
        ((0, 0.03 * size, 0.03 * size), (1, 0.03 * size, 0.03 * size)),
        tip=True,
    )
    layers.append(bar)
    strings = [
        polyline([[-0.7, at * 1.3], [0.0, at]], grip, size)
        for at in np.linspace(-0.14, 0.14, max(int(0.28 * size / 32), 2))
    ]
    layers.append(Layer(strings))
    for sign in (1.0, -1.0):
        arm = curve([[0.05, sign * 0.25], [-0.3, sign * 0.42], [-0.6, sign * 0.28], [-0.85, sign * 0.38]], grip, size)
        layers.append(limb(arm, ((0, 0.07 * size, 0.07 * size), (1, 0.035 * size, 0.035 * size)), tip=True))
    return moved(layers, (0, 0))


def bowl(grip: Path, height_px: float, rng: Generator) -> Picture:
    """A shallow bowl on the hand, its inside turned to the viewer or seen from the side."""
    size = 0.075 * height_px
    centre = shifted(np.asarray(grip), -0.35 * size, 0.2 * size)
    rim = ellipse(centre, (0.22 * size, size))
    belly = curve([[0.0, -1.0], [0.5, -0.6], [0.62, 0.0], [0.5, 0.6], [0.0, 1.0]], centre, size)
    return [Layer([rim, belly], [belly])]


def flask(grip: Path, height_px: float, rng: Generator) -> Picture:
    """An oil flask: long body with bands, narrow neck, flat lip."""
    size = 0.07 * height_px
    body = closed(
        [[-0.5, -0.16], [0.0, -0.38], [0.8, -0.42], [1.15, 0.0], [0.8, 0.42], [0.0, 0.38], [-0.5, 0.16]], grip, size
    )
    lip = ellipse(shifted(np.asarray(grip), -0.62 * size, 0), (0.1 * size, 0.4 * size))
    bands = [polyline([[at, -0.38], [at, 0.38]], grip, size) for at in (0.05, 0.3)]
    return [Layer([lip], [lip]), Layer([body, *bands], [body])]


# Things by name, with how far they reach from the hand, in heights of the figure.
HELD: dict[str, tuple[Thing, float]] = {
    "spear": (spear, 0.55),
    "sceptre": (sceptre, 0.5),
    "thyrsus": (thyrsus, 0.5),
    "branch": (branch, 0.35),
    "shield": (shield, 0.18),
    "lyre": (lyre, 0.2),
    "bowl": (bowl, 0.09),
    "flask": (flask, 0.09),
}
