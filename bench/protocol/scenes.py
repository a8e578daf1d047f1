"""Scenes that a benchmark corrects: truths of any size, and drawings of them with errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import sqrt
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.networks import CHANNELS, PATCH
from data.canvas import Canvas
from data.regions import Region, Shape
from data.storage import PreparedSet, PreparedView
from interaction.changes import Probabilities
from lines.centre_lines import cached_centre_line
from metrics.masks import Mask
from simulation.strokes import Brush

MEGAPIXEL = 10**6
DRAWN, BLANK = np.float32(0.9), np.float32(0.1)  # probabilities, well on either side of a line's
SPOT = 24  # model pixels; lines are missing, and stray, in spots of about this size
MISSING, STRAYED = 0.35, 0.25  # shares of the lines
STRAY_BY = (37, 53)  # rows and columns from a true line to a stray one


@dataclass(frozen=True)
class Subject:
    """The mirror, networks and device of a measurement.

    Parameters
    ----------
    storage : below which one mirror is prepared
    encoder, arch : of the networks
    device : what computes them, by PyTorch's name
    """

    storage: Path
    encoder: str
    arch: str
    device: str


@dataclass(frozen=True)
class Scene:
    """A mirror to be corrected, from a file or made up.

    Parameters
    ----------
    canvas : the image that the network sees
    truth, valid : (H, W) bool, at model scale
    brush : how strokes are made, and the scale
    """

    canvas: Canvas
    truth: Mask
    valid: Mask
    brush: Brush

    def initial(self, rng: np.random.Generator) -> Probabilities:
        """Draw the truth as a base model might, (H, W) float32: parts are missing, and there are stray lines."""
        height, width = self.truth.shape
        spots = rng.random((height // SPOT + 1, width // SPOT + 1), np.float32)
        noise = np.asarray(cv2.resize(spots, (width, height)))
        kept, stray = self.truth & (noise > MISSING), np.roll(self.truth, STRAY_BY, axis=(0, 1))
        return np.where(kept | (stray & (noise > 1 - STRAYED)), DRAWN, BLANK)


@dataclass(frozen=True, eq=False)
class NoiseCanvas:
    """A canvas of any size without a file: every region holds the same noise.

    Parameters
    ----------
    shape : rows and columns, in scan pixels
    noise : (1, h, w) float32 in [0, 1], as large as the regions that are read
    """

    shape: Shape
    noise: NDArray[np.float32]
    pixels_per_mm: float | None = None
    channels: tuple[str, ...] = CHANNELS

    def read(self, region: Region, channels: Sequence[str], scale: float) -> NDArray[np.float32]:
        """See ``data.storage.Canvas``."""
        return self.noise[:, : region.height, : region.width]


def prepared_view(storage: Path) -> PreparedView:
    """Return the one prepared mirror below ``storage``."""
    (view,) = PreparedSet.open(storage, "mirrors").views()
    return view


def mirror_scene(storage: Path) -> Scene:
    """Return the one prepared mirror below ``storage`` as it is."""
    prepared = PreparedSet.open(storage, "mirrors")
    (view,) = prepared.views()
    valid = np.array(view.mask)
    return Scene(view, view.truth & valid, valid, Brush(prepared.lines, view.scale, centre_line=cached_centre_line()))


def scene_of_size(storage: Path, megapixels: float) -> Scene:
    """Return a scene of a scan's size with noise to look at: the prepared mirror's truth repeated, or its middle."""
    mirror = mirror_scene(storage)
    scale = mirror.brush.scale
    factor = sqrt(megapixels * MEGAPIXEL / np.prod(mirror.canvas.shape))
    height, width = (max(PATCH, round(factor * side)) for side in mirror.truth.shape)
    noise = np.random.default_rng(0).random((1, PATCH, PATCH), np.float32)
    canvas = NoiseCanvas((round(height / scale), round(width / scale)), noise)
    return replace(
        mirror,
        canvas=canvas,
        truth=_of_shape(mirror.truth, (height, width)),
        valid=_of_shape(mirror.valid, (height, width)),
    )


def _of_shape(mask: Mask, shape: Shape) -> Mask:
    """Repeat a mask until it is large enough, and cut its middle out."""
    repeats = [-(-wanted // side) for wanted, side in zip(shape, mask.shape, strict=True)]
    tiled = np.tile(mask, repeats)
    top, left = ((side - wanted) // 2 for side, wanted in zip(tiled.shape, shape, strict=True))
    return np.ascontiguousarray(tiled[top : top + shape[0], left : left + shape[1]])
