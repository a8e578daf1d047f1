"""The JSON between page and server: requests and responses; ``annotate.stream_messages`` has what the stream tells.

Places, regions and shapes are rows first: points [row, column], regions [top, left, height, width].
"""

from __future__ import annotations

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, FailFast, Field, model_validator

from annotate.limits import MAX_LINE_PX, MAX_POINTS, MAX_RADIUS_PX, MIN_LINE_PX
from data.regions import Region

MAX_CELLS = 1_000_000

Source = Literal["learned", "model", "otsu", "sauvola", "drawing", "empty"]
Which = Literal["initial", "current", "truth", "proposed"]
JobKind = Literal["tiles", "previews", "start", "model", "refine", "learn", "showing"]
Polarity = Literal["dark", "bright"]

Finite = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Radius = Annotated[float, Field(strict=True, allow_inf_nan=False, gt=0, le=MAX_RADIUS_PX)]
Box = tuple[int, int, int, int]


class Request(BaseModel):
    """A request's body; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class StartRequest(Request):
    """Begin to correct a mirror."""

    source: Source = Field(
        description="the drawing of a model that learned on other mirrors, or of the model as it came; a classical "
        "binarization; the drawing that came with the scan; nothing"
    )


class ShowingRequest(Request):
    """Show the lines of all photographs of a set otherwise to the models; what is null stays."""

    line_width: Annotated[float, Field(strict=True, ge=MIN_LINE_PX, le=MAX_LINE_PX)] | None = Field(
        description="edge to edge, in pixels of the photographs"
    )
    polarity: Polarity | None


class StrokeRequest(Request):
    """A stroke of the user's pen, in scan pixels; as many radii as points."""

    client: UUID = Field(description="chosen by the page; a stroke sent twice is taken once")
    sign: Literal[1, -1] = Field(description="1 adds line, -1 erases it")
    path_px: Annotated[list[tuple[Finite, Finite]], FailFast(), Field(min_length=1, max_length=MAX_POINTS)]
    radius_px: Annotated[list[Radius], FailFast(), Field(min_length=1, max_length=MAX_POINTS)]
    refine: Annotated[bool, Field(strict=True)] = Field(description="whether the model is asked, or the stroke is all")

    @model_validator(mode="after")
    def _one_radius_a_point(self) -> Self:
        if len(self.path_px) != len(self.radius_px):
            raise ValueError(f"a stroke of {len(self.path_px)} points came with {len(self.radius_px)} radii")
        return self


class SeenRequest(Request):
    """A place that a person says looks right, or no longer."""

    cell: Annotated[int, Field(strict=True, ge=0, lt=MAX_CELLS)]
    right: Annotated[bool, Field(strict=True)] = True


class LearnRequest(Request):
    """A place that a person says is right as it is drawn, and that the models are to learn from."""

    cell: Annotated[int, Field(strict=True, ge=0, lt=MAX_CELLS)] | None = Field(
        description="marked as right unless it is; null: from the places that are done"
    )


class PlacesRequest(Request):
    """Places in which a redrawing is taken over, or not wanted."""

    cells: list[Annotated[int, Field(strict=True, ge=0, lt=MAX_CELLS)]] | None = Field(
        max_length=MAX_CELLS, description="null: all of them"
    )


class Nothing(BaseModel):
    """Accepted; the result follows as a message of the event stream."""


class Accepted(BaseModel):
    """The request is on disk, as this event of the log."""

    event: int


class Problem(BaseModel):
    """Why a request was refused, and what to do."""

    detail: str


class PlacesCount(BaseModel):
    """How far the places of a mirror are. A place is done if it looks right to a person, or was corrected."""

    of: int = Field(description="places that there are")
    right: int = Field(description="done, as a person said that they look right")
    corrected: int | None = Field(
        description="done, as strokes corrected them and next to nothing wrong is expected there any more; null: not "
        "known without a model"
    )
    expected: int | None = Field(description="wrong pixels to expect in the other places; null: not known")

    @property
    def progress(self) -> float:
        """The share of places that are done, in [0, 1]."""
        return (self.right + (self.corrected or 0)) / self.of if self.of else 1.0


class Mirror(BaseModel):
    """A mirror in the list."""

    name: str
    object: str
    shape: tuple[int, int] = Field(description="rows and columns, scan pixels")
    pixels_per_mm: float | None
    has_truth: bool
    started: bool
    progress: float | None = Field(description="share of the places that are done; null before the start")
    places: PlacesCount | None = Field(description="what that counts; null before the start")
    strokes: int
    changed: str | None = Field(description="when something was last logged: ISO 8601, UTC")
    problem: str | None = Field(description="why its log cannot be read")


class Layer(BaseModel):
    """A layer of a mirror, and its row in the panel; all are declared in ``annotate.images.layers``."""

    model_config = ConfigDict(frozen=True)

    name: str = Field(description="of raster and shaded ones the prepared channel that they show")
    title: str = Field(description="for people")
    kind: Literal["raster", "shaded", "drawing", "vector"] = Field(
        description="raster: tiles of an image; shaded: tiles of normals, lit in the browser; drawing: lines at model "
        "scale; vector: shapes"
    )
    key: str = Field(default="", pattern="^[1-9]?$", description="switches it on and off; empty: no key does")
    opacity: float = Field(default=0, ge=0, le=1, description="that it begins with; 0 hides it")
    colours: dict[str, str] = Field(default={}, description="#rrggbb, by what it means")


class Tiles(BaseModel):
    """The image pyramid: level 0 fits into one tile, each level doubles the one before."""

    ready: bool
    size: int
    levels: int


class Pen(BaseModel):
    """How wide drawn lines are, in scan pixels."""

    radius_px: float
    deviation_px: float


class LineShowing(BaseModel):
    """How all photographs of a set are shown to models, so that lines are as wide as those that models learned."""

    line_width: float = Field(description="that lines are taken to have, edge to edge, in pixels of the photographs")
    polarity: Polarity = Field(description="what lines are on their ground")
    channel: str = Field(description="that the relief is made of, which models see")
    scale: float = Field(description="model pixels a pixel")
    known: Literal["given", "measured", "estimated"] = Field(
        description="how the width is known: a person gave it, drawings have it, or it was guessed from the images"
    )


class PlacesState(BaseModel):
    """The cells of a mirror that hold some of the object, in model pixels."""

    cell: int
    grid: list[Box]
    quality: list[float | None]
    wrong: list[int | None] = Field(description="wrong pixels to expect in each; null: not known")
    state: list[Literal["", "seen", "corrected"]] = Field(
        description="done, as a person said that it looks right (seen), or as it was corrected; empty: open"
    )
    reopened: list[int] = Field(description="looked right to a person, but the drawing has changed there since")
    count: PlacesCount
    next: int | None
    progress: float
    unsure_first: bool = Field(
        description="whether the next one is where the model is least sure; it learns most there"
    )


class Redrawing(BaseModel):
    """What a model that has learned would draw anew, as long as nobody has taken it over or refused it."""

    version: str = Field(description="which version would draw it, for people")
    proved: bool = Field(description="whether it drew better on places that it had not learned from")
    cells: list[int] = Field(description="places in which line would come or go, and nobody has decided yet")
    come: int = Field(description="pixels there that would become line")
    go: int = Field(description="pixels there that would be line no longer")


class LearningState(BaseModel):
    """What the models have learned from a mirror and from the others of the server."""

    version: str = Field(description="which version of the models draws and answers, for people")
    learned: bool = Field(description="whether that is another one than came with the program")
    says: str | None = Field(description="what the last learning came to, for people")
    taught: list[int] = Field(description="places of this mirror that were learned from")
    untaught: list[int] = Field(description="places that are done and were not learned from yet")
    previewable: bool = Field(description="whether there is a version whose redrawing can be shown")
    redrawing: Redrawing | None


class DrawingStatus(BaseModel):
    """The state of a drawing without its pixels."""

    event: int = Field(description="the last event of the log that is in the drawing")
    strokes: int
    can_undo: bool
    can_redo: bool
    can_keep: bool
    pending_refine: int = Field(description="strokes of which the model was not asked yet")
    off_object: int = Field(
        description="model pixels of line off the object; exported pictures leave it out unless asked"
    )


class SessionState(DrawingStatus):
    """The state of an open mirror without its pictures."""

    waiting: int = Field(description="strokes that are not answered yet")
    refused: dict[int, str] = Field(description="why strokes could not be answered, by the numbers of their events")
    name: str
    object: str
    shape: tuple[int, int]
    model_shape: tuple[int, int]
    scale: float = Field(description="model pixels a scan pixel")
    pixels_per_mm: float | None
    has_truth: bool
    started: bool
    source: Source | None
    sources: list[Source] = Field(description="what can be started from")
    previews: list[Source] = Field(description="those of which there is a picture; none from the start on")
    pen: Pen
    showing: LineShowing | None = Field(description="null: all are shown alike, as mirrors are")
    refines: bool = Field(description="whether there is a model that answers strokes")
    model_ready: bool
    model_problem: str | None
    read_only: str | None = Field(description="why nothing can be drawn now")
    places: PlacesState | None
    learning: LearningState | None = Field(description="null: nothing can be learned here")


class JobMessage(BaseModel):
    """The progress of a long task, such as tiles, the initial drawing, learning, or images that are prepared anew."""

    type: Literal["job"] = "job"
    job: JobKind
    share: float = Field(default=0, ge=0, le=1)
    done: bool = False
    error: str | None = Field(default=None, description="why it failed; kept until it is tried again")
    waits_for: str | None = Field(default=None, description="the task that is done before it, for people")


class State(SessionState):
    """A mirror as it is opened."""

    version: str = Field(description="fingerprint of the scan")
    layers: list[Layer] = Field(description="those that it has, from below")
    tiles: Tiles
    jobs: list[JobMessage] = Field(description="those that wait or run, and those that failed")


def box_of(region: Region) -> Box:
    """Return a region as messages hold it."""
    return region.top, region.left, region.height, region.width
