"""What comes out of an annotated mirror: its drawing as PNG, SVG and PDF, its strokes as CSV and JSON."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from data.storage import PreparedView
    from interaction.log.replay import Recorded

Kind = Literal["png", "svg", "pdf", "csv", "json"]


def write_export(kind: Kind, view: PreparedView, current: NDArray[np.float32], log: Recorded, path: Path) -> None:
    """Write one export, whole or not at all.

    Parameters
    ----------
    kind : ``png`` in the dataset's own format, ``svg`` and ``pdf`` of smooth lines, ``csv`` and ``json`` of the log
    view : what was drawn on
    current : (H, W) float32, the drawing at model scale
    log : that led to it
    path : of the file
    """
    if kind == "png":
        from annotate.export.drawing import write_png_drawing

        write_png_drawing(path, current, view)
    elif kind in ("svg", "pdf"):
        from annotate.export.pdf import write_pdf
        from annotate.export.sheet import sheet_of
        from annotate.export.svg import write_svg

        write = write_svg if kind == "svg" else write_pdf
        write(path, sheet_of(view, current, log))
    else:
        from interaction.log.tables import write_csv, write_json_log

        (write_csv if kind == "csv" else write_json_log)(path, log)
