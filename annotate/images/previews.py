"""Small pictures of drawings that a mirror can be begun from, all of the part in which those differ most."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from annotate.images.encoding import GRADUAL_PNG, encoded
from annotate.images.layers import pictured
from data.regions import Region, Shape, shape_of
from data.storage import PreparedView
from metrics.masks import Mask

PART: Shape = (240, 320)  # of the drawing, in model pixels; lines about 6 wide are seen in it
CLOSE: Shape = (96, 144)  # pixels of a photograph, the least that is shown to measure a line in
CLOSE_WIDTHS = 24  # and as many line widths
BLOCK = 8  # model pixels, by which the part is found
FLOODED = 0.25  # share of the pixels that are line in a drawing that is none
INK = (213, 94, 0)  # of the line, RGB: vermilion, seen on light and on dark grounds


def telling_part(drawings: Sequence[Mask], part: Shape = PART) -> Region:
    """Return the part in which drawings differ in most pixels; where they are all alike, the one with most line.

    A drawing that floods the object counts only if there are not two others: it is seen to be bad anywhere.

    Parameters
    ----------
    drawings : one or more, (H, W) bool each
    part : rows and columns to be shown, at most
    """
    sober = [drawing for drawing in drawings if drawing.mean() < FLOODED]
    drawings = sober if len(sober) > 1 else drawings
    first = drawings[0]
    differs = np.zeros(first.shape, np.uint8)
    for other in drawings[1:]:
        differs |= np.not_equal(first, other).view(np.uint8)
    height, width = shape_of(first)
    shape = min(part[0], height), min(part[1], width)
    tells = differs if differs.any() else first.view(np.uint8)
    blocks = _in_blocks(tells)
    side = (max(1, shape[1] // BLOCK), max(1, shape[0] // BLOCK))
    total = cv2.boxFilter(blocks, cv2.CV_32F, side, anchor=(0, 0), normalize=False, borderType=cv2.BORDER_CONSTANT)
    row, column = np.unravel_index(int(total.argmax()), total.shape)
    found = _placed(int(row) * BLOCK, int(column) * BLOCK, shape, (height, width))
    return _centred(found, tells[found.slices], (height, width))


def preview(view: PreparedView, drawing: Mask, part: Region) -> bytes:
    """Return a PNG of a part of the scan with a drawing on it.

    Parameters
    ----------
    view : the scan
    drawing : (h, w) bool, of the part
    part : in model pixels

    Raises
    ------
    AnnotateError
        If the view was prepared with no layer that can be shown.
    """
    planes = view.read(part, [pictured(view)], view.scale)
    grey = [cv2.convertScaleAbs(plane, alpha=255) for plane in planes]
    picture = cv2.merge(grey if len(grey) == 3 else [grey[0]] * 3)
    picture[drawing] = INK
    return encoded(".png", picture[..., ::-1], GRADUAL_PNG)


def close_up(view: PreparedView, drawing: Mask) -> bytes:
    """Return a PNG of a photograph's own pixels, where a drawing has line: to measure how wide its lines are.

    Parameters
    ----------
    view : the photograph
    drawing : (H, W) bool, at model scale
    """
    wide = CLOSE_WIDTHS * (view.line_width or 0) / view.scale
    height, width = (
        min(max(round(share * wide), least), side)
        for share, least, side in zip((2 / 3, 1), CLOSE, view.shape, strict=True)
    )
    found = telling_part([drawing], (round(height * view.scale), round(width * view.scale)))
    middle = [(first + side / 2) / view.scale for first, side in ((found.top, found.height), (found.left, found.width))]
    part = _placed(round(middle[0] - height / 2), round(middle[1] - width / 2), (height, width), view.shape)
    planes = view.read(part, [pictured(view)], 1.0)
    return encoded(".png", cv2.merge([cv2.convertScaleAbs(plane, alpha=255) for plane in planes][::-1]), GRADUAL_PNG)


def _in_blocks(values: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the sums of values, (H, W), over blocks of ``BLOCK`` pixels a side."""
    rows = np.add.reduceat(values, np.arange(0, values.shape[0], BLOCK), axis=0, dtype=np.float32)
    return np.asarray(np.add.reduceat(rows, np.arange(0, values.shape[1], BLOCK), axis=1), np.float32)


def _placed(top: int, left: int, shape: Shape, within: Shape) -> Region:
    """Return the region of a shape nearest to a corner that lies within a drawing."""
    return Region(max(0, min(top, within[0] - shape[0])), max(0, min(left, within[1] - shape[1])), *shape)


def _centred(region: Region, tells: NDArray[np.uint8], within: Shape) -> Region:
    """Move a region so that what tells in it, (h, w), lies in its middle."""
    rows, columns = np.nonzero(tells)
    if not len(rows):
        return region
    off = [round((at.min() + at.max() - side + 1) / 2) for at, side in zip((rows, columns), region.shape, strict=True)]
    return _placed(region.top + off[0], region.left + off[1], region.shape, within)
