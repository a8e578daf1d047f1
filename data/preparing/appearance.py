"""What the lines of photographs look like: how wide they are, darker or brighter than their ground, in which colour.

Drawings that are not kept for testing say it best; without them the images have to. All photographs of a set are shown
alike, so all of them are asked, or ``MOST`` of them where images have to be looked at.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from data.channels import BLUE, GREEN, GREY, RED
from data.errors import DataError
from data.kinds import RawData
from data.line_statistics import LineStatistics, fit_radii, line_radii
from data.preparing.channels import Prepared, prepare_relief
from data.preparing.resampling import Resampling, resampled_mask
from data.preparing.streaming_statistics import Mask, Planes
from data.showing import MODEL_LINE_WIDTH, RELIEF_OF, Showing

SIGMA_WIDTHS = 3.23
"""Sigma of the blur that relief is taken against, in line widths: 1 mm on a mirror, whose lines are 0.31 mm wide."""

MOST = 12  # images that are looked at
SIDE = 1024  # of what is looked at of one, in model pixels
AROUND = 10  # ground so near to a line, in model pixels, is compared with it
AS_BEFORE = 0.15  # a width that differs by no more from what was measured before changes nothing
BETTER = 0.01  # by so much of the area under the ROC curve a colour has to be better than grey

COLOURS = {RED.name: 0, GREEN.name: 1, BLUE.name: 2}


class Seen(Protocol):
    """A photograph that can be looked at."""

    @property
    def view(self) -> str:
        """Its name."""

    @property
    def drawn(self) -> bool:
        """Whether there is a mask of its lines."""

    def planes(self, channel: str) -> Planes:
        """Return a channel, (1, H, W) in [0, 1]; raises DataError if it cannot be read."""

    def lines(self) -> Mask:
        """Return its lines, (H, W) bool; raises DataError likewise."""

    def object_mask(self) -> Mask:
        """Return the object, (H, W) bool; raises DataError likewise."""


def showing_of(raw: RawData, photographs: Sequence[Seen], test: Collection[str], before: Showing | None) -> Showing:
    """Decide how the photographs of a set are shown to networks.

    What is given goes before what was given earlier, that before what drawings say, and that before what images say.

    Parameters
    ----------
    raw : with the options
    photographs : of the set
    test : names of those kept for testing, whose drawings are not looked at
    before : of an earlier preparation
    """
    drawn = [one for one in photographs if one.drawn and one.view not in test]
    width, lines, of_width = _width(raw, drawn, photographs, before)
    showing = Showing(width, lines=lines)
    given = {"line_width"} if raw.line_width or _was_given(before, "line_width") else set()
    samples = Samples(drawn or photographs, showing.scale, drawn=bool(drawn))
    channel, of_channel = _channel(raw, samples, before)
    if raw.relief_of or _was_given(before, "channel"):
        given.add("channel")
    polarity, of_polarity = _polarity(raw, samples, channel, before)
    if raw.polarity or (raw.polarity is None and _was_given(before, "polarity")):
        given.add("polarity")
    said = Showing(width, polarity, channel, tuple(sorted(given)), lines)
    notes = (
        f"Lines: {width:g} pixels wide ({of_width}), {said.named_polarity} ({of_polarity}); relief is made of "
        f"{channel} ({of_channel}); networks see the photographs at {said.scale:g} of their size.",
    )
    return Showing(width, polarity, channel, said.given, lines, notes)


def relief_of(plane: Planes, mask: Mask, line_width: float, polarity: int) -> Prepared:
    """Return the relief of a photograph's plane, (1, H, W), lines ``line_width`` pixels wide."""
    return prepare_relief(
        Prepared((1, *mask.shape), lambda top, bottom: plane[:, top:bottom], 0.0),
        mask,
        SIGMA_WIDTHS * line_width,
        polarity,
    )


@dataclass(frozen=True, eq=False)
class Sample:
    """A part of a photograph at model scale: its planes by channel, (1, h, w), its object and its lines, if drawn."""

    planes: dict[str, Planes]
    mask: Mask
    lines: Mask | None

    def relief(self, channel: str) -> NDArray[np.float32]:
        """Return what networks see if lines are dark, (h, w) in [0, 1]."""
        return relief_of(self.planes[channel], self.mask, MODEL_LINE_WIDTH, 1).rows(0, len(self.mask))[0]

    @cached_property
    def around(self) -> Mask:
        """The ground near lines."""
        assert self.lines is not None
        side = 2 * AROUND + 1
        near = cv2.dilate(self.lines.view(np.uint8), np.ones((side, side), np.uint8)).view(np.bool_)
        return np.asarray(near & ~self.lines & self.mask)


class Samples:
    """Parts of some photographs at a scale, read when they are looked at; those that cannot be read are left out."""

    def __init__(self, photographs: Sequence[Seen], scale: float, *, drawn: bool) -> None:
        few = np.unique(np.linspace(0, len(photographs) - 1, min(MOST, len(photographs))).round().astype(int))
        self._photographs, self._scale, self.drawn = [photographs[number] for number in few], scale, drawn

    @cached_property
    def all(self) -> list[Sample]:
        """Return them."""
        found = []
        for photograph in self._photographs:
            try:
                found.append(self._sample(photograph))
            except DataError:  # said when it is prepared
                continue
        return found

    def _sample(self, photograph: Seen) -> Sample:
        mask = photograph.object_mask()
        lines = photograph.lines() & mask if self.drawn else None
        planes = {name: photograph.planes(name) for name in RELIEF_OF}
        if self._scale != 1:
            way = Resampling((mask.shape[0], mask.shape[1]), self._scale)
            planes = {name: way.rows(plane, 0, way.target[0]) for name, plane in planes.items()}
            mask = resampled_mask(mask, self._scale)
            lines = None if lines is None else resampled_mask(lines, self._scale)
        centre = np.argwhere(mask if lines is None or not lines.any() else lines).mean(axis=0) if mask.any() else (0, 0)
        part = tuple(
            slice(start, start + SIDE)
            for start in (
                max(0, min(int(middle) - SIDE // 2, length - SIDE))
                for middle, length in zip(centre, mask.shape, strict=True)
            )
        )
        return Sample(
            {name: plane[:, *part] for name, plane in planes.items()},
            mask[part],
            None if lines is None else lines[part],
        )


def _was_given(before: Showing | None, name: str) -> bool:
    return before is not None and name in before.given


def _width(
    raw: RawData, drawn: Sequence[Seen], photographs: Sequence[Seen], before: Showing | None
) -> tuple[float, LineStatistics | None, str]:
    """Return the width of lines, their statistics if they were measured, and how it was found."""
    lines = _measured(drawn)
    if raw.line_width:
        return raw.line_width, lines, "given"
    if before and _was_given(before, "line_width"):
        return before.line_width, lines, "given before"
    if lines:
        width = round(2 * lines.mean, 2)
        if before and abs(width / before.line_width - 1) <= AS_BEFORE:
            return before.line_width, lines, f"{width:g} in {_drawings(drawn)}, kept as it was"
        return width, lines, f"measured in {_drawings(drawn)}"
    if before:
        return before.line_width, None, "as before"
    return round(MODEL_LINE_WIDTH, 2), None, "not known, for want of a drawing; give --line_width"


def _drawings(drawn: Sequence[Seen]) -> str:
    return f"{len(drawn)} drawing{'s' * (len(drawn) > 1)}"


def _measured(drawn: Sequence[Seen]) -> LineStatistics | None:
    radii = []
    for photograph in drawn:
        try:
            radii.append(line_radii(photograph.lines()))
        except DataError:  # said when it is prepared
            continue
    return fit_radii(radii) if any(part.size for part in radii) else None


def _channel(raw: RawData, samples: Samples, before: Showing | None) -> tuple[str, str]:
    """Return the channel that relief is made of, and how it was found."""
    if raw.relief_of:
        return raw.relief_of, "asked for"
    if before:
        return before.channel, "asked for before" if _was_given(before, "channel") else "as before"
    return GREY.name, "none asked for"


def _polarity(raw: RawData, samples: Samples, channel: str, before: Showing | None) -> tuple[int, str]:
    """Return 1 where lines are dark, -1 where they are bright, and how it was found."""
    if raw.polarity:
        return raw.polarity, "given"
    if before and raw.polarity is None:
        return before.polarity, "given before" if _was_given(before, "polarity") else "as before"
    if samples.drawn:
        return contrast_sign(samples.all, channel), "as drawn"
    return skewness_sign(samples.all, channel), "as the images look, for want of a drawing"


def contrast_sign(samples: Sequence[Sample], channel: str) -> int:
    """Return -1 if lines are brighter than the ground near them, else 1."""
    differences = [
        float(relief[one.around].mean() - relief[one.lines].mean())
        for one in samples
        if one.lines is not None and one.lines.any() and one.around.any()
        for relief in [one.relief(channel)]
    ]
    return -1 if differences and np.mean(differences) < 0 else 1


def skewness_sign(samples: Sequence[Sample], channel: str) -> int:
    """Return -1 if what stands out of the images is bright, else 1."""
    thirds = [float(((one.relief(channel)[one.mask] - 0.5) ** 3).mean()) for one in samples if one.mask.any()]
    return -1 if thirds and np.mean(thirds) > 0 else 1
