"""Exports of an annotated mirror: its drawing as PNG, SVG and PDF, its log as CSV and JSON."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from data.storage import PreparedView
    from interaction.log.replay import Recorded

Kind = Literal["png", "svg", "pdf", "csv", "json"]

SUFFIXES: dict[Kind, str] = {
    "png": "_drawings.png",
    "svg": ".svg",
    "pdf": ".pdf",
    "csv": "_strokes.csv",
    "json": "_log.json",
}
ALL = "_exports.zip"  # ends the name of the file that holds all of them
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # when a ZIP says that its files were made: the same drawing gives the same bytes


def file_name(view: PreparedView, kind: Kind) -> str:
    """Return the name of an exported file; the drawing's is the one that ``data.setup`` looks for."""
    return view.name + SUFFIXES[kind]


def write_export(
    kind: Kind,
    view: PreparedView,
    current: NDArray[np.float32],
    log: Recorded,
    path: Path,
    *,
    off_object: bool = False,
) -> None:
    """Write one export, whole or not at all.

    The PNG is in the dataset's own format, which ``data.setup`` takes as a truth to train on: of the scan's size,
    black, the line in the alpha channel. It is enlarged as probabilities, so that its edges are
    smooth. Prepared again, it equals the drawing except for pixels at the edge whose probability is near 1/2: these
    depend on their neighbours.

    Parameters
    ----------
    kind : ``png``; ``svg`` and ``pdf`` of smooth lines; ``csv`` and ``json`` of the log
    view : what was drawn on
    current : (H, W) float32 in [0, 1], the drawing at model scale
    log : that led to it
    path : of the file
    off_object : whether pictures show the line that lies off the object, too; CSV and JSON hold all that was drawn
    """
    if kind == "png":
        from data.enlarging import scan_bands
        from data.io.png import write_drawing_bands

        bands = scan_bands([current], view, off_object=off_object)
        write_drawing_bands(path, view.shape, bands, view.pixels_per_mm)
    elif kind in ("svg", "pdf"):
        from annotate.export.pdf import write_pdf
        from annotate.export.sheet import sheet_of
        from annotate.export.svg import write_svg

        write = write_svg if kind == "svg" else write_pdf
        write(path, sheet_of(view, current, log, off_object=off_object))
    else:
        from interaction.log.tables import write_csv, write_json_log

        (write_csv if kind == "csv" else write_json_log)(path, log)


def write_all(
    view: PreparedView, current: NDArray[np.float32], log: Recorded, path: Path, *, off_object: bool = False
) -> None:
    """Write all exports into one ZIP, whole or not at all; parameters as those of ``write_export``."""
    from tempfile import TemporaryDirectory
    from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

    from data.io.files import whole_file

    with TemporaryDirectory() as folder, whole_file(path) as file, ZipFile(file, "w", ZIP_DEFLATED) as together:
        for kind in SUFFIXES:
            part = Path(folder) / file_name(view, kind)
            write_export(kind, view, current, log, part, off_object=off_object)
            together.writestr(ZipInfo(part.name, LONG_AGO), part.read_bytes(), ZIP_DEFLATED)


def export_log(
    view: PreparedView, log_path: Path, kinds: Sequence[Kind], folder: Path, *, off_object: bool = False
) -> list[Path]:
    """Write exports of a mirror's log into a folder, whether a server runs or not; return the files.

    Raises
    ------
    AnnotateError
        If there is no log, it cannot be read, or the mirror was not begun.
    """
    from annotate.errors import AnnotateError
    from interaction.log.log import Log
    from interaction.log.replay import replayed

    if not log_path.exists():
        raise AnnotateError(f"{log_path}: nothing was drawn on {view.name} yet; run `python -m annotate` first")
    paths = []
    with Log.read(log_path) as log:
        current = replayed(log).current
        for kind in kinds:
            paths.append(folder / file_name(view, kind))
            write_export(kind, view, current, log, paths[-1], off_object=off_object)
    return paths
