"""Merge rules: which pixels of a network's prediction are taken over into the drawing.

A rule returns the pixels that may change. Rules joined by ``+`` are applied one after the other, each to the result of
the one before. docs/experiments.md compares them.

The place of a prompt is the pixels that it pins; for a prompt that pins none, such as a click, the pixel at its centre
(see ``interaction.prompts.prompt.touched``). A prompt adds or erases by its sign, which a click has too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np

from data.errors import DataError
from interaction.changes import Merge, Probabilities, View, whole_window
from interaction.prompts import ADD
from interaction.session import LINE
from metrics.masks import Mask

REACH = 48  # model pixels from a stroke: some four of its lengths
SURE = 0.9  # how probable a change has to be
PIECE = 0.65  # how probable a whole piece has to be, in the mean of its pixels

Rule = Callable[[View, Probabilities], Mask]


def within_reach(view: View, prediction: Probabilities) -> Mask:
    """Allow what lies within ``REACH`` of the newest prompt."""
    away = (~view.newest).astype(np.uint8)
    squared = np.square(cv2.distanceTransform(away, cv2.DIST_L2, cv2.DIST_MASK_PRECISE), dtype=np.float64)
    return np.asarray(np.rint(squared) <= REACH**2)  # whole numbers, whose last bits do not matter


def touching(view: View, prediction: Probabilities) -> Mask:
    """Allow connected changes that touch the newest prompt."""
    prompt = view.newest
    label = cv2.connectedComponents((_turned(view, prediction) | prompt).astype(np.uint8), connectivity=8)[1]
    return np.isin(label, np.unique(label[prompt]))


def one_way(view: View, prediction: Probabilities) -> Mask:
    """Allow more line after a prompt that adds, and less line after one that erases."""
    adds = view.prompts[-1].sign == ADD
    return np.asarray(prediction >= view.current if adds else prediction <= view.current)


def sure(view: View, prediction: Probabilities, least: float = SURE) -> Mask:
    """Allow a pixel to turn from ground to line, or back, if the probability of its new value is at least ``least``.

    The probabilities of a network that is trained by cross-entropy are nearly calibrated. Most of what it would change
    lies along the edges of lines, where it is hardly more often right than wrong; this rule leaves those pixels alone.
    """
    return _turned(view, prediction) & (np.maximum(prediction, 1 - prediction) >= least)


def pieces(view: View, prediction: Probabilities, least: float = PIECE) -> Mask:
    """Allow what ``sure`` allows, and the pieces that continue the newest prompt if their mean probability is high.

    A piece is a connected set of pixels that turn to line after a prompt that adds, or to ground after a prompt that
    erases. It is 8-connected to the prompt; the pixels at the two ends of a stroke form one piece. The pixels that the
    prompt pins belong to no piece; the pixel that a click points at is judged like any other. A pixel at the edge of an
    existing line (or, when erasing, of existing ground) belongs to a piece only beside a pixel that is further away, so
    a line that merely becomes wider is no piece. A piece is allowed if the mean probability of the new values of its
    pixels is at least ``least``. The mean is used because, where a whole line is missing, a network knows that there is
    a line before it knows any single pixel of it.
    """
    prompt, adds = view.newest, view.prompts[-1].sign == ADD
    added, erased = view.pinned
    turned = _turned(view, prediction) & ((prediction > LINE) == adds)
    beyond = turned & ~_dilated((view.current > LINE) == adds, cv2.MORPH_RECT)
    piece = turned & _dilated(beyond, cv2.MORPH_CROSS) & ~(prompt & (added | erased))
    count, label = cv2.connectedComponents((piece | prompt).astype(np.uint8), connectivity=8)
    probable = np.bincount(label[piece], np.maximum(prediction, 1 - prediction)[piece], count)
    taken = probable >= least * np.bincount(label[piece], minlength=count)
    taken &= np.isin(np.arange(count), label[prompt])
    return sure(view, prediction) | piece & taken[label]


RULES: dict[str, Rule] = {
    "reach": within_reach,
    "touching": touching,
    "one-way": one_way,
    "sure": sure,
    "pieces": pieces,
}
WHOLE = "whole"  # the published rule: all of a prediction is taken over


@dataclass(frozen=True)
class Allowed:
    """A ``Merge`` of rules: takes over the pixels that all of them allow, and leaves the drawing elsewhere as it was.

    The first rule gets the prediction with all pinned pixels pasted in, since a prediction never changes those; each
    further rule gets the result of the rule before it.
    """

    rules: tuple[Rule, ...]

    def __call__(self, view: View, prediction: Probabilities) -> Probabilities:
        """See ``Merge``."""
        merged = view.paste(prediction)
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


def _turned(view: View, prediction: Probabilities) -> Mask:
    """Return the pixels that are line in one of prediction and current drawing, and ground in the other."""
    return np.asarray((prediction > LINE) != (view.current > LINE))


def _dilated(mask: Mask, shape: int) -> Mask:
    return cv2.dilate(mask.astype(np.uint8), cv2.getStructuringElement(shape, (3, 3))) > 0
