"""Routes of pictures: thumbnails, tiles of the scan, and drawings."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Response
from pydantic import AfterValidator

from annotate.errors import AnnotateError
from annotate.images.encoding import EVEN_PNG, encoded
from annotate.images.layers import kept_thumbnail, media_type, require_tiled
from annotate.images.previews import close_up
from annotate.messages import Nothing, Source, Which
from annotate.routes import MIRROR, Session, Sessions, View, gives, refusals
from annotate.session.sources import threshold_lines

FOR_EVER = "private, max-age=31536000, immutable"  # private: a token may guard it
ASK_AGAIN = "no-cache"

router = APIRouter(prefix=MIRROR, tags=["pictures"])
TiledLayer = Annotated[str, AfterValidator(require_tiled)]
Number = Annotated[int, Path(ge=0, le=1 << 20)]


@router.get("/thumbnail", response_class=Response, responses=gives("image/jpeg") | refusals(404, 409))
def thumbnail(view: View, sessions: Sessions) -> Response:
    """Return a small picture of the scan: JPEG, the longer side 320 pixels."""
    content = kept_thumbnail(view, sessions.image_list.folder(view.name))
    return Response(content, media_type="image/jpeg", headers={"Cache-Control": ASK_AGAIN})


@router.get(
    "/tiles/{layer}/{level}/{column}/{row}",
    response_class=Response,
    responses=gives("image/jpeg", "image/png") | refusals(404, 409),
)
def tile(
    layer: TiledLayer, level: Number, column: Number, row: Number, view: View, sessions: Sessions, v: str = ""
) -> Response:
    """Return a tile of a layer: JPEG, of a shaded one PNG with the normals' x as red and y as green.

    With the mirror's version as ``v`` it may be kept for ever.
    """
    pyramid = sessions.pyramid(view.name)
    try:
        content = pyramid.tile(layer, level, column, row)
    except AnnotateError as error:
        raise HTTPException(404, str(error)) from error
    keeping = FOR_EVER if v == pyramid.version else ASK_AGAIN
    return Response(content, media_type=media_type(layer), headers={"Cache-Control": keeping})


@router.post("/tiles", status_code=202, responses=refusals(404, 409))
def make_tiles(view: View, sessions: Sessions) -> Nothing:
    """Have the image pyramid made; progress follows as events."""
    sessions.make_tiles(view.name)
    return Nothing()


@router.get("/drawings/{which}", response_class=Response, responses=gives("image/png") | refusals(404, 409))
def drawing(which: Which, view: View, session: Session) -> Response:
    """Return a drawing at model size: 8-bit grey PNG, 255 where line is sure; X-Event is the last change in it."""
    if which == "truth" and not view.has_truth:
        raise HTTPException(404, f"{view.name}: nobody has drawn it yet, so there is no truth")
    event, grey = session.drawing(which)
    content = encoded(".png", grey, EVEN_PNG)
    return Response(content, media_type="image/png", headers={"X-Event": str(event), "Cache-Control": "no-store"})


@router.get("/previews/{source}", response_class=Response, responses=gives("image/png") | refusals(404, 409))
def preview(source: Source, session: Session) -> Response:
    """Return a small picture of a part of the scan with the drawing on it that it can be begun from."""
    return Response(session.beginnings.picture(source), media_type="image/png", headers={"Cache-Control": "no-store"})


@router.get("/close_up", response_class=Response, responses=gives("image/png") | refusals(404, 409))
def measurable(view: View) -> Response:
    """Return a part of a photograph, pixel by pixel, in which a threshold finds lines: to measure how wide they are."""
    return Response(
        close_up(view, threshold_lines(view)), media_type="image/png", headers={"Cache-Control": "no-store"}
    )
