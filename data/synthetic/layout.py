"""What the engraving of a mirror is made of."""

from __future__ import annotations

from dataclasses import dataclass, field

from data.synthetic.fillers import FILLERS, Filler
from data.synthetic.ornaments import ORNAMENTS, Ornament


@dataclass(frozen=True)
class Layout:
    """The motifs of a workshop.

    Attributes
    ----------
    ornaments : of borders, by name, with the least and the largest width in scan pixels
    fillers : of free places, by name, with their odds
    figures : whether there is a scene, with names beside it, and a palmette on the handle
    """

    ornaments: dict[str, tuple[Ornament, tuple[float, float]]] = field(default_factory=lambda: ORNAMENTS)
    fillers: dict[str, tuple[Filler, float]] = field(default_factory=lambda: FILLERS)
    figures: bool = True
