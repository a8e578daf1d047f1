"""A simulated user whose hand is that of one of three real people, as far as their strokes tell.

The people drew on nine pictures of vessels, 256 x 256 pixels each: the stroke sets of MedScribble (H. E. Wong et al.,
"ScribblePrompt: Fast and Flexible Interactive Segmentation for Any Biomedical Image", ECCV 2024; code Apache-2.0).
``python -m simulation.people FOLDER`` prints the figures below. Only these stand here, no stroke.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from scipy.stats import norm

from data.regions import Shape, shape_of, to_scan
from interaction.prompts.strokes import ADD, ERASE, MIN_DRAWN_RADIUS, Stroke
from lines.paths import longest_path, path_through
from metrics.masks import Mask
from simulation.error_regions import error_regions
from simulation.rims import trace_rim
from simulation.simulated_user import History
from simulation.strokes import Brush, distance_to_ink

LEVELS = (0.1, 0.25, 0.5, 0.75, 0.9, 0.99)
HEADING = 3  # pixels of a path to either side that tell which way it goes
MAX_STROKE = 256  # model pixels; the side of a patch


@dataclass(frozen=True)
class Spread:
    """A log-normal distribution: its median, and the deviation of its logarithm."""

    median: float
    deviation: float

    def sample(self, rng: np.random.Generator) -> float:
        """Draw a value."""
        return self.median * float(np.exp(self.deviation * rng.standard_normal()))

    def __str__(self) -> str:
        return f"{self.median:.2f} x/÷ {np.exp(self.deviation):.2f}"


@dataclass(frozen=True)
class Hand:
    """How a person draws, in pixels of the picture that the person sees.

    Parameters
    ----------
    add_pen, erase_pen : half the width of strokes
    add_way, erase_way : length of strokes
    offsets : distances of a stroke's middle from the middle of the line that it is meant for, at the shares of the way
        that ``LEVELS`` lists
    sway : over how many pixels of the way the hand keeps to a side: where the offsets' correlation has fallen to 1/e
    """

    add_pen: Spread
    erase_pen: Spread
    add_way: Spread
    erase_way: Spread
    offsets: tuple[float, ...]
    sway: float

    def displacements(self, count: int, rng: np.random.Generator, pixel: float = 1.0) -> NDArray[np.float64]:
        """Return how far the hand comes off to the left at each of ``count`` points a pixel apart, (count,).

        Parameters
        ----------
        count : of points
        rng : says how it sways
        pixel : size of the picture's pixels in those of the points; what is returned is in the latter
        """
        # White noise smoothed by a Gaussian of width w is correlated by exp(-(lag / 2 w)^2).
        width = self.sway * pixel / 2
        reach = int(4 * width + 0.5)
        noise = gaussian_filter1d(rng.standard_normal(count + 2 * reach), width)[reach : reach + count]
        pulse = np.zeros(2 * reach + 1)
        pulse[reach] = 1
        normal = noise / np.linalg.norm(gaussian_filter1d(pulse, width))
        share = norm.cdf(np.abs(normal)) * 2 - 1
        distance = np.interp(share, (0, *LEVELS), (0, *self.offsets))
        return np.asarray(np.sign(normal) * distance * pixel)

    def rounded(self) -> str:
        """Return it as code, to three digits."""
        values = [
            f"{name}=Spread({value['median']:.3g}, {value['deviation']:.3g})"
            for name, value in asdict(self).items()
            if isinstance(value, dict)
        ]
        offsets = ", ".join(f"{value:.3g}" for value in self.offsets)
        return f"Hand({', '.join(values)}, offsets=({offsets}), sway={self.sway:.3g})"


HANDS = (
    Hand(
        add_pen=Spread(1.85, 0.081),
        erase_pen=Spread(1.79, 0.109),
        add_way=Spread(35.8, 1.15),
        erase_way=Spread(30.8, 1.09),
        offsets=(0.431, 0.799, 1.43, 2.4, 3.54, 6.88),
        sway=10.2,
    ),
    Hand(
        add_pen=Spread(1.08, 0.179),
        erase_pen=Spread(1.12, 0.24),
        add_way=Spread(17.6, 0.811),
        erase_way=Spread(34.1, 0.915),
        offsets=(0.291, 0.488, 0.895, 1.4, 1.89, 3.03),
        sway=16.8,
    ),
    Hand(
        add_pen=Spread(1.75, 0.118),
        erase_pen=Spread(1.78, 0.142),
        add_way=Spread(55.2, 0.529),
        erase_way=Spread(30.6, 0.834),
        offsets=(0.363, 0.592, 1.07, 1.59, 2.28, 3.63),
        sway=9.92,
    ),
)
"""The three people of the stroke sets: the first draws much and loosely, the second little and with care."""


@dataclass(frozen=True)
class Human:
    """Draws along an error as a real person: in one go, with a pen of its own width, and beside the line.

    It takes the longest missing or superfluous line, and goes on through junctions as far as its strokes are long. Add
    strokes come to lie where the hand takes them, often off the line. Erase strokes sway alike and become narrower near
    true line, which they may touch all the same: people crossed it with 2 to 9 % of what they erased. Where no such
    line is left, it makes lines thinner by erasing along their rims, which nobody was measured at: with care.

    The real people did not correct a drawing; they marked lines and ground on an image without one.

    Parameters
    ----------
    brush : scale, and how rims are erased; its line widths and length are those of other users
    hand : whose hand it is; None: with each stroke that of any of ``HANDS``
    pixel : model pixels that a pixel of the picture takes up which the person sees. With 1 a patch of 256 model pixels
        is seen as the pictures were; give it where whole pictures of such a size are shown enlarged
    """

    brush: Brush
    hand: Hand | None = None
    pixel: float = 1.0
    previews = 0

    def of_run(self, seed: int) -> Human:
        """Return the person of a run: three seeds in a row are three people."""
        return replace(self, hand=HANDS[seed % len(HANDS)])

    def __call__(self, mask: Mask, truth: Mask, history: History, rng: np.random.Generator) -> Stroke | None:
        """See ``SimulatedUser``."""
        hand = self.hand or HANDS[int(rng.integers(len(HANDS)))]
        meant = self._meant(mask, truth, hand, rng)
        if meant is None:
            return trace_rim(mask, truth, rng, self.brush)
        path, sign = meant
        points = self._drawn(path, shape_of(truth), hand, rng)
        pen = hand.add_pen if sign == ADD else hand.erase_pen
        radius = np.full(len(points), max(MIN_DRAWN_RADIUS, pen.sample(rng) * self.pixel))
        if sign == ERASE:
            free = distance_to_ink(points.round().astype(int), truth, float(radius[0]) + 2) - 1
            radius = np.minimum(radius, np.maximum(free, MIN_DRAWN_RADIUS))
        return Stroke(to_scan(points, self.brush.scale), radius / self.brush.scale, sign)

    def _meant(
        self, mask: Mask, truth: Mask, hand: Hand, rng: np.random.Generator
    ) -> tuple[NDArray[np.intp], int] | None:
        """Return the longer one of a missing and a superfluous line, as far as a stroke goes, and its sign."""
        found = []
        for kind in error_regions(mask, truth, self.brush):
            if (branch := longest_path(kind.line)) is not None:
                way = hand.add_way if kind.sign == ADD else hand.erase_way
                length = int(np.clip(round(way.sample(rng) * self.pixel), 1, MAX_STROKE))
                row, column = branch[len(branch) // 2].tolist()
                found.append((path_through(kind.line, (row, column), length), kind.sign))
        order = rng.permutation(len(found))
        return max((found[index] for index in order), key=lambda one: len(one[0]), default=None)

    def _drawn(self, path: NDArray[np.intp], shape: Shape, hand: Hand, rng: np.random.Generator) -> NDArray[np.float64]:
        """Return where the hand goes that means to follow a path, (N, 2); a dot has no sides to come off to."""
        ends = np.clip(np.arange(len(path))[:, None] + [-HEADING, HEADING], 0, len(path) - 1)
        ahead = (path[ends[:, 1]] - path[ends[:, 0]]).astype(float)
        ahead /= np.maximum(np.linalg.norm(ahead, axis=1, keepdims=True), 1e-9)
        left = np.column_stack([-ahead[:, 1], ahead[:, 0]])
        points = path + left * hand.displacements(len(path), rng, self.pixel)[:, None]
        return np.clip(points, 0, np.array(shape) - 1)
