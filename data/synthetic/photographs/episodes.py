"""Photographs with two line-like kinds, each with two masks: only a person's strokes tell which kind is meant."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from data.synthetic.photographs.families import FAMILIES
from data.synthetic.photographs.photograph import (
    Photograph,
    any_family,
    any_width,
    inked,
    lines_of,
    put_together,
    require_room,
)
from data.synthetic.photographs.strokes import coverage

CONTRASTS = ("width", "polarity", "family", "strength")  # by what two kinds differ


@dataclass(frozen=True)
class Kind:
    """What one of two kinds is like: its family, median width in pixels, sign (1 bright, -1 dark) and boldness."""

    name: str
    family: str
    line_px: float
    sign: float
    boldness: float


def make_episode(
    height: int, width: int, rng: Generator, line_px: float | None = None
) -> tuple[Photograph, Photograph]:
    """Make a photograph of ``height`` x ``width`` pixels; the same image comes twice, with the mask of one kind each.

    ``line_px`` is the median width of the lines, about: without it, chance decides. Where two kinds cross, both masks
    hold the pixel.

    Raises
    ------
    ValueError
        If the photograph is too small.
    """
    require_room(height, width)
    kinds = _two_kinds(line_px or any_width(rng), rng)
    signed, masks = np.zeros((height, width), np.float32), []
    for kind in kinds:
        lines = lines_of(FAMILIES[kind.family], height, width, kind.line_px, rng)
        cover = coverage(lines, height, width)
        ink = np.float32(kind.boldness) * inked(cover, lines, kind.line_px, rng)
        signed = signed * (1 - ink) + np.float32(kind.sign) * ink
        masks.append(cover >= 0.5)
    image, on = put_together(signed, FAMILIES[kinds[0].family], kinds[0].line_px, rng)
    first, second = (
        Photograph(image, mask, f"{kind.name} of two on {on}", kind.line_px)
        for kind, mask in zip(kinds, masks, strict=True)
    )
    return first, second


def _two_kinds(line_px: float, rng: Generator) -> tuple[Kind, Kind]:
    """Two kinds that differ in one of ``CONTRASTS`` at least."""
    by = str(rng.choice(CONTRASTS))
    family, sign = any_family(rng), float(rng.choice([-1.0, -1.0, 1.0]))
    other = any_family(rng)
    if by == "family":
        others = [name for name in FAMILIES if name != family]
        one, two = (family, line_px, sign, 1.0), (str(rng.choice(others)), line_px, sign, 1.0)
        return Kind(family, *one), Kind(two[0], *two)
    if by == "width":
        ratio = rng.uniform(1.5, 1.9)
        return (
            Kind("thick", family, line_px * ratio, sign, 1.0),
            Kind("thin", other, line_px / ratio, sign, 1.0),
        )
    if by == "polarity":
        return Kind("dark", family, line_px, -1.0, 1.0), Kind("bright", other, line_px, 1.0, 1.0)
    return Kind("bold", family, line_px, sign, 1.0), Kind("faint", other, line_px, sign, rng.uniform(0.3, 0.5))
