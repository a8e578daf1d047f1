"""What of an answer is taken over: the rules between what a network proposes and what a drawing becomes.

A rule says which pixels may change; of rules joined by ``+`` each is applied to what those before it have left.
docs/experiments.md says what each is worth.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np

from data.errors import DataError
from interaction.changes import Merge, Probabilities, View, whole_window
from interaction.prompts.strokes import ADD, draw
from interaction.session import LINE
from metrics.masks import Mask

REACH = 48  # model pixels from a stroke: some four of its lengths
SURE = 0.9  # how probable a change has to be
PIECE = 0.65  # how probable a whole piece has to be, in the mean of its pixels

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


def sure(view: View, answer: Probabilities, least: float = SURE) -> Mask:
    """Allow what turns, from line to ground or back, if that is at least so probable.

    A network that is trained by cross-entropy nearly means its probabilities. Most of what it would change lies along
    the edges of lines, is hardly more often right than wrong, and is left alone so.
    """
    return _flips(view, answer) & (np.maximum(answer, 1 - answer) >= least)


def pieces(view: View, answer: Probabilities, least: float = PIECE) -> Mask:
    """Allow what is sure, and all that continues the new stroke, if that is so probable in the mean of its pixels.

    What continues it turns as the stroke does, is connected to it (what lies at its two ends is judged together), and
    is no mere rim of what was there: each of its pixels is, or adjoins, one that nothing of the kind was beside. Where
    all of a line is missing, a network knows that there is one before it is sure of any single pixel.
    """
    stroke, adds = _newest(view), view.prompts[-1].sign == ADD
    turned = _flips(view, answer) & ((answer > LINE) == adds)
    beyond = turned & ~_dilated((view.current > LINE) == adds, cv2.MORPH_RECT)
    piece = turned & _dilated(beyond, cv2.MORPH_CROSS) & ~stroke
    count, label = cv2.connectedComponents((piece | stroke).astype(np.uint8), connectivity=8)
    probable = np.bincount(label[piece], np.maximum(answer, 1 - answer)[piece], count)
    taken = probable >= least * np.bincount(label[piece], minlength=count)
    taken &= np.isin(np.arange(count), label[stroke])
    return sure(view, answer) | piece & taken[label]


RULES: dict[str, Rule] = {
    "reach": within_reach,
    "touching": touching,
    "one-way": one_way,
    "sure": sure,
    "pieces": pieces,
}
WHOLE = "whole"  # the published rule: all of an answer is taken over


@dataclass(frozen=True)
class Allowed:
    """Takes over what some rules allow, one after the other, and leaves the drawing as it was elsewhere; see ``Merge``.

    The first rule judges an answer with the person's strokes in it, for these hold whatever is answered there; each
    further rule judges what the one before it has left of that.
    """

    rules: tuple[Rule, ...]

    def __call__(self, view: View, answer: Probabilities) -> Probabilities:
        """See ``Merge``."""
        merged = view.paste(answer)
        for rule in self.rules:
            merged = np.where(rule(view, merged), merged, view.current)
        return merged


def merge_named(name: str) -> Merge:
    """Return the merge of a name: ``whole``, or names in ``RULES`` joined by ``+``.

    ``sure`` and ``pieces`` take another probability than their own behind ``@``, as in ``sure@0.95``.

    Raises
    ------
    DataError
        If a part of it is no such name, or what stands behind ``@`` no probability of at least 1/2.
    """
    return whole_window if name == WHOLE else Allowed(tuple(_rule(part) for part in name.split("+")))


def _rule(part: str) -> Rule:
    if part in RULES:
        return RULES[part]
    name, _, level = part.partition("@")
    graded = {"sure": sure, "pieces": pieces}
    if name not in graded:
        raise DataError(
            f"no merge rule {part!r}; give {WHOLE}, or some of {', '.join(RULES)}, joined by +, as in reach+sure@0.95"
        )
    try:
        least = float(level)
    except ValueError:
        least = 0.0
    if not 0.5 <= least <= 1:
        raise DataError(f"merge rule {part!r}: give a probability from 0.5 to 1, as in sure@{SURE}")
    return partial(graded[name], least=least)


def _flips(view: View, answer: Probabilities) -> Mask:
    return np.asarray((answer > LINE) != (view.current > LINE))


def _dilated(mask: Mask, shape: int) -> Mask:
    return cv2.dilate(mask.astype(np.uint8), cv2.getStructuringElement(shape, (3, 3))) > 0


def _newest(view: View) -> Mask:
    return draw(view.prompts[-1], view.region, view.scale)
