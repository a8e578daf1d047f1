"""Simulated users who draw strokes: each compares a part of a drawing with its truth and returns the next stroke.

A model that is trained with the strokes of one user may refine those of another badly, so users are objects, chosen by
name from ``ANNOTATORS``. All of them guarantee, unless they say otherwise:

- They return a stroke wherever ``lines.centre_lines`` finds false negative or false positive line, else None.
- The points of an add stroke are false negatives; an erase stroke touches no true line. Not so of those
  with an unsteady hand, ``unsteady`` and ``human``.
- A stroke lies inside the map, and the same generator gives the same stroke.

Behind a name, ``+rim`` lets the user go on where it finds nothing more to correct: it makes lines thinner that are
drawn too wide. ``human`` and ``rims-first`` do that anyway.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from data.errors import DataError
from simulation.annotators.adversarial import Adversarial
from simulation.annotators.human import Human
from simulation.annotators.published import BestPrediction, Either, Longer, long, short
from simulation.annotators.robots import Centre, DistanceRandom, Largest, Random
from simulation.annotators.thinning import RimsFirst, Thinning
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
    "human": Human,
    "rims-first": RimsFirst,
}
RIM = "+rim"  # behind a name


def annotator_named(name: str, brush: Brush, seed: int | None = None) -> SimulatedUser:
    """Make the simulated user of a name in ``ANNOTATORS``, or of one with ``RIM`` behind.

    Parameters
    ----------
    name : of the user
    brush : how it draws
    seed : of the run, which says which person ``human`` is; None: any of them with each stroke

    Raises
    ------
    DataError
        If there is none of that name.
    """
    chosen_annotators([name])
    user = ANNOTATORS[name.removesuffix(RIM)](brush)
    if isinstance(user, Human) and seed is not None:
        user = user.of_run(seed)
    return Thinning(user, brush) if name.endswith(RIM) and not isinstance(user, Human) else user


def chosen_annotators(names: Sequence[str]) -> list[str]:
    """Return each name once; names with commas between are split, and ``all`` stands for every name.

    Raises
    ------
    DataError
        If there is no annotator of a name.
    """
    given = [name.strip() for several in names for name in several.split(",")]
    chosen = dict.fromkeys(name for one in given for name in (ANNOTATORS if one == "all" else [one]))
    for name in chosen:
        if name.removesuffix(RIM) not in ANNOTATORS:
            raise DataError(f"no annotator {name!r}; there are: {', '.join(ANNOTATORS)}, each also with {RIM} behind")
    return list(chosen)
