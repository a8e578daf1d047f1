"""Photographs looked at as networks see them, to find what their lines look like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from data.channels import GREY, RGB
from data.errors import DataError
from data.line_statistics import fit_radii, line_radii
from data.preparing.channels import Prepared, prepare_relief
from data.preparing.resampling import Resampling, resampled_mask
from data.preparing.streaming_statistics import Mask, Planes
from data.regions import Region, Shape
from data.showing import COLOURS, MODEL_LINE_WIDTH

SIGMA_WIDTHS = 3.23
"""Sigma of the blur that relief is taken against, in line widths: 1 mm on a mirror, whose lines are 0.31 mm wide."""

MOST = 12  # images that are looked at
SIDE = 1024  # of what is looked at of one, in model pixels
AROUND = 10  # ground so near to a line, in model pixels, is compared with it
PIXELS = 20_000  # of line, and as many of ground, that are compared in one image
GRAIN = 1 / 6  # sigma of the blur that takes off what is finer than lines, in line widths: docs/experiments.md
SMOOTH = 1 / 8  # sigma of a blur before a threshold, in line widths
LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601, as formats' own libraries make grey
LONG = 4  # what a threshold marks is line if it is so many line widths long


class Photographed(Protocol):
    """A photograph that can be looked at; each method raises DataError where a file cannot be used."""

    @property
    def view(self) -> str:
        """Its name."""

    @property
    def drawn(self) -> bool:
        """Whether there is a mask of its lines."""

    def planes(self, channel: str) -> Planes:
        """Return a channel but relief, (C, H, W) in [0, 1]."""

    def lines(self) -> Mask:
        """Return its lines, (H, W) bool."""

    def object_mask(self) -> Mask:
        """Return the object, (H, W) bool."""


@dataclass(frozen=True, eq=False)
class Look:
    """A part of a photograph as networks see it: planes by channel, (1, h, w), the object, and lines if drawn."""

    planes: dict[str, Planes]
    mask: Mask
    lines: Mask | None

    def relief(self, channel: str) -> NDArray[np.float32]:
        """Return what networks see if lines are dark, (h, w) in [0, 1]."""
        return relief_of(self.planes[channel], self.mask, MODEL_LINE_WIDTH, 1).rows(0, len(self.mask))[0]

    @property
    def tells(self) -> bool:
        """Whether it shows drawn lines, and ground near them."""
        return bool(self.lines is not None and self.lines.any() and self._around.any())

    def sides(self, channel: str) -> tuple[NDArray[np.float32], NDArray[np.float32]] | None:
        """Return the relief of lines, and of the ground near them; at most ``PIXELS`` of each, None if one is empty."""
        if not self.tells:
            return None
        assert self.lines is not None
        relief = self.relief(channel)
        line, ground = (relief[chosen] for chosen in (self.lines, self._around))
        return line[:: len(line) // PIXELS + 1], ground[:: len(ground) // PIXELS + 1]

    @cached_property
    def _around(self) -> Mask:
        assert self.lines is not None
        side = 2 * AROUND + 1
        near = cv2.dilate(self.lines.view(np.uint8), np.ones((side, side), np.uint8)).view(np.bool_)
        return np.asarray(near & ~self.lines & self.mask)


def relief_of(plane: Planes, mask: Mask, line_width: float, polarity: int) -> Prepared:
    """Return the relief of a photograph's plane, (1, H, W), its grain taken off.

    Parameters
    ----------
    plane : in [0, 1]
    mask : (H, W) bool, the object
    line_width : of its lines, edge to edge, in its pixels
    polarity : 1 where lines are dark, -1 where they are bright
    """
    _, height, width = plane.shape
    smooth = _smoothed(plane[0], mask, GRAIN * line_width)[None]
    whole = Prepared((1, height, width), lambda top, bottom: smooth[:, top:bottom], 0.0)
    return prepare_relief(whole, mask, SIGMA_WIDTHS * line_width, polarity)


def _smoothed(plane: NDArray[np.float32], mask: Mask, sigma_px: float) -> NDArray[np.float32]:
    """Blur the object in a plane (H, W); what lies off the mask is not mixed in."""
    inside = mask.astype(np.float32)
    values, weights = (cv2.GaussianBlur(one, (0, 0), sigma_px) for one in (np.where(mask, plane, 0), inside))
    return np.asarray(np.where(mask, values / np.maximum(weights, 1e-6), plane), np.float32)


def looks_at(photographs: Sequence[Photographed], scale: float, *, drawn: bool) -> list[Look]:
    """Look at no more than ``MOST`` of some photographs; those that cannot be read are left out.

    Parameters
    ----------
    photographs : evenly chosen from
    scale : at which networks see them
    drawn : whether their lines are wanted as well
    """
    few = np.unique(np.linspace(0, len(photographs) - 1, min(MOST, len(photographs))).round().astype(int))
    found = []
    for number in few:
        try:
            found.append(_look(photographs[number], scale, drawn=drawn))
        except DataError:  # which is said when it is prepared
            continue
    return found


def contrast_sign(looks: Sequence[Look], channel: str) -> int:
    """Return -1 if drawn lines are brighter than the ground near them, else 1."""
    sides = [found for look in looks if (found := look.sides(channel))]
    return -1 if sides and np.mean([line.mean() - ground.mean() for line, ground in sides]) > 0 else 1


def separation(looks: Sequence[Look], channel: str) -> float:
    """Return how well a channel tells drawn lines from the ground near them: mean area under the ROC curve; 0.5: not.

    It is the probability that a pixel of a line is the darker one of the two, or the brighter, whichever is larger.
    """
    areas = [_area(*found) for look in looks if (found := look.sides(channel))]
    mean = float(np.mean(areas)) if areas else 0.5
    return max(mean, 1 - mean)


def skewness_sign(looks: Sequence[Look], channel: str) -> int:
    """Return -1 if what stands out of the relief is bright, by its third moment, else 1."""
    thirds = [float(((look.relief(channel)[look.mask] - 0.5) ** 3).mean()) for look in looks if look.mask.any()]
    return -1 if thirds and np.mean(thirds) > 0 else 1


def estimated_width(looks: Sequence[Look], channel: str, polarity: int) -> float | None:
    """Estimate how wide lines are in images without drawings: that of the long things that Otsu's threshold marks.

    Parameters
    ----------
    looks : at scale 1
    channel, polarity : see ``data.showing.Showing``

    Returns
    -------
    float or None
        Width, edge to edge, in pixels; None where nothing long is marked.

    Notes
    -----
    On samples of documents, cracks, vessels and roads it was 1.34, 0.88, 0.61, 1.03, 1.43 (vessels without a mask of
    their field of view) and 0.25 (roads) times the width of the drawings. Ridge filters at several scales did worse
    (0.22 to 2.6), as did repeating this with the width found, where the image has an edge of its own.
    """
    radii = [line_radii(_marked(look, channel, polarity)) for look in looks if look.mask.any()]
    return 2 * fit_radii(radii).mean if any(part.size for part in radii) else None


def _look(photograph: Photographed, scale: float, *, drawn: bool) -> Look:
    mask = photograph.object_mask()
    lines = photograph.lines() if drawn else None
    colours = photograph.planes(RGB.name)
    planes = {GREY.name: np.tensordot(LUMA, colours, 1)[None].astype(np.float32)}
    planes |= {name: colours[number, None] for name, number in COLOURS.items()}
    if scale != 1:
        way = Resampling((mask.shape[0], mask.shape[1]), scale)
        planes = {name: way.rows(plane, 0, way.target[0]) for name, plane in planes.items()}
        mask = resampled_mask(mask, scale)
        lines = None if lines is None else resampled_mask(lines, scale)
    part = _part(mask if lines is None or not lines.any() else lines).slices
    cut = {name: plane[:, *part] for name, plane in planes.items()}
    return Look(cut, mask[part], None if lines is None else lines[part])


def _part(marked: Mask) -> Region:
    """Return a part of an image around the middle of what is marked."""
    shape: Shape = (marked.shape[0], marked.shape[1])
    middle = np.argwhere(marked).mean(axis=0) if marked.any() else np.array(shape) / 2
    height, width = (min(SIDE, length) for length in shape)
    top, left = np.clip(middle - SIDE // 2, 0, [shape[0] - height, shape[1] - width]).astype(int)
    return Region(int(top), int(left), height, width)


def _area(line: NDArray[np.float32], ground: NDArray[np.float32]) -> float:
    """Return the probability that a value of a line is below one of the ground; ties count half."""
    ordered = np.sort(ground)
    above = len(ground) - np.searchsorted(ordered, line, side="right")
    tied = len(ground) - np.searchsorted(ordered, line, side="left") - above
    return float((above + 0.5 * tied).mean() / len(ground))


def _marked(look: Look, channel: str, polarity: int) -> Mask:
    """Return the long things that are on the lines' side of Otsu's threshold, (h, w) bool."""
    dark = 0.5 - polarity * (look.relief(channel) - 0.5)
    dark = np.asarray(cv2.GaussianBlur(dark, (0, 0), SMOOTH * MODEL_LINE_WIDTH), np.float32)
    levels = np.clip(dark * 255, 0, 255).astype(np.uint8)
    level, _ = cv2.threshold(levels[look.mask][:, None], 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    marked = (levels > level) & look.mask
    _, labels, boxes, _ = cv2.connectedComponentsWithStats(marked.view(np.uint8), connectivity=8)
    sides = boxes[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=1)
    is_long = sides > LONG * MODEL_LINE_WIDTH
    is_long[0] = False  # the ground
    return np.asarray(is_long[labels])
