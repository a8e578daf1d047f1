"""Animals in profile, facing right, each about twice ``size_px`` long, its middle near the origin."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from data.synthetic.layers import Layer, Picture, closed, curve, ellipse, limb, part, shifted
from data.synthetic.paths import LINE_WIDTH_PX
from data.synthetic.quadrupeds import deer, dog, horse, panther

Animal = Callable[[float, Generator], Picture]


def swan(size_px: float, rng: Generator) -> Picture:
    """A swan or goose with a curved neck and a folded wing."""
    s = size_px
    neck = curve([[0.05, 0.42], [-0.25, 0.62], [-0.6, 0.42], [-0.85, 0.5], [-0.88, 0.7]], scale=s)
    width = 0.075 * s
    bill = closed([[-0.92, 0.74], [-0.88, 1.02], [-0.83, 1.0], [-0.82, 0.74]], scale=s)
    eye = ellipse((-0.9 * s, 0.68 * s), (0.022 * s, 0.022 * s))
    stem = limb(
        neck,
        ((0, 2.0 * width, 2.0 * width), (0.25, width, width), (0.85, 0.8 * width, 0.8 * width), (1, width, width)),
        tip=True,
        shown=0.12,
    )
    feathers = _wing_feathers(s, rng)
    body = closed(
        [[-0.2, -0.85], [-0.22, -0.2], [-0.12, 0.4], [0.2, 0.55], [0.42, 0.2], [0.38, -0.3], [0.08, -0.75]], scale=s
    )
    legs: Picture = []
    for at in (-0.05, 0.15):
        legs.append(
            Layer(
                [
                    curve([[0.38, at], [0.62, at + 0.03], [0.82, at]], scale=s),
                    curve([[0.82, at - 0.1], [0.8, at], [0.83, at + 0.18]], scale=s),
                ]
            )
        )
    return [Layer([eye]), Layer([bill], [bill]), stem, *feathers, Layer([body], [body]), *legs]


def _wing_feathers(scale: float, rng: Generator) -> Picture:
    """Feathers of a folded wing, the front over the hinder."""
    layers: Picture = []
    coverts = closed([[-0.22, 0.3], [-0.25, -0.05], [-0.1, -0.2], [0.12, 0.0], [0.08, 0.28]], scale=scale)
    scales = [
        ellipse((-0.1 * scale + r * 0.1 * scale, c * scale), (0.06 * scale, 0.05 * scale), (-1.4, 1.4))
        for r in (0, 1)
        for c in (-0.02, 0.1, 0.2)
    ]
    layers.append(Layer([coverts, *scales] if 0.06 * scale > 1.5 * LINE_WIDTH_PX else [coverts], [coverts]))
    half = 0.055 * scale
    for i in range(6):
        root, tip = np.array([-0.15 + 0.05 * i, 0.05]) * scale, np.array([-0.3 + 0.085 * i, -0.98 + 0.06 * i]) * scale
        spine = curve([root, (root + tip) / 2 + (0.03 * scale, 0), tip])
        feather = limb(spine, ((0, half, half), (0.8, half, half), (1, 0.6 * half, 0.6 * half)), tip=True)
        layers.append(feather)
    return layers


def dolphin(size_px: float, rng: Generator) -> Picture:
    """A leaping dolphin."""
    s = size_px
    spine = curve([[0.3, -0.95], [-0.05, -0.5], [-0.2, 0.0], [-0.05, 0.5], [0.22, 0.82]], scale=s)
    body = limb(
        spine,
        (
            (0, 0.05 * s, 0.05 * s),
            (0.3, 0.15 * s, 0.14 * s),
            (0.6, 0.22 * s, 0.2 * s),
            (0.85, 0.17 * s, 0.14 * s),
            (1, 0.06 * s, 0.05 * s),
        ),
        tip=True,
    )
    fin = curve([[-0.42, -0.05], [-0.62, -0.3], [-0.3, -0.28]], scale=s)
    flipper = closed([[0.05, 0.28], [0.35, 0.2], [0.4, 0.08], [0.15, 0.1]], scale=s)
    tail = [closed([[0.28, -0.95], [0.15 + d, -1.2], [0.4 + d, -1.25 + d], [0.36, -1.0]], scale=s) for d in (0.0, 0.25)]
    eye = ellipse((-0.03 * s, 0.6 * s), (0.035 * s, 0.035 * s))
    mouth = curve([[0.25, 0.8], [0.12, 0.7], [0.12, 0.6]], scale=s)
    flank = shifted(part(spine, 0.15, 0.7), 0.08 * s, 0)
    return [
        Layer([eye, mouth, flank]),
        Layer([flipper], [flipper]),
        body,
        Layer([fin]),
        *(Layer([t], [t]) for t in tail),
    ]


def snake(size_px: float, rng: Generator) -> Picture:
    """A coiling snake with crossed bands and an open jaw."""
    s = size_px
    count = int(rng.integers(5, 8))
    points = np.stack([0.3 * (np.arange(count) % 2 - 0.5), np.linspace(-1, 0.85, count)], axis=1) + rng.normal(
        0, 0.03, (count, 2)
    )
    spine = curve(points, scale=s)
    width = max(0.07 * s, 1.5 * LINE_WIDTH_PX)
    body = limb(
        spine,
        (
            (0, 0.15 * width, 0.15 * width),
            (0.3, 0.8 * width, 0.8 * width),
            (0.8, width, width),
            (1, 0.7 * width, 0.7 * width),
        ),
        tip=True,
    )
    bands = []
    for at in np.linspace(0.25, 0.9, max(int(len(spine) / 70), 5)):
        here, ahead = spine[int(at * len(spine))], spine[int(at * len(spine)) + 2]
        along = (ahead - here) / np.hypot(*(ahead - here))
        across = 0.7 * width * np.array([-along[1], along[0]])
        bands.append(curve([here - across, here + 0.4 * width * along, here + across]))
    end = spine[-1]
    eye = ellipse(shifted(end, -0.2 * width, -0.1 * width), (max(0.2 * width, 5), max(0.2 * width, 5)))
    tongue = curve(
        [shifted(end, 0, 0.6 * width), shifted(end, 0.1 * width, 1.6 * width), shifted(end, -0.3 * width, 2.4 * width)]
    )
    return [Layer([eye, *bands, tongue]), body]


ANIMALS: dict[str, Animal] = {
    "dog": dog, "horse": horse, "deer": deer, "panther": panther, "swan": swan, "dolphin": dolphin, "snake": snake,
}  # fmt: skip
