"""Workshops: who engraves and draws, with which motifs, and what the ground of the bronze is like.

All trainings see ``engraved`` mirrors alone. The other styles are kept for trials of models in a domain that they
have never seen: another cross-section and width of lines, other motifs, another ground.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from numpy.random import Generator

from data.synthetic import foreign, surface
from data.synthetic.layout import Layout
from data.synthetic.lines import Annotator, Engraver, Hands
from data.synthetic.maps import Map


@dataclass(frozen=True)
class Style:
    """A workshop.

    Attributes
    ----------
    hands : who engraves and who draws
    layout : which motifs, and whether there are figures
    ground : makes the grain of the bronze: rows, columns, what chance depends on, roughness in millimetres
    """

    hands: Hands = field(default_factory=Hands)
    layout: Layout = field(default_factory=Layout)
    ground: Callable[[int, int, Generator, float], Map] = surface.bronze_ground


ENGRAVED = "engraved"
STYLES = {
    ENGRAVED: Style(),
    # Thin, sharp lines with a narrow drawing, on a hammered and polished ground.
    "scribed": Style(
        Hands(Engraver(sections={"v": 1.0}, width=0.5, double_odds=0.25), Annotator(width=0.8)),
        Layout(foreign.ORNAMENTS, foreign.FILLERS, figures=False),
        surface.hammered_ground,
    ),
    # Broad lines of two furrows with a ridge between, drawn as one line, on a ground as it was cast.
    "chased": Style(
        Hands(Engraver(sections={"furrows": 1.0}, width=1.5, double_odds=0.0), Annotator(width=0.7)),
        Layout(foreign.ORNAMENTS, foreign.FILLERS, figures=False),
        surface.cast_ground,
    ),
}
