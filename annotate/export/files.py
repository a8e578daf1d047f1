"""The files that come out of a mirror's log, without a server: how they are called, and what is in them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from annotate.errors import AnnotateError
from annotate.export import Kind, write_export
from data.storage import PreparedView
from interaction.log.log import Log
from interaction.log.replay import replayed

SUFFIXES: dict[Kind, str] = {
    "png": "_drawings.png",
    "svg": ".svg",
    "pdf": ".pdf",
    "csv": "_strokes.csv",
    "json": "_log.json",
}


def file_name(view: PreparedView, kind: Kind) -> str:
    """Return the name of an exported file; the drawing's is the one that ``data.setup`` looks for."""
    return view.name + SUFFIXES[kind]


def export_log(view: PreparedView, log_path: Path, kinds: Sequence[Kind], folder: Path) -> list[Path]:
    """Write what a mirror's log holds into a folder, also while the page is open; return the files.

    Raises
    ------
    AnnotateError
        If there is no log, it cannot be read, or the mirror was not begun.
    """
    if not log_path.exists():
        raise AnnotateError(f"{log_path}: nothing was drawn on {view.name} yet; run `python -m annotate` first")
    paths = []
    with Log.read(log_path) as log:
        current = replayed(log).current
        for kind in kinds:
            paths.append(folder / file_name(view, kind))
            write_export(kind, view, current, log, paths[-1])
    return paths
