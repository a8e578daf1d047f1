"""Drawn things as layers of lines, of which those in front hide those behind; the shapes that they are built from.

Points are ``(row, column)``; a figure faces right, that is, towards larger columns. Angles are radians from straight
down, positive towards the right. Lengths are scan pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike, NDArray

from data.synthetic.maps import Mask
from data.synthetic.paths import LINE_WIDTH_PX, Path, resample, runs, spline

CELL_PX = 2.0  # how finely it is known what is hidden
CRUMB_PX = 14  # what remains of a line and is shorter is not drawn

Points = ArrayLike  # one point (2,) or several (N, 2)


@dataclass(frozen=True)
class Layer:
    """Lines, and the closed polygons within which they hide what lies behind; each ``(N, 2)``, in scan pixels."""

    lines: list[Path] = field(default_factory=list)
    covers: list[Path] = field(default_factory=list)


Picture = list[Layer]  # the foremost first


def visible(picture: Picture) -> list[Path]:
    """The lines ``(N, 2)`` of a picture as they are seen: each ends where a layer in front of its own begins."""
    covers = [cover for layer in picture for cover in layer.covers]
    if not covers:
        return [line for layer in picture for line in layer.lines]
    corner = np.min([cover.min(axis=0) for cover in covers], axis=0) - CELL_PX
    extent = np.max([cover.max(axis=0) for cover in covers], axis=0) - corner
    hidden = np.zeros((extent / CELL_PX).astype(int) + 2, dtype=np.uint8)
    seen = []
    for layer in picture:
        for line in layer.lines:
            seen += pieces(line, ~_at(hidden, (line - corner) / CELL_PX))
        for cover in layer.covers:
            cv2.fillPoly(hidden, [np.rint((cover - corner)[:, ::-1] / CELL_PX).astype(np.int32)], 1)
    return seen


def pieces(line: Path, keep: Mask) -> list[Path]:
    """What is left of a line where ``keep`` ``(N,)`` is True, without crumbs."""
    return [line[run] for run in runs(keep, min(CRUMB_PX, len(line)))]


def _at(grid: NDArray[np.uint8], cells: Path) -> Mask:
    """Whether the grid is set at each place ``(N, 2)``; never beyond it."""
    rows, cols = np.rint(cells).astype(np.int64).T
    within = (rows >= 0) & (rows < grid.shape[0]) & (cols >= 0) & (cols < grid.shape[1])
    found = np.zeros(len(cells), dtype=np.bool_)
    found[within] = grid[rows[within], cols[within]] > 0
    return found


def placed(paths: list[Path], centre: Points, angle: float) -> list[Path]:
    """Turn the paths about the origin by ``angle`` (radians) and move them to ``centre`` (row, column)."""
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return [np.asarray(path @ turn + np.asarray(centre)) for path in paths]


def moved(picture: Picture, shift: Points, angle: float = 0.0, mirrored: bool = False, scale: float = 1.0) -> Picture:
    """The picture scaled, mirrored left to right, turned about the origin by ``angle``, then shifted (row, column)."""
    flip = scale * np.array([1.0, -1.0 if mirrored else 1.0])

    def move(paths: list[Path]) -> list[Path]:
        return placed([flip * path for path in paths], shift, angle)

    return [Layer(move(layer.lines), move(layer.covers)) for layer in picture]


def warped(picture: Picture, rng: Generator, size_px: float, amount: float = 0.07) -> Picture:
    """The picture, which reaches ``size_px``, stretched, sheared and bent by about ``amount``: no two are alike."""
    stretch = 1.0 + amount * rng.uniform(-1.5, 1.5, 2)
    shear, bend = amount * rng.uniform(-1.5, 1.5, 2)

    def warp(path: Path) -> Path:
        rows, cols = path.T
        lean = shear * cols + bend * cols**2 / size_px
        return np.stack([stretch[0] * rows + lean, stretch[1] * cols + 0.5 * bend * rows**2 / size_px], axis=1)

    return [Layer([warp(line) for line in layer.lines], [warp(cover) for cover in layer.covers]) for layer in picture]


def shifted(path: Path, rows: float, columns: float) -> Path:
    """The path, or the point, moved by so many rows and columns."""
    return np.asarray(path + np.array([rows, columns]))


def curve(points: Points, origin: Points = (0.0, 0.0), scale: float = 1.0) -> Path:
    """A smooth path through points given in units of ``scale`` about ``origin``."""
    return spline(np.asarray(origin) + scale * np.asarray(points, dtype=np.float64))


def closed(points: Points, origin: Points = (0.0, 0.0), scale: float = 1.0) -> Path:
    """A smooth closed path through points given in units of ``scale`` about ``origin``."""
    return spline(np.asarray(origin) + scale * np.asarray(points, dtype=np.float64), closed=True)


def polyline(points: Points, origin: Points = (0.0, 0.0), scale: float = 1.0) -> Path:
    """Straight pieces between points given in units of ``scale`` about ``origin``."""
    return resample(np.asarray(origin) + scale * np.asarray(points, dtype=np.float64))


def ellipse(centre: Points, radii: tuple[float, float], arc: tuple[float, float] = (0.0, 2 * np.pi)) -> Path:
    """An arc of an upright ellipse: ``radii`` along rows and columns, angles from straight down."""
    count = max(int(max(radii) * abs(arc[1] - arc[0]) / 8), 12)
    angle = np.linspace(*arc, count)
    return resample(np.asarray(centre) + np.stack([radii[0] * np.cos(angle), radii[1] * np.sin(angle)], axis=1))


def reach(origin: Points, angle: float, length: float) -> Path:
    """The point ``length`` away from ``origin`` at ``angle`` from straight down."""
    return np.asarray(origin) + length * np.array([np.cos(angle), np.sin(angle)])


def blend(first: Path, second: Path, share: float | NDArray[np.float64]) -> Path:
    """The path between two, ``share`` of the way from the first to the second; as many samples as the longer one."""
    count = max(len(first), len(second), 2)
    weight = np.broadcast_to(np.asarray(share), (count,))[:, None] if np.ndim(share) == 0 else _stretched(share, count)
    return resample((1.0 - weight) * _sampled(first, count) + weight * _sampled(second, count))


def _stretched(values: float | NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Values along a path ``(N,)``, linearly at ``count`` places: ``(count, 1)``."""
    array = np.asarray(values, dtype=np.float64)
    return np.interp(np.linspace(0, 1, count), np.linspace(0, 1, len(array)), array)[:, None]


def _sampled(path: Path, count: int) -> Path:
    """``count`` points evenly along a path ``(N, 2)``."""
    at, along = np.linspace(0, 1, count), np.linspace(0, 1, len(path))
    return np.stack([np.interp(at, along, path[:, 0]), np.interp(at, along, path[:, 1])], axis=1)


def part(path: Path, first: float, last: float) -> Path:
    """The stretch of a path between two shares of its length, 0 to 1."""
    return path[int(first * (len(path) - 1)) : int(np.ceil(last * (len(path) - 1))) + 1]


def sides(spine: Path, half_widths: Sequence[Sequence[float]]) -> tuple[Path, Path]:
    """The two outlines of a limb around ``spine`` ``(N, 2)``: the one on its left, going along it, and on its right.

    ``half_widths`` holds rows of (share of the spine's length, left, right), smoothly joined. On the inside of a bend
    an outline is cut short where it would cross itself.
    """
    from scipy.interpolate import PchipInterpolator

    table = np.asarray(half_widths, dtype=np.float64)
    coarse = _sampled(spine, min(max(len(spine) // 6, 24), 160))
    width = PchipInterpolator(table[:, 0], table[:, 1:])(np.linspace(0, 1, len(coarse)))
    heading = np.gradient(coarse, axis=0)
    heading /= np.maximum(np.hypot(*heading.T), 1e-9)[:, None]
    left = np.stack([-heading[:, 1], heading[:, 0]], axis=1)
    outlines = []
    for sign, reach_px in ((1.0, width[:, 0]), (-1.0, width[:, 1])):
        outline = coarse + sign * reach_px[:, None] * left
        gaps = np.hypot(*(outline[:, None] - coarse[None]).transpose(2, 0, 1))
        free = (gaps / np.maximum(reach_px, 1e-6)[None]).min(axis=1) > 0.93
        free[[0, -1]] = True
        outlines.append(resample(outline[free]))
    return outlines[0], outlines[1]


def limb(spine: Path, half_widths: Sequence[Sequence[float]], tip: bool = False, shown: float = 0.0) -> Layer:
    """A limb around ``spine``: two outlines that begin ``shown`` of the way along, and a rounded end if ``tip``."""
    left, right = sides(spine, half_widths)
    ending = cap(left[-1], right[-1]) if tip else polyline([left[-1], right[-1]])
    start = cap(right[0], left[0])
    lines = [part(left, shown, 1.0), part(right, shown, 1.0)]
    return Layer(lines + [ending] * tip, [np.concatenate([left, ending, right[::-1], start])])


def cap(first: Path, last: Path) -> Path:
    """A half circle from one point to another, bulging to the right of the way between them as limbs end."""
    middle, arm = (first + last) / 2, (first - last) / 2
    across = np.array([-arm[1], arm[0]])
    angle = np.linspace(0.0, np.pi, 24)[:, None]
    return resample(middle + np.cos(angle) * arm - np.sin(angle) * across)


def leaf(root: Path, tip: Path, plump: float) -> Layer:
    """A pointed leaf from ``root`` to ``tip``, ``plump`` times as wide as long."""
    along = tip - root
    across = plump * np.array([-along[1], along[0]])
    edges = [curve([root, root + 0.45 * along + side * 0.5 * across, tip]) for side in (1.0, -1.0)]
    return Layer(edges, [np.concatenate([edges[0], edges[1][::-1]])])


def hatching(first: Path, second: Path, spacing_px: float, rng: Generator, loose: float = 0.25) -> list[Path]:
    """Lines between two paths that lead the same way, about ``spacing_px`` apart in the middle; ends vary by ``loose``.

    Folds between the edges of a garment, strands between the hairline and the outline of the hair.
    """
    gap = float(np.hypot(*(_sampled(first, 3)[1] - _sampled(second, 3)[1])))
    count = max(round(gap / max(spacing_px, 2 * LINE_WIDTH_PX)), 1)
    lines = []
    for i in range(1, count):
        share = (i + rng.uniform(-0.2, 0.2)) / count
        line = blend(first, second, share)
        begin, end = loose * rng.uniform(0.3, 1.0, 2)
        lines.append(part(line, begin, 1.0 - end))
    return lines
