"""Every motif by name, drawn alone about the origin, as in a contact sheet.

A motif is a function of its size and a generator that gives a list of paths ``(N, 2)``, rows and columns in scan pixels
(40 a millimetre), which reach about ``size_px`` from the origin.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.random import Generator

from data.synthetic.animals import ANIMALS, Animal
from data.synthetic.figures import GARMENTS, figure, foot, hand, wing
from data.synthetic.fillers import FILLERS
from data.synthetic.heads import head
from data.synthetic.held import HELD, Thing
from data.synthetic.layers import moved, visible, warped
from data.synthetic.ornaments import ORNAMENTS, Ornament, palmette
from data.synthetic.paths import Path
from data.synthetic.skeleton import POSES

Motif = Callable[[float, Generator], list[Path]]


def _figure(size_px: float, rng: Generator, pose: str | None = None, garment: str | None = None) -> list[Path]:
    return visible(figure(2.0 * size_px, rng, pose, garment))


def _head(size_px: float, rng: Generator, bearded: bool = False, female: bool = False) -> list[Path]:
    return visible(head(1.3 * size_px, rng, bearded, female))


def _hand(size_px: float, rng: Generator, fist: bool) -> list[Path]:
    return visible(hand(np.array([-0.7 * size_px, 0.0]), 0.0, 1.5 * size_px, rng, fist))


def _foot(size_px: float, rng: Generator) -> list[Path]:
    return visible(moved(foot(np.zeros(2), 0.0, 10.0 * size_px, rng), (0.0, -0.4 * size_px)))


def _wing(size_px: float, rng: Generator) -> list[Path]:
    return visible(moved(wing(np.zeros(2), 2.2 * size_px, rng), (0.5 * size_px, 0.4 * size_px)))


def _animal(size_px: float, rng: Generator, animal: Animal) -> list[Path]:
    return visible(warped(animal(0.8 * size_px, rng), rng, size_px))


def _thing(size_px: float, rng: Generator, thing: Thing, reach: float) -> list[Path]:
    return visible(warped(thing(np.zeros(2), size_px / reach, rng), rng, size_px))


def _strip(size_px: float, rng: Generator, ornament: Ornament, width_px: float) -> list[Path]:
    return [path - (0.5 * width_px, size_px) for path in ornament(2.0 * size_px, width_px, rng)]


MOTIFS: dict[str, Motif] = {
    "man's head": partial(_head, bearded=True),
    "woman's head": partial(_head, female=True),
    "open hand": partial(_hand, fist=False),
    "fist": partial(_hand, fist=True),
    "foot": _foot,
    "wing": _wing,
    **{f"{pose} figure": partial(_figure, pose=pose) for pose in POSES},
    **{f"figure, {garment}": partial(_figure, garment=garment) for garment in GARMENTS},
    **{name: partial(_animal, animal=animal) for name, animal in ANIMALS.items()},
    **{name: partial(_thing, thing=thing, reach=reach) for name, (thing, reach) in HELD.items()},
    **{name: partial(_strip, ornament=each, width_px=sum(widths) / 2) for name, (each, widths) in ORNAMENTS.items()},
    "palmette": palmette,
    **{name: filler for name, (filler, _) in FILLERS.items()},
}
