"""What a person sees to correct in a drawing: the wrong pixels of either kind, and where a stroke on them can go."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from interaction.prompts.strokes import ADD, ERASE
from lines.centre_lines import missing_line, superfluous_line
from metrics.masks import Mask
from simulation.strokes import Brush


@dataclass(frozen=True, eq=False)
class ErrorRegions:
    """All that is wrong in one way.

    Parameters
    ----------
    sign : of the strokes that correct it: ``ADD`` where line is missing, ``ERASE`` where it is superfluous
    wrong : (H, W) bool, all wrong pixels, also those that no stroke is made for, such as a line's ragged rim
    line : (H, W) bool, one pixel wide and within ``wrong``: where strokes go
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

        Beyond the map nothing is wrong. The distances are whole numbers, so two alike compare alike: OpenCV's exact
        transform may differ in its last bits from call to call, which rounding takes away up to 1000 pixels of depth.
        """
        ink = np.pad(self.wrong, 1).astype(np.uint8)
        distance = cv2.distanceTransform(ink, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)[1:-1, 1:-1][self.line]
        return np.rint(np.square(distance, dtype=np.float64)).astype(np.int64)

    def largest_region(self) -> tuple[int, Mask]:
        """Return the pixels of the largest connected region that a stroke can go into, and the line there.

        Regions are 8-connected; of two alike, the first in reading order. Without any line, 0 and the empty line.
        """
        if not self.line.any():
            return 0, self.line
        label = cv2.connectedComponents(self.wrong.astype(np.uint8), connectivity=8)[1]
        area = np.bincount(label.ravel())
        reached = np.unique(label[self.line])
        largest = reached[np.argmax(area[reached])]
        return int(area[largest]), self.line & (label == largest)


def without(sign: int, drawing: Mask, truth: Mask) -> Mask:
    """Return a drawing, (H, W) bool, in which all that strokes of a sign would correct is right."""
    return drawing | truth if sign == ADD else drawing & truth


def mistakes(drawing: Mask, truth: Mask, brush: Brush) -> tuple[ErrorRegions, ErrorRegions]:
    """Compare a drawing with its truth, (H, W) bool at model scale: what is missing, what is superfluous."""
    return (
        ErrorRegions(ADD, truth & ~drawing, missing_line(drawing, truth, brush.centre_line)),
        ErrorRegions(ERASE, drawing & ~truth, superfluous_line(drawing, truth, brush.margin, brush.centre_line)),
    )
