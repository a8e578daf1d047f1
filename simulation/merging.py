"""What of an answer is taken over: the rules between what a network proposes and what a drawing becomes.

A rule says which pixels may change; rules joined by ``+`` have to agree. docs/experiments.md says what each is worth.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce

import cv2
import numpy as np

from data.errors import DataError
from metrics.masks import Mask
from simulation.refinement import LINE, Merge, Probabilities, View, whole_window
from simulation.strokes import ADD, draw

REACH = 48  # model pixels from a stroke: some four of its lengths
RIM = 2  # model pixels from an edge of the drawing within which it is a matter of taste where a line ends
SURE = 0.9  # how probable a change has to be

Rule = Callable[[View, Probabilities], Mask]


def within_reach(view: View, answer: Probabilities) -> Mask:
    """Allow what lies within ``REACH`` of the new stroke."""
    away = (~_newest(view)).astype(np.uint8)
    squared = np.square(cv2.distanceTransform(away, cv2.DIST_L2, cv2.DIST_MASK_PRECISE), dtype=np.float64)
    return np.asarray(np.rint(squared) <= REACH**2)  # whole numbers, whose last bits do not matter


def touching(view: View, answer: Probabilities) -> Mask:
    """Allow connected changes that touch the new stroke."""
    stroke = _newest(view)
    label = cv2.connectedComponents((_flips(view, answer) | stroke).astype(np.uint8), connectivity=8)[1]
    return np.isin(label, np.unique(label[stroke]))


def one_way(view: View, answer: Probabilities) -> Mask:
    """Allow new line after an add stroke, and less line after an erase stroke."""
    adds = view.prompts[-1].sign == ADD
    return np.asarray(answer >= view.current if adds else answer <= view.current)


def sure(view: View, answer: Probabilities) -> Mask:
    """Allow changes that are as probable as ``SURE``, and any within ``RIM`` of those or of the drawing's edges.

    A network that is trained by cross-entropy means its probabilities, so of what is taken over far from any edge
    about one pixel in ten is wrong at most.
    """
    flips = _flips(view, answer)
    certain = flips & ((answer >= SURE) | (answer <= 1 - SURE))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * RIM + 1, 2 * RIM + 1))
    drawn = (view.current > LINE).astype(np.uint8)
    edges = cv2.morphologyEx(drawn, cv2.MORPH_GRADIENT, disc).astype(bool)
    return np.asarray(edges | cv2.dilate(certain.astype(np.uint8), disc).astype(bool) | ~flips)


RULES: dict[str, Rule] = {"reach": within_reach, "touching": touching, "one-way": one_way, "sure": sure}
WHOLE = "whole"  # the published rule: all of an answer is taken over


@dataclass(frozen=True)
class Allowed:
    """Takes over what all of some rules allow, and leaves the drawing as it was elsewhere; see ``Merge``."""

    rules: tuple[Rule, ...]

    def __call__(self, view: View, answer: Probabilities) -> Probabilities:
        """See ``Merge``."""
        allowed = reduce(np.logical_and, (rule(view, answer) for rule in self.rules), np.ones(answer.shape, bool))
        return np.where(allowed, answer, view.current)


def merge_named(name: str) -> Merge:
    """Return the merge of a name: ``whole``, or names in ``RULES`` joined by ``+``.

    Raises
    ------
    DataError
        If a part of it is no such name.
    """
    if name == WHOLE:
        return whole_window
    parts = name.split("+")
    if unknown := [part for part in parts if part not in RULES]:
        raise DataError(f"no merge rule {unknown[0]!r}; give {WHOLE}, or some of {', '.join(RULES)}, joined by +")
    return Allowed(tuple(RULES[part] for part in parts))


def _flips(view: View, answer: Probabilities) -> Mask:
    return np.asarray((answer > LINE) != (view.current > LINE))


def _newest(view: View) -> Mask:
    return draw(view.prompts[-1], view.region, view.scale)
