"""Three photographs of one dark stroke on a light ground, in colour."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.data.conftest import GROOVE, SHAPE, write_png


def make(root: Path) -> None:
    """Write raw data below a root: three views, all drawn."""
    mask = np.zeros(SHAPE, np.uint8)
    mask[GROOVE] = 255
    for view in ("a", "b", "c"):
        photograph = np.full((*SHAPE, 3), (180, 200, 220), np.uint8)
        photograph[GROOVE] = (40, 30, 20)
        write_png(root / "images" / f"{view}.png", photograph)
        write_png(root / "masks" / f"{view}.png", mask)
