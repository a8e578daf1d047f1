"""Grooves and lines on a map: the cross-section of a cut along a path, and the drawn line over it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from data.synthetic.maps import Map, Mask
from data.synthetic.paths import Path, Profile

SAMPLES_AT_ONCE = 256  # bounds the memory of one stamp, whatever the length of the path
GROOVE_REACH = 1.2  # the groove's shoulder ends a little outside the line that an annotator draws

Section = Callable[[NDArray[np.float64]], NDArray[np.float64]]  # depth, 1 to 0, over distance in radii


def round_section(ratio: NDArray[np.float64]) -> NDArray[np.float64]:
    """A raised cosine: a round bottom and soft shoulders."""
    return np.asarray(0.5 + 0.5 * np.cos(np.pi * np.minimum(ratio, 1.0)))


def v_section(ratio: NDArray[np.float64]) -> NDArray[np.float64]:
    """Two flat flanks, as a pointed graver leaves them."""
    return np.asarray(1.0 - np.minimum(ratio, 1.0))


def u_section(ratio: NDArray[np.float64]) -> NDArray[np.float64]:
    """A half ellipse with steep flanks."""
    return np.asarray(np.sqrt(1.0 - np.minimum(ratio, 1.0) ** 2))


def flat_section(ratio: NDArray[np.float64]) -> NDArray[np.float64]:
    """A flat bottom over some two thirds of the width, as of a chisel."""
    return np.asarray(np.clip((1.0 - ratio) / 0.35, 0.0, 1.0))


def furrows_section(ratio: NDArray[np.float64]) -> NDArray[np.float64]:
    """Two furrows with a ridge between that is as high as the ground, as of a blunt tool that was hammered along."""
    return np.asarray(np.exp(-(((np.minimum(ratio, 1.0) - 0.62) / 0.24) ** 2)))


SECTIONS: dict[str, Section] = {
    "round": round_section,
    "v": v_section,
    "u": u_section,
    "flat": flat_section,
    "furrows": furrows_section,
}


def carve(
    relief: Map, path: Path, radius_px: Profile, depth_mm: Profile, section: Section = round_section, step: int = 1
) -> None:
    """Cut a groove in place into ``relief`` ``(H, W)``, depth in millimetres below the surface, positive.

    ``section`` gives its depth, 1 to 0, over the distance to the centre line in radii; the groove ends `GROOVE_REACH`
    radii away. Where grooves meet, the deeper one stands. Every ``step``-th sample of the path is cut.
    """
    cut = relief.reshape(-1)
    reach_px = GROOVE_REACH * radius_px
    for samples, flat, ratio in _discs(relief.shape, path[::step], reach_px[::step]):
        deep = depth_mm[::step][samples, None] * section(ratio)
        within = (ratio < 1.0).reshape(-1)
        np.maximum.at(cut, flat[within], deep.reshape(-1)[within].astype(np.float32))


def ink(drawing: Mask, path: Path, radius_px: Profile, step: int = 1) -> int:
    """Draw a line in place into ``drawing`` ``(H, W)``, not anti-aliased; how many pixels became line.

    Every ``step``-th sample of the path is drawn.
    """
    paper = drawing.reshape(-1)
    fresh = 0
    for _, flat, ratio in _discs(drawing.shape, path[::step], radius_px[::step]):
        inside = np.unique(flat[ratio.reshape(-1) <= 1.0])
        fresh += int(np.count_nonzero(~paper[inside]))
        paper[inside] = True
    return fresh


def _discs(
    shape: tuple[int, ...], path: Path, radius_px: Profile
) -> Iterator[tuple[slice, NDArray[np.int64], NDArray[np.float64]]]:
    """The discs around a path's samples: which samples ``n``, flat pixel indices ``(n K^2,)``, distance over radius.

    The centres keep their subpixel places. Pixels beyond the image are folded onto its edge with an infinite ratio.
    """
    half = int(np.ceil(radius_px.max())) + 1
    offsets = np.arange(-half, half + 1)
    for start in range(0, len(path), SAMPLES_AT_ONCE):
        samples = slice(start, start + SAMPLES_AT_ONCE)
        centre = path[samples]
        nearest = np.rint(centre).astype(np.int64)
        rows, cols = nearest[:, :1] + offsets, nearest[:, 1:] + offsets
        row_gap, col_gap = rows - centre[:, :1], cols - centre[:, 1:]
        row_gap[(rows < 0) | (rows >= shape[0])] = np.inf
        col_gap[(cols < 0) | (cols >= shape[1])] = np.inf
        squared = row_gap[:, :, None] ** 2 + col_gap[:, None, :] ** 2
        ratio = np.sqrt(squared) / radius_px[samples, None, None]
        flat = rows.clip(0, shape[0] - 1)[:, :, None] * shape[1] + cols.clip(0, shape[1] - 1)[:, None, :]
        yield samples, flat.reshape(-1), ratio.reshape(len(centre), -1)
