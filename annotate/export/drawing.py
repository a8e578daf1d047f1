"""A drawing as PNG in the dataset's own format, which ``data.setup`` takes as a truth to train on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from data.enlarging import scan_bands
from data.io.png import write_drawing_bands
from data.storage import PreparedView


def write_png_drawing(path: Path, current: NDArray[np.float32], view: PreparedView) -> None:
    """Write a drawing at the scan's size: black, the line in the alpha channel, nothing off the object.

    It is enlarged as probabilities, so that its edges are smooth. Prepared again, it is the drawing that it was but for
    pixels whose probability is near a half, on the edge: there the neighbours have a say.

    Parameters
    ----------
    path : the PNG
    current : (H, W) float32 in [0, 1], at model scale
    view : what was drawn on
    """
    write_drawing_bands(path, view.shape, scan_bands([current], view))
