"""PNG files, and drawings as the dataset keeps them; written whole or not at all."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from data.storage import write_whole


def write_png(path: Path, picture: NDArray[np.uint8]) -> None:
    """Write RGB (H, W, 3), RGBA (H, W, 4) or grey (H, W), whole or not at all."""
    if picture.ndim == 3:
        code = cv2.COLOR_RGB2BGR if picture.shape[2] == 3 else cv2.COLOR_RGBA2BGRA
        picture = np.asarray(cv2.cvtColor(picture, code), np.uint8)
    written, content = cv2.imencode(".png", picture)
    if not written:
        raise OSError(f"{path}: a picture of shape {picture.shape} could not be encoded")
    write_whole(path, lambda file: file.write(content.tobytes()))


def write_drawing(path: Path, line: NDArray[np.bool_]) -> None:
    """Write a drawing (H, W) in the dataset's own format: black, the line in the alpha channel."""
    picture = np.zeros((*line.shape, 4), np.uint8)
    picture[..., 3] = np.where(line, 255, 0)
    write_png(path, picture)
