"""The results of the commands that change a logged session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from data.regions import Region
from interaction.changes import Change
from interaction.steps import Mark, Redraw, Step

Cause = Literal["stroke", "undo", "redo", "keep", "refine"]
MarkCause = Literal["seen", "undo", "redo"]
RedrawCause = Literal["redraw", "undo", "redo"]


@dataclass(frozen=True, eq=False)
class Outcome:
    """The result of a command.

    Parameters
    ----------
    event : the number of the last event of the log that is in the drawing
    cause : the kind of command
    step, change : the entry of the session's history that was made, undone or redone, and its change
    region : what of the drawing may have changed
    message : why a prompt that was to be refined was kept unrefined, if it was
    """

    event: int
    cause: Cause
    step: Step
    change: Change
    region: Region
    message: str | None = None


@dataclass(frozen=True, eq=False)
class MarkOutcome:
    """The result of a command that marked a place, or took a mark back; the drawing is as it was.

    Parameters
    ----------
    event : the number of the last event of the log that is in the drawing
    cause : the kind of command
    mark : the entry of the session's history that was made, undone or redone
    """

    event: int
    cause: MarkCause
    mark: Mark


@dataclass(frozen=True, eq=False)
class RedrawOutcome:
    """The result of a command that took a redrawing over, or back.

    Parameters
    ----------
    event : the number of the last event of the log that is in the drawing
    cause : the kind of command
    redraw : the entry of the session's history that was made, undone or redone
    """

    event: int
    cause: RedrawCause
    redraw: Redraw
