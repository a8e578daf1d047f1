"""Connected components of a mask and their boxes, and nearest pixels in the chessboard metric."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from metrics.masks import Mask

Integers = NDArray[np.int32]
Indices = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Components:
    """The 8-connected components of a mask.

    Parameters
    ----------
    mask : bool array (H, W)
        Stored as bytes 0 and 1.
    """

    mask: Mask

    @cached_property
    def _found(self) -> tuple[Integers, Integers, NDArray[np.float64]]:
        _, labels, statistics, centres = cv2.connectedComponentsWithStats(self.mask.view(np.uint8), connectivity=8)
        return np.asarray(labels, np.int32), np.asarray(statistics, np.int32), np.asarray(centres, np.float64)

    @property
    def labels(self) -> Integers:
        """Each pixel's component, counted from 1; 0 off the mask. (H, W)."""
        return self._found[0]

    @property
    def number(self) -> int:
        """How many labels there are, 0 among them: N."""
        return len(self._found[1])

    @cached_property
    def boxes(self) -> Integers:
        """First row and column of each label's box, and the row and column behind its last. (N, 4)."""
        left, top, width, height = self._found[1][:, :4].T
        return np.stack([top, left, top + height, left + width], axis=1)

    @cached_property
    def first_pixels(self) -> Indices:
        """First pixel of each component, row by row, as an index into the flattened picture; 0 for label 0. (N,)."""
        first = np.zeros(self.number, np.intp)
        for label, (top, left, _, right) in enumerate(self.boxes.tolist()[1:], start=1):
            first[label] = top * self.mask.shape[1] + left + np.argmax(self.labels[top, left:right] == label)
        return first

    def box(self, label: int, margin: int = 0) -> tuple[slice, slice]:
        """Box of a component, grown by `margin` pixels on every side, as slices of the mask."""
        top, left, bottom, right = self.boxes[label].tolist()
        return np.s_[max(top - margin, 0) : bottom + margin, max(left - margin, 0) : right + margin]

    def with_a_pixel_in_each(self, mask: Mask) -> Mask:
        """`mask`, and of each component without a pixel in it the centre, or the first pixel if that is elsewhere."""
        mask = mask.copy()
        for label in np.setdiff1d(np.arange(1, self.number), self.labels[mask]).tolist():
            column, row = np.floor(self._found[2][label] + 0.5).astype(int)
            if self.labels[row, column] != label:
                row, column = divmod(int(self.first_pixels[label]), mask.shape[1])
            mask[row, column] = True
        return mask

    def nearest(self, features: Mask, pixels: Indices) -> tuple[Indices, Indices]:
        """Pairs of a pixel and a feature nearest to it within the box of the pixel's component.

        Parameters
        ----------
        features : bool array (H, W)
        pixels : int array (P,)
            Pixels of the mask, as indices into the flattened picture.

        Returns
        -------
        pixels, features : int arrays (K,)
            Indices into the flattened picture. All features at the least distance count; a pixel has no pair if there
            is no feature in its box. The work grows with the distances.
        """
        width = features.shape[1]
        distances = self._distances(features, pixels)
        margin = max(int(distances.max(initial=0)), 0)
        framed = np.pad(features, margin).reshape(-1)
        pairs: list[tuple[Indices, Indices]] = []
        for distance in np.unique(distances[distances >= 0]).tolist():
            asking = pixels[distances == distance]
            rows, columns = np.divmod(asking, width)
            top, left, bottom, right = self.boxes[self.labels.reshape(-1)[asking]].T
            places = (rows + margin) * (width + 2 * margin) + columns + margin
            for down, across in _ring(distance):
                hits = np.flatnonzero(framed[places + (down * (width + 2 * margin) + across)])
                row, column = rows[hits] + down, columns[hits] + across
                inside = (row >= top[hits]) & (row < bottom[hits]) & (column >= left[hits]) & (column < right[hits])
                pairs.append((asking[hits[inside]], row[inside] * width + column[inside]))
        if not pairs:
            return np.zeros(0, np.intp), np.zeros(0, np.intp)
        return np.concatenate([pair[0] for pair in pairs]), np.concatenate([pair[1] for pair in pairs])

    def out_of_box(self, pixels: Indices, radii: Integers) -> Mask:
        """Whether the square of a radius around each of `pixels`, (P,), leaves the box of the pixel's component."""
        rows, columns = np.divmod(pixels, self.mask.shape[1])
        top, left, bottom, right = self.boxes[self.labels.reshape(-1)[pixels]].T
        rooms = (rows - top, bottom - 1 - rows, columns - left, right - 1 - columns)
        return np.any([room < radii for room in rooms], axis=0)

    def _distances(self, features: Mask, pixels: Indices) -> Integers:
        """Distance of each pixel to the nearest feature in its component's box, -1 if there is none."""
        distances = np.full(self.mask.shape, -1, np.int32)
        for label in np.unique(self.labels.reshape(-1)[pixels]).tolist():
            box = self.box(label)
            if features[box].any():
                np.copyto(distances[box], distance_to(features[box]), where=self.labels[box] == label)
        return distances.reshape(-1)[pixels]


class Strokes(Components):
    """Components of a truth, with their outermost pixels."""

    @cached_property
    def contour(self) -> Mask:
        """Pixels with a pixel off the mask, or the picture's border, on one of their four sides. (H, W)."""
        cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
        within = cv2.erode(self.mask.view(np.uint8), cross, borderType=cv2.BORDER_CONSTANT, borderValue=0)
        return self.mask & (within == 0)

    @cached_property
    def distance(self) -> Integers:
        """Distance of each pixel to the nearest of the contour. (H, W)."""
        return distance_to(self.contour)


def distance_to(features: Mask) -> Integers:
    """Chessboard distance of each pixel to the nearest feature, of which there must be one. (H, W)."""
    return cv2.distanceTransform((~features).view(np.uint8), cv2.DIST_C, 3).astype(np.int32)


def neighbours(pixels: Indices, step: tuple[int, int], shape: tuple[int, ...]) -> Indices:
    """Pixels one step, in rows and columns, from `pixels`; those beyond the border are moved onto it.

    All are indices into a flattened picture of shape (H, W).
    """
    height, width = shape
    rows, columns = np.divmod(pixels, width)
    return np.clip(rows + step[0], 0, height - 1) * width + np.clip(columns + step[1], 0, width - 1)


def _ring(distance: int) -> Iterator[tuple[int, int]]:
    """Steps, in rows and columns, to the pixels at a distance."""
    for down in range(-distance, distance + 1):
        yield from (
            (down, across) for across in range(-distance, distance + 1) if max(abs(down), abs(across)) == distance
        )
