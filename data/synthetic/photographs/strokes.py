"""Lines whose width varies, and the map of what they cover."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import cv2
import numpy as np
from numpy.random import Generator

from data.synthetic.maps import Map
from data.synthetic.paths import Path, Profile, wander

FINER = 4  # how much finer the map is drawn than it is given back
SUBPIXEL_BITS = 4  # of OpenCV's coordinates
LEAST_RADIUS_PX = 0.4  # a thinner line breaks into dots


@dataclass(frozen=True)
class Stroke:
    """One line.

    Attributes
    ----------
    path : (N, 2) rows and columns in pixels, N at least 1
    radius : (N,) in pixels
    strength : how well it shows, 1 as any
    """

    path: Path
    radius: Profile
    strength: float = 1.0


def walk(
    start: tuple[float, float], heading: float, length_px: float, rng: Generator, bend: float, smooth_px: float
) -> Path:
    """A winding path from ``start``: its heading (radians from the columns' axis) wanders by ``bend``, a deviation."""
    count = max(int(length_px), 2)
    turn = heading + bend * (noise := wander(count, rng, smooth_px)) - bend * noise[0]
    steps = np.stack([np.sin(turn), np.cos(turn)], axis=1)
    return np.asarray(start + np.cumsum(steps, axis=0) - steps[0])


def uneven(count: int, radius_px: float, rng: Generator, share: float, smooth_px: float) -> Profile:
    """Radii ``(count,)`` about ``radius_px`` that vary along the line by ``share``, a deviation of the logarithm."""
    return np.asarray(radius_px * np.exp(share * wander(count, rng, smooth_px)))


def strengthened(strokes: Sequence[Stroke], rng: Generator, least: float) -> list[Stroke]:
    """The strokes, each with a strength of its own from ``least`` to 1."""
    return [replace(stroke, strength=stroke.strength * rng.uniform(least, 1.0)) for stroke in strokes]


def coverage(strokes: Sequence[Stroke], height: int, width: int) -> Map:
    """How much of each pixel lines cover: (H, W) in [0, 1]."""
    fine = np.zeros((height * FINER, width * FINER), np.uint8)
    for stroke in strokes:
        for points, thickness in _runs(stroke, FINER):
            cv2.polylines(fine, [points], False, 255, thickness, shift=SUBPIXEL_BITS)
    return np.asarray(cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA), np.float32) / np.float32(255)


def strengths(strokes: Sequence[Stroke], height: int, width: int) -> Map:
    """How well the line at each pixel shows: (H, W), 1 where there is none; where lines cross, the stronger counts."""
    found = np.full((height, width), -1.0, np.float32)
    for stroke in sorted(strokes, key=lambda stroke: stroke.strength):
        for points, thickness in _runs(stroke, 1):
            cv2.polylines(found, [points], False, stroke.strength, thickness + 2, shift=SUBPIXEL_BITS)
    found[found < 0] = 1.0
    return found


def _runs(stroke: Stroke, times: int) -> Iterator[tuple[np.ndarray, int]]:
    """Pieces of a stroke that are of one thickness, enlarged: points as OpenCV takes them, and thickness in pixels."""
    thickness = np.maximum(np.rint(2 * times * np.maximum(stroke.radius, LEAST_RADIUS_PX)), 1).astype(int)
    places = (stroke.path[:, ::-1] + 0.5) * times - 0.5
    points = np.rint(np.clip(places, -4096, 32000) * 2**SUBPIXEL_BITS).astype(np.int32)
    starts = [0, *(np.flatnonzero(np.diff(thickness)) + 1).tolist(), len(thickness)]
    for first, end in pairwise(starts):
        piece = points[first : end + 1]
        yield (piece if len(piece) > 1 else np.repeat(piece, 2, axis=0)), int(thickness[first])
