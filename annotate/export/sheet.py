"""A drawing ready to be written as a vector graphic: its lines in millimetres, and its caption's data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotate.export.lines import LineArt, line_art
from data.storage import PreparedView
from data.version import PROGRAM, program_version
from interaction.log.prompt_events import prompts_in_force
from interaction.log.replay import Recorded
from interaction.session import LINE

MM, PX = "mm", "px"


@dataclass(frozen=True)
class Sheet:
    """A drawing with its measures.

    Parameters
    ----------
    art : in ``unit``, from the upper left corner of the scan
    unit : ``mm``, or ``px`` (of the scan) where the scan has no resolution
    box : top, left, bottom, right of what is shown: the object, in ``unit``
    view : its name
    date : when the drawing was changed last, UTC
    strokes : how many of the user's strokes are in it; those that were undone are not
    off_object : line off the object, in ``unit`` squared
    off_object_shown : whether that is part of ``art``
    """

    art: LineArt
    unit: str
    box: tuple[float, float, float, float]
    view: str
    date: str
    strokes: int
    off_object: float
    off_object_shown: bool

    @property
    def title(self) -> str:
        """One line: what is shown."""
        return f"{self.view}, drawing"

    @property
    def made(self) -> str:
        """One line: when and by what it was made."""
        strokes = "1 stroke" if self.strokes == 1 else f"{self.strokes} strokes"
        fate = "shown" if self.off_object_shown else "left out"
        off_object = f", {self.off_object:.2g} {self.unit}² off the object {fate}" if self.off_object else ""
        return f"{self.date[:10]}, {strokes} by hand{off_object}, {PROGRAM} {program_version()}"


def sheet_of(view: PreparedView, current: NDArray[np.float32], log: Recorded, *, off_object: bool = False) -> Sheet:
    """Trace a drawing.

    Parameters
    ----------
    view : what was drawn on
    current : (H, W) float32 in [0, 1], at model scale
    log : of the drawing
    off_object : whether the line that lies off the object is shown, too; ``box`` then reaches as far as that
    """
    mask, line = np.asarray(view.mask), current > LINE
    shown = mask | line if off_object else mask
    unit, size = (PX, 1 / view.scale) if view.pixels_per_mm is None else (MM, 1 / (view.scale * view.pixels_per_mm))
    rows, columns = (np.flatnonzero(shown.any(axis=axis)) for axis in (1, 0))
    top, bottom = (rows[0], rows[-1] + 1) if len(rows) else (0, mask.shape[0])
    left, right = (columns[0], columns[-1] + 1) if len(rows) else (0, mask.shape[1])
    events = list(log.events(blobs=False))
    return Sheet(
        art=line_art(line & shown).scaled(size),
        unit=unit,
        box=(top * size, left * size, bottom * size, right * size),
        view=view.name,
        date=events[-1].time if events else str(log.about.get("begun", "")),
        strokes=len(prompts_in_force(events)),
        off_object=float(np.count_nonzero(line & ~mask)) * size**2,
        off_object_shown=off_object,
    )
