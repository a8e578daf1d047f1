"""The places of a mirror: the expected quality of each, and whether it was seen or corrected."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from annotate.messages import PlacesState, box_of
from data.regions import Region, cells, shape_of, to_scale
from interaction.patch_selection import Predicted
from interaction.prompts import Prompt
from interaction.session import RefinementSession
from metrics.calibration import Calibration
from metrics.masks import Mask

CELL = 256  # side of a place, in model pixels; what networks are trained on, and evaluations rank
SEEN, CORRECTED = "seen", "corrected"


def grid_of(mask: Mask, patch: int = CELL) -> list[Region]:
    """Return the places of a mirror, row by row: the cells that hold some of the object, (H, W) bool at model scale."""
    return [cell for cell in cells(shape_of(mask), patch) if mask[cell.slices].any()]


def corrected_by(grid: Sequence[Region], prompt: Prompt, scale: float, patch: int = CELL) -> list[int]:
    """Return which places of a grid a prompt's path goes through.

    Parameters
    ----------
    grid : of ``grid_of``
    prompt : in scan pixels
    scale : model pixels a scan pixel
    patch : side of a cell, in model pixels
    """
    points = to_scale(prompt.path_px, scale)
    way = np.append(0, np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1)))
    at = np.arange(0, way[-1] + 1)  # a point each pixel, and the last one, as values beyond the end are held
    pixels = np.column_stack([np.interp(at, way, points[:, axis]) for axis in (0, 1)])
    corners = np.unique(np.floor((pixels + 0.5) / patch).astype(np.int64) * patch, axis=0)
    number = {(cell.top, cell.left): place for place, cell in enumerate(grid)}
    found = (number.get((top, left)) for top, left in corners.tolist())
    return [place for place in found if place is not None]


class Places:
    """The cells of a session's drawing that hold some of the object, numbered row by row.

    A cell is corrected if the path of a stroke that holds goes through it; a stroke that was undone does not count.
    Estimates are made one at a time, so that no command has to wait long for them.

    Parameters
    ----------
    session : whose drawing is looked at
    mask : (H, W) bool, the object, at model scale
    patch : side of a cell, in model pixels
    calibration : turns the drawing's values into probabilities; None: no quality is estimated, since the drawing is not
        a network's
    seen : places that were looked at and left as they are
    """

    def __init__(
        self,
        session: RefinementSession,
        mask: Mask,
        patch: int,
        calibration: Calibration | None,
        seen: Iterable[int] = (),
    ) -> None:
        self._session, self._mask, self._patch = session, mask, patch
        self.regions = grid_of(mask, patch)
        there = set(self.regions)
        self._in_ranking = [number for number, cell in enumerate(cells(session.shape, patch)) if cell in there]
        self._strokes = np.zeros(len(self.regions), np.int64)  # in force
        for prompt in session.prompts:
            self.drawn(prompt)
        self._seen = np.isin(np.arange(len(self.regions)), list(seen))
        self._estimates: Predicted | None = None
        self._stale: dict[int, None] = {}  # places to estimate, in their order; a dict as a set that keeps it
        self._known = False  # whether all places have been estimated once
        if calibration is not None:
            self.estimate_with(calibration)

    def estimate_with(self, calibration: Calibration) -> None:
        """Begin to estimate quality."""
        self._estimates = Predicted(self._session, self._mask, self._patch, calibration, at_once=False)
        self._stale, self._known = dict.fromkeys(range(len(self.regions))), False

    def drawn(self, prompt: Prompt, times: int = 1) -> None:
        """Take into account a prompt that was given, or with -1 times one that was undone."""
        self._strokes[corrected_by(self.regions, prompt, self._session.scale, self._patch)] += times

    def changed(self, region: Region) -> None:
        """Reckon with a drawing that has changed in a region: its estimates will be made anew."""
        if self._estimates is not None:
            self._stale |= {place: None for place, cell in enumerate(self.regions) if cell.overlaps(region)}

    def look(self, place: int) -> None:
        """Reckon with a place that was looked at and left as it is."""
        self._seen[place] = True

    def estimate(self) -> bool:
        """Estimate one place anew, a few milliseconds; return whether more are left."""
        if self._estimates is None or not self._stale:
            return False
        place = next(iter(self._stale))
        self._estimates.update(self.regions[place])
        del self._stale[place]
        self._known = self._known or not self._stale
        return bool(self._stale)

    @property
    def quality(self) -> NDArray[np.float64] | None:
        """The pFM to expect of each place, (N,) in [0, 1]; None while it is not known of all of them."""
        if self._estimates is None or not self._known:
            return None
        return self._estimates.ranks[self._in_ranking]

    @property
    def corrected(self) -> NDArray[np.bool_]:
        """Which places a stroke in force lies in, (N,)."""
        return np.asarray(self._strokes > 0)

    @property
    def next(self) -> int | None:
        """The worst place that is neither seen nor corrected, the first of them where quality is unknown."""
        left = np.flatnonzero(~(self._seen | self.corrected))
        if not len(left):
            return None
        quality = self.quality
        return int(left[0] if quality is None else left[quality[left].argmin()])

    @property
    def progress(self) -> float:
        """The share of places that are seen or corrected, in [0, 1]."""
        done = self._seen | self.corrected
        return float(done.mean()) if len(done) else 1.0

    def state(self) -> PlacesState:
        """Return all of it for a page, regions as [top, left, height, width] in model pixels."""
        quality = self.quality
        states = np.where(self.corrected, CORRECTED, np.where(self._seen, SEEN, ""))
        return PlacesState(
            cell=self._patch,
            grid=[box_of(cell) for cell in self.regions],
            quality=[None] * len(self.regions) if quality is None else np.round(quality, 4).tolist(),
            state=states.tolist(),
            next=self.next,
            progress=self.progress,
        )
