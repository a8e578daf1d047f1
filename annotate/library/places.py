"""The places of a mirror: how many wrong pixels to expect in each, and whether it is done.

A place is done if a person said that it looks right, or if a person has corrected it and next to nothing wrong is
expected there any more. Both hold of a drawing, not for good: a place is open again once its drawing has changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotate.library.doubts import Doubts
from annotate.messages import PlacesCount, PlacesState, box_of
from data.regions import Region, cells, grown, shape_of, to_scale
from interaction.patch_selection import MostWrong, Predicted
from interaction.prompts import Prompt
from interaction.session import LINE, RefinementSession
from interaction.steps import Mark, marks_of
from metrics.calibration import Calibration
from metrics.expected import TOLERANCE, WIDTH
from metrics.masks import Mask

FIRST = 3  # places that a model is to learn from before it is trusted to say where most is wrong
CELL = 256  # side of a place, in model pixels; what networks are trained on, and evaluations rank
SEEN, CORRECTED = "seen", "corrected"
MATTERS = int(11 * WIDTH)
"""Pixels that are worth a stroke: the published simulated user's, which is 11 pixels of a line's length."""


def grid_of(mask: Mask, patch: int = CELL) -> list[Region]:
    """Return the places of a mirror, row by row: the cells that hold some of the object, (H, W) bool at model scale."""
    return [cell for cell in cells(shape_of(mask), patch) if mask[cell.slices].any()]


def crossed_by(grid: Sequence[Region], prompt: Prompt, scale: float, patch: int = CELL) -> list[int]:
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

    Estimates are made one at a time, so that no command has to wait long for them.

    Parameters
    ----------
    session : whose drawing is looked at; its history holds the marks
    mask : (H, W) bool, the object, at model scale
    patch : side of a cell, in model pixels
    calibration : turns the drawing's values into probabilities; None: nothing is estimated, since the drawing is not a
        network's, and a place is done only when a person says so
    seen : places that were marked before marks were in the history; they hold for good
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
        self._number = {region: number for number, region in enumerate(self.regions)}
        self._in_ranking = [number for number, cell in enumerate(cells(session.shape, patch)) if cell in self._number]
        self._seen = np.isin(np.arange(len(self.regions)), list(seen))
        self._strokes, self._altered, self._turned = np.zeros((3, len(self.regions)), np.int64)
        for prompt in session.prompts:
            self._strokes[self._crossed_by(prompt)] += 1  # in force
        self._altered[:] = [self._count_altered(place) for place in range(len(self.regions))]
        self._marks: dict[int, Mark] = {}
        self.marked()
        self._quality: Predicted | None = None
        self._most_wrong: MostWrong | None = None
        self._doubts: Doubts | None = None
        self.learned_from = (
            False  # whether a model is to learn from the first places, so that the least sure come first
        )
        self._stale: dict[int, None] = {}  # places to estimate, in their order; a dict as a set that keeps it
        self._known = False  # whether all places have been estimated once
        if calibration is not None:
            self.estimate_with(calibration)

    def estimate_with(self, calibration: Calibration) -> None:
        """Begin to estimate."""
        given = self._session, self._mask, self._patch, calibration
        self._quality, self._most_wrong = Predicted(*given, at_once=False), MostWrong(*given, at_once=False)
        self._doubts = Doubts(self._session, self._mask, calibration, self.regions)
        self._stale, self._known = dict.fromkeys(range(len(self.regions))), False

    def number_of(self, region: Region) -> int | None:
        """Return the place of a region; None if there is none, as the object's mask was another then."""
        return self._number.get(region)

    def drawn(self, prompt: Prompt, times: int = 1) -> None:
        """Take into account a prompt that was given, or with -1 times one that was undone."""
        self._strokes[self._crossed_by(prompt)] += times

    def changed(self, region: Region) -> None:
        """Reckon with a drawing that has changed in a region: its estimates will be made anew."""
        near = grown(region, TOLERANCE, self._session.shape)  # what is astray there may have changed
        for place, cell in enumerate(self.regions):
            if cell.overlaps(region):
                self._altered[place] = self._count_altered(place)
                self._turned[place] = self._count_turned(place)
            if cell.overlaps(near) and self._most_wrong is not None:
                self._stale[place] = None

    def marked(self) -> None:
        """Reckon with marks that were made, undone or redone in the session's history."""
        before = self._marks
        found = marks_of(self._session.history.done)
        self._marks = {self._number[region]: mark for region, mark in found.items() if region in self._number}
        for place in before.keys() | self._marks.keys():
            if before.get(place) is not self._marks.get(place):
                self._turned[place] = self._count_turned(place)

    def estimate(self) -> bool:
        """Estimate one place anew, a few milliseconds; return whether more are left."""
        if self._quality is None or self._most_wrong is None or self._doubts is None or not self._stale:
            return False
        place = next(iter(self._stale))
        self._doubts.update(place)
        self._quality.update(self.regions[place])
        self._most_wrong.update_cell(self._in_ranking[place])
        del self._stale[place]
        self._known = self._known or not self._stale
        return bool(self._stale)

    @property
    def quality(self) -> NDArray[np.float64] | None:
        """The pFM to expect of each place, (N,) in [0, 1]; None while it is not known of all of them."""
        return self._quality.ranks[self._in_ranking] if self._quality is not None and self._known else None

    @property
    def wrong(self) -> NDArray[np.float64] | None:
        """The wrong pixels to expect in each place, (N,); None while they are not known of all of them."""
        return self._most_wrong.wrong[self._in_ranking] if self._most_wrong is not None and self._known else None

    @property
    def astray(self) -> NDArray[np.float64] | None:
        """Those of them that lie further off than the tolerance of ``metrics.expected``, (N,)."""
        return self._most_wrong.astray[self._in_ranking] if self._most_wrong is not None and self._known else None

    @property
    def right(self) -> NDArray[np.bool_]:
        """Which places look right to a person, (N,): those said to, and less than ``MATTERS`` changed there since."""
        return self._said & (self._turned < MATTERS)

    @property
    def corrected(self) -> NDArray[np.bool_]:
        """Which places were corrected, (N,).

        The path of a stroke in force goes through them, the drawing there is not the initial one, and fewer than
        ``MATTERS`` pixels are expected to be astray there; none while that is not known.
        """
        astray = self.astray
        if astray is None:
            return np.zeros(len(self.regions), bool)
        return np.asarray((self._strokes > 0) & (self._altered > 0) & (astray < MATTERS))

    @property
    def unsure_first(self) -> bool:
        """Whether the model is to learn from the next place, so that the one comes next where it is least sure."""
        return self.learned_from and self._known and int((self.right | self.corrected).sum()) < FIRST

    @property
    def next(self) -> int | None:
        """The open place to look at next; None if all are done.

        It is the one with the most wrong pixels to expect, or where the model is least sure, see ``unsure_first``; the
        first one where that is unknown.
        """
        left = np.flatnonzero(~(self.right | self.corrected))
        if not len(left):
            return None
        matters = self._doubts.values if self.unsure_first and self._doubts is not None else self.wrong
        return int(left[0] if matters is None else left[matters[left].argmax()])

    @property
    def count(self) -> PlacesCount:
        """How far the places are."""
        right, corrected, wrong = self.right, self.corrected, self.wrong
        return PlacesCount(
            of=len(self.regions),
            right=int(right.sum()),
            corrected=None if wrong is None else int((corrected & ~right).sum()),
            expected=None if wrong is None else round(float(wrong[~(right | corrected)].sum())),
        )

    @property
    def progress(self) -> float:
        """The share of places that are done, in [0, 1]."""
        return self.count.progress

    def state(self) -> PlacesState:
        """Return all of it for a page, regions as [top, left, height, width] in model pixels."""
        quality, wrong, right, count = self.quality, self.wrong, self.right, self.count
        return PlacesState(
            cell=self._patch,
            grid=[box_of(cell) for cell in self.regions],
            quality=self._listed(None if quality is None else np.round(quality, 4)),
            wrong=self._listed(None if wrong is None else np.round(wrong).astype(np.int64)),
            state=np.where(right, SEEN, np.where(self.corrected, CORRECTED, "")).tolist(),
            reopened=np.flatnonzero(self._said & ~right).tolist(),
            count=count,
            next=self.next,
            progress=count.progress,
            unsure_first=self.unsure_first,
        )

    def _listed(self, values: NDArray[Any] | None) -> list[Any]:
        return [None] * len(self.regions) if values is None else values.tolist()

    @property
    def _said(self) -> NDArray[np.bool_]:
        """Which places a person said look right, (N,), whatever has changed there since."""
        said = self._seen.copy()
        for place, mark in self._marks.items():
            said[place] = mark.right
        return said

    def _crossed_by(self, prompt: Prompt) -> list[int]:
        return crossed_by(self.regions, prompt, self._session.scale, self._patch)

    def _count_altered(self, place: int) -> int:
        """Count the object's pixels in a place that are no longer as in the initial drawing."""
        if not self._strokes[place]:
            return 0
        return self._count_other(place, self._session.initial[self.regions[place].slices] > LINE)

    def _count_turned(self, place: int) -> int:
        """Count the object's pixels in a place that were not so when a person said that it looks right."""
        mark = self._marks.get(place)
        return self._count_other(place, mark.line) if mark and mark.right else 0

    def _count_other(self, place: int, line: Mask) -> int:
        at = self.regions[place].slices
        return int(np.count_nonzero(((self._session.current[at] > LINE) != line) & self._mask[at]))
