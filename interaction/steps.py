"""The entries of the history: what committed changes did, kept small, what a person said of places, and redrawings.

All are undone and redone in the one order in which they were made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from data.regions import Region

if TYPE_CHECKING:
    from interaction.changes import Change
    from interaction.prompts import Prompt
    from metrics.masks import Mask


@dataclass(frozen=True, eq=False)
class Pixels:
    """The pixels of a region that changed, exactly, and none that was left alone.

    Parameters
    ----------
    where : (n,) int32, ascending: their places, row by row
    before, after : (n,) float32, what was there and what came
    """

    where: NDArray[np.int32]
    before: NDArray[np.float32]
    after: NDArray[np.float32]

    @classmethod
    def between(cls, before: NDArray[np.float32], after: NDArray[np.float32]) -> Pixels:
        """Return the pixels whose bits differ between two drawings of a region, (h, w) float32."""
        where = np.flatnonzero(before.view(np.uint32) != after.view(np.uint32)).astype(np.int32)
        return cls(where, before.take(where), after.take(where))

    def do(self, drawing: NDArray[np.float32]) -> None:
        """Put what came into the region's drawing, (h, w)."""
        drawing[self._at(drawing)] = self.after

    def undo(self, drawing: NDArray[np.float32]) -> None:
        """Put what was there back into the region's drawing, (h, w)."""
        drawing[self._at(drawing)] = self.before

    def fit(self, drawing: NDArray[np.float32]) -> bool:
        """Whether the region's drawing, (h, w), holds what was there before, bit for bit."""
        return np.array_equal(drawing[self._at(drawing)].view(np.uint32), self.before.view(np.uint32))

    def _at(self, drawing: NDArray[np.float32]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        rows, columns = np.divmod(self.where, np.int32(drawing.shape[1]))
        return rows, columns


@dataclass(frozen=True, eq=False)
class Step:
    """What a committed change did: enough to undo it and to redo it. The entry of a session's history.

    Parameters
    ----------
    prompt : the prompt that the change followed
    region : as in the change
    unrefined : whether no refiner was asked, so that the prompt's own pixels are all that changed
    load : returns the pixels that it changed, whenever they are needed; those of an old step may lie on disk
    event, prompt_event : numbers of the log's events that hold the change and its prompt; 0 where nothing is logged
    """

    prompt: Prompt
    region: Region
    unrefined: bool
    load: Callable[[], Pixels]
    event: int = 0
    prompt_event: int = 0

    @classmethod
    def of(cls, change: Change, current: NDArray[np.float32], *, event: int = 0, prompt_event: int = 0) -> Step:
        """Return what a change does to the drawing of its region as it is now, (h, w) float32."""
        pixels = Pixels.between(current, change.after)
        return cls(change.prompt, change.region, not change.asked, lambda: pixels, event, prompt_event)

    @property
    def pixels(self) -> Pixels:
        """What it changed; raises what ``load`` raises."""
        return self.load()


@dataclass(frozen=True, eq=False)
class Mark:
    """What a person said of a place of the drawing: it looks right, or no longer.

    Parameters
    ----------
    region : the place, in model pixels
    right : whether it looks right
    load : returns the line that was drawn there then, (h, w) bool
    event, asked_event : numbers of the log's events that hold the mark and the person's word; 0 where nothing is logged
    """

    region: Region
    right: bool
    load: Callable[[], Mask]
    event: int = 0
    asked_event: int = 0

    @classmethod
    def of(cls, region: Region, right: bool, line: Mask, *, event: int = 0, asked_event: int = 0) -> Mark:
        """Return a mark of a place whose line, (h, w) bool, is as given."""
        return cls(region, right, lambda: line, event, asked_event)

    @property
    def line(self) -> Mask:
        """The line that was drawn there then, (h, w) bool; raises what ``load`` raises."""
        return self.load()


@dataclass(frozen=True, eq=False)
class Redraw:
    """What a model that has learned draws anew, in the initial drawing and the drawing alike; see ``redrawing``.

    Parameters
    ----------
    region : that holds all pixels that change, in model pixels
    version : the SHA-256 of the version of the models that drew it
    load : returns the pixels that change; initial drawing and drawing held the same in them, and hold the same after
    event : number of the log's event that holds it; 0 where nothing is logged
    """

    region: Region
    version: str
    load: Callable[[], Pixels]
    event: int = 0

    @classmethod
    def of(cls, region: Region, version: str, pixels: Pixels, *, event: int = 0) -> Redraw:
        """Return a redrawing of pixels of a region that are as given."""
        return cls(region, version, lambda: pixels, event)

    @property
    def pixels(self) -> Pixels:
        """What it changes; raises what ``load`` raises."""
        return self.load()


Entry = Step | Mark | Redraw


def steps_of(entries: Iterable[Entry]) -> tuple[Step, ...]:
    """Return the steps among entries of a history."""
    return tuple(entry for entry in entries if isinstance(entry, Step))


def marks_of(entries: Iterable[Entry]) -> dict[Region, Mark]:
    """Return the marks that hold: the last one of each place among entries of a history."""
    return {entry.region: entry for entry in entries if isinstance(entry, Mark)}
