"""The scene in a mirror's middle: figures side by side on a ground line, animals and names between them, an exergue.

Pictures are about the tondo's centre, upright, in scan pixels.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from data.synthetic.animals import ANIMALS
from data.synthetic.figures import figure
from data.synthetic.held import star
from data.synthetic.layers import Layer, Picture, moved, polyline, shifted, warped
from data.synthetic.lettering import inscription
from data.synthetic.ornaments import ORNAMENTS, palmette
from data.synthetic.paths import LINE_WIDTH_PX

MOST_FIGURES = 4
LEAST_FIGURE_PX = (1300.0, 2400.0)  # small mirrors show a part of figures as large as those of large ones
ROOM = 0.42  # of its height that a figure takes sideways
GROUND = (0.56, 0.68)  # of the radius, below the centre
FACING_IN = 0.8  # odds that a figure looks towards the middle
COMPANIONS = ("dog", "deer", "panther", "swan", "horse")  # animals between figures
GROUND_ORNAMENTS = ("herringbone", "tongues", "running_waves", "cross_hatch", "meander")  # below the ground line


def scene(radius_px: float, rng: Generator) -> list[Picture]:
    """What fills a tondo of ``radius_px``: a whole scene, or, where it is small, a part of one; the foremost first."""
    ground = rng.uniform(*GROUND) * radius_px
    height = (ground + rng.uniform(0.8, 0.92) * radius_px) / 1.05
    least = rng.uniform(*LEAST_FIGURE_PX)
    if height < least:
        return _detail(least, rng)
    most = int(np.clip(round(1.75 * radius_px / (ROOM * height)), 1, MOST_FIGURES))
    count = int(rng.integers(max(most - 1, 1), most + 1))
    return [*figures(count, height, 0.85 * radius_px, ground, rng), exergue(radius_px, ground, rng)]


def figures(count: int, height_px: float, reach_px: float, ground_px: float, rng: Generator) -> list[Picture]:
    """``count`` figures side by side within ``reach_px`` of the middle, standing on the row ``ground_px``; animals."""
    places = (np.arange(count) - (count - 1) / 2) * min(2 * reach_px / count, 1.1 * ROOM * height_px)
    people: list[Picture] = []
    for place in places:
        height = height_px * rng.uniform(0.94, 1.02)
        inward = rng.random() < FACING_IN
        mirrored = bool((place > 0) == inward) if place else bool(rng.random() < 0.5)
        person = figure(height, rng)
        column = place + 0.04 * height * rng.standard_normal()
        people.append(moved(person, (ground_px - 0.5 * height, column), mirrored=mirrored))
    found = [people[i] for i in rng.permutation(count)]
    for gap in (places[1:] + places[:-1]) / 2:
        if rng.random() < 0.5:
            name = str(rng.choice(COMPANIONS))
            size = height_px * rng.uniform(0.13, 0.2)
            animal = warped(ANIMALS[name](size, rng), rng, size)
            low = max(cover[:, 0].max() for layer in animal for cover in layer.covers)
            found.append(moved(animal, (ground_px - low, gap), mirrored=bool(rng.random() < 0.5)))
    return found


def _detail(height_px: float, rng: Generator) -> list[Picture]:
    """A figure of ``height_px`` of which a small tondo shows a part; another stands half behind it."""
    row, column = rng.uniform(-0.45, 0.2) * height_px, 0.1 * height_px * rng.standard_normal()
    mirrored = bool(rng.random() < 0.5)
    main = moved(figure(height_px, rng), (-row, column), mirrored=mirrored)
    aside = rng.choice([-1.0, 1.0]) * ROOM * height_px
    other = moved(figure(height_px, rng), (-row, column + aside), mirrored=bool(rng.random() < 0.5))
    return [main, other]


def exergue(radius_px: float, ground_px: float, rng: Generator) -> Picture:
    """The ground line, a strip of ornament below it, and something in the segment that remains."""
    half = np.sqrt(radius_px**2 - ground_px**2)
    width = rng.uniform(0.05, 0.085) * radius_px
    gap = 2.2 * LINE_WIDTH_PX
    rows = [ground_px, ground_px + gap, ground_px + 2 * gap + width, ground_px + 3 * gap + width]
    lines = [polyline([[row, -half], [row, half]]) for row in rows]
    if width > 4 * LINE_WIDTH_PX:
        ornament = ORNAMENTS[str(rng.choice(GROUND_ORNAMENTS))][0]
        lines += [shifted(path, ground_px + 1.5 * gap, -half) for path in ornament(2 * half, width, rng)]
    below = rows[-1] + 0.5 * (radius_px - rows[-1])
    size = 0.42 * (radius_px - rows[-1])
    kind = rng.choice(["dolphin", "palmette", "star", "snake"])
    filling: Picture
    if kind == "palmette":
        filling = [Layer([shifted(path, 0.25 * size, 0.0) for path in palmette(size, rng)])]
    elif kind == "star":
        filling = star((0.0, 0.0), size, rng)
    else:
        filling = warped(ANIMALS[str(kind)](1.4 * size, rng), rng, size)
    return [Layer(lines), *moved(filling, (below, 0.0), mirrored=bool(rng.random() < 0.5))]


def names(radius_px: float, count: int, rng: Generator) -> list[Picture]:
    """Names, stars and the like that fill free places; each about the origin, within a sixth of ``radius_px`` or so."""
    found: list[Picture] = []
    for _ in range(count):
        if rng.random() < 0.6:
            found.append([Layer(inscription(0.25 * radius_px, rng))])
        else:
            size = max(0.05 * radius_px, 95.0) * rng.uniform(0.9, 1.3)
            found.append(star((0.0, 0.0), size, rng))
    return found
