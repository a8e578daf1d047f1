"""A simulated user who looks for the strokes that a model refines worst."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice, zip_longest

import numpy as np

from interaction.prompts.strokes import Stroke
from lines.paths import Branches
from metrics.masks import Mask
from simulation.error_regions import ErrorRegions, error_regions
from simulation.simulated_user import History, preview_scores
from simulation.strokes import Brush, stroke_along


@dataclass(frozen=True)
class Adversarial:
    """Previews several strokes on errors and returns the one after which pFM is lowest: the worst case.

    The strokes add and erase, if there are errors of both kinds, and follow different parts of the errors. The search
    for the worst of realistic inputs is from "TETRIS", AAAI 2024.

    Parameters
    ----------
    brush : how it draws
    previews : strokes to choose from, at most
    """

    brush: Brush
    previews: int = 4

    def __call__(self, mask: Mask, truth: Mask, history: History, rng: np.random.Generator) -> Stroke | None:
        """See ``SimulatedUser``."""
        kinds = [_any_parts(kind, truth, rng, self.brush) for kind in error_regions(mask, truth, self.brush)]
        in_turn = (stroke for stroke in chain.from_iterable(zip_longest(*kinds)) if stroke is not None)
        strokes = list(islice(in_turn, self.previews))
        return strokes[int(np.argmin(preview_scores(strokes, truth, history)))] if strokes else None


def _any_parts(kind: ErrorRegions, truth: Mask, rng: np.random.Generator, brush: Brush) -> Iterator[Stroke]:
    """Cut all branches of the errors into parts of a stroke's length; yield a stroke along each, in random order."""
    pieces = Branches(kind.line)
    parts = -(-pieces.lengths // brush.length)
    choices = [(number, count, part) for number, count in enumerate(parts.tolist()) for part in range(count)]
    for chosen in rng.permutation(len(choices)):
        number, count, part = choices[chosen]
        path = np.array_split(pieces.path(number), count)[part]
        yield stroke_along(path, kind.sign, truth, rng, brush)
