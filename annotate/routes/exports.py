"""Routes of exports: the drawing and the log as files."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from annotate.export import ALL, Kind, file_name, write_all, write_export
from annotate.routes import MIRROR, Session, View, gives, refusals

MEDIA_TYPES = {
    "png": "image/png",
    "svg": "image/svg+xml",
    "pdf": "application/pdf",
    "csv": "text/csv",
    "json": "application/json",
    "zip": "application/zip",
}

router = APIRouter(prefix=MIRROR, tags=["exports"])


Off = Annotated[bool, Query(description="whether pictures show the line that lies off the object, too")]


@router.get("/export/{kind}", response_class=FileResponse, responses=gives(*MEDIA_TYPES.values()) | refusals(404, 409))
def export(kind: Kind | Literal["zip"], view: View, session: Session, off_object: Off = False) -> FileResponse:
    """Return a file made of the drawing as it is once all strokes are answered, or of all strokes and answers.

    ``zip`` holds all the others.
    """
    session.wait()
    current = session.exact()[1]
    with tempfile.NamedTemporaryFile(suffix=f".{kind}", delete=False) as file:
        path = Path(file.name)
    try:
        if kind == "zip":
            write_all(view, current, session.log, path, off_object=off_object)
        else:
            write_export(kind, view, current, session.log, path, off_object=off_object)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    name = view.name + ALL if kind == "zip" else file_name(view, kind)
    removal = BackgroundTask(path.unlink, missing_ok=True)
    return FileResponse(path, media_type=MEDIA_TYPES[kind], filename=name, background=removal)
