"""The errors of a drawing: false negatives and false positives, and where a stroke can correct them."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from interaction.prompts import ADD, ERASE
from lines.centre_lines import false_negative_line, false_positive_line
from metrics.masks import Mask
from simulation.strokes import Brush


@dataclass(frozen=True, eq=False)
class ErrorRegions:
    """All errors of one kind, false negatives or false positives.

    Parameters
    ----------
    sign : of the strokes that correct them: ``ADD`` for false negatives, ``ERASE`` for false positives
    wrong : (H, W) bool, all wrong pixels, also those that no stroke is made for, such as the ragged edge of a line
    line : (H, W) bool, one pixel wide and within ``wrong``: the lines that strokes can follow
    """

    sign: int
    wrong: Mask
    line: Mask

    @property
    def places(self) -> NDArray[np.intp]:
        """Rows and columns of the line's pixels, (N, 2), in reading order."""
        return np.argwhere(self.line)

    def squared_depth(self) -> NDArray[np.int64]:
        """Squared distance from each of ``places`` to the nearest pixel that is not ``wrong``, (N,).

        Beyond the map nothing is wrong. The distances are whole numbers, so equal ones compare as equal: OpenCV's exact
        transform may differ in its last bits from call to call; rounding removes that up to 1000 pixels of depth.
        """
        ink = np.pad(self.wrong, 1).astype(np.uint8)
        distance = cv2.distanceTransform(ink, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)[1:-1, 1:-1][self.line]
        return np.rint(np.square(distance, dtype=np.float64)).astype(np.int64)

    def largest_region(self) -> tuple[int, Mask]:
        """Return the number of pixels of the largest connected region that contains line, and that line.

        Regions are 8-connected; of two of one size, the first in reading order. Without any line, 0 and the empty line.
        """
        if not self.line.any():
            return 0, self.line
        label = cv2.connectedComponents(self.wrong.astype(np.uint8), connectivity=8)[1]
        area = np.bincount(label.ravel())
        reached = np.unique(label[self.line])
        largest = reached[np.argmax(area[reached])]
        return int(area[largest]), self.line & (label == largest)


def without(sign: int, mask: Mask, truth: Mask) -> Mask:
    """Return a drawing, (H, W) bool, in which all that strokes of a sign would correct is right."""
    return mask | truth if sign == ADD else mask & truth


def error_regions(mask: Mask, truth: Mask, brush: Brush) -> tuple[ErrorRegions, ErrorRegions]:
    """Compare a drawing with its truth, (H, W) bool at model scale: false negatives, and false positives."""
    return (
        ErrorRegions(ADD, truth & ~mask, false_negative_line(mask, truth, brush.centre_line)),
        ErrorRegions(ERASE, mask & ~truth, false_positive_line(mask, truth, brush.margin, brush.centre_line)),
    )
