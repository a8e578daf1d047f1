"""Routes of exports: the drawing and the log as files."""

from __future__ import annotations

import tempfile
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from annotate.export import Kind, file_name, write_export
from annotate.routes import MIRROR, Session, View, gives, refusals

MEDIA_TYPES: dict[Kind, str] = {
    "png": "image/png",
    "svg": "image/svg+xml",
    "pdf": "application/pdf",
    "csv": "text/csv",
    "json": "application/json",
}

router = APIRouter(prefix=MIRROR, tags=["exports"])


@router.get("/export/{kind}", response_class=FileResponse, responses=gives(*MEDIA_TYPES.values()) | refusals(404, 409))
def export(kind: Kind, view: View, session: Session) -> FileResponse:
    """Return a file made of the drawing as it is once all strokes are answered, or of all strokes and answers."""
    session.wait()
    current = session.exact()[1]
    with tempfile.NamedTemporaryFile(suffix=f".{kind}", delete=False) as file:
        path = Path(file.name)
    try:
        write_export(kind, view, current, session.log, path)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    removal = BackgroundTask(path.unlink, missing_ok=True)
    return FileResponse(path, media_type=MEDIA_TYPES[kind], filename=file_name(view, kind), background=removal)
