"""Weights of a truth's pixels, in its strokes and around them, as in the evaluation of the binarization contests.

Lengths are in pixels, distances in the chessboard metric. The *contour* consists of the strokes' outermost pixels.
The search for the nearest pixels starts at a pixel and stays in the bounding box of its component; if several pixels
are at the same smallest distance, all of them count.

Where the paper leaves a choice, this code does what the contests' tool does. The tool processes pixels row by row and
changes them in place, so a truth and its transpose have slightly different weights. Two faults of the tool are not
reproduced: depths beyond 249 overflow, and the weights depend on the ink in the image's second column (`LOWER_RIGHT`).

References
----------
- K. Ntirogiannis, B. Gatos, I. Pratikakis, "Performance Evaluation Methodology for Historical Document Image
  Binarization", IEEE Transactions on Image Processing 22(2), 2013, pages 595-609; equations by number.
- B. Petty, Doxa binarization framework, 2026 (github.com/brandonmpetty/Doxa, CC0): what the contests' closed tool does
  beyond the paper.
"""

from heapq import heappop, heappush

import cv2
import numpy as np
from numpy.typing import NDArray

from metrics.components import Components, Indices, Integers, Strokes, distance_to, neighbours
from metrics.masks import Mask
from metrics.zhang_suen import clean, thin

Weights = NDArray[np.float64]

MOST_ADDED = 2.0
"""Largest weight of a pixel outside the strokes, less 1 (equation 10)."""

OUT_OF_REACH = 2**14
"""Depth of pixels that no stroke reaches; its square still fits 32 bits."""

SIDES = ((-1, 0), (0, -1), (0, 1), (1, 0))
BEHIND = ((-1, -1), (-1, 0), (-1, 1), (0, -1))
AHEAD = ((0, 1), (1, -1), (1, 0))
LOWER_RIGHT = (1, 1)
"""Steps in rows and columns to a pixel's sides, and to its neighbours before and after it in reading order. The lower
right one is separate: the tool counts it, but then reads the width of another pixel, mostly 0, in its place."""


def recall_weights(strokes: Strokes) -> tuple[Weights, Integers]:
    """Weigh the pixels of strokes so that a break costs the same in strokes of any width (equations 2 and 3).

    A pixel weighs its depth, the distance from the contour, over the sum of depths across the stroke: 0 on the contour,
    most in the middle. A stroke that is all contour, one or two pixels wide, weighs 1 on its skeleton. Towards a
    stroke's ends the weights fall; a stroke three pixels wide weighs 1/2 on its skeleton, since there the tool takes
    an odd width for an even one.

    Parameters
    ----------
    strokes : Strokes
        Of the truth, (H, W), with at least one pixel.

    Returns
    -------
    weights : float array (H, W)
        0 outside the strokes.
    widths : int array (N,)
        Mean width of each component, rounded down to an even number; 0 for label 0.
    """
    skeleton = strokes.with_a_pixel_in_each(clean(thin(strokes.mask)))
    line = np.flatnonzero(skeleton)
    depth = np.where(strokes.mask, strokes.distance, 0)
    depth[strokes.contour & skeleton] = 1
    _raise_ridge(depth, line)
    pixels = np.flatnonzero(depth)
    half_widths, sums = _cross_sections(depth, skeleton, strokes.contour, strokes, pixels)
    weights = np.zeros(depth.shape)
    weights.reshape(-1)[pixels] = depth.reshape(-1)[pixels] / sums.reshape(-1)[pixels]

    labels = strokes.labels.reshape(-1)[line]
    total = np.bincount(labels, half_widths.reshape(-1)[line], strokes.number)
    widths = 2 * (total // np.maximum(np.bincount(labels, minlength=strokes.number), 1))
    return weights, widths.astype(np.int32)


def precision_weights(strokes: Strokes, widths: Integers) -> Weights:
    """Weigh the pixels outside strokes by the harm of ink there (equations 10 and 11).

    A pixel weighs 1 and its distance from the nearest stroke over that stroke's width, or over the width of the gap
    to the next stroke if that is smaller, so that ink which joins strokes costs most; at most 3. It weighs 1 if it is
    farther from the stroke than the stroke is wide, outside every stroke's box grown by twice its width, or in a gap
    that is a full rectangle, where the tool finds no stroke.

    Parameters
    ----------
    strokes : Strokes
        Of the truth, (H, W), with at least one pixel.
    widths : int array (N,)
        Of `recall_weights`.

    Returns
    -------
    float array (H, W)
        1 in the strokes.
    """
    gaps = Components(~strokes.mask)
    within = np.zeros_like(gaps.mask)
    within[1:-1, 1:-1] = gaps.mask[1:-1, 1:-1]  # the tool takes the picture's frame for ink, here only
    skeleton = gaps.with_a_pixel_in_each(clean(thin(within)))
    depth = np.where(_boxes(strokes, widths), strokes.distance, OUT_OF_REACH)
    depth[strokes.mask] = 0
    _raise_ridge(depth, np.flatnonzero(skeleton))

    reach, between = _reach(depth, strokes, widths, gaps)
    weighed = np.flatnonzero((depth > 0) & (depth <= reach))
    depths, divisors = depth.reshape(-1)[weighed], reach.reshape(-1)[weighed]
    meeting = between & (depth <= reach)
    if meeting.any():
        joining = (distance_to(meeting).reshape(-1)[weighed] <= divisors - depths) & (depths < divisors)
        gap = _gap_widths(depth, skeleton, strokes, gaps, weighed[joining], 2 * int(widths.max()) + 2)
        divisors[joining] = np.minimum(divisors[joining], gap)
    weights = np.ones(depth.shape)
    weights.reshape(-1)[weighed] += np.minimum(depths / divisors, MOST_ADDED)
    return weights


def _boxes(strokes: Components, widths: Integers) -> Mask:
    """Pixels in the bounding box of at least one component, grown by twice the component's width."""
    inside = np.zeros_like(strokes.mask)
    for label in range(1, strokes.number):
        inside[strokes.box(label, margin=2 * int(widths[label]))] = True
    return inside


def _reach(depth: Integers, strokes: Strokes, widths: Integers, gaps: Components) -> tuple[Integers, Mask]:
    """Width of the nearest stroke, the widest of several; and whether several are equally near. Both (H, W).

    0 and False where no stroke is nearer than the widest is wide.
    """
    labels, widest = strokes.labels, int(widths.max())
    window = np.ones((2 * widest + 1, 2 * widest + 1), np.uint8)
    named = labels.astype(np.float32)  # exact up to 16 million components
    highest = cv2.dilate(named, window)
    named[~strokes.mask] = strokes.number
    alone = cv2.erode(named, window) == highest
    near = (depth > 0) & (depth <= widest + 1)
    reach, several = np.zeros(depth.shape, np.int32), np.zeros(depth.shape, bool)

    # Where one stroke only is near, there is nothing to search for, unless the gap's box may leave that stroke out.
    lonely = np.flatnonzero(near & alone)
    nearest = highest.reshape(-1)[lonely].astype(np.int32)
    reach.reshape(-1)[lonely] = widths[nearest]
    doubtful = lonely[_only(strokes, gaps)[gaps.labels.reshape(-1)[lonely]] != nearest]
    doubtful = doubtful[gaps.out_of_box(doubtful, depth.reshape(-1)[doubtful])]
    reach.reshape(-1)[doubtful] = 0

    asking = np.concatenate([np.flatnonzero(near & ~alone), doubtful])
    pixels, found = gaps.nearest(strokes.contour, asking)
    found_labels = labels.reshape(-1)[found]
    np.maximum.at(reach.reshape(-1), pixels, widths[found_labels])
    first, last = np.full(depth.size, strokes.number, np.int32), np.zeros(depth.size, np.int32)
    np.minimum.at(first, pixels, found_labels)
    np.maximum.at(last, pixels, found_labels)
    several.reshape(-1)[pixels] = first[pixels] < last[pixels]
    return reach, several


def _only(strokes: Components, gaps: Components) -> Integers:
    """Label of the only stroke in the box of each gap, 0 where there are none or several. (N,)."""
    only = np.zeros(gaps.number, np.int32)
    for gap in range(1, gaps.number):
        inside = strokes.labels[gaps.box(gap)]
        found = inside[inside > 0]
        if found.size and found.min() == found.max():
            only[gap] = found[0]
    return only


def _gap_widths(
    depth: Integers, skeleton: Mask, strokes: Strokes, gaps: Components, pixels: Indices, margin: int
) -> Integers:
    """Half width of the gap at each of `pixels`, (P,); only what lies within a margin of them counts."""
    wanted = np.zeros(depth.shape, bool)
    wanted.reshape(-1)[pixels] = True
    if not wanted.any():
        return np.zeros(0, np.int32)
    asking = np.flatnonzero((distance_to(wanted) <= margin) & (depth > 0) & (depth < OUT_OF_REACH))
    _, sums = _cross_sections(depth, skeleton, strokes.contour, gaps, asking)
    return np.floor(np.sqrt(sums.reshape(-1)[pixels]) + 0.5).astype(np.int32)


def _cross_sections(
    depth: Integers, skeleton: Mask, contour: Mask, shapes: Components, pixels: Indices
) -> tuple[Integers, Integers]:
    """Half widths at the skeleton, and for each of `pixels` the sum of depths across the shape; both (H, W).

    Across an odd number of pixels, depths 0, 1, .., d, .., 1, 0 add up to d * d, across an even one to d * (d + 1). So
    the half width is d, or d + 1 where the last of the pixels nearest to the skeleton's lies d away from it.
    """
    asking, nearest = shapes.nearest(skeleton, pixels)
    half_widths = _half_widths(depth, skeleton, contour, shapes, asking, nearest)
    sums = np.zeros(depth.shape, np.int32)
    np.maximum.at(sums.reshape(-1), asking, depth.reshape(-1)[nearest] * half_widths.reshape(-1)[nearest])
    _spread(sums, pixels)
    return half_widths, sums


def _half_widths(
    depth: Integers, skeleton: Mask, contour: Mask, shapes: Components, asking: Indices, nearest: Indices
) -> Integers:
    """Half widths at the skeleton, (H, W), from pairs of a pixel and one of the skeleton's that is nearest to it."""
    flat = depth.reshape(-1)
    last = np.zeros(depth.size, np.int64)  # component by component, row by row
    np.maximum.at(last, nearest, shapes.first_pixels[shapes.labels.reshape(-1)[asking]] * depth.size + asking)
    last_asking = last[nearest] % depth.size
    away = distance_to(skeleton).reshape(-1)
    line = np.flatnonzero(skeleton)
    away[line] = ~contour.reshape(-1)[line]
    half_widths = skeleton.astype(np.int32)
    half_widths.reshape(-1)[nearest] = flat[nearest] + (away[last_asking] >= flat[nearest])
    _widen_ends(half_widths, line)
    return half_widths


def _raise_ridge(depth: Integers, line: Indices) -> None:
    """Add 1 to the depth of skeleton pixels that are as deep as their four neighbours, in raster order."""
    flat = depth.reshape(-1)
    line = line[(flat[line] > 0) & (flat[line] < OUT_OF_REACH)]
    sides = [neighbours(line, step, depth.shape) for step in SIDES]
    level = np.all([flat[side] == flat[line] for side in sides], axis=0)
    raised: set[int] = set()
    for pixel, top, left in zip(line[level].tolist(), sides[0][level].tolist(), sides[1][level].tolist(), strict=True):
        if top not in raised and left not in raised:
            raised.add(pixel)
    flat[np.fromiter(raised, np.intp)] += 1


def _widen_ends(half_widths: Integers, line: Indices) -> None:
    """Set the half width of the skeleton's ends to one more than their only neighbour's."""
    flat = half_widths.reshape(-1)
    near = {step: neighbours(line, step, half_widths.shape) for step in (*AHEAD, LOWER_RIGHT, *BEHIND)}
    ends = sum((flat[pixels] > 0).astype(int) for pixels in near.values()) == 1
    for step in (*AHEAD, *BEHIND):  # so that the second of a pair sees what the first has become
        here = ends & (flat[near[step]] > 0)
        flat[line[here]] = flat[near[step][here]] + 1


def _spread(sums: Integers, pixels: Indices) -> None:
    """In raster order, set pixels that differ from all four neighbours, none of them 0, to their left one's sum."""
    width = sums.shape[1]
    flat = sums.reshape(-1)
    lone = np.ones(pixels.size, bool)
    for step in SIDES:
        side = flat[neighbours(pixels, step, sums.shape)]
        lone &= (side != 0) & (side != flat[pixels])
    at = flat.data  # faster than an array, one by one
    waiting = pixels[lone].tolist()  # sorted, so a heap
    while waiting:
        pixel = heappop(waiting)
        left, right, top, bottom = at[pixel - 1], at[pixel + 1], at[pixel - width], at[pixel + width]
        if left and right and top and bottom and at[pixel] not in (left, right, top, bottom):
            at[pixel] = left
            for following in (pixel + 1, pixel + width):
                if at[following] and 0 < following % width < width - 1 and following + width < flat.size:
                    heappush(waiting, following)
