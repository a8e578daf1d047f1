"""What comes out of a mirror's log, without a server: the drawing and the strokes, in the formats of ``export``."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from annotate.errors import AnnotateError
from annotate.export import write_export
from annotate.messages import ExportKind
from data.storage import PreparedView
from journal.log import Log
from journal.replay import replayed

SUFFIXES: dict[ExportKind, str] = {
    "png": "_drawings.png",
    "svg": ".svg",
    "pdf": ".pdf",
    "csv": "_strokes.csv",
    "json": "_log.json",
}


def file_name(view: PreparedView, kind: ExportKind) -> str:
    """Return the name of an exported file; the drawing's is the one that ``data.setup`` looks for."""
    return view.name + SUFFIXES[kind]


def export_log(view: PreparedView, log_path: Path, kinds: Sequence[ExportKind], folder: Path) -> list[Path]:
    """Write what a mirror's log holds into a folder, also while the page is open; return the files.

    Raises
    ------
    AnnotateError
        If there is no log, it cannot be read, or the mirror was not begun.
    """
    if not log_path.exists():
        raise AnnotateError(f"{log_path}: nothing was drawn on {view.name} yet; run `python -m annotate` first")
    paths = []
    with closing(Log.read(log_path)) as log:
        current = replayed(log).current
        for kind in kinds:
            paths.append(folder / file_name(view, kind))
            write_export(kind, view, current, log, paths[-1])
    return paths
