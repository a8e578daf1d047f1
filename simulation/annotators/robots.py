"""The robot users of interactive segmentation, who click in the middle of an error, as users with a pen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from interaction.prompts.strokes import Stroke
from lines.paths import Branches, longest_path, path_through
from metrics.masks import Mask
from simulation.error_regions import ErrorRegions, error_regions
from simulation.simulated_user import History
from simulation.strokes import Brush, part_of, stroke_along


@dataclass(frozen=True)
class Largest:
    """Strokes along the longest branch in the largest connected error region, by its pixels.

    Of two regions of one size, it takes the false negative one. It leaves out regions without a line to follow, such as
    the edge of a line that is drawn too thin. From Gulshan et al., "Geodesic Star Convexity for Interactive Image
    Segmentation", CVPR 2010.
    """

    brush: Brush
    previews = 0

    def __call__(self, mask: Mask, truth: Mask, history: History, rng: np.random.Generator) -> Stroke | None:
        """See ``SimulatedUser``."""
        regions = [(*kind.largest_region(), kind.sign) for kind in error_regions(mask, truth, self.brush)]
        _, line, sign = max(regions, key=lambda region: region[0])
        path = longest_path(line)
        return None if path is None else stroke_along(part_of(path, rng, self.brush), sign, truth, rng, self.brush)


@dataclass(frozen=True)
class Centre:
    """Strokes through the point of the errors' centre lines that is farthest from any border of the error.

    Of several points at that distance, it takes one at random. The robot user's click as a stroke: Gulshan et al.,
    CVPR 2010; Xu et al., "Deep Interactive Object Selection", CVPR 2016. A map's edge is a border; the stroke may run
    through a junction.
    """

    brush: Brush
    previews = 0

    def __call__(self, mask: Mask, truth: Mask, history: History, rng: np.random.Generator) -> Stroke | None:
        """See ``SimulatedUser``."""

        def deepest(squared_depth: NDArray[np.int64]) -> int:
            alike = np.flatnonzero(squared_depth == squared_depth.max())
            return int(alike[rng.integers(len(alike))])

        return _stroke_through(error_regions(mask, truth, self.brush), deepest, truth, rng, self.brush)


@dataclass(frozen=True)
class DistanceRandom:
    """Strokes through a random point of the errors' centre lines, in proportion to its distance from their border.

    Between ``Centre`` and ``Random``: users aim for the middle and miss it. After Sakinis et al., "Interactive
    segmentation of medical images through fully convolutional neural networks", 2019.
    """

    brush: Brush
    previews = 0

    def __call__(self, mask: Mask, truth: Mask, history: History, rng: np.random.Generator) -> Stroke | None:
        """See ``SimulatedUser``."""

        def anywhere(squared_depth: NDArray[np.int64]) -> int:
            shares = np.cumsum(np.sqrt(squared_depth))
            return int(np.searchsorted(shares / shares[-1], rng.random(), side="right"))

        return _stroke_through(error_regions(mask, truth, self.brush), anywhere, truth, rng, self.brush)


@dataclass(frozen=True)
class Random:
    """Strokes along a random branch of the errors, short ones as likely as long ones: a user who starts anywhere."""

    brush: Brush
    previews = 0

    def __call__(self, mask: Mask, truth: Mask, history: History, rng: np.random.Generator) -> Stroke | None:
        """See ``SimulatedUser``."""
        kinds = [(kind.sign, Branches(kind.line)) for kind in error_regions(mask, truth, self.brush)]
        choices = [(sign, pieces, number) for sign, pieces in kinds for number in range(len(pieces))]
        if not choices:
            return None
        sign, pieces, number = choices[rng.integers(len(choices))]
        return stroke_along(part_of(pieces.path(number), rng, self.brush), sign, truth, rng, self.brush)


def _stroke_through(
    kinds: Sequence[ErrorRegions],
    choose: Callable[[NDArray[np.int64]], int],
    truth: Mask,
    rng: np.random.Generator,
    brush: Brush,
) -> Stroke | None:
    """Return a stroke through one of all possible places, chosen by their squared depths."""
    places = [(kind, row, column) for kind in kinds for row, column in kind.places.tolist()]
    if not places:
        return None
    kind, row, column = places[choose(np.concatenate([kind.squared_depth() for kind in kinds]))]
    return stroke_along(path_through(kind.line, (row, column), brush.length), kind.sign, truth, rng, brush)
