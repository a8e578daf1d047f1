"""A redrawing that a version of the models proposes: what would change where, until a person has decided of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from annotate.messages import Redrawing
from annotate.session.publishing import Grey, as_grey
from data.regions import Region, intersection
from interaction.prompts import Prompt
from interaction.prompts.prompt import pinned_maps
from interaction.redrawing import differing, protected_pixels
from interaction.session import LINE, RefinementSession
from interaction.steps import Entry, Redraw
from metrics.masks import Mask

Drawing = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Moment:
    """A drawing at a moment, with all that says what of it is protected; read by any thread.

    Parameters
    ----------
    initial, current : (H, W) float32
    prompts, entries : those that hold
    scale : model pixels a scan pixel
    done : places that are as they should be, which are never drawn anew
    redrawn : whether the initial drawing was drawn anew before
    """

    initial: Drawing
    current: Drawing
    prompts: tuple[Prompt, ...]
    entries: tuple[Entry, ...]
    scale: float
    done: tuple[Region, ...]
    redrawn: bool

    @classmethod
    def of(cls, session: RefinementSession, done: tuple[Region, ...]) -> Moment:
        """Return what a session is at this moment; on its thread, some milliseconds."""
        drawings = session.initial, session.current.copy()
        return cls(*drawings, session.prompts, session.history.done, session.scale, done, session.redrawn)

    @property
    def protected(self) -> Mask:
        """The pixels that no redrawing touches, (H, W) bool."""
        protected = protected_pixels(self.initial, self.current, self.prompts, self.entries, self.scale)
        for place in self.done:
            protected[place.slices] = True
        return protected


@dataclass(frozen=True, eq=False)
class Proposal:
    """What a version would draw anew in the places of which nobody has decided.

    Parameters
    ----------
    drawing : (H, W) float32 in [0, 1], all that the version draws
    version : its SHA-256
    words : its name, for people
    proved : whether it drew better on places that it had not learned from
    changes : pixels that would become line, and that would be line no longer, in each undecided place with any
    free : (H, W) bool, pixels that may be drawn anew; cleared where somebody decides
    grey : (H, W) uint8, what the drawing would be; written by the session's thread alone
    sure : whether it turns only what the version is sure of: so if some was drawn anew before, see ``differing``
    """

    drawing: Drawing
    version: str
    words: str
    proved: bool
    changes: dict[int, tuple[int, int]]
    free: Mask
    grey: Grey
    sure: bool = False

    @classmethod
    def made(
        cls, moment: Moment, drawing: Drawing, regions: Sequence[Region], version: str, words: str, proved: bool
    ) -> Proposal:
        """Compare a version's drawing with a moment of a session; some tenths of a second on the largest mirrors."""
        free = ~moment.protected
        changed = free & differing(moment.initial, drawing, sure=moment.redrawn)
        after = np.where(changed, drawing, moment.current)
        come, go = (after > LINE) & ~(moment.current > LINE), (moment.current > LINE) & ~(after > LINE)
        counted = [(int(come[one.slices].sum()), int(go[one.slices].sum())) for one in regions]
        changes = {place: turned for place, turned in enumerate(counted) if any(turned)}
        return cls(drawing, version, words, proved, changes, free, as_grey(after), moment.redrawn)

    def state(self) -> Redrawing:
        """Return it as pages see it."""
        come, go = (sum(turned[side] for turned in self.changes.values()) for side in (0, 1))
        return Redrawing(version=self.words, proved=self.proved, cells=list(self.changes), come=come, go=go)

    def redraw(
        self,
        session: RefinementSession,
        regions: Sequence[Region],
        cells: Collection[int] | None,
        done: Iterable[Region],
    ) -> Redraw:
        """Return the redrawing of some places, or of all that are undecided, as the session is now; of none done."""
        keep = ~self.free if cells is None else np.ones(session.shape, bool)
        for cell in cells or ():
            keep[regions[cell].slices] = ~self.free[regions[cell].slices]
        for region in done:
            keep[region.slices] = True
        return session.propose_redraw(self.drawing, self.version, keep, sure=self.sure)

    def settled(
        self, session: RefinementSession, regions: Sequence[Region], cells: Collection[int], done: Collection[Region]
    ) -> Proposal | None:
        """Return what is left of it once some places were decided; None if nothing is."""
        for place in cells:
            self.free[regions[place].slices] = False
            self.changed(session, regions[place], done)
        left = {place: turned for place, turned in self.changes.items() if place not in cells}
        return replace(self, changes=left) if left else None

    def changed(self, session: RefinementSession, region: Region, done: Iterable[Region]) -> None:
        """Reckon with what has changed in a region: what corrections led to, or is done, is never drawn anew."""
        at = region.slices
        current, initial = session.current[at], session.initial[at]
        line, ground = pinned_maps(session.prompts_near(region), region, session.scale)
        differs = differing(initial, self.drawing[at], sure=self.sure)
        anew = self.free[at] & (current == initial) & ~(line | ground) & differs
        for place in done:
            if place.overlaps(region):
                anew[intersection(place, region).within(region).slices] = False
        self.grey[at] = as_grey(np.where(anew, self.drawing[at], current))
