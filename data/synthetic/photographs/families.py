"""The families of lines by name, with their odds and the grounds that each is found on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from numpy.random import Generator

from data.synthetic.photographs import cracks, dots, drawings, hatching, meshes, trees, writing
from data.synthetic.photographs.grounds import GROUNDS
from data.synthetic.photographs.strokes import Stroke

Draw = Callable[[int, int, float, Generator], list[Stroke]]
ANY = tuple(GROUNDS)


@dataclass(frozen=True)
class Family:
    """Lines of one kind.

    Attributes
    ----------
    draw : makes the lines of a picture: rows, columns, median width in pixels, what chance depends on
    odds : of the family in a mixed set
    grounds : names in ``GROUNDS`` that it is found on
    """

    draw: Draw
    odds: float
    grounds: tuple[str, ...]


FAMILIES = {
    "trees": Family(trees.trees, 3.0, ("tissue", "tissue", "tissue", "plaster", "paper")),
    "writing": Family(writing.handwriting, 3.0, ("paper", "paper", "paper", "plaster", "metal")),
    "cracks": Family(cracks.cracks, 3.0, ("asphalt", "asphalt", "plaster", "plaster", "metal")),
    "drawings": Family(drawings.drawings, 2.0, ("paper", "plaster", "metal")),
    "streets": Family(meshes.streets, 1.5, ("asphalt", "plaster", "tissue")),
    "crackle": Family(meshes.crackle, 1.5, ANY),
    "hatching": Family(hatching.hatching, 1.5, ("paper", "paper", "metal")),
    "contours": Family(hatching.contours, 1.0, ANY),
    "dots": Family(dots.dots, 1.0, ANY),
    "dashes": Family(dots.dashes, 1.0, ANY),
    "net": Family(meshes.net, 0.75, ANY),
}
