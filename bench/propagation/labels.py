"""What a person says about pieces of likely line while correcting a drawing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from bench.propagation.pieces import NOWHERE, Floats, Ints, LinePieces
from interaction.prompts import ADD, Prompt
from interaction.prompts.prompt import touched
from interaction.session import RefinementSession
from metrics.masks import Mask
from simulation.correction_loop import CorrectionLoop

TOUCHED = 1 / 3  # of a piece's pixels that a stroke has to cover to say what it is
STANDS_FOR = 10.0  # pieces that one that was left stands for, at most


@dataclass(frozen=True, eq=False)
class Labels:
    """What has been said.

    Parameters
    ----------
    pieces : (n,), their numbers
    line : (n,) bool, whether they are line
    weight : (n,), how many pieces each stands for
    """

    pieces: Ints
    line: Mask
    weight: Floats

    def __len__(self) -> int:
        return len(self.pieces)


@dataclass
class Said:
    """Labels as they come: a piece that a stroke touches is what the stroke says.

    With it comes another piece of the same patch, at random, that nobody has touched: the person saw it, and left it as
    it was drawn. It stands for all others of that kind.

    Parameters
    ----------
    pieces : of the initial drawing
    patch : side of a patch, in model pixels
    rng : chooses among the pieces that were left
    """

    pieces: LinePieces
    patch: int
    rng: np.random.Generator
    touched: dict[int, bool] = field(default_factory=dict)
    left: dict[int, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._cell = self.pieces.cells(self.patch)

    def __len__(self) -> int:
        return len(self.touched) + len(self.left)

    def hear(self, stroke: Prompt, session: RefinementSession) -> None:
        """Take in a stroke of a session."""
        region = stroke.bounds(session.scale, session.shape)
        met = self.pieces.on[region.slices][touched(stroke, region, session.scale)]
        covered = np.bincount(met[met != NOWHERE], minlength=len(self.pieces))
        says = (covered > 0) & (covered >= TOUCHED * self.pieces.lengths) & self.pieces.asked
        for piece in np.flatnonzero(says).tolist():
            if piece not in self.touched:
                self.touched[piece] = stroke.sign == ADD
                self.left.pop(piece, None)
                self._leave_one(int(self._cell[piece]))

    def labels(self) -> Labels:
        """Return what has been said so far."""
        said = self.touched | self.left
        numbers = np.array(list(said), np.intp)
        seen = np.count_nonzero(np.isin(self._cell, self._cell[numbers]) & self.pieces.asked)
        others = np.clip((seen - len(self.touched)) / max(1, len(self.left)), 1, STANDS_FOR)
        weight = np.where(np.arange(len(said)) < len(self.touched), 1.0, others)
        return Labels(numbers, np.array(list(said.values()), bool), weight)

    def _leave_one(self, cell: int) -> None:
        there = np.flatnonzero((self._cell == cell) & self.pieces.asked).tolist()
        if others := [piece for piece in there if piece not in self.touched and piece not in self.left]:
            piece = int(self.rng.choice(others))
            self.left[piece] = bool(self.pieces.drawn[piece])


def reveal(correction: CorrectionLoop, said: Said, counts: tuple[int, ...]) -> Iterator[tuple[int, Labels]]:
    """Yield the labels of a correction each time that there are as many as a next one of ``counts``, or more."""
    waiting = sorted(counts, reverse=True)
    for _ in correction.run():
        said.hear(correction.session.prompts[-1], correction.session)
        while waiting and len(said) >= waiting[-1]:
            yield waiting.pop(), said.labels()
        if not waiting:
            return
