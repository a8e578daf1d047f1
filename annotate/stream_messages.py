"""The JSON that the server tells a page in the event stream; requests and responses are in ``annotate.messages``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from annotate.messages import Box, DrawingStatus, JobMessage, LearningState, PlacesState, State


class Hello(BaseModel):
    """The first message about a mirror in a stream: all of its state, since a page may have missed any message."""

    type: Literal["hello"] = "hello"
    event: int = Field(description="the last one in the drawing; a page that shows another one loads it anew")
    state: State


class UnavailableMessage(BaseModel):
    """A mirror that cannot be opened at the moment; the server tries again, and says ``hello`` when it can."""

    type: Literal["unavailable"] = "unavailable"
    message: str


class AliveMessage(BaseModel):
    """Nothing has happened for a while, and the stream is still there."""

    type: Literal["alive"] = "alive"


class ChangeMessage(DrawingStatus):
    """The drawing has changed in a region."""

    type: Literal["change"] = "change"
    waiting: int = Field(description="strokes that are not answered yet")
    cause: Literal["stroke", "undo", "redo", "keep", "refine"]
    stroke: int | None
    sign: Literal[1, -1]
    bare: bool
    region: Box
    changed: int = Field(description="pixels that turned outside the stroke")
    png: str = Field(description="base64: the current drawing in the region, 8-bit grey")
    ms: float
    message: str | None = Field(default=None, description="why a stroke was kept bare, or where it lies")


class MarkedMessage(DrawingStatus):
    """A place was marked, or a mark was undone or redone; the drawing is as it was."""

    type: Literal["marked"] = "marked"
    waiting: int = Field(description="strokes that are not answered yet")
    cause: Literal["seen", "undo", "redo"]
    cell: int | None = Field(description="the place; null: there is none there any more")


class PlacesMessage(BaseModel):
    """Estimated quality and progress, brought up to date after a change."""

    type: Literal["places"] = "places"
    places: PlacesState


class RedrawnMessage(DrawingStatus):
    """A redrawing was taken over, undone or redone."""

    type: Literal["redrawn"] = "redrawn"
    waiting: int = Field(description="strokes that are not answered yet")
    cause: Literal["redraw", "undo", "redo"]
    region: Box
    png: str = Field(description="base64: the current drawing in the region, 8-bit grey")


class LearningMessage(BaseModel):
    """Something was learned, or a redrawing was proposed, taken over or refused."""

    type: Literal["learning"] = "learning"
    learning: LearningState


class RefusedMessage(BaseModel):
    """A stroke that could not be answered."""

    type: Literal["refused"] = "refused"
    event: int
    stroke: int
    message: str


class StartedMessage(BaseModel):
    """There is a drawing to correct."""

    type: Literal["started"] = "started"
    event: int


class TroubleMessage(BaseModel):
    """Nothing can be drawn on this mirror now."""

    type: Literal["trouble"] = "trouble"
    message: str


class RecoveredMessage(BaseModel):
    """What kept the mirror from being drawn on is over."""

    type: Literal["recovered"] = "recovered"
    event: int
    message: str | None = Field(description="what was mended, if anything had to be")


Message = Annotated[
    Hello
    | ChangeMessage
    | MarkedMessage
    | RedrawnMessage
    | LearningMessage
    | PlacesMessage
    | JobMessage
    | RefusedMessage
    | StartedMessage
    | TroubleMessage
    | RecoveredMessage
    | UnavailableMessage
    | AliveMessage,
    Field(discriminator="type"),
]


class Envelope(BaseModel):
    """A message of the stream that all windows of a browser share."""

    mirror: str | None = Field(description="that it is about; null: the stream itself")
    message: Message


Subscriber = Callable[[Message], None]
