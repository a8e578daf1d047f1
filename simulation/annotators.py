"""Simulated people: who looks at a part of a drawing and its truth, and makes the next stroke.

A model that is trained under one person's strokes may answer another's badly, so people are objects, chosen by name
from ``ANNOTATORS``. What all of them hold to, unless they say otherwise:

- There is a stroke wherever line is missing or superfluous as ``simulation.centre_lines`` has it, and None elsewhere.
- The points of an add stroke lie on missing line; an erase stroke touches no true line.
- A stroke lies inside the map, and the same generator gives the same stroke.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice, zip_longest

import numpy as np

from data.errors import DataError
from data.regions import shape_of, to_scale, to_scan
from metrics import pfm
from metrics.masks import Mask
from simulation.hands import unsteady
from simulation.mistakes import Mistakes, mistakes
from simulation.paths import Pieces
from simulation.person import Annotator, History
from simulation.robots import Centre, DistanceRandom, Largest
from simulation.strokes import ADD, Brush, Stroke, part_of, stroke_along, trace_missing, trace_superfluous

__all__ = [
    "ANNOTATORS",
    "Adversarial",
    "Annotator",
    "BestAnswer",
    "Centre",
    "DistanceRandom",
    "Either",
    "History",
    "Largest",
    "Longer",
    "Only",
    "Random",
    "Unsteady",
    "annotator_named",
    "candidates",
    "chosen_annotators",
    "long",
    "short",
]


@dataclass(frozen=True)
class Longer:
    """Makes an add and an erase stroke and keeps the longer one; of two alike, either ("Fusing Forces", poster)."""

    brush: Brush
    previews = 0

    def __call__(self, drawing: Mask, truth: Mask, history: History, rng: np.random.Generator) -> Stroke | None:
        """See ``Annotator``."""
        strokes = candidates(drawing, truth, rng, self.brush)
        order = rng.permutation(len(strokes))
        return max((strokes[index] for index in order), key=lambda stroke: len(stroke.path_px), default=None)


def short(brush: Brush) -> Longer:
    """Make ``Longer``, with strokes a third as long: a person of many small corrections."""
    return Longer(replace(brush, length=max(1, round(brush.length / 3))))


def long(brush: Brush) -> Longer:
    """Make ``Longer``, with strokes three times as long: a person who draws lines in one go."""
    return Longer(replace(brush, length=3 * brush.length))


@dataclass(frozen=True)
class BestAnswer:
    """Makes an add and an erase stroke and keeps the one whose answer scores higher ("Fusing Forces", code)."""

    brush: Brush
    previews = 2

    def __call__(self, drawing: Mask, truth: Mask, history: History, rng: np.random.Generator) -> Stroke | None:
        """See ``Annotator``."""
        strokes = candidates(drawing, truth, rng, self.brush)
        return strokes[int(np.argmax(_scores(strokes, truth, history)))] if strokes else None


@dataclass(frozen=True)
class Either:
    """Adds or erases with equal chance; where there is nothing of one kind, the other ("Fusing Forces", training)."""

    brush: Brush
    previews = 0

    def __call__(self, drawing: Mask, truth: Mask, history: History, rng: np.random.Generator) -> Stroke | None:
        """See ``Annotator``."""
        kinds = [trace_missing, trace_superfluous]
        if rng.random() < 0.5:
            kinds.reverse()
        first, second = kinds
        return first(drawing, truth, rng, self.brush) or second(drawing, truth, rng, self.brush)


@dataclass(frozen=True)
class Random:
    """Takes any piece of error, each with equal chance, however short: a person who starts where the eye falls."""

    brush: Brush
    previews = 0

    def __call__(self, drawing: Mask, truth: Mask, history: History, rng: np.random.Generator) -> Stroke | None:
        """See ``Annotator``."""
        kinds = [(kind.sign, Pieces(kind.line)) for kind in mistakes(drawing, truth, self.brush)]
        choices = [(sign, pieces, number) for sign, pieces in kinds for number in range(len(pieces))]
        if not choices:
            return None
        sign, pieces, number = choices[rng.integers(len(choices))]
        return stroke_along(part_of(pieces.path(number), rng, self.brush), sign, truth, rng, self.brush)


@dataclass(frozen=True)
class Unsteady:
    """Means the stroke of ``Longer``, with an unsteady hand: what people's strokes are like beside simulated ones.

    Its points may lie on right pixels, and its erase strokes touch true line.

    Parameters
    ----------
    brush : how the stroke was meant
    wobble : map pixels from where it was meant to where a point lies, at most
    overshoot : map pixels that it goes beyond either end, at most
    misjudged : times that it is too wide or too narrow, at most
    """

    brush: Brush
    wobble: float = 1.5
    overshoot: float = 2.0
    misjudged: float = 1.5
    previews = 0

    def __call__(self, drawing: Mask, truth: Mask, history: History, rng: np.random.Generator) -> Stroke | None:
        """See ``Annotator``."""
        meant = Longer(self.brush)(drawing, truth, history, rng)
        if meant is None:
            return None
        way = to_scale(meant.path_px, self.brush.scale)
        path = unsteady(way, shape_of(truth), rng, wobble=self.wobble, overshoot=self.overshoot)
        radius = np.pad(meant.radius_px, (len(path) - len(way)) // 2, mode="edge")
        wrongly = self.misjudged ** rng.uniform(-1, 1)
        return Stroke(to_scan(path, self.brush.scale), radius * wrongly, meant.sign)


@dataclass(frozen=True)
class Adversarial:
    """Looks at the answers to several honest strokes and keeps the one that helps least, by pFM: the worst to expect.

    The strokes are of both kinds, if both are called for, and follow different parts of the errors. Searching users for
    the worst of fair inputs is from "TETRIS", AAAI 2024.

    Parameters
    ----------
    brush : how it draws
    previews : strokes to choose from, at most
    """

    brush: Brush
    previews: int = 4

    def __call__(self, drawing: Mask, truth: Mask, history: History, rng: np.random.Generator) -> Stroke | None:
        """See ``Annotator``."""
        kinds = [_any_parts(kind, truth, rng, self.brush) for kind in mistakes(drawing, truth, self.brush)]
        in_turn = (stroke for stroke in chain.from_iterable(zip_longest(*kinds)) if stroke is not None)
        strokes = list(islice(in_turn, self.previews))
        return strokes[int(np.argmin(_scores(strokes, truth, history)))] if strokes else None


@dataclass(frozen=True)
class Only:
    """Lets an annotator see, and so correct, one kind of error alone.

    Parameters
    ----------
    annotator : who makes the strokes
    sign : of all of them, ``ADD`` or ``ERASE``
    """

    annotator: Annotator
    sign: int

    @property
    def previews(self) -> int:
        """See ``Annotator``."""
        return self.annotator.previews

    def __call__(self, drawing: Mask, truth: Mask, history: History, rng: np.random.Generator) -> Stroke | None:
        """See ``Annotator``."""
        shown = drawing & truth if self.sign == ADD else drawing | truth
        return self.annotator(shown, truth, history, rng)


ANNOTATORS: dict[str, Callable[[Brush], Annotator]] = {
    "longer": Longer,
    "best-answer": BestAnswer,
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


def annotator_named(name: str, brush: Brush) -> Annotator:
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


def candidates(drawing: Mask, truth: Mask, rng: np.random.Generator, brush: Brush) -> list[Stroke]:
    """Make an add and an erase stroke, where there is something to add and to erase."""
    strokes = (trace_missing(drawing, truth, rng, brush), trace_superfluous(drawing, truth, rng, brush))
    return [stroke for stroke in strokes if stroke is not None]


def _scores(strokes: Sequence[Stroke], truth: Mask, history: History) -> list[float]:
    return [pfm(answer, truth) for answer in history.preview(strokes)]


def _any_parts(kind: Mistakes, truth: Mask, rng: np.random.Generator, brush: Brush) -> Iterator[Stroke]:
    """Cut all pieces of error into parts of a stroke's length; stroke along one after the other, in any order."""
    pieces = Pieces(kind.line)
    parts = -(-pieces.lengths // brush.length)
    choices = [(number, count, part) for number, count in enumerate(parts.tolist()) for part in range(count)]
    for chosen in rng.permutation(len(choices)):
        number, count, part = choices[chosen]
        path = np.array_split(pieces.path(number), count)[part]
        yield stroke_along(path, kind.sign, truth, rng, brush)
