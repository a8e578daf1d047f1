"""A drawing as pieces of likely line, which a person would keep or change as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.morphology import skeletonize

from interaction.session import LINE
from lines.paths import Branches
from metrics.masks import Mask

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

LOW = 0.1  # the least probability of a piece's pixels
LONGEST, SHORTEST = 32, 4  # model pixels; nothing is said or asked about a shorter piece
ERASED_WITHIN = 9.0  # model pixels from the skeleton: what goes with a drawn piece that is no line
NOWHERE = -1


@dataclass(frozen=True, eq=False)
class LinePieces:
    """Branches of a skeleton, each of them drawn from end to end or not at all.

    Parameters
    ----------
    pixels : (N, 2), rows and columns of the skeleton, piece by piece
    lengths : (P,), pixels of each piece
    drawn : (P,) bool
    on : (H, W), the piece whose skeleton a pixel belongs to, or ``NOWHERE``
    flips : (H, W), the piece that a pixel would change with, or ``NOWHERE``
    """

    pixels: Ints
    lengths: Ints
    drawn: Mask
    on: Ints
    flips: Ints

    def __len__(self) -> int:
        return len(self.lengths)

    @property
    def asked(self) -> Mask:
        """Which pieces are long enough to be asked about, (P,) bool."""
        return self.lengths >= SHORTEST

    def cells(self, size: int) -> Ints:
        """Return which cell of a disjoint grid each piece's middle lies in, as one number each, (P,)."""
        row, column = (self.pixels[np.cumsum(self.lengths) - 1 - self.lengths // 2] // size).T
        return np.asarray(row * (self.on.shape[1] // size + 1) + column)

    def reduced(self, values: NDArray[Any], how: np.ufunc) -> Floats:
        """Reduce values (N,) or (N, C) at the skeleton's pixels along each piece, to (P,) or (P, C)."""
        return np.asarray(how.reduceat(values, np.cumsum(self.lengths) - self.lengths, axis=0), np.float64)

    def mean(self, values: NDArray[Any]) -> Floats:
        """Return the mean along each piece, as ``reduced``."""
        return np.asarray((self.reduced(values.astype(np.float64), np.add).T / self.lengths).T)

    def along(self, plane: NDArray[Any]) -> Floats:
        """Return the mean of a map (H, W) along each piece, (P,)."""
        return self.mean(plane[tuple(self.pixels.T)])

    def count(self, mask: Mask) -> Ints:
        """Count the pixels that would change with each piece and are set in a mask (H, W)."""
        return np.bincount(self.flips[mask & (self.flips != NOWHERE)], minlength=len(self))

    def gain(self, truth: Mask) -> Ints:
        """Return for each piece how many pixels would become right if it changed, less those that would not."""
        line, all_of_it = self.count(truth), self.count(np.ones_like(truth))
        return np.where(self.drawn, all_of_it - 2 * line, 2 * line - all_of_it)


def cut(probability: NDArray[np.float32], inside: Mask, radius: float) -> LinePieces:
    """Cut the skeleton of all likely line at junctions, where drawn line begins or ends, and into equal parts.

    Parameters
    ----------
    probability : (H, W) in [0, 1]
    inside : (H, W) bool; at least a pixel of it is likely line
    radius : of the line that an undrawn piece would become, in model pixels
    """
    line = probability > LINE
    skeleton = skeletonize((probability > LOW) & inside)
    paths: list[Ints] = []
    states: list[bool] = []
    for state in (True, False):
        whole = Branches(skeleton & (line == state))
        for number, length in enumerate(whole.lengths):
            parts = np.array_split(whole.path(number), -(-length // LONGEST))
            paths += parts
            states += [state] * len(parts)
    pixels, lengths, drawn = np.concatenate(paths), np.array([len(path) for path in paths]), np.array(states)
    on = np.full(line.shape, NOWHERE)
    on[tuple(pixels.T)] = np.repeat(np.arange(len(paths)), lengths)
    nearest, distance = _nearest(on)
    changes = inside & (line == drawn[nearest]) & (distance <= np.where(drawn[nearest], ERASED_WITHIN, radius))
    return LinePieces(pixels, lengths, drawn, on, np.where(changes, nearest, NOWHERE))


def _nearest(on: Ints) -> tuple[Ints, NDArray[np.float32]]:
    """Return for each pixel the piece that is nearest to it, and how far that is."""
    skeleton = on != NOWHERE
    distance, place = cv2.distanceTransformWithLabels(
        (~skeleton).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    piece_at = np.full(place.max() + 1, NOWHERE)
    piece_at[place[skeleton]] = on[skeleton]
    return piece_at[place], distance
