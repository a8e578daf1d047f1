"""Strokes of a pen that correct a line drawing: as vectors, and drawn into maps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from data.regions import Region, Shape, to_scale
from interaction.prompts.prompt import ADD as ADD
from interaction.prompts.prompt import ERASE as ERASE
from interaction.prompts.prompt import NEW_PLACE_S, SAME_PLACE_S, Effort, Pinned
from lines.discs import discs
from metrics.masks import Mask

# Our assumption, measured on nobody: the way of a pen takes time in proportion to its length in line widths, as the
# steering law has it (Accot and Zhai, CHI 1997), and a tenth of a second each. Report it at half and double.
STEERING_S = 0.1
MIN_DRAWN_RADIUS = 0.7  # map pixels; below half a pixel's diagonal, so a thin stroke never spills over a corner
MAX_STEP = 0.5  # map pixels between the points that a stroke is drawn with


@dataclass(frozen=True, eq=False)
class Stroke:
    """One stroke of a user's pen, in scan pixels. It pins what it draws: line, or ground where it erases.

    Parameters
    ----------
    path_px : (N, 2) float, N >= 1
        Rows and columns of the points that the pen passed; pixel centres have whole coordinates.
    radius_px : (N,) float, above 0
        Half of the line's width at each point.
    sign : +1 adds line, -1 erases it

    Raises
    ------
    ValueError
        If shapes disagree, a value is not finite, a radius not positive, or the sign another one.
    """

    path_px: NDArray[np.float64]
    radius_px: NDArray[np.float64]
    sign: int

    kind: ClassVar[str] = "stroke"

    def __post_init__(self) -> None:
        path, radius = np.asarray(self.path_px, np.float64), np.asarray(self.radius_px, np.float64)
        if path.ndim != 2 or path.shape[1] != 2 or len(path) == 0 or radius.shape != (len(path),):
            raise ValueError(f"a stroke has N >= 1 points and N radii, not shapes {path.shape} and {radius.shape}")
        if not (np.isfinite(path).all() and np.isfinite(radius).all() and (radius > 0).all()):
            raise ValueError("a stroke's points are finite, and its radii finite and above 0")
        if self.sign not in (ADD, ERASE):
            raise ValueError(f"a stroke's sign is +1 (add) or -1 (erase), not {self.sign}")
        object.__setattr__(self, "path_px", path)
        object.__setattr__(self, "radius_px", radius)

    @property
    def centre_px(self) -> tuple[float, float]:
        """The middle one of the path's points, in scan pixels."""
        row, column = self.path_px[len(self.path_px) // 2]
        return float(row), float(column)

    def moved(self, rows_px: float, columns_px: float) -> Stroke:
        """Return the same stroke elsewhere; the offset is in scan pixels."""
        return replace(self, path_px=self.path_px + np.array([rows_px, columns_px]))

    def bounds(self, scale: float, shape: Shape) -> Region:
        """Return the region of a map of ``shape`` at ``scale`` outside of which the stroke draws nothing."""
        corner, end = self._corners(scale)
        top, left = corner.clip(0, shape).tolist()
        bottom, right = end.clip(0, shape).tolist()
        return Region(top, left, bottom - top, right - left)

    def pinned(self, region: Region, scale: float) -> Pinned | None:
        """Return what it draws in a region, as line if it adds and as ground if it erases; see ``draw``."""
        drawn, none = draw(self, region, scale), np.zeros(region.shape, bool)
        return (drawn, none) if self.sign == ADD else (none, drawn)

    def effort(self, scale: float, shape: Shape | None = None, *, new_place: bool = True) -> Effort:
        """Return the pixels that it draws, the pen's way, and the seconds of a click there and of the way.

        The seconds of the way are an assumption; see ``STEERING_S``.
        """
        corner, end = self._corners(scale)
        region = self.bounds(scale, shape) if shape else Region(*corner.tolist(), *(end - corner).tolist())
        length_px = float(np.linalg.norm(np.diff(self.path_px, axis=0), axis=1).sum())
        widths = length_px / (2 * float(self.radius_px.mean()))
        seconds = (NEW_PLACE_S if new_place else SAME_PLACE_S) + STEERING_S * widths
        return Effort(int(np.count_nonzero(draw(self, region, scale))), length_px * scale, seconds)

    def to_json(self) -> dict[str, Any]:
        """Return the stroke as JSON values, exactly, without its kind: so logs and saved states have it."""
        return {"path_px": self.path_px.tolist(), "radius_px": self.radius_px.tolist(), "sign": self.sign}

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> Stroke:
        """Return the stroke that ``to_json`` wrote; raises what the constructor raises."""
        return cls(np.asarray(fields["path_px"]), np.asarray(fields["radius_px"]), int(fields["sign"]))

    def _corners(self, scale: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the first row and column that it may draw in, and those behind the last."""
        path, radius = to_scale(self.path_px, scale), _drawn_radius(self.radius_px, scale)[:, None]
        corner = np.floor((path - radius).min(axis=0)).astype(np.int64)
        return corner, np.ceil((path + radius).max(axis=0) + 1).astype(np.int64)


def draw(stroke: Stroke, region: Region, scale: float) -> Mask:
    """Draw a stroke into the map of a region.

    Parameters
    ----------
    stroke : in scan pixels
    region : which part of the map at ``scale``
    scale : map pixels a scan pixel

    Returns
    -------
    (h, w) bool, True within the stroke's radius of its path; a stroke inside the region is one connected piece.
    """
    points, radii = _densify(to_scale(stroke.path_px, scale), _drawn_radius(stroke.radius_px, scale))
    points = points - np.array([region.top, region.left])
    reach = radii[:, None]
    inside = ((points > -reach - 1) & (points < np.array(region.shape) + reach)).all(axis=1)
    drawn = discs(points[inside], radii[inside], region.shape)
    nearest = np.floor(points[inside] + 0.5).astype(int)
    nearest = nearest[((nearest >= 0) & (nearest < region.shape)).all(axis=1)]
    drawn[nearest[:, 0], nearest[:, 1]] = True  # so that even the thinnest stroke hangs together
    return drawn


def _densify(path: NDArray[np.float64], radius: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Put points between those of a path, so that none is more than ``MAX_STEP`` from the next.

    Each step is cut into an odd number of parts: no point comes to lie in the middle of a diagonal step, on the corner
    of four pixels, from where rounding would lead to a pixel beside the path.
    """
    length = np.linalg.norm(np.diff(path, axis=0), axis=1)
    parts = np.ceil(length / MAX_STEP).astype(int) | 1
    along = [start + np.arange(count) / count for start, count in enumerate(parts.tolist())]
    wanted = np.concatenate([*along, [len(path) - 1]])
    points = np.column_stack([np.interp(wanted, np.arange(len(path)), path[:, axis]) for axis in (0, 1)])
    return points, np.interp(wanted, np.arange(len(path)), radius)


def _drawn_radius(radius_px: NDArray[np.float64], scale: float) -> NDArray[np.float64]:
    return np.maximum(radius_px * scale, MIN_DRAWN_RADIUS)
