"""Simulated people: who looks at a part of a drawing and its truth, and makes the next stroke.

A model that is trained under one person's strokes may answer another's badly, so people are objects, chosen by name
from ``ANNOTATORS``. What all of them hold to, unless they say otherwise:

- There is a stroke wherever line is missing or superfluous as ``lines.centre_lines`` has it, and None elsewhere.
- The points of an add stroke lie on missing line; an erase stroke touches no true line.
- A stroke lies inside the map, and the same generator gives the same stroke.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from data.errors import DataError
from simulation.annotators.adversarial import Adversarial
from simulation.annotators.published import BestPrediction, Either, Longer, long, short
from simulation.annotators.robots import Centre, DistanceRandom, Largest, Random
from simulation.annotators.unsteady import Unsteady
from simulation.simulated_user import SimulatedUser
from simulation.strokes import Brush

ANNOTATORS: dict[str, Callable[[Brush], SimulatedUser]] = {
    "longer": Longer,
    "best-answer": BestPrediction,
    "either": Either,
    "random": Random,
    "largest": Largest,
    "centre": Centre,
    "distance-random": DistanceRandom,
    "unsteady": Unsteady,
    "short": short,
    "long": long,
    "adversarial": Adversarial,
}


def annotator_named(name: str, brush: Brush) -> SimulatedUser:
    """Make the annotator of a name in ``ANNOTATORS``.

    Raises
    ------
    DataError
        If there is none of that name.
    """
    chosen_annotators([name])
    return ANNOTATORS[name](brush)


def chosen_annotators(names: Sequence[str]) -> list[str]:
    """Return each name once, several with commas between taken apart, in place of ``all`` every one there is.

    Raises
    ------
    DataError
        If there is no annotator of a name.
    """
    given = [name.strip() for several in names for name in several.split(",")]
    chosen = dict.fromkeys(name for one in given for name in (ANNOTATORS if one == "all" else [one]))
    for name in chosen:
        if name not in ANNOTATORS:
            raise DataError(f"no annotator {name!r}; there are: {', '.join(ANNOTATORS)}")
    return list(chosen)
