"""Pictures of drawings: arrays in, RGB arrays out."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from metrics.masks import Mask

Picture = NDArray[np.uint8]

# Okabe and Ito's colours, which colour-blind people can tell apart.
RIGHT, FALSE_NEGATIVE, FALSE_POSITIVE = (60, 60, 60), (0, 114, 178), (213, 94, 0)
ADDED, ERASED = (0, 158, 115), (204, 121, 167)
PAPER = (255, 255, 255)


def grey(image: NDArray[np.float32]) -> Picture:
    """Show one plane (H, W) in [0, 1]."""
    return np.repeat((np.clip(image, 0, 1) * 255).astype(np.uint8)[..., None], 3, axis=2)


def ink(probability: NDArray[np.float32]) -> Picture:
    """Show probabilities (H, W) as dark ink on paper."""
    return grey(1 - probability)


def errors(drawing: Mask, truth: Mask) -> Picture:
    """Show (H, W) masks: true positives grey, false negatives blue, false positives orange."""
    picture = np.full((*truth.shape, 3), PAPER, np.uint8)
    picture[drawing & truth] = RIGHT
    picture[~drawing & truth] = FALSE_NEGATIVE
    picture[drawing & ~truth] = FALSE_POSITIVE
    return picture


def with_strokes(picture: Picture, added: Mask, erased: Mask) -> Picture:
    """Show added strokes in green and erased ones in pink, over a picture (H, W, 3)."""
    shown = picture.copy()
    shown[added], shown[erased] = ADDED, ERASED
    return shown


def side_by_side(*pictures: Picture) -> Picture:
    """Put pictures (H, W, 3) of one height in a row, four pixels apart."""
    gap = np.full((pictures[0].shape[0], 4, 3), PAPER, np.uint8)
    parts: list[Any] = [part for picture in pictures for part in (gap, picture)][1:]
    return np.concatenate(parts, axis=1)


def shrunk(picture: Picture, longest: int) -> Picture:
    """Return a picture (H, W, 3) whose longer side is ``longest`` pixels at most."""
    height, width = picture.shape[:2]
    factor = min(1.0, longest / max(height, width))
    return np.asarray(
        cv2.resize(picture, (round(width * factor), round(height * factor)), interpolation=cv2.INTER_AREA)
    )
