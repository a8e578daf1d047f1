"""All motifs by name, each drawn alone about the origin; and the free strokes that fill what a scene leaves open.

A motif is a function of its size and a generator that gives a list of paths ``(N, 2)``, rows and columns in scan pixels
(40 a millimetre), which reach about ``size_px`` from the origin.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from data.synthetic.animals import ANIMALS, Animal
from data.synthetic.figures import GARMENTS, figure, foot, hand, wing
from data.synthetic.grooves import Path, resample, spline
from data.synthetic.heads import head
from data.synthetic.held import HELD, Thing, star
from data.synthetic.layers import Picture, moved, visible, warped
from data.synthetic.lettering import inscription
from data.synthetic.ornaments import ORNAMENTS, Ornament, palmette
from data.synthetic.skeleton import POSES

MOST_REPEATS = 10  # of parallel folds, or of scales in each direction: more would fill a mirror with one motif

Motif = Callable[[float, Generator], list[Path]]


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


# The free strokes that fill what a scene leaves open, with the odds of each.
FILLERS: dict[str, float] = {
    "long_line": 0.22,
    "folds": 0.24,
    "scales": 0.14,
    "volute": 0.1,
    "roundel": 0.06,
    "inscription": 0.12,
    "star": 0.12,
}


def _figure(size_px: float, rng: Generator, pose: str | None = None, garment: str | None = None) -> list[Path]:
    return visible(figure(2.0 * size_px, rng, pose, garment))


def _about_origin(picture: Picture, shift: tuple[float, float] = (0.0, 0.0)) -> list[Path]:
    return visible(moved(picture, shift))


def _hand(size_px: float, rng: Generator, fist: bool) -> list[Path]:
    return visible(hand(np.array([-0.7 * size_px, 0.0]), 0.0, 1.5 * size_px, rng, fist))


def _of_pose(pose: str) -> Motif:
    return lambda size_px, rng: _figure(size_px, rng, pose=pose)


def _of_garment(garment: str) -> Motif:
    return lambda size_px, rng: _figure(size_px, rng, garment=garment)


def _of_animal(animal: Animal) -> Motif:
    return lambda size_px, rng: visible(warped(animal(0.8 * size_px, rng), rng, size_px))


def _of_thing(thing: Thing, reach: float) -> Motif:
    return lambda size_px, rng: visible(warped(thing(np.zeros(2), size_px / reach, rng), rng, size_px))


def _of_ornament(ornament: Ornament, width_px: float) -> Motif:
    def strip(size_px: float, rng: Generator) -> list[Path]:
        return [path - (0.5 * width_px, size_px) for path in ornament(2.0 * size_px, width_px, rng)]

    return strip


# How far things reach from the hand, in heights of the figure that holds them.
THING_REACH = {
    "spear": 0.55, "sceptre": 0.5, "thyrsus": 0.5, "branch": 0.35, "shield": 0.18, "lyre": 0.2, "bowl": 0.09,
    "flask": 0.09,
}  # fmt: skip

# Every motif by name, to be drawn alone, as in a contact sheet.
MOTIFS: dict[str, Motif] = {
    "man's head": lambda size_px, rng: visible(head(1.3 * size_px, rng, bearded=True)),
    "woman's head": lambda size_px, rng: visible(head(1.3 * size_px, rng, female=True)),
    "open hand": lambda size_px, rng: _about_origin(
        hand(np.array([-0.7 * size_px, 0.0]), 0.0, 1.5 * size_px, rng, False)
    ),
    "fist": lambda size_px, rng: _hand(size_px, rng, fist=True),
    "foot": lambda size_px, rng: _about_origin(foot(np.zeros(2), 0.0, 10.0 * size_px, rng), (0.0, -0.4 * size_px)),
    "wing": lambda size_px, rng: _about_origin(wing(np.zeros(2), 2.2 * size_px, rng), (0.5 * size_px, 0.4 * size_px)),
    **{f"{pose} figure": _of_pose(pose) for pose in POSES},
    **{f"figure, {garment}": _of_garment(garment) for garment in GARMENTS},
    **{name: _of_animal(animal) for name, animal in ANIMALS.items()},
    **{name: _of_thing(thing, THING_REACH[name]) for name, thing in HELD.items()},
    **{name: _of_ornament(ornament, sum(width) / 2) for name, (ornament, width) in ORNAMENTS.items()},
    "palmette": palmette,
    "inscription": inscription,
    "star": lambda size_px, rng: visible(star((0.0, 0.0), min(size_px, 200.0), rng)),
    "long_line": long_line,
    "folds": folds,
    "scales": scales,
    "volute": volute,
    "roundel": roundel,
}


def placed(paths: list[Path], centre: tuple[float, float], angle: float) -> list[Path]:
    """Turn the paths about the origin by ``angle`` (radians) and move them to ``centre`` (row, column)."""
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return [path @ turn + np.array(centre) for path in paths]
